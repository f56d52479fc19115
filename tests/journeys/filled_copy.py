"""The given template filled by hand, so to speak: with nothing of the site's code, line by line.

What is typed into the form's fields, in the order of the text, and the text that has to come out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

PHASE = re.compile(r"### Phase \d: .*\((HH:MM-HH:MM)\)$")
LABELLED = re.compile(r"( *(?:[-] |\d+\. )?)\*\*([^*]+)\*\*: \[.*\]$")
CHECK = re.compile(r"- \[ \] \[.*\]$")
COMPARED = re.compile(r"([A-Z][\w ]+): \[before\](.*) → \[after\]")
BASELINE = re.compile(r"- ([A-Z][\w/ ]+): \[.*\]$")
TOLD = (
    "Told {n}, with `code` and *stress*",
    "Told {n}:\nfirst line of more\n\n- a list\n- of two",
    "Told {n} | 5 < 6 & 7 > 2 \\ **not a label**: – ⚠️ naïve",
    "~{n}% on `db-1`, see [the ticket](https://tickets.example/OPS-{n})",
)
COMMANDS = """# {n}: as the root user
set -eu

    systemctl stop "svc@{n}" || exit 1\t# tab
cat <<'EOF' | tee '/tmp/a b'
- [ ] x
EOF"""
BY_ACTS = ("Operation Status", "Completion Time", "DevOps Supervisor", "Infrastructure Approval")


@dataclass
class Filled:
    """``typed`` by section heading ("" for the header, "---" for the footer): label of the field, and what goes in."""

    text: str
    typed: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))


def filled_copy(template: str, header: dict[str, str]) -> Filled:
    """The template with ``header`` in its first lines (by label), and every other placeholder answered."""
    filled, out, section, group = Filled(""), [], "", ""
    numbers = iter(range(1, 1000))
    lines = iter(template.split("\n"))
    windows = iter(("22:00-22:40", "22:40-23:50", "23:50-00:30"))

    def told(label: str, indent: str) -> str:
        n = next(numbers)
        one_line = section in ("", "---") or label.endswith((": Value", ": Before"))
        text = (TOLD[0] if one_line else TOLD[n % len(TOLD)]).format(n=n)
        filled.typed[section].append((label, text))
        return re.sub(r"\n(?=.)", f"\n{indent}", text)

    for line in lines:
        if line.startswith("## ") or line == "---":
            section = line.removeprefix("## ")
            out.append(line)
        elif line.startswith("### ") and "(HH:MM" not in line:
            group = line.removeprefix("### ")
            out.append(line)
        elif line.startswith("# "):
            out.append(f"# Infrastructure Operation: {header['title']}")
        elif match := re.match(r"\*\*([^*]+)\*\*: ", line):
            label = match[1]
            if label in header:
                out.append(f"**{label}**: {header[label]}")
            elif label in BY_ACTS or "[" not in line:
                out.append(line)
            else:
                out.append(f"**{label}**: {told(label, '')}")
        elif match := PHASE.match(line):
            window = next(windows)
            filled.typed[section].append(("Window", window))
            out.append(line.replace(match[1], window))
        elif match := LABELLED.match(line):
            label = label_of(section, group, match)
            text = told(label, " " * len(match[1]))
            if label != match[2]:  # a list in a row's own text would be read as its details
                text = re.sub(r"(?m)^( +)- ", r"\1\\- ", text)
            out.append(f"{match[1]}**{match[2]}**: {text}")
        elif CHECK.match(line):
            number = sum(1 for label, _ in filled.typed[section] if label.startswith("Check ")) + 1
            out.append(f"- [ ] {told(f'Check {number}', '  ')}")
        elif line.strip().startswith("```"):
            out += fence(line, lines, filled.typed[section], told, next(numbers), group)
        elif line.startswith("["):
            out.append(told(line.strip("[]"), ""))
        else:
            out.append(line)
    filled.text = "\n".join(out)
    return filled


def label_of(section: str, group: str, match: re.Match[str]) -> str:
    """How the form calls a bold label: what has a title of its own has a text below it."""
    if match[1].startswith("   ") or section not in ("Infrastructure Risk Assessment", "Disaster Recovery Plan"):
        return match[2]
    return "Threshold" if group == "Rollback Triggers" else "Description"


def fence(opening: str, lines: Iterator[str], typed: list[tuple[str, str]], told, number: int, group: str) -> list[str]:  # type: ignore[no-untyped-def]
    """A fenced block, filled: commands, metrics one by one, or a text."""
    inner = []
    for line in lines:
        if line.strip() == "```":
            closing = line
            break
        inner.append(line)
    indent = opening[: opening.index("`")]
    if "bash" in opening:
        text = COMMANDS.format(n=number)
        typed.append(("Commands", text))
        body = [f"{indent}{line}" if line else "" for line in text.split("\n")]
    elif any(COMPARED.match(line) for line in inner):
        body = [inner[0]]
        for line in inner[1:]:
            name = COMPARED.match(line)[1]  # type: ignore[index]
            value = str(40 + len(typed))
            typed.append((f"{name}: Before", value))
            body.append(line.replace("[before]", value))
    elif all(BASELINE.match(line) for line in inner[1:]) and "Component" not in inner[1]:
        body = [inner[0]]
        for line in inner[1:]:
            name = BASELINE.match(line)[1]  # type: ignore[index]
            body.append(f"- {name}: {told(f'{name}: Value', '')}")
    else:
        text = "Two rooms:\n- db-1: primary, 32 cores\n\n  ```\n- db-2: `standby`"
        typed.append((group, text))
        body, opening, closing = text.split("\n"), f"`{opening}", f"`{closing}"  # longer than the run inside
    return [opening, *body, closing]

"""What one line or heading is by its shape: the regular expressions of the grammar, and nothing larger.

They are only ever put to single lines or to the inline text of one block, which the parser has cut out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# A label's or title's own characters: no bare asterisk, since one would end the bold.
_BOLD = r"(?:\\.|[^*\\\n])+?"
LEAD = r"(?P<lead>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)"
LINE = re.compile(rf"(?P<prefix>\*\*(?P<label>{_BOLD})(?:\*\*:|:\*\*)(?P<sep> ?))(?P<value>.*)", re.DOTALL)
BULLET = re.compile(rf"(?P<prefix>{LEAD}\*\*(?P<label>{_BOLD})(?:\*\*:|:\*\*)(?P<sep> ?))(?P<value>.*)", re.DOTALL)
TITLED = re.compile(
    rf"(?P<prefix>{LEAD})\*\*(?P<label>{_BOLD})(?:(?P<colon>\*\*:|:\*\*)(?P<sep> ?)|\*\*(?=\s|\Z))(?P<value>.*)",
    re.DOTALL,
)
TICK = re.compile(r"(?P<prefix>[ \t]*[-*+][ \t]+)\[(?P<tick>[ xX])\](?P<sep>[ \t])(?P<text>.*)", re.DOTALL)

_TIME = r"(?:HH:MM|\d\d?:\d\d)"
PHASE = re.compile(
    rf"(?P<word>\S.*?)\s+(?P<number>\d+)\s*:\s*(?P<title>.*?)\s*\((?P<window>{_TIME}\s*[-–]\s*{_TIME})\)"
)
# In a record the window may deviate: "(08:28)", "(22:00 - open end)"; or be missing.
_PHASE_IN_RECORD = r"(?P<word>{words})\s+(?P<number>\d+)\s*[:.]\s*(?P<title>.*?)(?:\s*\((?P<window>[^()]*(?:HH:MM|\d:\d|\d\s*[-–]\s*\d)[^()]*)\))?"
TREATMENT = re.compile(r".*\((?P<treatment>[^()]+)\)\s*")

_ARROW = " → "
NUMBERISH = re.compile(r"(?:\[[^\]\n]*\]|[~<>≈±+\-]? ?\d[\d.,]*)")
_UNIT_SHAPE = re.compile(rf"(?P<value>{NUMBERISH.pattern})(?P<unit>[^→]*)")


def phase_in_record(words: Iterable[str]) -> re.Pattern[str]:
    """The headings that are phases in a record whose template calls them by ``words`` ("Phase", "Wave")."""
    return re.compile(_PHASE_IN_RECORD.format(words="|".join(map(re.escape, words))))


def slug(name: str) -> str:
    """``name`` as a part of a key: lower case, words joined by hyphens; never empty."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "part"


class Keys:
    """Gives siblings their keys: the slug of a name, with an ordinal from its second use on."""

    def __init__(self, parent: str) -> None:
        self.parent = parent
        self.used: Counter[str] = Counter()

    def give(self, name: str) -> str:
        """The key of the next sibling called ``name``."""
        own = slug(name)
        self.used[own] += 1
        if self.used[own] > 1:
            own = f"{own}~{self.used[own]}"
        return f"{self.parent}/{own}" if self.parent else own


def choices_of(value: str) -> tuple[str, ...]:
    """The options of ``[A/B/C]``: three or more, each beginning with a capital or a sign before one."""
    if not (value.startswith("[") and value.endswith("]")):
        return ()
    options = tuple(option.strip() for option in value[1:-1].split("/"))
    initials = [next((c for c in option if c.isalnum()), "") for option in options]
    return options if len(options) >= 3 and all(initial.isupper() for initial in initials) else ()


def _escape(text: str, sign: str) -> str:
    return re.sub(rf"(\\*){sign}", rf"\1\1\\{sign}", text)


def _unescape(text: str, sign: str) -> str:
    return re.sub(rf"(\\+){sign}", lambda m: "\\" * ((len(m[1]) - 1) // 2) + sign, text)


def _bare(text: str, sign: str) -> int:
    """Where ``sign`` first stands with an even number of backslashes before it; -1 if nowhere."""
    for m in re.finditer(rf"(\\*){sign}", text):
        if len(m[1]) % 2 == 0:
            return m.end() - 1
    return -1


def metric_in(line: str) -> tuple[str, str, str | None, str] | None:
    """``line`` as (name, before, after, unit), or None if it is no metric.

    "- Name: value" is measured once, its after is None; "Name: [before]U → [after]U" is compared. A unit is
    told apart from its value where both sides end in the same one, or the other side is words ("n/a").
    """
    once = line.startswith("- ")
    body = line[2:] if once else line
    colon = _bare(body, ":")
    if colon < 1:
        return None
    name, rest = _unescape(body[:colon], ":"), body[colon + 1 :].removeprefix(" ")
    if once:
        return name, rest, None, ""
    arrow = _bare(rest, "→")
    if arrow < 1 or rest[arrow - 1] != " " or rest[arrow + 1 : arrow + 2] not in (" ", ""):
        return None
    before, after = _unescape(rest[: arrow - 1], "→"), _unescape(rest[arrow + 2 :], "→")
    left, right = _UNIT_SHAPE.fullmatch(before), _UNIT_SHAPE.fullmatch(after)
    if left and right and left["unit"] == right["unit"]:
        return name, left["value"], right["value"], left["unit"]
    if left and not right:
        return name, left["value"], after, left["unit"]
    if right and not left:
        return name, before, right["value"], right["unit"]
    return name, before, after, ""


def with_unit(value: str, unit: str) -> str:
    """``value`` as it stands in the text: numbers and placeholders carry the unit, words do not."""
    return value + unit if NUMBERISH.fullmatch(value) else value


def without_unit(text: str, unit: str) -> str:
    """The inverse of ``with_unit`` for a known unit."""
    value = text.removesuffix(unit) if unit else text
    return value if NUMBERISH.fullmatch(value) else text


def metric_line(name: str, before: str, after: str | None, unit: str) -> str:
    """The line of a metric, without its line end; ``metric_in`` reads it back."""
    name = _escape(name, ":")
    if after is None:
        return f"- {name}: {before}"
    left, right = (_escape(with_unit(value, unit), "→") for value in (before, after))
    return f"{name}: {left}{_ARROW}{right}"

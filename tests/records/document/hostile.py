"""Inputs as nobody sends them by accident: drawn after a number, small and many, a few of them deep or long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from random import Random

from tests.records.document.strategies import NASTY, SETTINGS, TEMPLATE_FILES, TEMPLATES, text_in

LINES = [line for lines in NASTY.values() for line in lines]
ENDS = ["\n"] * 8 + ["\n\n"] * 4 + ["\r\n", "\r", "\n\r", "\u2028", "\x0c"]
LEADS = [
    "",
    "",
    "",
    " ",
    "   ",
    "    ",
    "\t",
    "> ",
    "- ",
    "1. ",
    "- **A**: ",
    "### Phase 1: ",
    "  - ",
    "**A**: ",
    "## ",
]
UNITS = ["> ", "- ", "[", "`", "*", "(", "<", "![", "\\", "  - x\n", "| ", "&", "1. ", "**a**: ", "\ufeff", "\u202e"]
UNSTORABLE = ["\0", "\ud800", "\udfff"]
VALUES = [None, True, 0, -1, 1e308, 10**40, "", "x", "\0", [], {}, [[]], {"": ""}, "9" * 500, "\ud800", [None] * 50]
SAMPLES = [text_in(path) for path in TEMPLATE_FILES]
TOML = [text_in(path.with_suffix(".toml")) for path in TEMPLATE_FILES if path.with_suffix(".toml").exists()]
assert SETTINGS.keys() == TEMPLATES.keys()


def piece(rng: Random) -> str:
    """A line or two that open something, or one sign again and again."""
    if rng.random() < 0.05:
        return rng.choice(UNITS) * rng.choice([3, 30, 300, 3000])
    return rng.choice(LEADS) + rng.choice(LINES)


def text(rng: Random) -> str:
    """A text of a few pieces, or some lines of a template with pieces among them."""
    if rng.random() < 0.3:
        return "".join(piece(rng) + rng.choice(ENDS) for _ in range(rng.randint(0, 12)))
    lines = rng.choice(SAMPLES).splitlines(keepends=True)
    start = rng.randrange(len(lines))
    own = lines[start : start + rng.randint(1, 25)]
    for _ in range(rng.randint(1, 4)):
        own[rng.randrange(len(own))] = changed(rng, rng.choice(own))
    return "".join(own)


def changed(rng: Random, line: str) -> str:
    """``line`` with something put in, taken out, or instead of it."""
    at, to = sorted(rng.randint(0, len(line)) for _ in range(2))
    return rng.choice(
        [line[:at] + line[to:], line[:at] + piece(rng) + line[at:], piece(rng) + rng.choice(ENDS), line * 2]
    )


def answer(rng: Random) -> str:
    """What a field of a form may come with."""
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(UNSTORABLE).join([piece(rng), piece(rng)])
    return text(rng) if kind < 0.6 else piece(rng) if kind < 0.9 else json_text(rng)


def json_text(rng: Random) -> str:
    """JSON, or nearly: values of every type where others belong."""
    if rng.random() < 0.1:
        return rng.choice("[{") * rng.choice([5, 500, 5000])
    value = json.dumps(spoiled(rng, rng.choice([[], {}, ["a", "b"], [["commands", "x", "y"]]])))
    return value if rng.random() < 0.9 else value[: rng.randint(0, len(value))]


def spoiled(rng: Random, value: object) -> object:
    """``value`` with another one somewhere in it."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(sorted(value))
        rest = {name: own for name, own in value.items() if name != key}
        return rest if rng.random() < 0.2 else {**rest, key: spoiled(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], spoiled(rng, value[at]), *value[at + rng.randint(0, 1) :]]
    return rng.choice([*VALUES, piece(rng)])


def toml(rng: Random) -> str:
    """Settings with a line of another kind in them, or a piece cut out."""
    lines = rng.choice(TOML).splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        said = [
            f"{word} = {json.dumps(rng.choice(VALUES[1:]))}\n" for word in ("name", "version", "bind", "folder", "a")
        ]
        lines[at : at + rng.randint(0, 2)] = [rng.choice([changed(rng, lines[at]), *said])]
    return "".join(lines)


def form(rng: Random, fields: dict[str, str], more: Sequence[str] = ()) -> list[tuple[str, str]]:
    """``fields`` as a script might post them: some with other values, missing, twice, or under odd names."""
    posted: list[tuple[str, str]] = []
    names = list(fields)
    hit = set(rng.sample(names, min(len(names), rng.choice([1, 1, 2, 5])))) if names else set()
    for name, value in fields.items():
        kind = rng.random() if name in hit else 1.0
        if kind < 0.1:
            continue
        posted.append((name, answer(rng) if kind < 0.9 else value))
        posted += [(name, answer(rng))] if kind < 0.2 else []
    odd: Iterable[str] = rng.sample([*names, "x"], min(len(names), rng.randint(0, 2)))
    posted += [
        (f"{name}{rng.choice(['/', '.rows', '.parts', '~2', '.title', chr(0), '[]'])}", answer(rng)) for name in odd
    ]
    posted += [(name, answer(rng)) for name in more if rng.random() < 0.5]
    return posted

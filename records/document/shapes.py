"""What one line or heading is by its shape: the regular expressions of the grammar, and nothing larger.

They are only ever put to single lines or to the inline text of one block, which the parser has cut out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import cached_property
from itertools import pairwise
from unicodedata import category

# How a label or title begins: a line to write on, "__/__", is none.
_OPENS = r"(?P<bold>\*\*|__(?![\s_/.:-]))"
# A label's or title's own characters: no bare asterisk, and nothing else that would end the bold.
_BOLD = r"(?:\\.|(?!(?P=bold))[^*\\\n])+?"
# The end of a bold label and its colon, as it is set in English, in French or in Chinese.
_COLON = r"(?P=bold)[ \u00a0\u202f]?:|:(?P=bold)|(?P=bold)\uff1a"
_LEAD_SHAPE = r"(?P<lead>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)"
LEAD = re.compile(_LEAD_SHAPE)
# What keeps two lists of one kind apart, and shows nothing.
PARTING = "<!-- -->"
LINE = re.compile(rf"(?P<prefix>{_OPENS}(?P<label>{_BOLD})(?:{_COLON})(?P<sep> ?))(?P<value>.*)", re.DOTALL)
# A second label, in the value behind the first.
LABEL_WITHIN = re.compile(rf"(?<=[\s,;|/]){_OPENS}(?P<label>{_BOLD})(?:{_COLON})")
_LABEL = rf"{_OPENS}(?P<label>{_BOLD})(?:{_COLON})(?P<sep> ?)"
BULLET = re.compile(rf"(?P<prefix>{_LEAD_SHAPE}{_LABEL})(?P<value>.*)", re.DOTALL)
TITLED = re.compile(
    rf"(?P<prefix>{_LEAD_SHAPE}){_OPENS}(?P<label>{_BOLD})(?:(?P<colon>{_COLON})(?P<sep> ?)|(?P=bold)(?=\s|\Z))"
    r"(?P<value>.*)",
    re.DOTALL,
)
TICK = re.compile(r"(?P<prefix>[ \t]*[-*+][ \t]+)\[(?P<tick>[ xX])\](?P<sep>[ \t])(?P<text>.*)", re.DOTALL)

OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
# How a level of risk is treated, "High (Mitigated)"; a time is no treatment.
TREATMENT = re.compile(r".*\((?![^()]*(?:HH:MM|\d:\d))(?P<treatment>[^()]+)\)\s*")

_DELIMITERS = re.compile(r" {0,3}(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_OPEN_CELL = re.compile(r"(?<!\\)\|[ \t]*\|")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_ARROW = " → "
# Thousands may stand in groups, "142 000".
_DIGITS = r"(?:\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?![\d])(?:[.,]\d+)?|\d[\d.,]*)"
NUMBERISH = re.compile(rf"(?:\[[^\]\n]*\]|[~<>≈±+\-]? ?{_DIGITS})")
_MEASURED = re.compile(rf"{NUMBERISH.pattern}(?:\s?[^\s\d]+)?")
_UNIT_SHAPE = re.compile(rf"(?P<value>{NUMBERISH.pattern})(?P<unit>[^→]*)")


COLONS = (":", "\uff1a")
# What breaks a line behind its value, as two blanks do.
_BREAK = re.compile(r"(?:(?<!\\)\\|<br ?/?>)\Z", re.IGNORECASE)


def without_break(value: str) -> str:
    """The ``value`` of a line as it is understood: what only breaks the line behind it is left out."""
    return _BREAK.sub("", value.rstrip()).rstrip()


def title_label(before: str) -> str:
    """What a title is called by the words ``before`` its placeholder: without a colon that follows them at once, or as
    they stand where something else leads over, "Change Request – "; nothing where they run into it.
    """
    words = before.rstrip()
    bare = words.removesuffix(":")
    if bare != words and bare == bare.rstrip():
        return bare
    return before if before.endswith(COLONS) or before[-1:].isspace() else ""


def title_opening(label: str) -> str:
    """How the title begins that is called ``label``, up to its own words."""
    return f"{label}: " if label and not (label.endswith(COLONS) or label[-1].isspace()) else label


def asks_for_both(placeholder: str) -> bool:
    """Whether a line's placeholder asks for the day and the time at once, "YYYY-MM-DD HH:MM TZ"."""
    day = re.search(r"YYYY[-./ ]MM[-./ ]DD|DD[-./ ]MM[-./ ]YYYY", placeholder)
    return day is not None and re.search(r"HH:?MM", placeholder[day.end() :]) is not None


_DAY = r"(?:YYYY[-./ ]MM[-./ ]DD|DD[-./ ]MM[-./ ]YYYY|MM/DD/YYYY|YYYY\u5e74 ?MM\u6708 ?DD\u65e5)"
_CLOCK = r"HH(?::?MM(?::?SS)?|\.MM)"
# A day, a time, both or a window in the letters that stand for them, and in one word the zone.
_WHEN = re.compile(
    rf"`?(?P<when>(?:{_DAY}|(?:{_DAY}(?:,? |T))?{_CLOCK}(?: ?[-–] ?{_CLOCK})?)(?: TZ)?)(?: [^\s\[\]`]+)?`?",
    re.IGNORECASE,
)


def asks_when(placeholder: str) -> bool:
    """Whether all that ``placeholder`` says is how a day or a time is written: "DD.MM.YYYY", "hh:mm UTC"."""
    return _WHEN.fullmatch(without_break(placeholder)) is not None


def in_capitals(placeholder: str) -> str:
    """``placeholder`` in the letters of days and times that most templates use, if it asks for nothing else."""
    m = _WHEN.fullmatch(placeholder)
    return f"{placeholder[: m.start('when')]}{m['when'].upper()}{placeholder[m.end('when') :]}" if m else placeholder


def slug(name: str) -> str:
    """``name`` as a part of a key: lower case, words joined by hyphens; never empty."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "part"


# As much of a name as a key takes: a heading may be a whole page long.
KEY_PART = 100


class Keys:
    """Gives siblings their keys: the slug of a name, with an ordinal from its second use on.

    ``taken`` are names that were given already.
    """

    def __init__(self, parent: str, taken: Collection[str] = ()) -> None:
        self.parent = parent
        self.used = Counter(taken)

    @cached_property
    def beside(self) -> Keys:
        """Those of rows, notes and Markdown, which come and go: no field is called otherwise because of them."""
        return Keys(self.parent)

    def give(self, name: str) -> str:
        """The key of the next sibling called ``name``."""
        own = slug(name)[:KEY_PART].rstrip("-") or "part"
        self.used[own] += 1
        if self.used[own] > 1:
            own = f"{own}~{self.used[own]}"
        return f"{self.parent}/{own}" if self.parent else own


def choices_of(value: str) -> tuple[str, ...]:
    """The options of ``[A/B/C]``: three or more, each beginning with a capital or a sign before one.

    A letter of a script that knows no capitals is one. JJ/MM/AAAA is how a day is written.
    """
    options = split_options(value)
    initials = [next((c for c in option if c.isalnum()), "") for option in options]
    if _DAY_IN_LETTERS.fullmatch("/".join(options)):
        return ()
    are_capitals = all(initial.isupper() or (initial and category(initial) == "Lo") for initial in initials)
    return options if len(options) >= 3 and are_capitals else ()


_DAY_IN_LETTERS = re.compile(
    r"(?P<d>\w)(?P=d)/(?P<m>\w)(?P=m)/(?P<y>\w)(?P=y){3}|(?P<Y>\w)(?P=Y){3}/MM/(?P<D>\w)(?P=D)"
)


def split_options(value: str) -> tuple[str, ...]:
    """The parts of ``[one / other]``, however they are written; nothing for a placeholder in one piece."""
    value = value.strip()
    if not (value.startswith("[") and value.endswith("]")):
        return ()
    options = tuple(option.strip() for option in value[1:-1].split("/"))
    return options if len(options) > 1 and all(options) else ()


def is_table(text: str) -> bool:
    """Whether ``text`` is a table of pipes, a caption above it or not."""
    lines = text.split("\n")
    return any(_heads_table(head, line) for head, line in pairwise(lines))


def has_open_cell(text: str) -> bool:
    """Whether a table in ``text`` has a cell with nothing in it, beneath its headings."""
    lines = text.split("\n")
    begins = next((at for at, pair in enumerate(pairwise(lines), 2) if _heads_table(*pair)), len(lines))
    return any(_OPEN_CELL.search(line) for line in lines[begins:])


def _heads_table(head: str, line: str) -> bool:
    return "|" in head and _DELIMITERS.fullmatch(line) is not None


def closes_fence(source: str) -> bool:
    """Whether the fence on the lines of ``source`` has one of its own that ends it."""
    first, *rest = source.expandtabs(4).rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    opening = OPENING.match(first)
    last = rest[-1].rstrip() if rest else ""
    run = last.lstrip()
    deeper = len(last) - len(run) - (len(first) - len(first.lstrip()))
    return opening is not None and run.startswith(opening["fence"]) and not run.strip(run[0]) and deeper <= 3


def is_rule(text: str) -> bool:
    """Whether ``text`` is a rule alone, as --- is."""
    return _RULE.fullmatch(text.strip("\n")) is not None


def _escape(text: str, sign: str) -> str:
    return re.sub(rf"(?<!\\)(\\*){sign}", rf"\1\1\\{sign}", text)


def _unescape(text: str, sign: str) -> str:
    return re.sub(rf"(?<!\\)(\\+){sign}", lambda m: "\\" * ((len(m[1]) - 1) // 2) + sign, text)


def _doubled(name: str) -> str:
    """``name`` with the backslashes at its end doubled, which would escape the colon after it."""
    return name + name[len(name.rstrip("\\")) :]


def _halved(name: str) -> str:
    count = len(name) - len(name.rstrip("\\"))
    return name[: len(name) - count // 2] if count else name


def _bare(text: str, sign: str) -> int:
    """Where ``sign`` first stands with an even number of backslashes before it; -1 if nowhere."""
    for m in re.finditer(rf"(?<!\\)(\\*){sign}", text):
        if len(m[1]) % 2 == 0:
            return m.end() - 1
    return -1


def metric_in(line: str, *, dashed: bool = False) -> tuple[str, str, str | None, str] | None:
    """``line`` as (name, before, after, unit), or None if it is no metric.

    "- Name: value" is measured once, its after is None; "Name: [before]U → [after]U" is compared, and where such
    lines have a dash too (``dashed``) "- Name: [before]U → [after]U".
    """
    listed = line.startswith("- ")
    once = listed and not dashed
    body = line[2:] if listed else line
    colon = _bare(body, ":")
    if colon < 1:
        return None
    name, rest = _halved(_unescape(body[:colon], ":")), body[colon + 1 :].removeprefix(" ")
    if once:
        return name, rest, None, ""
    name = name[1:] if not listed and _SLASHED_DASH.match(name) else name
    arrow = _bare(rest, "→")
    if arrow < 1 or rest[arrow - 1] != " " or rest[arrow + 1 : arrow + 2] not in (" ", ""):
        return None
    return name, *_values(_unescape(rest[: arrow - 1], "→"), rest[arrow + 2 :])


_SLASHED_DASH = re.compile(r"\\+- ")


def _values(left: str, right: str) -> tuple[str, str, str]:
    """Before, after and unit of the two sides of an arrow.

    A unit is told apart from its value where both sides end in the same one, where the other side is words
    ("n/a"), or where the right one is still a placeholder.
    """
    a, b = _UNIT_SHAPE.fullmatch(left), _UNIT_SHAPE.fullmatch(right)
    if a and b and a["unit"] == b["unit"]:
        return a["value"], b["value"], a["unit"]
    if a and not b:
        return a["value"], right, a["unit"]
    if b and (not a or (a["unit"] and b["value"].startswith("["))):
        return left, b["value"], b["unit"]
    return left, right, ""


def unit_of(text: str) -> str:
    """What follows the number or placeholder that ``text`` begins with; empty where it begins with none."""
    m = _UNIT_SHAPE.fullmatch(text)
    return m["unit"] if m else ""


def is_measured(text: str) -> bool:
    """Whether ``text`` is a number, or a placeholder, and at most a unit: "5 GB", and not "5 of 8 GB"."""
    return bool(_MEASURED.fullmatch(text))


def is_behind_number(text: str, unit: str) -> bool:
    """Whether ``text`` ends with a number and ``unit``: " of 8 GB"."""
    return text.endswith(unit) and text.removesuffix(unit).rstrip()[-1:].isdigit()


def with_unit(value: str, unit: str) -> str:
    """``value`` as it stands in the text: numbers and placeholders carry the unit, words do not."""
    return value + unit if NUMBERISH.fullmatch(value) else value


def without_unit(text: str, unit: str) -> str:
    """The inverse of ``with_unit`` for a known unit."""
    value = text.removesuffix(unit) if unit else text
    return value if NUMBERISH.fullmatch(value) else text


def metric_line(name: str, before: str, after: str | None, unit: str, *, dashed: bool = False) -> str:
    """The line of a metric, without its line end; ``metric_in`` reads it back."""
    name = _escape(_doubled(name), ":")
    if after is None:
        return f"- {name}: {before}"
    # A name that begins like the other kind of line.
    slash = "\\" if name.startswith("- ") or _SLASHED_DASH.match(name) else ""
    dash = "- " if dashed else slash
    return f"{dash}{name}: {_escape(with_unit(before, unit), '→')}{_ARROW}{with_unit(after, unit)}"

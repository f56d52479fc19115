"""One field as a page shows it: its control, its hint, its state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from records.document.answers import NotApplicable, ToConfirm, answer_in
from records.document.shapes import without_break
from records.writing.proposals import Offered

_PLACEHOLDER = re.compile(r"`?\[(?P<inner>[^\[\]\n]+)\]`?")
_ROW_NUMBER = re.compile(r"^\d+ ")
BREAKS = "\n"


@dataclass(frozen=True, slots=True)
class Opened:
    """The field, group or section that is being marked: "na" or "confirm", what was typed, and what is wrong."""

    what: str = ""
    key: str = ""
    reason: str = ""
    by: str = ""
    error: str = ""


@dataclass(slots=True)
class Control:
    """A field of a section's form; its name is the field's key.

    ``kind`` is line, text, cmd, choice, select, person, flag, or fixed (never edited). ``sample`` is a hint of
    several lines. ``state`` is "na" or "confirm" for an answer that isn't text. ``opened`` is there
    while one of these two is being asked about. A ``locked`` one is shown as text. ``carried`` says that it came
    over with a clone and that nobody has looked at it, ``dated`` which date or time it names then. A ``vague`` one
    says nothing yet, such as "TBD". ``pick`` is
    "date" or "time" where a browser's own picker helps. One that ``is_titled`` is labelled for those who hear the page;
    who sees it has read the same words in the heading above. A ``proposal`` is what is known for an empty one. One that
    ``is_long`` can be looked at as ``rendered`` too, as the export is; one that ``is_fenced`` stands in a fence there.
    ``later`` says when one is due that is not due next. One that ``starts`` may begin with the words of its hint. One
    that ``is_words`` is a line of any length.
    """

    key: str
    label: str
    value: str
    kind: str = "text"
    hint: str = ""
    sample: str = ""
    state: str = ""
    reason: str = ""
    by: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    warning: str = ""
    opened: Opened | None = None
    removable: str = ""
    asked: bool = True
    tools: bool = False
    locked: bool = False
    carried: bool = False
    dated: str = ""
    vague: bool = False
    fact: str = ""
    pick: str = ""
    is_titled: bool = False
    starts: bool = False
    proposal: Offered | None = None
    is_long: bool = False
    is_fenced: bool = False
    rendered: str = ""
    later: str = ""
    is_words: bool = False
    person_id: int | None = None
    prefilled: bool = False

    @property
    def is_unanswered(self) -> bool:
        """Whether it holds nothing but what the template has there."""
        return not self.value or self.prefilled

    @property
    def wraps(self) -> bool:
        """Whether it is one line of any length, which is seen whole: no date, and nothing that a picker writes."""
        return self.kind == "line" and self.is_words and not self.fact and not self.pick

    @property
    def words(self) -> str:
        """What it holds, as it is read: of a list the words of the choice."""
        return dict(self.options).get(self.value, self.value) if self.kind == "select" else self.value

    @property
    def id(self) -> str:
        """The id of the control, and so the anchor that links lead to."""
        return anchor_of(self.key)

    @property
    def described(self) -> str:
        """The ids of what describes the control."""
        parts = (("hint", self.hint), ("later", self.later), ("sample", self.sample), ("error", self.error))
        return " ".join(f"{self.id}-{name}" for name, words in parts if words)

    @property
    def rows(self) -> int:
        """How many lines the control starts with."""
        return min(max(self.value.count(BREAKS) + 1, 4 if self.sample and self.kind != "cmd" else 2), 24)


def anchor_of(key: str) -> str:
    """The anchor of a field; that of a list of rows is the list's."""
    return row_anchor(key.removesuffix(".rows")) if key.endswith(".rows") else f"f-{key}"


def row_anchor(key: str) -> str:
    """The anchor of a row, a group or a phase."""
    return f"r-{key}"


def plain_label(label: str) -> str:
    """A field's name where it stands alone: rows outside phases without the number that says little there."""
    return _ROW_NUMBER.sub("", label)


def hint_of(template: str) -> tuple[str, str]:
    """What the template asks, as a hint of one line, or as a sample of several."""
    text = template.strip()
    if BREAKS in text:
        return "", text
    text = without_break(text)
    whole = _PLACEHOLDER.fullmatch(text)
    return (whole["inner"] if whole else text.strip("`")), ""


def stated(control: Control, text: str, template: str) -> Control:
    """``control`` with its state, where ``text`` is one of the two that aren't text."""
    answer = answer_in(text, template)
    if isinstance(answer, NotApplicable):
        control.state, control.reason = "na", answer.reason
    elif isinstance(answer, ToConfirm):
        control.state, control.reason, control.by = "confirm", answer.reason, answer.by
    return control

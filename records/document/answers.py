"""The states of an answer, and the words that stand for them in Markdown.

The words are grammar, never translated: an answer that spells one of them *is* that state (law 2), and so is one that
its reader takes for it, however it is spelled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from records.document.as_read import alike, as_read, may_open_with
from records.document.shapes import asks_when, has_open_cell, in_capitals
from records.document.tree import read_tree

# What the words of a state stand behind among commands.
COMMENT = "# "

_NOT_APPLICABLE = re.compile(r"Not applicable: (?P<reason>.*\S.*)", re.DOTALL)
_TO_CONFIRM = re.compile(r"To confirm by (?P<by>\d{4}-\d{2}-\d{2}): (?P<reason>.*\S.*)", re.DOTALL | re.ASCII)
# The same as they are read: in other letters, in bold, with an entity or a backslash before the colon.
_READ_NOT_APPLICABLE = re.compile(r"not ?applicable ?: ?(?P<reason>\S.*)", re.IGNORECASE)
_READ_TO_CONFIRM = re.compile(
    r"to ?confirm ?by ?(?P<by>\d{4}-\d{2}-\d{2}) ?: ?(?P<reason>\S.*)", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing was answered; the template's own text stands there."""


@dataclass(frozen=True, slots=True)
class Filled:
    """``text`` was answered, exactly as written."""

    text: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The question does not apply, because of ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """The answer follows by the date ``by`` (YYYY-MM-DD, as written); ``reason`` says what it waits for."""

    by: str
    reason: str


Answer: TypeAlias = Empty | Filled | NotApplicable | ToConfirm


# A whole placeholder: brackets that are no link, or the bare forms of dates, times and windows; backticks around.
_PLACEHOLDER = re.compile(
    r"`?(?:\[[^\[\]\n]*\]|YYYY-MM-DD(?: HH:MM:SS TZ)?|HH:MM:SS TZ|HH:MM-HH:MM|YYYY-MM-DD-[\w\[\]-]+)`?"
)
_ANY_BRACKETS = re.compile(r"\[[^\[\]\n]+\]")
_BRACKETS = re.compile(rf"{_ANY_BRACKETS.pattern}(?![(\[:])")


def is_constant(template: str) -> bool:
    """Whether a template's text asks for nothing: it holds no placeholder, and no open cell of a table."""
    holds = _BRACKETS.search(template) or re.search(r"YYYY-MM-DD|HH:MM", template) or has_open_cell(template)
    asks = holds or asks_when(template) or _PLACEHOLDER.fullmatch(template)
    return bool(template.strip()) and not asks


def leftovers(text: str, template: str) -> list[str]:
    """The template's bracketed placeholders that still stand in ``text``."""
    asked = dict.fromkeys(_BRACKETS.findall(template))
    standing = set(_ANY_BRACKETS.findall(text)) if asked else ()
    return [found for found in asked if found in standing]


def answer_in(text: str, template: str) -> Answer:
    """The answer that ``text`` holds where the template holds ``template``.

    Left as the template has it, or with one of its placeholders still inside, it is Empty; a constant is
    Filled as it stands.
    """
    if text == template and is_constant(template):
        return Filled(text)
    blank = _PLACEHOLDER.fullmatch(in_capitals(text))
    if text == template or not text.strip() or blank or leftovers(text, template):
        return Empty()
    if m := _NOT_APPLICABLE.fullmatch(text):
        return NotApplicable(m["reason"])
    if m := _TO_CONFIRM.fullmatch(text):
        return ToConfirm(m["by"], m["reason"])
    return _state_read_in(text) or Filled(text)


def _state_read_in(text: str) -> NotApplicable | ToConfirm | None:
    """The state that ``text`` reads as, though it isn't spelled as the site spells it; its reason is as it is read."""
    if may_open_with(text, "not applicable"):
        said = as_read(text)
        if m := _READ_NOT_APPLICABLE.fullmatch(alike(said)):
            return NotApplicable(said[m.start("reason") :])
    elif may_open_with(text, "to confirm by"):
        said = as_read(text)
        if m := _READ_TO_CONFIRM.fullmatch(alike(said)):
            return ToConfirm(m["by"], said[m.start("reason") :])
    return None


def answer_in_commands(text: str) -> Answer:
    """The answer that a block of commands holds: one of the states only as one comment and nothing else, as the site
    writes it. Behind any line break stands what a machine would run.
    """
    said = text.strip()
    if said.startswith(COMMENT) and len(said.splitlines()) == 1:
        answer = answer_in(said.removeprefix(COMMENT), "")
        if isinstance(answer, NotApplicable | ToConfirm):
            return answer
    return Filled(text) if said else Empty()


def words_read(text: str) -> str:
    """``text`` as what it says is compared: as it is read, without the stop at its end."""
    return alike(as_read(text)).casefold().rstrip(" .")


def is_one_paragraph(text: str) -> bool:
    """Whether ``text`` is one paragraph, however many lines it has: no commands, list or further words stand below."""
    return len(text.splitlines()) == 1 or [block.kind for block in read_tree(text.strip()).children] == ["paragraph"]


def text_of(answer: Answer, template: str) -> str:
    """The words that stand for ``answer`` where the template holds ``template``."""
    match answer:
        case Empty():
            return template
        case Filled(text):
            return text
        case NotApplicable(reason):
            return f"Not applicable: {reason}"
        case ToConfirm(by, reason):
            return f"To confirm by {by}: {reason}"

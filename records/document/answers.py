"""The states of an answer, and the words that stand for them in Markdown.

The words are grammar, never translated: an answer that spells one of them *is* that state (law 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_NOT_APPLICABLE = re.compile(r"Not applicable: (?P<reason>.*\S.*)", re.DOTALL)
_TO_CONFIRM = re.compile(r"To confirm by (?P<by>\d{4}-\d{2}-\d{2}): (?P<reason>.*\S.*)", re.DOTALL | re.ASCII)


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


def answer_in(text: str, template: str) -> Answer:
    """The answer that ``text`` holds where the template holds ``template``: left as it was, it is Empty."""
    if text == template or not text.strip():
        return Empty()
    if m := _NOT_APPLICABLE.fullmatch(text):
        return NotApplicable(m["reason"])
    if m := _TO_CONFIRM.fullmatch(text):
        return ToConfirm(m["by"], m["reason"])
    return Filled(text)


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

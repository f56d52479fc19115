"""Marking a field, a group or a whole section "Not applicable" or "To confirm by": the exact words, written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from records.document.answers import Empty, NotApplicable, ToConfirm, text_of
from records.document.escape import normal
from records.document.outline import FREE, Answer, Block, Metric, Row, Rows, Section
from records.models import State
from records.models.states import UNDER_WAY
from records.refusals import Unusable
from records.time_words import WRONG, unread
from records.times import date_in
from records.writing.readiness import state_of

ANSWERS = FREE | {"line", "bullet", "fence"}
NA, CONFIRM = "na", "confirm"
# When values after are measured.
MEASURED = (*UNDER_WAY, State.CLOSING)
SET = {f"set-{NA}": NA, f"set-{CONFIRM}": CONFIRM}
Template = Callable[[str], str]


def words_for(what: str, reason: str, by: str) -> str:
    """The words that stand for the mark. Raises Unusable with what is still to be said."""
    text = normal(reason, "bullet").strip()
    if not text:
        raise Unusable(_("Say why, in a few words."))
    if what == NA:
        return text_of(NotApplicable(text), "")
    day = date_in(by)
    if day is None:
        raise Unusable(_("Say by which day you will know. %s.") % (unread("date", by) or WRONG["date"]))
    return text_of(ToConfirm(day.isoformat(), text), "")


def keys_under(section: Section, key: str, template: Template, state: str) -> list[str]:
    """The fields that a mark on ``key`` (a field, a group, the section itself) is written to: the unanswered ones."""
    if key == section.key:
        return [one for group in section.groups for one in open_keys(group.blocks, template, state)]
    for group in section.groups:
        if key == group.key:
            return open_keys(group.blocks, template, state)
    return [key]


def open_keys(blocks: Sequence[Block], template: Template, state: str) -> list[str]:
    """The keys of the unanswered fields in ``blocks`` that can be marked in this ``state`` of the record: values after
    once it runs, when it can be known that they never will be.
    """
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Answer) and block.shape in ANSWERS and _is_open(block.key, block.text, template):
            found.append(block.key)
        for row in block.rows if isinstance(block, Rows) else ():
            found += _open_in_row(row, template) if not isinstance(row, Metric) else _open_after(row, template, state)
    return found


def _open_after(row: Metric, template: Template, state: str) -> list[str]:
    key = f"{row.key}.after"
    is_asked = row.after is not None and state in MEASURED
    return [key] if is_asked and _is_open(key, row.after or "", template) else []


def _open_in_row(row: Row, template: Template) -> list[str]:
    key = f"{row.key}.text"
    found = [key] if template(key) and _is_open(key, getattr(row, "text", ""), template) else []
    answers = (part for part in getattr(row, "parts", ()) if isinstance(part, Answer))
    return found + [part.key for part in answers if _is_open(part.key, part.text, template)]


def _is_open(key: str, text: str, template: Template) -> bool:
    return isinstance(state_of(text, "bullet", template(key)), Empty)

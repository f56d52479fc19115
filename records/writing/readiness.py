"""What a record still needs: what is due at its risk level and not answered. It never stops a save.

Only missing answers block submission; everything else warns (``records.writing.plan_warnings``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from records.document.answers import (
    COMMENT,
    Answer,
    Empty,
    Filled,
    NotApplicable,
    ToConfirm,
    answer_in,
    answer_in_commands,
    is_constant,
    is_one_paragraph,
)
from records.document.fields import Field, fields_of, table_of
from records.document.outline import FREE, Check, Commands, Document, Item, Section
from records.document.shapes import is_table
from records.document.template_settings import Due, WhenDue
from records.models import Check as CheckRow
from records.models import Outline
from records.models import Step as StepRow
from records.models.row import TitledRow
from records.writing.empty_lists import lists_to_fill, section_in

# A placeholder of one line that is all that the template has there.
_WHOLE = re.compile(r"\[([^\[\]\n]+)\]")


def is_set_aside(row: Item | TitledRow | Check | CheckRow) -> bool:
    """Whether a trigger, validation, risk or check is there only because the template has it: its text is not
    applicable.
    """
    return _says_nothing(row.text)


def is_nothing(step: Item | StepRow) -> bool:
    """Whether all that is said of a step or a procedure is that it isn't applicable, as is written where the risk level
    doesn't ask for it: nobody works on it, and it takes no time. Among commands that is one comment.
    """
    said = _said_of(step)
    return bool(said) and all(
        isinstance(answer_in_commands(text), NotApplicable) if is_commands else _says_nothing(text)
        for text, is_commands in said
    )


def words_of(step: Item | StepRow) -> list[str]:
    """Why a step or a procedure is nothing, part by part; a comment among its commands without the mark."""
    return [text.strip().removeprefix(COMMENT) if is_commands else text for text, is_commands in _said_of(step)]


def _says_nothing(text: str) -> bool:
    """Whether ``text`` says no more than that something isn't applicable: what stands below the reason is work."""
    return isinstance(answer_in(text, ""), NotApplicable) and is_one_paragraph(text)


def _said_of(step: Item | StepRow) -> list[tuple[str, bool]]:
    """What is said of a step, part by part, and whether that is commands. A row keeps its parts as data."""
    parts = [
        (part["text"], part["type"] == "commands")
        if isinstance(part, dict)
        else (part.text, isinstance(part, Commands))
        for part in step.parts
    ]
    return [(text, is_commands) for text, is_commands in ((step.text, False), *parts) if text.strip()]


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that is due and not answered: its key, its label, and the section it stands in."""

    key: str
    label: str
    section: str


@dataclass(frozen=True, slots=True)
class ToBeConfirmed:
    """A field answered "To confirm by": a start condition once the record is approved."""

    key: str
    label: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One field that is asked for: which part it is due for, and what was answered."""

    field: Field
    section: str
    part: Due
    state: type[Answer]
    answer: Answer


def path_of(key: str) -> str:
    """The path in a field's key: what stands before the name of the row's part."""
    return key.split(".", 1)[0]


def is_left_out(field: Field, outline: Outline, level: str) -> bool:
    """Whether ``field`` holds the words that the site writes where risk ``level`` asks for nothing, and it asks for
    nothing there.
    """
    filler = outline.settings.filler
    own = f"{COMMENT}{filler}" if field.shape == "commands" else filler
    return field.text == own and not outline.settings.is_asked(path_of(field.key), level)


def asked(field: Field, outline: Outline, level: str) -> WhenDue | None:
    """What is asked of ``field`` at risk ``level``; None where nothing is: structure, constants, titles, notes."""
    template = outline.texts.get(field.key)
    if field.shape in ("structure", "loose") or field.key.endswith(".unit"):
        return None
    if field.shape in ("title", "name") and field.key != "title":
        return None if field.text and not _is_blank(field.text, template) else WhenDue("plan")
    if field.key.endswith(".text") and not (template or field.shape == "check"):
        return None
    if template is not None and is_constant(template) and field.shape in ("line", "bullet"):
        return None
    if field.key in outline.written_by_acts:
        return None
    path = path_of(field.key)
    if not outline.settings.is_asked(path, level):
        return None
    return WhenDue(outline.part_of(field.key, field.shape))


def _is_blank(text: str, template: str | None) -> bool:
    return isinstance(answer_in(text, template or ""), Empty) and text != template


def state_of(text: str, shape: str, template: str) -> Answer:
    """The answer state of a field's ``text``: sample commands and leftover placeholders are Empty."""
    if shape == "commands":
        return Empty() if text == template else answer_in_commands(text)
    if shape in ("structure", "loose"):
        return Filled(text)
    if shape in ("title", "name") and text == template:
        return answer_in(text, "")
    return answer_in(text, template)


def said_in(field: Field, template: str) -> Answer:
    """The answer that ``field`` holds, asked for or not. Commands that begin with what is to be confirmed wait for it,
    in a comment or not, whatever follows.
    """
    if field.shape != "commands":
        return answer_in(field.text, template)
    begins = answer_in(field.text.strip().removeprefix(COMMENT), "")
    return begins if isinstance(begins, ToConfirm) else answer_in_commands(field.text)


def shown(text: str, shape: str, template: str) -> str:
    """What a form shows of a field: placeholders and samples are hints beside it, never its value.

    A text in which only some placeholders are left is shown as it is, else it would look lost; so is a table, which
    nobody would draw anew.
    """
    if not isinstance(state_of(text, shape, template), Empty) or (shape in FREE and is_table(text)):
        return text
    return "" if text == template or isinstance(answer_in(text, ""), Empty) else text


def judged(section: Section, outline: Outline, level: str) -> list[Judged]:
    """Every field of ``section`` that is asked for at ``level``, with its state; absent template fields are Empty, and
    so is a list that is due and of which no row is left.
    """
    fields = fields_of(section)
    present = {field.key for field in fields}
    found = []
    for field in [*fields, *_absent(section, present, outline)]:
        question = asked(field, outline, level)
        if question:
            answer = state_of(field.text, field.shape, outline.texts.get(field.key, ""))
            # That nothing is asked here is no answer where something is: it stands there from a lower risk level.
            answer = Empty() if outline.settings.is_filler(field.text) else answer
            label = _asked_as(field, outline)
            called = field if label == field.label else replace(field, label=label)
            found.append(Judged(called, section.key, question.part, type(answer), answer))
    lists = lists_to_fill(section, outline, level)
    return [*found, *(Judged(one, section.key, "plan", Empty, Empty()) for one in lists)]


def _asked_as(field: Field, outline: Outline) -> str:
    """What a page calls a field: one without a label of its own is called by what the template asks there."""
    own = outline.answers.get(field.key)
    if own is None or own.label or field.shape not in FREE:
        return field.label
    whole = _WHOLE.fullmatch(own.text.strip())
    return whole[1] if whole else field.label


def _absent(section: Section, present: set[str], outline: Outline) -> Iterable[Field]:
    """The template's answers that a deviating record has no line for; rows may be missing, people remove some."""
    return (
        Field(answer.key, answer.label or outline.group_titles.get(answer.key, ""), answer.text, answer.shape, "")
        for answer in outline.section_answers.get(section.key, ())
        if answer.key not in present
    )


def missing(document: Document, outline: Outline | None, level: str, parts: Iterable[Due] = ("plan",)) -> list[Missing]:
    """What of ``parts`` is due at ``level`` and not answered, in the order of the text; of the plan also the sections
    in which the template asks for it and that the record hasn't got.
    """
    if outline is None:
        return []
    wanted = set(parts)
    found = [
        Missing(found.field.key, found.field.label, section.key)
        for section in document.sections
        for found in judged(section, outline, level)
        if found.part in wanted and found.state is Empty
    ]
    present = {section.key for section in document.sections}
    return [*found, *sections_gone(present, outline, level)] if "plan" in wanted else found


def sections_gone(present: Collection[str], outline: Outline | None, level: str) -> Iterable[Missing]:
    """The sections in which the template asks for something of the plan and that are not among those ``present``."""
    for own in outline.document.sections if outline else ():
        empty = replace(own, groups=())
        if outline and own.key not in present and any(one.part == "plan" for one in judged(empty, outline, level)):
            words = _("“%s”, a section that this record hasn't got")
            yield Missing(own.key, words % (own.title or own.key), own.key)


def to_be_confirmed(document: Document, outline: Outline | None) -> list[ToBeConfirmed]:
    """Every field that is answered "To confirm by DATE", asked for or not."""
    texts = outline.texts if outline else {}
    return [
        ToBeConfirmed(field.key, field.label, answer.by, answer.reason)
        for section in document.sections
        for field in fields_of(section)
        if isinstance(answer := said_in(field, texts.get(field.key, "")), ToConfirm)
    ]


def due_before_start(
    document: Document, outline: Outline | None, level: str, conditions: Collection[str]
) -> list[Missing | ToBeConfirmed]:
    """What in ``document`` keeps an operation from starting: an open part without an answer or still to be confirmed,
    and what the plan leaves to be confirmed that is none of ``conditions`` (keys), which are ticked with evidence.
    """
    return [
        *missing(document, outline, level, ("open",)),
        *(one for one in to_be_confirmed(document, outline) if _holds_up(one.key, outline, level, conditions)),
    ]


def _holds_up(key: str, outline: Outline | None, level: str, conditions: Collection[str]) -> bool:
    part = outline.part_of(key) if outline else "plan"
    if part == "open" and outline:
        # An open part is answered in the record itself, where it is asked for.
        return outline.settings.is_asked(path_of(key), level)
    return part == "plan" and key not in conditions


def progress(section: Section, outline: Outline | None, level: str) -> dict[str, Any]:
    """What overview and side list show of a section: counts by part, and the first things missing.

    {"plan": {"due": 10, "answered": 9}, …, "confirm": 1, "not_applicable": 2, "started": true,
    "missing": [[key, label], …]}
    """
    if outline is None:
        return {"started": True, "missing": [], "confirm": 0, "not_applicable": 0}
    found = judged(section, outline, level)
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        count = counts.setdefault(one.part, {"due": 0, "answered": 0})
        count["due"] += 1
        count["answered"] += one.state is not Empty
    return {
        **counts,
        "confirm": sum(one.state is ToConfirm for one in found),
        "not_applicable": sum(one.state is NotApplicable for one in found),
        "started": any(one.state is not Empty for one in found),
        "missing": [[one.field.key, one.field.label, one.part] for one in found if one.state is Empty][:200],
    }


def template_table(section_key: str, outline: Outline | None) -> Mapping[str, str]:
    """The template's own fields of a section; empty for one that it does not know."""
    own = section_in(outline, section_key)
    return table_of(own) if own else {}

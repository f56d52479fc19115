"""What another version of a template would change in the records whose plan is being written on this one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from records.document.moving_keys import key_in
from records.document.moving_names import renamed_parts
from records.models import Operation, OperationTemplate, Outline, Person, Section
from records.models.states import EDITABLE
from records.rights import visible_to

MOST = 50


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A record on this version: which written answers would have no place, by label, and if the reader writes it."""

    operation: Operation
    without_place: tuple[str, ...]
    is_own: bool


def open_drafts(template: OperationTemplate, outline: Outline, reader: Person) -> list[OpenDraft]:
    """The drafts on ``template`` that ``reader`` sees, newest first, held against a version with ``outline``."""
    records = visible_to(reader).filter(template=template, state__in=EDITABLE).select_related("author")
    found = list(records.order_by("-updated_at", "-pk")[:MOST])
    own = template.outline
    gone = {key: answer.label or own.group_titles.get(key, "") for key, answer in own.answers.items()}
    names = {part.before: part.after for part in renamed_parts(own.document, outline.document)}
    gone = {key: label for key, label in gone.items() if key_in(names, key) not in outline.answers}
    written: dict[int, list[str]] = defaultdict(list)
    sections = Section.objects.filter(operation__in=found) if gone else Section.objects.none()
    for pk, answers in sections.order_by("position").values_list("operation_id", "answers"):
        written[pk] += [gone[key] for key, text in answers.items() if key in gone and text != own.texts.get(key)]
    lists = Operation.co_authors.through.objects.filter(person_id=reader.pk, operation__in=found)
    with_reader = set(lists.values_list("operation_id", flat=True))
    return [
        OpenDraft(one, tuple(written[one.pk]), one.author_id == reader.pk or one.pk in with_reader) for one in found
    ]

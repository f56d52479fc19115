"""What happened to a record, newest first: saves with the fields they changed, and acts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from records.audit import facts_in
from records.document.differences import Piece, lines, words
from records.life_cycle import Act
from records.models import AuditEntry, FieldChange, Operation
from records.pages_by_key import cursor_in
from records.rendering import visible
from records.shown_changes import ShownChange, folded

SIZE = 40
STRUCTURE = (".rows", ".parts", ".phases")


@dataclass(frozen=True, slots=True)
class Happened:
    """A save of one section (``changes``) or an act (``act``, with what it said of itself)."""

    at: dt.datetime
    person: str
    act: str = ""
    section: str = ""
    changes: Sequence[ShownChange] = ()
    facts: Sequence[tuple[str, str]] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """Some of what happened; ``older`` is the key of the page behind it, empty at the end."""

    entries: Sequence[Happened]
    older: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a history is narrowed by: a field's label or key, a person's name; and where the page starts."""

    field: str = ""
    person: str = ""
    after: str = ""


def history_of(operation: Operation, asked: Asked, titles: Mapping[str, str]) -> History:
    """A page of the record's history; ``titles`` are those of its sections. Four queries.

    A save is never cut in two, however many fields it changed.
    """
    changes = FieldChange.objects.filter(operation=operation)
    acts = AuditEntry.objects.filter(operation=operation)
    if asked.person:
        changes = changes.filter(person__name__icontains=asked.person)
        acts = acts.filter(person_name__icontains=asked.person)
    if asked.field:
        changes = changes.filter(label__icontains=asked.field) | changes.filter(key=asked.field)
        acts = acts.none()
    if cursor := cursor_in(f"{asked.after}-0"):
        changes, acts = changes.filter(at__lt=cursor[0]), acts.filter(at__lt=cursor[0])
    moments = sorted([*_newest(changes), *_newest(acts)], reverse=True)
    if not moments:
        return History(())
    since = moments[min(SIZE, len(moments)) - 1]
    found = [
        *_saves(changes.filter(at__gte=since).select_related("person"), titles),
        *(acted(entry) for entry in acts.filter(at__gte=since)),
    ]
    found.sort(key=lambda one: (one.at, one.number), reverse=True)
    micros = (since - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    return History(found, str(micros) if len(moments) > SIZE else "")


def _newest(rows: QuerySet[Any]) -> Iterable[dt.datetime]:
    return rows.order_by("-at").values_list("at", flat=True)[: SIZE + 1]


def _saves(changes: Iterable[FieldChange], titles: Mapping[str, str]) -> list[Happened]:
    saves: dict[tuple[dt.datetime, str, str], list[FieldChange]] = defaultdict(list)
    for change in changes:
        saves[change.at, str(change.person), change.section_key].append(change)
    return [
        Happened(at, person, section=titles.get(section, section), changes=[_change(one) for one in reversed(own)])
        for (at, person, section), own in saves.items()
    ]


def _change(change: FieldChange) -> ShownChange:
    label = visible(change.label or change.key)
    if change.key.endswith(STRUCTURE):
        return ShownChange(label, parts=[], anchor=change.key)
    if "\n" in change.before or "\n" in change.after:
        pieces: list[Piece] = [(kind, visible(text.rstrip("\n"))) for kind, text in lines(change.before, change.after)]
        return ShownChange(label, lines=folded(pieces), anchor=change.key)
    parts: list[Piece] = [(kind, visible(text)) for kind, text in words(change.before, change.after)]
    return ShownChange(label, parts=parts, anchor=change.key)


def acted(entry: AuditEntry) -> Happened:
    """An entry of the trail, in words."""
    told = [(name.replace("_", " "), visible(_text(value))) for name, value in facts_in(entry).items() if value]
    return Happened(entry.at, entry.person_name, act=act_words(entry.act), facts=told, number=entry.number)


def act_words(act: str) -> str:
    """How people call an act of the trail."""
    return str(Act(act).label) if act in Act.values else act.replace("_", " ")


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

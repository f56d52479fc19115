"""What happened to a record, newest first: saves with the fields they changed, and acts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from records.act_words import act_words
from records.audit import facts_in
from records.content.freezing import is_settled
from records.content.renaming import earlier_keys
from records.decided import Said, said_on
from records.document.text_difference import Piece, lines, words
from records.life_cycle import Act
from records.models import AuditEntry, FieldChange, Operation, Outline, Person, Role, State
from records.pages_by_key import cursor_in
from records.reading.shown_changes import ShownChange, folded
from records.reading.unseen import visible

SIZE = 40
# The acts at which the site writes lines by itself: the operation ID, and what the risk level doesn't ask for.
SETTLING = (Act.SUBMIT, Act.EMERGENCY_START, Act.RECORD_AFTERWARDS, Act.COMPLETE_PLAN, Act.SIGN_AS_OPERATOR)
STRUCTURE = (".rows", ".parts", ".phases")


@dataclass(frozen=True, slots=True)
class Happened:
    """A save of one section (``changes``) or an act (``act``, with what it said of itself; ``thread`` is
    the comment that it is about). ``settled``: at which act the site wrote the changes, whose words nobody chose.
    """

    at: dt.datetime
    person: str
    act: str = ""
    section: str = ""
    changes: Sequence[ShownChange] = ()
    facts: Sequence[tuple[str, str]] = ()
    number: int = 0
    thread: int = 0
    settled: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Some of what happened; ``older`` is the key of the page behind it, empty at the end."""

    entries: Sequence[Happened]
    older: str = ""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a history is narrowed by: a field's label or key, a person's name; and where the page starts."""

    field: str = ""
    person: str = ""
    after: str = ""


def history_of(operation: Operation, asked: Narrowed, titles: Mapping[str, str]) -> History:
    """A page of the record's history; ``titles`` are those of its sections and rows. At most six queries.

    A save is never cut in two, however many fields it changed.
    """
    changes = FieldChange.objects.filter(operation=operation)
    acts = AuditEntry.objects.filter(operation=operation)
    if asked.person:
        changes = changes.filter(person__name__icontains=asked.person)
        acts = acts.filter(person_name__icontains=asked.person)
    if asked.field:
        changes = changes.filter(label__icontains=asked.field) | changes.filter(
            key__in=earlier_keys(operation, asked.field)
        )
        acts = acts.none()
    if cursor := cursor_in(f"{asked.after}-0"):
        changes, acts = changes.filter(at__lt=cursor[0]), acts.filter(at__lt=cursor[0])
    moments = sorted([*_newest(changes), *_newest(acts)], reverse=True)
    if not moments:
        return History(())
    since = moments[min(SIZE, len(moments)) - 1]
    entries = list(acts.filter(at__gte=since))
    names = named_in(entries)
    said = said_on(operation) if any({"comment", "comments"} & set(facts_in(one)) for one in entries) else ()
    # Narrowed by a field no act is shown, but what the site wrote is still not that person's.
    settling = (
        AuditEntry.objects.filter(operation=operation, act__in=SETTLING, at__gte=since) if asked.field else entries
    )
    settled = {one.at: one.act for one in settling if one.act in SETTLING}
    found = [
        *_saves(changes.filter(at__gte=since).select_related("person"), titles, operation.outline, settled),
        *(_with_words(acted(entry, names, titles), entry, said) for entry in entries),
    ]
    found.sort(key=lambda one: (one.at, one.number), reverse=True)
    micros = (since - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    return History(found, str(micros) if len(moments) > SIZE else "")


def _newest(rows: QuerySet[Any]) -> Iterable[dt.datetime]:
    return rows.order_by("-at").values_list("at", flat=True)[: SIZE + 1]


def _saves(
    changes: Iterable[FieldChange],
    titles: Mapping[str, str],
    outline: Outline | None,
    settled: Mapping[dt.datetime, str],
) -> list[Happened]:
    """``settled`` are the acts, by their moment, at which the site writes lines."""
    texts = outline.texts if outline else {}
    saves: dict[tuple[dt.datetime, str, str, str], list[FieldChange]] = defaultdict(list)
    for change in changes:
        act = settled.get(change.at, "")
        act = act if act and outline and is_settled(change.key, change.after, outline) else ""
        saves[change.at, str(change.person), change.section_key, act].append(change)
    return [
        Happened(
            at,
            person,
            section=titles.get(section, section),
            changes=[_change(one, texts) for one in own[::-1]],
            settled=act,
        )
        for (at, person, section, act), own in saves.items()
    ]


def _change(change: FieldChange, texts: Mapping[str, str]) -> ShownChange:
    """A change as it is shown; ``texts`` are the template's own, which are replaced as a whole: nobody wrote them."""
    label = visible(change.label or change.key)
    if change.key.endswith(STRUCTURE):
        return ShownChange(label, parts=[], anchor=change.key)
    if "\n" in change.before or "\n" in change.after:
        changed: list[Piece] = [(kind, visible(text.rstrip("\n"))) for kind, text in lines(change.before, change.after)]
        return ShownChange(label, lines=folded(changed), anchor=change.key, number=change.pk)
    pieces: Sequence[Piece] = words(change.before, change.after)
    if change.before and change.before == texts.get(change.key):
        pieces = [("del", change.before), ("ins", change.after)]
    parts: list[Piece] = [(kind, visible(text)) for kind, text in pieces if text]
    return ShownChange(label, parts=parts, anchor=change.key, number=change.pk)


def acted(
    entry: AuditEntry, names: Mapping[int, str] | None = None, titles: Mapping[str, str] | None = None
) -> Happened:
    """An entry of the trail, in words; ``names`` are those of the people it names by number, ``titles`` of rows."""
    facts = dict(facts_in(entry))
    told: list[tuple[str, str]] = []
    before, after = facts.pop("before", None), facts.pop("after", None)
    if before != after:
        word = _("state") if before in State.values else _("changed")
        told.append((word, f"{_state(str(before))} → {_state(str(after))}"))
    for name, value in facts.items():
        if value and name not in UNTOLD:
            told.append(
                (
                    _("signed") if name == "final_text" else name.replace("_", " "),
                    visible(_text(name, value, names or {}, titles or {})),
                )
            )
    return Happened(entry.at, entry.person_name, act=act_words(entry.act), facts=told, number=entry.number)


def _with_words(told: Happened, entry: AuditEntry, said: Sequence[Said]) -> Happened:
    """An act on comments with their texts: those that were sent, the answer that was given, or what it was about."""
    facts = facts_in(entry)
    own, first = facts.get("comments") or [], facts.get("comment", 0)
    answer = [one for one in said if one.thread == first and one.thread and one.at == entry.at]
    found = answer or [one for one in said if one.number in (*own, first)]
    if not found:
        return told
    texts = [(visible(one.label), visible(one.text)) for one in found]
    facts_left = [one for one in told.facts if one[0] != "about"]
    return replace(told, facts=[*facts_left, *texts], thread=found[0].thread or found[0].number)


def named_in(entries: Iterable[AuditEntry]) -> dict[int, str]:
    """The names of everybody whom ``entries`` name by number. At most one query."""
    numbers = {
        number
        for entry in entries
        for name, value in facts_in(entry).items()
        if name in PEOPLE
        for number in (value if isinstance(value, list) else [value])
        if isinstance(number, int)
    }
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=numbers)} if numbers else {}


def _state(value: str) -> str:
    return str(State(value).label).lower() if value in State.values else value


def _text(name: str, value: Any, names: Mapping[int, str], titles: Mapping[str, str]) -> str:
    if name in PEOPLE:
        numbers: list[int] = value if isinstance(value, list) else [value]
        return ", ".join(names.get(number, f"#{number}") for number in numbers)
    if name in ("role", "roles"):
        roles = value if isinstance(value, list) else [value]
        return ", ".join(str(Role(role).label) if role in Role.values else str(role) for role in roles)
    if name in ROWS:
        return _row(value, titles)
    if name == "through":
        return act_words(str(value))
    if name == "not_reached" and isinstance(value, list):
        return ", ".join(_row(key, titles) for key in value)
    if name == "final_text":
        return _("the final text") if value == 1 else _("the final text, written for the %s. time") % value
    if name == "digest":
        return f"{str(value)[:12]}…"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(key: Any, titles: Mapping[str, str]) -> str:
    return titles.get(str(key)) or str(key).rpartition("/")[2]


PEOPLE = ("operator", "supervisor", "co_authors", "deputies", "team", "to", "for")
ROWS = ("step", "check", "metric", "key", "trigger")
UNTOLD = ("decision", "source", "voids", "comment", "comments", "answer", "said", "change", "content", "run", "times")

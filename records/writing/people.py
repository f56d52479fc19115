"""The people of a record: naming them, and finding those whom its own lines name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.content.facts import bound_text
from records.document.outline import Document
from records.life_cycle import lock
from records.models import Delivery, Operation, Outline, Person
from records.models.names import alike
from records.outbox import Event, Message
from records.refusals import Incomplete, Unusable
from records.rights import may_edit_plan, may_name_co_authors, may_name_people, may_name_team
from records.writing.readiness import Missing
from records.writing.time_warnings import Warned

LISTS = ("co_authors", "deputies", "team")
PEOPLE = ("operator", "supervisor")
ROLES: Mapping[str, Callable[[], str]] = {
    "operator": lambda: _("its operator"),
    "supervisor": lambda: _("its supervisor"),
    "co_authors": lambda: _("a co-author"),
    "deputies": lambda: _("a deputy"),
    "team": lambda: _("one of its team"),
}
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pick:
    """Whose account a form says a line of the header is about: ``was`` when it was shown, ``now`` when it was sent."""

    was: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Lists:
    """The accounts of one list: ``was`` as a form showed it, ``now`` as it was sent."""

    was: Set[int]
    now: Set[int]


class Meanwhile(Unusable):
    """Somebody named another person for ``fact``; the message says whom."""

    def __init__(self, fact: str, words: str) -> None:
        super().__init__(words)
        self.fact = fact


@transaction.atomic
def name_people(
    operation: Operation,
    *,
    by: Person,
    operator: Person | None,
    supervisor: Person | None,
    co_authors: Iterable[Person] = (),
    deputies: Iterable[Person] = (),
    team: Iterable[Person] = (),
    at: dt.datetime | None = None,
) -> Operation:
    """Set who runs the record, who reviews it and who works on it; all at once.

    Raises Refused unless ``by`` may name everybody who is named otherwise than before.
    """
    at = at or timezone.now()
    locked = lock(operation)
    lists = dict(zip(LISTS, (list(co_authors), list(deputies), list(team)), strict=True))
    wanted: dict[str, object] = {name: sorted(person.pk for person in people) for name, people in lists.items()}
    wanted |= {"operator": operator.pk if operator else None, "supervisor": supervisor.pk if supervisor else None}
    before: dict[str, object] = {name: sorted(getattr(locked.named, name)) for name in LISTS}
    before |= {"operator": locked.operator_id, "supervisor": locked.supervisor_id}
    changed = {name for name in wanted if wanted[name] != before[name]}
    _insist(by, locked, changed)
    if not changed:
        return locked
    Operation.objects.filter(pk=locked.pk).update(operator=operator, supervisor=supervisor, updated_at=at)
    for name in changed & set(LISTS):
        getattr(locked, name).set(lists[name])
    # The plan names everybody but the team: who only changed that has changed nothing that was approved.
    act = "name_team" if changed == {"team"} else "name_people"
    audit.record(act, operation=locked, person=by, at=at, **wanted)
    people = {**lists, "operator": [operator] if operator else [], "supervisor": [supervisor] if supervisor else []}
    was = {name: set(getattr(locked.named, name)) for name in LISTS}
    was |= {"operator": {locked.operator_id}, "supervisor": {locked.supervisor_id}}
    named = {name: [one for one in people[name] if one.pk not in was[name]] for name in changed}
    tell_named(locked, named, by=by, at=at)
    return lock(locked)


@transaction.atomic
def change_people(
    operation: Operation,
    *,
    by: Person,
    lists: Mapping[str, Lists] = NOTHING,
    picks: Mapping[str, Pick] = NOTHING,
    at: dt.datetime | None = None,
) -> Operation:
    """Make the changes that a form says, by the names of `name_people`, and none else: whomever somebody added or took
    off meanwhile stays so.

    Raises Refused as `name_people` does, Meanwhile where somebody named another operator or supervisor.
    """
    locked = lock(operation)
    wanted = {name: set(getattr(locked.named, name)) for name in LISTS}
    for name, pks in lists.items():
        wanted[name] = (wanted[name] | (pks.now - pks.was)) - (pks.was - pks.now)
    columns = {fact: getattr(locked, f"{fact}_id") for fact in PEOPLE}
    columns |= {fact: _picked(locked, fact, pick) for fact, pick in picks.items()}
    people = Person.objects.in_bulk({*columns.values(), *(pk for pks in wanted.values() for pk in pks)} - {None})
    return name_people(
        locked,
        by=by,
        operator=people.get(columns["operator"]),
        supervisor=people.get(columns["supervisor"]),
        at=at,
        **{name: [people[pk] for pk in pks] for name, pks in wanted.items()},
    )


def tell_named(operation: Operation, named: Mapping[str, Collection[Person]], *, by: Person, at: dt.datetime) -> None:
    """Tell those who are ``named``, by the names of `name_people`: each once for a record, whatever else they become.

    From now on they see it, also as a draft.
    """
    people = {person for several in named.values() for person in several} - {by}
    told = Delivery.objects.filter(channel="mail", operation=operation, event=Event.NAMED, person__in=people)
    known = set(told.values_list("person_id", flat=True)) if people else set()
    for name, words in ROLES.items():
        new = [person for person in named.get(name, ()) if person in people and person.pk not in known]
        known |= {person.pk for person in new}
        todo = _("You are named in this record as %(role)s, and see it from now on.") % {"role": words()}
        if new:
            outbox.put(Message(Event.NAMED, todo), operation, to=new, by=by, at=at)


def _insist(by: Person, operation: Operation, changed: Collection[str]) -> None:
    """Raises Refused unless ``by`` may name what is ``changed``; for nothing, unless they may name anybody."""
    rights = {"team": may_name_team, "co_authors": may_name_co_authors, "supervisor": may_edit_plan}
    for name in changed:
        rights.get(name, may_name_people)(by, operation).insist()
    if not changed and not may_name_people(by, operation):
        may_name_team(by, operation).insist()


def name_in_header(
    locked: Operation, picks: Mapping[str, Pick], *, written: Mapping[str, str], by: Person, at: dt.datetime
) -> None:
    """Name operator and supervisor as a save of the header says; ``locked`` is its record, in its transaction.

    A picked account counts first, then whoever goes by the name that was ``written``, by key. Nobody else's naming
    is touched. Raises Refused unless ``by`` may name people, Unusable where somebody named another person meanwhile.
    """
    wanted = {fact: _picked_or_written(locked, fact, pick, written) for fact, pick in picks.items()}
    changed = {fact: pk for fact, pk in wanted.items() if pk != getattr(locked, f"{fact}_id")}
    if not changed:
        return
    (may_name_people if "operator" in changed else may_edit_plan)(by, locked).insist()
    accounts = {pk for pk in changed.values() if pk is not None}
    if Person.objects.filter(pk__in=accounts, is_active=True).count() < len(accounts):
        raise Unusable(_("This account is no longer in use; pick another."))
    Operation.objects.filter(pk=locked.pk).update(**{f"{fact}_id": pk for fact, pk in changed.items()}, updated_at=at)
    audit.record("name_people", operation=locked, person=by, at=at, **changed)
    people = Person.objects.in_bulk(accounts)
    tell_named(locked, {fact: [people[pk]] for fact, pk in changed.items() if pk is not None}, by=by, at=at)


def _picked(locked: Operation, fact: str, pick: Pick) -> int | None:
    own: int | None = getattr(locked, f"{fact}_id")
    if pick.now == pick.was:
        return own
    if own not in (pick.was, pick.now):
        raise Meanwhile(
            fact, _("Somebody else named %(name)s meanwhile. Pick again.") % {"name": getattr(locked, fact)}
        )
    return pick.now


def _picked_or_written(locked: Operation, fact: str, pick: Pick, written: Mapping[str, str]) -> int | None:
    own = _picked(locked, fact, pick)
    if pick.now != pick.was:
        return own
    outline = locked.outline
    line = outline.bound(fact) if outline else None
    if line is None or line.key not in written:
        return own
    named = list(Person.objects.filter(name=written[line.key].strip(), is_active=True).values_list("pk", flat=True)[:2])
    return named[0] if len(named) == 1 else None


def settle_people(operation: Operation, document: Document, outline: Outline | None) -> None:
    """Before submission: the people in the record's columns are those whom its lines name.

    A person whom a line names, and the column doesn't, is put there. Raises Incomplete where the two disagree
    or nobody is named to run it; without a line for the operator, that is the author.
    """
    before = operation.operator_id, operation.supervisor_id
    missing = [wrong for fact in PEOPLE if (wrong := _settle(operation, document, outline, fact)) is not None]
    if operation.operator_id is None and (outline is None or outline.bound("operator") is None):
        operation.operator = operation.author
    elif operation.operator_id is None and not missing:
        missing.append(_missing(outline, "operator", _("an operator who has an account here")))
    if missing:
        raise Incomplete(missing)
    if (operation.operator_id, operation.supervisor_id) != before:
        operation.save(update_fields=["operator", "supervisor"])


def _settle(operation: Operation, document: Document, outline: Outline | None, fact: str) -> Missing | None:
    text = bound_text(document, outline, fact)
    if not text:
        return None
    named = list(Person.objects.filter(name=text, is_active=True)[:2])
    own: int | None = getattr(operation, f"{fact}_id")
    if own is None and len(named) == 1:
        setattr(operation, fact, named[0])
    elif own is not None and named and own not in {person.pk for person in named}:
        words = _("one person: the line says %(name)s, the record names %(other)s")
        return _missing(outline, fact, words % {"name": text, "other": getattr(operation, fact)})
    return None


def named_otherwise(document: Document, outline: Outline | None, named: Mapping[str, str]) -> Iterator[Warned]:
    """The lines of operator and supervisor that don't hold the name of whom the record names, ``named`` by fact.

    Whoever reads the text takes somebody else for the one who runs it, or who approves it alone.
    """
    for fact, name in named.items():
        line, text = outline.bound(fact) if outline else None, bound_text(document, outline, fact)
        if line and text and alike(name) not in alike(text):
            told = {"text": text, "name": name}
            words = _("says “%(text)s”; the record names %(name)s") % told
            yield Warned(line.key, line.key.split("/", 1)[0], line.label, words, weight=0)


def _missing(outline: Outline | None, fact: str, words: str) -> Missing:
    line = outline.bound(fact) if outline else None
    key = line.key if line else ""
    return Missing(key, words, key.split("/", 1)[0])

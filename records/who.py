"""What a person is to a record: who wrote it, runs it, supervises it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from records.life_cycle import Who
from records.models import SUPERVISING, Operation, Person


def who_is(person: Person, operation: Operation, *, on: dt.date | None = None) -> frozenset[Who]:
    """What ``person`` is to the record, as far as this package knows it (``on``: the day whose roles count).

    The supervisor is the one who is named and can act (``supervisor_of``); else whoever holds a supervising role.
    """
    if found := _hands_in(operation, person.pk):
        return found
    named = supervisor_of(operation)
    supervises = named.pk == person.pk if named else is_supervisor(person, on=on)
    return frozenset({Who.SUPERVISOR}) if supervises else frozenset()


def _hands_in(operation: Operation, person: int) -> frozenset[Who]:
    """What somebody who writes or runs the record is to it."""
    found = set()
    if operation.author_id == person:
        found.add(Who.AUTHOR)
    if person in operation.named.co_authors:
        found.add(Who.CO_AUTHOR)
    is_deputy = person in operation.named.deputies
    # In charge is one of those who are named, and nobody who was so in another plan.
    if person == operation.operator_id or (is_deputy and person == operation.in_charge_id):
        found.add(Who.OPERATOR)
    if is_deputy:
        found.add(Who.DEPUTY)
    return frozenset(found)


def supervisor_of(operation: Operation) -> Person | None:
    """The named supervisor who can act as such; None where whoever holds a supervising role does.

    Who wrote or runs it is nobody's supervisor in it, whatever its lines say, and who left can do nothing: a record
    that is closing, where nobody is named any more, would wait for them for ever.
    """
    named = operation.supervisor
    if named is None or not named.is_active or _hands_in(operation, named.pk):
        return None
    return named


def is_supervisor(person: Person, *, on: dt.date | None = None) -> bool:
    """Whether the person holds a supervising role."""
    return bool(SUPERVISING & person.roles_on(on or timezone.now().date()))

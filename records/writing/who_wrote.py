"""Who counts as a writer of a plan: whoever saves in it, and whose words somebody else brings into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from records import audit
from records.content.renaming import earlier_keys
from records.models import AuditEntry, FieldChange, Operation, Person

WROTE = "write_plan"
# How the trail calls the acts that begin a record.
OPENING = ("create", "clone", "import")


def tell_who_wrote(operation: Operation, people: Collection[int], *, at: dt.datetime, **facts: object) -> None:
    """Once for each of ``people`` but the author: it bars them from approving the plan, whatever becomes of the rows
    of their changes, which no entry binds. ``facts`` say ``through`` which act words came in that they wrote elsewhere.
    """
    if not (others := {*people} - {operation.author_id}):
        return
    told = AuditEntry.objects.filter(operation=operation, act=WROTE).values("person_id")
    for person in Person.objects.filter(pk__in=others).exclude(pk__in=told).order_by("pk"):
        audit.record(WROTE, operation=operation, person=person, at=at, **facts)


def writers_beside_plan(operation: Operation, keys: Collection[str]) -> set[int]:
    """Who ever wrote in the fields ``keys``, as they are called now, while these were no part of the plan: here, and
    in the records from which this one was cloned, whose approvals bound nothing of that.
    """
    people, names, one = set[int](), set(keys), operation if keys else None
    while one is not None:
        names = {earlier for key in names for earlier in earlier_keys(one, key)}
        changes = FieldChange.objects.filter(operation=one, is_plan=False, key__in=names)
        people.update(changes.values_list("person_id", flat=True).order_by().distinct())
        one = one.cloned_from
    return people

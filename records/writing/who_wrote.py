"""Who counts as a writer of a plan: whoever saves in it, and whose words somebody else brings into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from records import audit
from records.content.renaming import earlier_keys
from records.life_cycle import Act
from records.models import AuditEntry, FieldChange, Operation, Person, State

WROTE, MOVE, RESTORE = "write_plan", "move_to_version", "restore_field"
# How the trail calls the acts that begin a record.
IMPORT = "import"
OPENING = ("create", "clone", IMPORT)


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
    in the records from which this one was cloned, whose approvals bound nothing of that. And whoever brought one of
    these in: what stood in it from the start no change tells of.
    """
    people, names, one = set[int](), set(keys), operation if keys else None
    while one is not None:
        names = {earlier for key in names for earlier in earlier_keys(one, key)}
        changes = FieldChange.objects.filter(operation=one, is_plan=False, key__in=names)
        imports = AuditEntry.objects.filter(operation=one, act=IMPORT, person__isnull=False)
        for rows in (changes, imports):
            people.update(rows.values_list("person_id", flat=True).order_by().distinct())
        one = one.cloned_from
    return people


def writers_unapproved(operation: Operation) -> set[int]:
    """Whoever opened ``operation`` and whoever wrote in its plan, as long as no others have approved that text; nobody
    where the plan is as it was once approved. What was written since may be an earlier text of any of them.
    """
    entries = AuditEntry.objects.filter(operation=operation)
    told, changes = entries.filter(act__in=(WROTE, MOVE)), FieldChange.objects.filter(operation=operation, is_plan=True)
    sent = operation.revisions.filter(number__in=_approved(operation)).order_by("-number").first()
    if sent and not any(rows.filter(at__gt=sent.submitted_at).exists() for rows in (told, changes)):
        return set()
    rows = (told, changes, entries.filter(act__in=OPENING))
    return {pk for of in rows for pk in of.values_list("person_id", flat=True).order_by().distinct() if pk}


def _approved(operation: Operation) -> set[int]:
    """The revisions of ``operation`` that had all their approvals, as the trail tells, and lost none to who gave it."""
    approved = set[int]()
    entries = AuditEntry.objects.filter(operation=operation, act__in=(Act.APPROVE, Act.TAKE_BACK))
    for facts in map(audit.facts_in, entries.order_by("number")):
        (approved.add if facts.get("after") == State.APPROVED else approved.discard)(facts["revision"])
    return approved

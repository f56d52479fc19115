"""Who had a part in a record: who opened it, wrote in it, is named in it, and worked on it, as rows and trail tell."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Value

from approvals.rules import Involved
from records.composed import Asked, Kept
from records.life_cycle import Act
from records.models import AuditEntry, Check, FieldChange, Metric, Operation, RecoveryValidation, Step
from records.run.handing_over import HAND_OVER
from records.run.logbook import NoteKind
from records.writing.who_wrote import OPENING, WROTE

# How the trail calls the acts that write in a plan: people stand in its annex.
WRITING = (WROTE, "name_people", "move_to_version")
# And what operator, deputies and team do in a run: no row says so any more once it is undone, or done again.
WORKING = (
    *(Act.START, Act.STOP_AT_PHASE_END, "go_on", HAND_OVER, "add_step", "measure", "evidence", *NoteKind.values),
    *("start_step", "finish_step", "skip_step", "reopen_step", "correct_times"),
    *("tick_check", "observe_check", "untick_check", "skip_check"),
)


def involved_in(operation: Operation, *, with_run: bool = False) -> Involved:
    """Who wrote and runs it. Anybody whose save ever changed the plan, or who named the people in it, counts as its
    contributor, and so does whoever opened it, with all that stood in it then.

    ``with_run`` adds who worked on it, and counts whoever wrote any part of the record, as sign-off asks.
    """
    people = set((_writers_and_workers if with_run else _writers)(operation=operation.pk))
    wrote, opened, worked = (
        frozenset(pk for pk, did in people if did == what and pk is not None) for what in ("wrote", "opened", "worked")
    )
    named = operation.named
    return Involved(
        author=operation.author_id,
        co_authors=named.co_authors,
        contributors=wrote,
        openers=opened,
        operator=operation.operator_id,
        deputies=named.deputies,
        workers=named.team | worked | _starter(operation) if with_run else frozenset(),
    )


def _starter(operation: Operation) -> frozenset[int]:
    """Who began it as an emergency, whoever is named to run it by now."""
    return frozenset({operation.emergency["by"]} if operation.emergency else ())


def _wrote_it(**which: Any) -> list[QuerySet[Any, Any]]:
    """Who wrote and who opened a record; ``which`` of its changes count."""
    of = {"operation": Asked("operation")}
    entries = AuditEntry.objects.filter(**of)
    return [
        _those(FieldChange.objects.filter(**of, **which), "person_id", "wrote"),
        _those(entries.filter(act__in=WRITING), "person_id", "wrote"),
        # Who opened it, as the trail tells, whoever is called its author by now.
        _those(entries.filter(act__in=OPENING), "person_id", "opened"),
    ]


def _worked_on_it() -> list[QuerySet[Any, Any]]:
    """Who worked a step of it, ticked a check or measured; and who did any of it, whatever was undone since."""
    of = {"section__operation": Asked("operation")}
    return [
        *(
            _those(rows.filter(**of), who, "worked")
            for rows, who in (
                (Step.in_run.all(), "worked_by"),
                (Check.objects.all(), "ticked_by"),
                (RecoveryValidation.objects.all(), "ticked_by"),
                (Metric.objects.all(), "measured_by"),
            )
        ),
        _those(AuditEntry.objects.filter(operation=Asked("operation"), act__in=WORKING), "person_id", "worked"),
    ]


def _those(rows: QuerySet[Any], who: str, did: str) -> Any:
    return rows.order_by().annotate(what=Value(did)).values_list(who, "what")


def _once(first: QuerySet[Any, Any], *others: QuerySet[Any, Any]) -> Any:
    return first.union(*others)


_writers: Kept[Any] = Kept(lambda: _once(*_wrote_it(is_plan=True)))
_writers_and_workers: Kept[Any] = Kept(lambda: _once(*_wrote_it(), *_worked_on_it()))

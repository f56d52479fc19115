"""Calling off: for a run in which nothing was ever begun; and the next start, which begins with clean marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from approvals import actions
from approvals.standing import standing
from records.models import Check, Metric, Operation, OperationTemplate, RecoveryValidation, State, Step
from records.models.row import Row
from records.refusals import WrongOrder
from records.run import logbook, running, unplanned, verifying, working
from records.run.left_undone import left_undone, unwatched
from records.run.loaded import load_run
from records.run.logbook import NoteKind
from records.transfer.companion import companion_of
from tests import make
from tests.make import NIGHT, fresh
from tests.people import Cast
from tests.records.run.keys import DAY, MINUTE, key_of, step_of
from tests.records.run.run_pages import page


def test_before_the_first_step_it_can_be_called_off(cast: Cast, run: Operation) -> None:
    running.call_off(run, reason="The network is down", by=cast.tomas, at=NIGHT)
    operation = make.fresh(run)
    assert (operation.state, operation.started_at, operation.outcome) == (State.APPROVED, None, "")
    running.start(operation, by=cast.jun, at=NIGHT + MINUTE)
    assert make.fresh(run).state == State.RUNNING


def add_and_take_back(run: Operation, told: dict[str, Any]) -> None:
    step = unplanned.add_step(run, title="Drop the old volume", reason="It is full", commands="lvremove old", **told)
    working.finish_step(run, key=step.key, **told)
    working.reopen_step(run, key=step.key, **told)


def tick_and_take_back(run: Operation, told: dict[str, Any]) -> None:
    verifying.tick_check(run, key=key_of(Check, run), **told)
    verifying.untick_check(run, key=key_of(Check, run), **told)


def skip_and_take_back(run: Operation, told: dict[str, Any]) -> None:
    working.skip_step(run, key=step_of(run), reason="Already so", **told)
    working.reopen_step(run, key=step_of(run), **told)


def do_and_take_back(run: Operation, told: dict[str, Any]) -> None:
    working.finish_step(run, key=step_of(run), asked=True, **told)
    working.reopen_step(run, key=step_of(run), **told)


def end_and_reopen(run: Operation, told: dict[str, Any]) -> None:
    running.finish_work(run, not_reached="The network is down", **told)
    running.reopen_run(run, evidence="The log", **{**told, "by": run.supervisor})


BEGUN: dict[str, Callable[[Operation, dict[str, Any]], object]] = {
    "a step": lambda run, told: working.start_step(run, key=step_of(run), **told),
    "a step that was taken back": do_and_take_back,
    "a step that was skipped": skip_and_take_back,
    "a step that nobody planned": add_and_take_back,
    "a check": lambda run, told: verifying.tick_check(run, key=key_of(Check, run), **told),
    "a check that was taken back": tick_and_take_back,
    "a check that takes longer": lambda run, told: verifying.observe_check(
        run, key=key_of(Check, run), until=NIGHT + DAY, **told
    ),
    "a check left out": lambda run, told: verifying.skip_check(run, key=key_of(Check, run), reason="No time", **told),
    "a value": lambda run, told: verifying.measure(run, values={key_of(Metric, run, after__isnull=False): "1"}, **told),
    "all of it": end_and_reopen,
}


@pytest.mark.parametrize("begun", BEGUN)
def test_what_was_ever_begun_is_not_called_off(begun: str, cast: Cast, run: Operation) -> None:
    """Whatever was taken back since: somebody was at work."""
    assert 'value="call_off"' in page(cast.jun, run)
    BEGUN[begun](run, {"by": cast.jun, "at": NIGHT})
    assert 'value="call_off"' not in page(cast.jun, run)
    with pytest.raises(WrongOrder, match="The work has begun"):
        running.call_off(run, reason="Late", by=cast.jun, at=NIGHT)


# ---------------------------------------------------------------- the next start


def started_anew(cast: Cast, operation: Operation) -> Operation:
    """Called off, its plan opened, sent and approved once more, and begun."""
    running.call_off(operation, reason="The network is down", by=cast.jun, at=NIGHT)
    voids = [one.pk for _role, one in standing(fresh(operation)).counted]
    actions.change_plan(operation, voids=voids, by=cast.mara, at=NIGHT)
    again = make.approve_by(cast, make.submit(cast, fresh(operation), at=NIGHT), "tomas", "ada", at=NIGHT)
    return make.start(cast, again, at=NIGHT + 5 * MINUTE)


def test_what_was_noted_before_it_was_called_off_is_kept_and_answers_nothing_of_the_next_run(
    cast: Cast, run: Operation
) -> None:
    asked, step = [str(one) for one in left_undone(run)], step_of(run)
    for trigger in unwatched(run):
        logbook.note(run, text="All is well", step_key=trigger.key, by=cast.noor, at=NIGHT)
    logbook.note(run, text="The array alarms", kind=NoteKind.WAIT, step_key=step, by=cast.noor, at=NIGHT)
    assert page(cast.jun, run).count("The array alarms") > 1, "at its step too"
    again = started_anew(cast, run)
    assert [str(one) for one in left_undone(again)] == asked
    found = load_run(again)
    assert found is not None and [one.kind for one in found.log] == ["start"]
    assert page(cast.jun, again).count("The array alarms") == 1, "in the log, not at the step"
    assert page(cast.jun, again).count("Trigger not looked at") == len(unwatched(again)) > 0
    companion = companion_of(again)
    assert b"The array alarms" in companion and b"called it off: The network is down" in companion


def test_a_start_begins_with_the_plan_and_nothing_else(cast: Cast, run: Operation) -> None:
    """What a record was left with by whatever came before: nobody who approved its plan has seen that."""
    operation = fresh(run)
    running.call_off(operation, reason="The network is down", by=cast.jun, at=NIGHT)
    leave_marks(cast, operation)
    running.start(operation, by=cast.jun, at=NIGHT + MINUTE)
    assert_clean(operation)


def test_so_does_an_emergency(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    leave_marks(cast, draft)
    assert_clean(make.begin_emergency(cast, draft))


def leave_marks(cast: Cast, operation: Operation) -> None:
    of = {"section__operation": operation}
    first = Step.objects.filter(**of, phase__isnull=False)[0]
    added = {"key": "unplanned/1", "block": "", "position": 1, "title": "Drop the old volume", "unplanned": True}
    Step.in_run.create(section=first.section, phase=first.phase, **added)
    worked = {"started_at": NIGHT, "ended_at": NIGHT, "worked_by": cast.noor, "witnessed_by": cast.olga}
    Step.objects.filter(**of).update(status="done", run_reason="x", witnessed_at=NIGHT, **worked)
    for rows in (Check.objects, RecoveryValidation.objects):
        rows.filter(**of).update(ticked=True, ticked_at=NIGHT, ticked_by=cast.noor, evidence="x", observe_until=NIGHT)
        rows.filter(**of, pk=rows.filter(**of)[0].pk).update(ticked=False, unticked_because="No time")
    Metric.objects.filter(**of).update(measured_at=NIGHT, measured_by=cast.noor)
    stop = {"after": "x", "reason": "x", "by": "x", "at": "x", "start": "x", "end": "x"}
    Operation.objects.filter(pk=operation.pk).update(stops=[stop], in_charge=cast.ines)


def assert_clean(operation: Operation) -> None:
    """Each row that a run writes has of its marks what a row has that no run ever wrote."""
    found = {}
    for model, columns in MARKS.items():
        blank = [model._meta.get_field(name).get_default() for name in columns]
        rows = model._base_manager.filter(section__operation=operation).values_list(*columns)
        found[model.__name__] = [row for row in rows if list(row) != blank]
    assert found == {model.__name__: [] for model in MARKS}
    assert (fresh(operation).stops, fresh(operation).in_charge) == ([], None)


TICKED = ("ticked", "ticked_at", "ticked_by", "evidence", "unticked_because", "observe_until")
WORKED = ("status", "started_at", "ended_at", "worked_by", "run_reason", "witnessed_by", "witnessed_at", "unplanned")
MARKS: dict[type[Row], tuple[str, ...]] = {
    Step: WORKED,
    Check: TICKED,
    RecoveryValidation: TICKED,
    Metric: ("measured_at", "measured_by"),
}

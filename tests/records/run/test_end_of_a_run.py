"""How a run ends: what was not reached, on the way back too, and what a reopened one goes on with."""

from __future__ import annotations

import pytest

from approvals import actions
from records.audit import verify
from records.models import (
    AuditEntry,
    Check,
    LogEntry,
    Operation,
    OperationTemplate,
    RecoveryValidation,
    RollbackTrigger,
    State,
    Step,
    StepStatus,
)
from records.refusals import Incomplete, WrongOrder
from records.run import left_undone, logbook, running, verifying, working
from tests import make
from tests.people import Cast
from tests.records.run.keys import MINUTE, NIGHT, key_of, step_of

# ---------------------------------------------------------------- the end


def test_what_was_not_reached_needs_a_reason(cast: Cast, run: Operation) -> None:
    done, check = step_of(run), key_of(Check, run)
    working.finish_step(run, key=done, by=cast.jun, at=NIGHT)
    verifying.tick_check(run, key=check, by=cast.jun, at=NIGHT)
    with pytest.raises(Incomplete) as raised:
        running.finish_work(run, by=cast.jun, at=NIGHT)
    triggers = RollbackTrigger.objects.filter(section__operation=run, loose=False)
    assert len(raised.value.missing) == 7 + 4 + triggers.count()
    running.finish_work(run, by=cast.jun, not_reached="Power failed", at=NIGHT)
    assert make.fresh(run).finished_at == NIGHT
    steps = Step.objects.filter(section__operation=run, phase__isnull=False)
    assert {(one.key == done, one.status, one.run_reason) for one in steps} == {
        (True, StepStatus.DONE, ""),
        (False, StepStatus.NOT_REACHED, "Power failed"),
    }
    checks = Check.objects.filter(section__operation=run)
    assert {(one.key == check, one.ticked, one.unticked_because) for one in checks} == {
        (True, True, ""),
        (False, False, "Power failed"),
    }


def test_the_way_back_counts_once_it_was_taken(cast: Cast, run: Operation) -> None:
    assert {step.plan_id for step in left_undone.undone_steps(run)} == {None}
    operation = make.roll_back(cast, run)
    assert {step.plan_id is None for step in left_undone.undone_steps(operation)} == {True, False}


def test_recovery_is_validated_on_the_way_back_and_counts(cast: Cast, run: Operation) -> None:
    key = key_of(RecoveryValidation, run)
    with pytest.raises(WrongOrder, match="roll back first"):
        verifying.tick_check(run, key=key, by=cast.jun, at=NIGHT)
    assert not any(isinstance(row, RecoveryValidation) for row in left_undone.undone_checks(run))
    operation = make.roll_back(cast, run)
    verifying.tick_check(operation, key=key, evidence="Replication lag 0", by=cast.noor, at=NIGHT)
    left = [row for row in left_undone.undone_checks(operation) if isinstance(row, RecoveryValidation)]
    assert key not in [row.key for row in left] and left
    reasons = {
        row.key: "Not tonight" for row in (*left_undone.undone_steps(operation), *left_undone.undone_checks(operation))
    }
    reasons.pop(left[-1].key)
    with pytest.raises(Incomplete) as raised:
        running.finish_work(operation, reasons=reasons, by=cast.jun, at=NIGHT)
    assert raised.value.missing == [f"a reason for “{left[-1]}”, which is left open"]
    assert not RecoveryValidation.objects.exclude(unticked_because="").exists(), "nothing half done"
    running.finish_work(operation, reasons=reasons, not_reached="Window over", by=cast.jun, at=NIGHT)
    left[-1].refresh_from_db()
    assert left[-1].unticked_because == "Window over"


def test_a_trigger_that_nobody_looked_at_is_named_and_has_a_reason(cast: Cast, run: Operation) -> None:
    first, second, *others = left_undone.unwatched(run)
    for trigger in others:
        logbook.note(run, text="ok", step_key=trigger.key, by=cast.noor, at=NIGHT)
    assert left_undone.unwatched(run) == [first, second]
    with pytest.raises(Incomplete) as raised:
        running.finish_work(run, by=cast.jun, at=NIGHT)
    assert raised.value.missing[-2:] == [f"a reason for “{one}”, which is left open" for one in (first, second)]
    running.finish_work(run, reasons={first.key: "Its probe was down"}, not_reached="No time", by=cast.jun, at=NIGHT)
    told = LogEntry.objects.filter(operation=run, kind="note", step_key__in=[first.key, second.key])
    assert not LogEntry.objects.filter(operation=run, kind__in=("deviation", "problem"), step_key=first.key).exists()
    assert {(one.step_key, one.text) for one in told} == {
        (first.key, "nobody looked at it: Its probe was down"),
        (second.key, "nobody looked at it: No time"),
    }


def test_once_the_way_back_was_taken_no_trigger_is_asked_for(cast: Cast, run: Operation) -> None:
    assert left_undone.unwatched(run)
    assert left_undone.unwatched(make.roll_back(cast, run)) == []


def test_on_the_way_back_a_step_that_was_not_begun_has_its_own_reason(cast: Cast, run: Operation) -> None:
    operation = make.roll_back(cast, run)
    key = step_of(run)
    running.finish_work(operation, reasons={key: "No longer needed"}, not_reached="Window over", by=cast.jun, at=NIGHT)
    steps = Step.objects.filter(section__operation=run, phase__isnull=False)
    told = {(step.key == key, step.status, step.run_reason) for step in steps}
    known = "Rolled back at 02:00 UTC before the first step"
    assert told == {(True, "skipped", "No longer needed"), (False, "not_reached", known)}
    assert LogEntry.objects.get(operation=run, kind="skip_step").text == "No longer needed"


def test_what_nobody_came_to_after_the_way_back_was_taken_asks_for_no_reason(cast: Cast, run: Operation) -> None:
    working.finish_step(run, key=step_of(run), by=cast.jun, at=NIGHT + 7 * MINUTE)
    operation = make.roll_back(cast, run, at=NIGHT + 12 * MINUTE)
    back = [
        row for row in left_undone.left_undone(operation) if not (getattr(row, "phase_id", 0) or type(row) is Check)
    ]
    with pytest.raises(Incomplete) as raised:
        running.finish_work(operation, by=cast.jun, at=NIGHT + 30 * MINUTE)
    assert raised.value.missing == [f"a reason for “{row}”, which is left open" for row in back]
    running.finish_work(operation, not_reached="Window over", by=cast.jun, at=NIGHT + 30 * MINUTE)
    known = "Rolled back at 02:12 UTC after step 1.1"
    steps = Step.objects.filter(section__operation=run, phase__isnull=False)
    assert {(one.status, one.run_reason, one.worked_by, one.ended_at) for one in steps} == {
        (StepStatus.DONE, "", cast.jun, NIGHT + 7 * MINUTE),
        (StepStatus.NOT_REACHED, known, None, None),
    }
    assert {check.unticked_because for check in Check.objects.filter(section__operation=run, loose=False)} == {known}
    procedures = Step.objects.filter(section__operation=run, plan__isnull=False)
    assert {(one.status, one.run_reason) for one in procedures} == {(StepStatus.NOT_REACHED, "Window over")}
    end = LogEntry.objects.get(operation=run, kind="finish_work")
    assert end.text == f"{known}; Window over"
    assert not LogEntry.objects.filter(operation=run, kind__in=("skip_step", "skip_check")).exists()


def test_a_reopened_run_goes_back_to_where_it_came_from(cast: Cast, template: OperationTemplate) -> None:
    for state in (State.RUNNING, State.ROLLING_BACK):
        Operation.objects.update(operation_id=None)
        run = make.work(cast, make.make_in(state, cast, template))
        running.reopen_run(run, evidence="A picture of the lag", by=cast.tomas, at=NIGHT)
        operation = make.fresh(run)
        assert (operation.state, operation.finished_at) == (state, None)


def test_what_was_not_reached_can_be_done_after_reopening(cast: Cast, run: Operation) -> None:
    running.finish_work(run, by=cast.jun, not_reached="Too late", at=NIGHT)
    running.reopen_run(run, evidence="Step 3 was done", by=cast.tomas, at=NIGHT)
    step = working.finish_step(run, key=step_of(run), by=cast.jun, at=NIGHT + MINUTE)
    assert (step.status, step.run_reason) == (StepStatus.DONE, "")


def test_a_whole_operation_leaves_a_trail_that_holds(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.FINALIZED, cast, template)
    acts = AuditEntry.objects.filter(operation=operation).order_by("number").values_list("act", flat=True)
    whole = [act for act in acts if act in {*actions.__all__, "start", "finish_work"}]
    assert whole == ["submit", "approve", "approve", "start", "finish_work", "sign_as_operator", "sign_off"]
    assert verify() is None

"""The run: the work of the team under each one's name, the way back, the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.http import Http404

from records.models import (
    AuditEntry,
    Check,
    FieldChange,
    LogEntry,
    Metric,
    Operation,
    OperationTemplate,
    RollbackTrigger,
    State,
    Step,
    StepStatus,
)
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import logbook, running, unplanned, verifying, working
from records.run.logbook import NoteKind
from records.run.step_order import in_order
from tests import make
from tests.people import Cast
from tests.records.run.keys import MINUTE, NIGHT, key_of, procedure_of, step_of

# ---------------------------------------------------------------- steps


def test_a_step_is_begun_and_done_under_the_name_of_who_did_it(cast: Cast, run: Operation) -> None:
    key = step_of(run)
    working.start_step(run, key=key, by=cast.noor, at=NIGHT)
    step = working.finish_step(run, key=key, by=cast.noor, at=NIGHT + 7 * MINUTE)
    step.refresh_from_db()
    assert (step.status, step.worked_by, step.started_at, step.ended_at) == (
        StepStatus.DONE,
        cast.noor,
        NIGHT,
        NIGHT + 7 * MINUTE,
    )
    assert [(one.act, one.person) for one in AuditEntry.objects.order_by("-number")[:2]] == [
        ("finish_step", cast.noor),
        ("start_step", cast.noor),
    ]


def test_a_second_tick_is_the_first(cast: Cast, run: Operation) -> None:
    key, check = step_of(run), key_of(Check, run)
    for minute in range(3):
        working.start_step(run, key=key, by=cast.jun, at=NIGHT + minute * MINUTE)
    for minute in range(3):
        working.finish_step(run, key=key, by=cast.jun, at=NIGHT + (3 + minute) * MINUTE)
        verifying.tick_check(run, key=check, by=cast.jun, at=NIGHT + minute * MINUTE)
    step = Step.objects.get(section__operation=run, key=key)
    assert (step.started_at, step.ended_at) == (NIGHT, NIGHT + 3 * MINUTE)
    assert Check.objects.get(section__operation=run, key=check).ticked_at == NIGHT
    kinds = LogEntry.objects.filter(operation=run).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["start", "start_step", "finish_step", "tick_check"]


def test_a_faster_colleague_is_named(cast: Cast, run: Operation) -> None:
    key, check = step_of(run), key_of(Check, run)
    working.start_step(run, key=key, by=cast.jun, at=NIGHT)
    with pytest.raises(WrongOrder, match=r"Already seen to by Jun Park, 6 Dec 02:00 UTC: “.+” is “started”\."):
        working.start_step(run, key=key, by=cast.noor, at=NIGHT + MINUTE)
    working.finish_step(run, key=key, by=cast.noor, at=NIGHT + MINUTE)
    with pytest.raises(WrongOrder, match="Noor Haddad, 6 Dec 02:01 UTC"):
        working.finish_step(run, key=key, by=cast.jun, at=NIGHT + 2 * MINUTE)
    verifying.tick_check(run, key=check, by=cast.noor, at=NIGHT)
    with pytest.raises(WrongOrder, match="Noor Haddad ticked this"):
        verifying.tick_check(run, key=check, by=cast.jun, at=NIGHT)


def test_the_order_is_kept_by_the_act_itself(cast: Cast, run: Operation) -> None:
    third = in_order(run)[2].key
    for act in (working.start_step, working.finish_step):
        with pytest.raises(Incomplete, match="a reason to work"):
            act(run, key=third, by=cast.jun, at=NIGHT)
    working.finish_step(run, key=third, reason="Agreed on the call", by=cast.jun, at=NIGHT)
    told = LogEntry.objects.get(operation=run, kind="deviation")
    assert told.step_key == third
    assert "Out of order" in told.text and "Agreed on the call" in told.text


def test_who_is_to_be_asked_is_asked_before_the_step_begins(cast: Cast, run: Operation) -> None:
    key = step_of(run)
    Step.objects.filter(section__operation=run, key=key).update(ask_before="Tomas Okafor", point_of_no_return=True)
    for act in (working.start_step, working.finish_step):
        with pytest.raises(Incomplete, match=r"the go-ahead for .*: Tomas Okafor"):
            act(run, key=key, by=cast.jun, at=NIGHT)
    working.start_step(run, key=key, asked=True, by=cast.jun, at=NIGHT)
    working.finish_step(run, key=key, by=cast.jun, at=NIGHT)
    told = LogEntry.objects.filter(operation=run, kind="note").order_by("pk").values_list("text", flat=True)
    assert list(told) == ["Go-ahead given: Tomas Okafor", "Passed the point of no return"]
    acts = LogEntry.objects.filter(operation=run, step_key=key).order_by("pk").values_list("kind", flat=True)
    assert list(acts) == ["note", "start_step", "note", "finish_step"], "passed by the start, not before it"


def test_a_step_is_done_when_it_was_done_and_the_log_keeps_both_times(cast: Cast, run: Operation) -> None:
    later = NIGHT + 30 * MINUTE
    step = working.finish_step(run, key=step_of(run), happened=NIGHT + 9 * MINUTE, note="Lag 0", by=cast.jun, at=later)
    assert (step.started_at, step.ended_at) == (NIGHT + 9 * MINUTE, NIGHT + 9 * MINUTE)
    entries = LogEntry.objects.filter(operation=run).exclude(kind="start").order_by("pk")
    assert [(one.kind, one.at, one.written_at, one.person_name) for one in entries] == [
        ("note", NIGHT + 9 * MINUTE, later, "Jun Park"),
        ("finish_step", NIGHT + 9 * MINUTE, later, "Jun Park"),
    ]
    assert working.reopen_step(run, key=step_of(run), by=cast.jun, at=later + 15 * MINUTE).status == StepStatus.TODO


@pytest.mark.parametrize("minutes", [-10, 40])
def test_what_a_button_does_is_done_whole_or_not_at_all(minutes: int, cast: Cast, run: Operation) -> None:
    """A moment before the run or in the future: neither the note nor the tick stays."""
    before = (AuditEntry.objects.count(), LogEntry.objects.count())
    for act in (working.start_step, working.finish_step):
        with pytest.raises(Incomplete, match="a time"):
            act(run, key=step_of(run), note="x", happened=NIGHT + minutes * MINUTE, by=cast.jun, at=NIGHT + MINUTE)
    assert (AuditEntry.objects.count(), LogEntry.objects.count()) == before
    assert Step.objects.get(section__operation=run, key=step_of(run)).status == StepStatus.TODO


def test_skipping_asks_for_a_reason(cast: Cast, run: Operation) -> None:
    key = step_of(run)
    with pytest.raises(Incomplete):
        working.skip_step(run, key=key, reason="", by=cast.jun, at=NIGHT)
    working.skip_step(run, key=key, reason="Done on Friday", by=cast.jun, at=NIGHT)
    step = working.skip_step(run, key=key, reason="Done on Friday", by=cast.jun, at=NIGHT)
    assert (step.status, step.run_reason) == (StepStatus.SKIPPED, "Done on Friday")
    assert LogEntry.objects.filter(kind="skip_step").count() == 1


@pytest.mark.parametrize(("minutes", "allowed"), [(15, True), (16, False)])
def test_a_tick_is_taken_back_within_a_quarter_of_an_hour(
    minutes: int, allowed: bool, cast: Cast, run: Operation
) -> None:
    key = step_of(run)
    working.finish_step(run, key=key, by=cast.jun, at=NIGHT)
    if allowed:
        step = working.reopen_step(run, key=key, by=cast.noor, at=NIGHT + minutes * MINUTE)
        assert (step.status, step.started_at, step.ended_at) == (StepStatus.TODO, None, None)
    else:
        with pytest.raises(WrongOrder, match="more than 15 minutes ago"):
            working.reopen_step(run, key=key, by=cast.noor, at=NIGHT + minutes * MINUTE)


def test_what_was_done_too_early_is_under_way_again_since_it_was_begun(cast: Cast, run: Operation) -> None:
    """Done or skipped: only the last tick is taken back; pressed again, the beginning too."""
    key, later = step_of(run), NIGHT + 9 * MINUTE
    working.start_step(run, key=key, by=cast.jun, at=NIGHT)
    for end in (working.finish_step, partial(working.skip_step, reason="Not needed")):
        end(run, key=key, by=cast.jun, at=later)
        step = working.reopen_step(run, key=key, by=cast.jun, at=later)
        assert (step.status, step.started_at, step.ended_at) == (StepStatus.STARTED, NIGHT, None)
    step = working.reopen_step(run, key=key, by=cast.jun, at=later)
    assert (step.status, step.started_at) == (StepStatus.TODO, None)


def test_what_was_begun_is_taken_back_but_not_what_was_added(cast: Cast, run: Operation) -> None:
    working.start_step(run, key=step_of(run), by=cast.jun, at=NIGHT)
    step = working.reopen_step(run, key=step_of(run), by=cast.noor, at=NIGHT)
    assert (step.status, step.started_at) == (StepStatus.TODO, None)
    added = unplanned.add_step(run, title="Restart the relay", reason="It hung", by=cast.jun, at=NIGHT)
    with pytest.raises(WrongOrder, match="has not ended"):
        working.reopen_step(run, key=added.key, by=cast.jun, at=NIGHT)


WORK: list[Callable[[Operation, object], object]] = [
    lambda o, by: working.start_step(o, key=step_of(o), by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: working.finish_step(o, key=step_of(o), by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: working.skip_step(o, key=step_of(o), reason="x", by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: working.reopen_step(o, key=step_of(o), by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: verifying.tick_check(o, key=key_of(Check, o), by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: verifying.untick_check(o, key=key_of(Check, o), by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: verifying.skip_check(o, key=key_of(Check, o), reason="x", by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: logbook.note(o, text="x", by=by, at=NIGHT),  # type: ignore[arg-type]
    lambda o, by: verifying.measure(o, values={key_of(Metric, o, after__isnull=False): "9"}, by=by, at=NIGHT),  # type: ignore[arg-type]
]


def test_only_the_team_works_and_only_while_it_runs(cast: Cast, run: Operation) -> None:
    before = (AuditEntry.objects.count(), LogEntry.objects.count())
    for act in WORK:
        for name in ("mara", "olga", "tomas", "ada", "sam", "leo", "root", "vera"):
            with pytest.raises(Refused, match="Only the record's team"):
                act(run, getattr(cast, name))
    assert (AuditEntry.objects.count(), LogEntry.objects.count()) == before


@pytest.mark.parametrize("state", [s for s in State if s not in (State.RUNNING, State.ROLLING_BACK, State.CLOSING)])
def test_nothing_is_worked_before_the_start_or_after_the_end(
    state: State, cast: Cast, template: OperationTemplate
) -> None:
    operation = make.make_in(state, cast, template)
    for act in WORK:
        with pytest.raises(WrongOrder):
            act(operation, cast.jun)


def test_a_key_of_another_record_is_not_there(cast: Cast, run: Operation) -> None:
    for act in (working.finish_step, verifying.tick_check):
        with pytest.raises(Http404):
            act(run, key="nothing", by=cast.jun, at=NIGHT)
    with pytest.raises(Http404):
        verifying.measure(run, values={"nothing": "1"}, by=cast.jun, at=NIGHT)


def test_the_same_key_in_another_record_is_another_row(cast: Cast, run: Operation, template: OperationTemplate) -> None:
    """Records of one template share their keys: whoever works on one touches nothing of the other."""
    Operation.objects.filter(pk=run.pk).update(operation_id="2026-12-06-the-first")
    twin = make.make_in(State.RUNNING, cast, template)
    metric = key_of(Metric, twin, after__isnull=False)
    working.finish_step(twin, key=step_of(twin), asked=True, by=cast.jun, at=NIGHT)
    verifying.tick_check(twin, key=key_of(Check, twin), by=cast.jun, at=NIGHT)
    verifying.measure(twin, values={metric: "47"}, by=cast.jun, at=NIGHT)
    verifying.measure(run, values={metric: "11"}, by=cast.ines, at=NIGHT)
    logbook.note(twin, text="ok", step_key=step_of(twin), by=cast.jun, at=NIGHT)
    roll_back = key_of(RollbackTrigger, twin)
    running.roll_back(twin, trigger=roll_back, sentence="Too slow", by=cast.jun, at=NIGHT)
    for operation, touched in ((run, 0), (twin, 1)):
        of = {"section__operation": operation}
        assert Step.objects.filter(**of).exclude(status=StepStatus.TODO).count() == touched
        assert Check.objects.filter(**of, ticked=True).count() == touched
        assert Metric.objects.filter(**of, measured_by=cast.jun).count() == touched
        assert operation.log.filter(person=cast.jun).exclude(kind="start").count() == 5 * touched
    assert [Metric.objects.get(section__operation=one, key=metric).after for one in (run, twin)] == ["11", "47"]


# ---------------------------------------------------------------- checks, notes, values


def test_a_tick_lands_in_the_record_and_can_be_taken_back(cast: Cast, run: Operation) -> None:
    key = key_of(Check, run)
    check = verifying.tick_check(run, key=key, by=cast.noor, at=NIGHT)
    assert (check.ticked, check.ticked_by, check.ticked_at) == (True, cast.noor, NIGHT)
    check = verifying.untick_check(run, key=key, by=cast.jun, at=NIGHT)
    assert (check.ticked, check.ticked_by, check.ticked_at) == (False, None, None)
    check = verifying.skip_check(run, key=key, reason="No restore tonight", by=cast.jun, at=NIGHT)
    assert (check.ticked, check.unticked_because) == (False, "No restore tonight")
    assert verifying.tick_check(run, key=key, by=cast.jun, at=NIGHT).unticked_because == ""


def test_notes_keep_their_kind_and_step_and_a_second_click_adds_none(cast: Cast, run: Operation) -> None:
    for _ in range(2):
        logbook.note(run, text=" took 6 min ", by=cast.noor, kind=NoteKind.DEVIATION, step_key=step_of(run), at=NIGHT)
    logbook.note(run, text="took 6 min", by=cast.noor, at=NIGHT)
    notes = LogEntry.objects.filter(operation=run).exclude(kind="start").order_by("pk")
    assert [(one.kind, one.text, one.step_key) for one in notes] == [
        ("deviation", "took 6 min", step_of(run)),
        ("note", "took 6 min", ""),
    ]


def test_a_note_is_as_long_as_a_section_may_be(cast: Cast, run: Operation) -> None:
    most = "ä" * (128 * 1024)
    assert logbook.note(run, text=most, by=cast.noor, at=NIGHT).text == most
    with pytest.raises(Incomplete, match="in at most 256 KiB"):
        logbook.note(run, text=most + "a", by=cast.noor, at=NIGHT)


def test_evidence_stands_beside_the_tick(cast: Cast, run: Operation) -> None:
    key = key_of(Check, run)
    verifying.tick_check(run, key=key, by=cast.noor, at=NIGHT)
    check = verifying.tick_check(run, key=key, evidence="14 alerts seen", by=cast.noor, at=NIGHT + MINUTE)
    assert (check.evidence, check.ticked_at) == ("14 alerts seen", NIGHT + MINUTE)
    with pytest.raises(WrongOrder, match="Noor Haddad ticked this"):
        verifying.tick_check(run, key=key, evidence="Mine", by=cast.jun, at=NIGHT)
    assert verifying.untick_check(run, key=key, by=cast.noor, at=NIGHT).evidence == ""


def test_values_are_saved_together_or_not_at_all(cast: Cast, run: Operation) -> None:
    keys = Metric.objects.filter(section__operation=run, after__isnull=False).order_by("position")
    first, second = keys.values_list("key", flat=True)[:2]
    with pytest.raises(Incomplete, match="a value without NUL"):
        verifying.measure(run, values={first: "47", second: "a\0b"}, by=cast.noor, at=NIGHT)
    assert not Metric.objects.filter(section__operation=run, measured_by=cast.noor).exists()
    written = verifying.measure(run, values={first: "0,31", second: "as before"}, by=cast.noor, at=NIGHT)
    assert [metric.after for metric in written] == ["0,31", "as before"]
    lines = run.log.filter(kind="measure").values_list("step_key", "person")
    assert sorted(lines) == sorted([(first, cast.noor.pk), (second, cast.noor.pk)])
    assert verifying.measure(run, values={first: "0,31", second: ""}, by=cast.noor, at=NIGHT) == []


def test_a_baseline_typed_again_is_not_part_of_the_value(cast: Cast, run: Operation) -> None:
    metric = Metric.objects.filter(section__operation=run, after__isnull=False).order_by("position")[0]
    typed = f"{metric.before}{metric.unit} → 48{metric.unit}"
    [written] = verifying.measure(run, values={metric.key: typed}, by=cast.noor, at=NIGHT)
    assert written.after == "48"


def test_a_measured_value_is_a_field_like_any_other(cast: Cast, run: Operation) -> None:
    key = key_of(Metric, run, after__isnull=False)
    section = Metric.objects.get(section__operation=run, key=key).section
    [metric] = verifying.measure(run, values={key: " 47 "}, by=cast.noor, at=NIGHT)
    assert (metric.after, metric.measured_by, metric.measured_at) == ("47", cast.noor, NIGHT)
    change = FieldChange.objects.filter(operation=run).order_by("-pk")[0]
    assert (change.key, change.after, change.is_plan, change.person) == (f"{key}.after", "47", False, cast.noor)
    assert run.sections.get(pk=section.pk).version == section.version + 1
    with pytest.raises(Incomplete, match="a value"):
        verifying.measure(run, values={key: "  "}, by=cast.noor, at=NIGHT)


# ---------------------------------------------------------------- the way back


def test_rolling_back_says_which_trigger_and_why(cast: Cast, run: Operation) -> None:
    with pytest.raises(Incomplete, match="which trigger"):
        running.roll_back(run, trigger=" ", sentence="x", by=cast.jun, at=NIGHT)
    with pytest.raises(Incomplete, match="a reason"):
        running.roll_back(run, trigger="Too slow", sentence="", by=cast.jun, at=NIGHT)
    operation = make.roll_back(cast, run)
    assert (operation.state, operation.rolled_back_at) == (State.ROLLING_BACK, NIGHT)
    assert operation.rollback_reason == "p95 at 900 ms for 6 min"
    assert "Performance Issues: p95 at 900 ms for 6 min" in [one.text for one in operation.log.all()]


def test_procedures_belong_to_the_way_back_and_new_steps_don_t(cast: Cast, run: Operation) -> None:
    with pytest.raises(WrongOrder, match="roll back first"):
        working.finish_step(run, key=procedure_of(run), by=cast.jun, at=NIGHT)
    working.start_step(run, key=step_of(run), by=cast.jun, at=NIGHT)
    operation = make.roll_back(cast, run)
    working.finish_step(operation, key=step_of(run), by=cast.jun, at=NIGHT)  # what was begun may be ended
    working.finish_step(operation, key=procedure_of(run), by=cast.ines, at=NIGHT)
    other = Step.objects.filter(section__operation=run, phase__isnull=False, status=StepStatus.TODO)[0]
    with pytest.raises(WrongOrder, match="not begun any more"):
        working.start_step(operation, key=other.key, by=cast.jun, at=NIGHT)

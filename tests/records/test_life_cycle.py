"""The table of acts: every act, in every state, by everybody, goes exactly as product.md says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from approvals import actions
from approvals.emergency import Went
from approvals.models import Decision
from approvals.rescheduling import NewTimes
from records import audit
from records.life_cycle import ORDER, TABLE, Act, check_state, move, possible
from records.models import (
    Addendum,
    AuditEntry,
    Check,
    Delivery,
    FieldChange,
    FinalText,
    LogEntry,
    Metric,
    Operation,
    OperationTemplate,
    Person,
    Phase,
    RecoveryValidation,
    Revision,
    RollbackTrigger,
    Section,
    State,
    Step,
)
from records.refusals import Refused, WrongOrder
from records.run import running
from records.writing.people import Pick, name_people
from records.writing.saving import save_section
from tests import make
from tests.people import PASSWORD, Cast

WRITERS = {"mara", "carl"}
# As written in product.md: from which states, by whom (tests/people.py says who is what).
EXPECTED: dict[Act, tuple[set[State], set[str]]] = {
    Act.SUBMIT: ({State.DRAFT, State.CHANGES_REQUESTED}, WRITERS),
    Act.WITHDRAW: ({State.IN_REVIEW}, WRITERS),
    Act.ASK_FOR_CHANGES: ({State.IN_REVIEW}, {"tomas", "ada"}),
    Act.REJECT: ({State.IN_REVIEW}, {"tomas", "ada"}),
    Act.APPROVE: ({State.IN_REVIEW}, {"tomas", "ada"}),
    Act.TAKE_BACK: ({State.APPROVED}, {"tomas", "ada"}),
    Act.CHANGE_PLAN: ({State.APPROVED}, WRITERS),
    Act.RESCHEDULE: ({State.APPROVED}, WRITERS),
    Act.CANCEL: ({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED}, {"mara", "tomas"}),
    Act.START: ({State.APPROVED}, {"jun", "ines"}),
    Act.EMERGENCY_START: ({State.DRAFT, State.IN_REVIEW}, {"jun"}),
    Act.COMPLETE_PLAN: ({State.CLOSING}, WRITERS),
    Act.CALL_OFF: ({State.RUNNING}, {"jun", "tomas"}),
    Act.STOP_AT_PHASE_END: ({State.RUNNING}, {"jun"}),
    Act.ROLL_BACK: ({State.RUNNING}, {"jun", "ines", "tomas"}),
    Act.RECORD_AFTERWARDS: ({State.DRAFT}, {"mara"}),
    Act.FINISH_WORK: ({State.RUNNING, State.ROLLING_BACK}, {"jun"}),
    Act.REOPEN_RUN: ({State.CLOSING}, {"tomas"}),
    Act.SIGN_AS_OPERATOR: ({State.CLOSING}, {"jun"}),
    Act.SIGN_OFF: ({State.CLOSING}, {"tomas", "sam"}),
    Act.AMEND: ({State.FINALIZED}, WRITERS),
}
LEADS_TO: dict[Act, set[State]] = {
    Act.SUBMIT: {State.IN_REVIEW},
    Act.WITHDRAW: {State.DRAFT},
    Act.ASK_FOR_CHANGES: {State.CHANGES_REQUESTED},
    Act.REJECT: {State.REJECTED},
    Act.APPROVE: {State.IN_REVIEW},
    Act.TAKE_BACK: {State.IN_REVIEW},
    Act.CHANGE_PLAN: {State.DRAFT},
    Act.RESCHEDULE: {State.IN_REVIEW},
    Act.CANCEL: {State.CANCELLED},
    Act.START: {State.RUNNING},
    Act.EMERGENCY_START: {State.RUNNING},
    Act.COMPLETE_PLAN: {State.CLOSING},
    Act.CALL_OFF: {State.APPROVED},
    Act.STOP_AT_PHASE_END: {State.RUNNING},
    Act.ROLL_BACK: {State.ROLLING_BACK},
    Act.RECORD_AFTERWARDS: {State.CLOSING},
    Act.FINISH_WORK: {State.CLOSING},
    Act.REOPEN_RUN: {State.RUNNING},
    Act.SIGN_AS_OPERATOR: {State.CLOSING},
    Act.SIGN_OFF: {State.FINALIZED},
    Act.AMEND: {State.FINALIZED},
}


class TakenBack(Exception):
    """Ends a trial: nothing of it stays."""


def plan_digest(operation: Operation) -> str:
    newest = operation.revisions.order_by("-number").first()
    return newest.digest if newest else "0" * 64


def digest_of(operation: Operation) -> str:
    newest = operation.revisions.order_by("-number").first()
    return newest.digest if newest and operation.state == State.IN_REVIEW else "0" * 64


def final_of(operation: Operation) -> str:
    return operation.final_text.digest if operation.final_text and operation.state == State.CLOSING else "0" * 64


def voids(operation: Operation) -> list[int]:
    return list(Decision.objects.filter(revision__operation=operation, kind="approve").values_list("pk", flat=True))


def trigger_of(operation: Operation) -> str:
    return RollbackTrigger.objects.filter(section__operation=operation).values_list("key", flat=True)[0]


DO: dict[Act, Callable[[Operation, Person], object]] = {
    Act.SUBMIT: lambda o, by: actions.submit(o, by=by, at=make.PLANNED),
    Act.WITHDRAW: lambda o, by: actions.withdraw(o, by=by, at=make.PLANNED),
    Act.ASK_FOR_CHANGES: lambda o, by: actions.ask_for_changes(
        o, digest=digest_of(o), reason="Say more", by=by, at=make.PLANNED
    ),
    Act.REJECT: lambda o, by: actions.reject(o, digest=digest_of(o), reason="No", by=by, at=make.PLANNED),
    Act.APPROVE: lambda o, by: actions.approve(o, digest=digest_of(o), password=PASSWORD, by=by, at=make.PLANNED),
    Act.TAKE_BACK: lambda o, by: actions.take_back_approval(o, reason="Wrong night", by=by, at=make.PLANNED),
    Act.CHANGE_PLAN: lambda o, by: actions.change_plan(o, voids=voids(o), by=by, at=make.PLANNED),
    Act.RESCHEDULE: lambda o, by: actions.reschedule(
        o, NewTimes("2026-12-13", "02:00:00 UTC"), digest=plan_digest(o), by=by, at=make.PLANNED
    ),
    Act.CANCEL: lambda o, by: actions.cancel(o, reason="Not needed", by=by, at=make.PLANNED),
    Act.START: lambda o, by: running.start(o, by=by, at=make.NIGHT),
    Act.EMERGENCY_START: lambda o, by: actions.emergency_start(o, answers=make.ANSWERS, by=by, at=make.NIGHT),
    Act.COMPLETE_PLAN: lambda o, by: actions.complete_plan(o, Went(left_out="Not needed"), by=by, at=make.NIGHT),
    Act.CALL_OFF: lambda o, by: running.call_off(o, reason="Network is down", by=by, at=make.NIGHT),
    Act.STOP_AT_PHASE_END: lambda o, by: make.stop(make.end_phase(o), by=by),
    Act.ROLL_BACK: lambda o, by: running.roll_back(o, trigger=trigger_of(o), sentence="Too slow", by=by, at=make.NIGHT),
    Act.RECORD_AFTERWARDS: lambda o, by: actions.record_afterwards(o, make.happened(o), by=by, at=make.NIGHT),
    Act.FINISH_WORK: lambda o, by: running.finish_work(o, by=by, not_reached="Left for later", at=make.NIGHT),
    Act.REOPEN_RUN: lambda o, by: running.reopen_run(o, evidence="No picture of the lag", by=by, at=make.NIGHT),
    Act.SIGN_AS_OPERATOR: lambda o, by: actions.sign_as_operator(
        o,
        outcome="completed",
        completed_at=make.NIGHT,
        digest=final_of(o),
        password=PASSWORD,
        by=by,
        at=make.NIGHT,
    ),
    Act.SIGN_OFF: lambda o, by: actions.sign_off(
        o, digest=final_of(o), actual_seen=True, password=PASSWORD, by=by, at=make.NIGHT
    ),
    Act.AMEND: lambda o, by: actions.amend(o, text="The limit was raised later", by=by, at=make.NIGHT),
}


def test_the_table_names_every_act_and_its_states() -> None:
    assert {act: set(rule.sources) for act, rule in TABLE.items()} == {a: s for a, (s, _who) in EXPECTED.items()}
    assert set(TABLE) == set(Act) == set(DO)
    assert set(ORDER) == set(State)


def prepared(state: State, cast: Cast, template: OperationTemplate) -> Operation:
    operation = make.make_in(state, cast, template)
    if state == State.APPROVED:
        for condition in operation.start_conditions:
            condition["evidence"] = "Seen"
        operation.save(update_fields=["start_conditions"])
    if state == State.CLOSING:
        operation = make.sign(cast, operation)
    with transaction.atomic():  # else a trial that repeats the newest act were a second click
        audit.record("looked_at", operation=operation, person=cast.vera, at=make.NIGHT)
    return operation


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_act_by_everybody_goes_as_the_table_says(state: State, cast: Cast, template: OperationTemplate) -> None:
    operation = prepared(state, cast, template)
    decisions = Decision.objects.count()
    told = {}
    for act in Act:
        for name, person in cast.all().items():
            told[act, name] = trial(act, operation, person)
            if told[act, name] != "done":  # else all of it was taken back
                assert (make.fresh(operation).state, Decision.objects.count()) == (state, decisions)
    assert told == {(act, name): expected(act, state, name) for act in Act for name in cast.all()}


def expected(act: Act, state: State, name: str) -> str:
    sources, people = EXPECTED[act]
    if name not in people:
        return "refused"
    if act == Act.TAKE_BACK and state in (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED):
        return "refused"  # there is no approval to take back
    if act == Act.TAKE_BACK and state in (State.REJECTED, State.CANCELLED, State.IMPORTED):
        return "refused"
    if act == Act.COMPLETE_PLAN:
        return "wrong order"  # only an emergency owes one
    return "done" if state in sources else "wrong order"


def trial(act: Act, operation: Operation, person: Person) -> str:
    try:
        with transaction.atomic():
            DO[act](make.fresh(operation), person)
            after = make.fresh(operation)
            assert after.state in LEADS_TO[act] or operation.state == State.ROLLING_BACK
            entries = AuditEntry.objects.filter(operation=operation, person=person)
            assert entries.order_by("-number")[0].act == act
            raise TakenBack
    except TakenBack:
        return "done"
    except (Refused, WrongOrder) as refusal:
        assert str(refusal)
        return "refused" if isinstance(refusal, Refused) else "wrong order"


# ---------------------------------------------------------------- case 11


def test_case_11_a_skipped_step_says_what_comes_first(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    with pytest.raises(WrongOrder, match=r"This record is “draft”\. It has to be “approved” before you can start it\."):
        running.start(draft, by=cast.jun, at=make.NIGHT)


def test_case_11_a_slower_colleague_hears_that_somebody_was_faster(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.RUNNING, cast, template)
    with pytest.raises(WrongOrder, match="Somebody was faster: this record is “running” now"):
        actions.change_plan(operation, voids=[], by=cast.mara, at=make.NIGHT)


def test_a_lost_race_changes_nothing(cast: Cast, template: OperationTemplate) -> None:
    """The instance in hand says draft, the database has moved on: the conditional UPDATE decides."""
    draft = make.make_draft(cast, template)
    Operation.objects.filter(pk=draft.pk).update(state=State.CANCELLED)
    entries = AuditEntry.objects.count()
    with transaction.atomic(), pytest.raises(WrongOrder, match="cancelled"):
        move(draft, Act.SUBMIT, by=cast.mara, at=make.PLANNED)
    assert make.fresh(draft).state == State.CANCELLED
    assert AuditEntry.objects.count() == entries


def test_an_act_leads_only_where_the_table_says(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    with transaction.atomic(), pytest.raises(ValueError, match="does not lead to"):
        move(draft, Act.SUBMIT, by=cast.mara, at=make.PLANNED, to=State.APPROVED)


def test_the_acts_a_state_allows() -> None:
    deciding = [Act.WITHDRAW, Act.ASK_FOR_CHANGES, Act.REJECT, Act.APPROVE]
    assert possible(State.IN_REVIEW) == [*deciding, Act.CANCEL, Act.EMERGENCY_START]
    assert possible(State.FINALIZED) == [Act.AMEND]


@pytest.mark.parametrize("state", [State.REJECTED, State.CANCELLED, State.IMPORTED, State.FINALIZED])
def test_what_has_ended_stays_ended(state: State) -> None:
    """An addendum stands beside a finalized record; nothing else happens to it."""
    for act in set(Act) - {Act.AMEND}:
        with pytest.raises(WrongOrder):
            check_state(Operation(state=state), act)


@pytest.mark.parametrize(
    ("act", "state", "by"),
    [
        (Act.SUBMIT, State.DRAFT, "mara"),
        (Act.WITHDRAW, State.IN_REVIEW, "mara"),
        (Act.APPROVE, State.IN_REVIEW, "tomas"),
        (Act.REJECT, State.IN_REVIEW, "tomas"),
        (Act.TAKE_BACK, State.APPROVED, "ada"),
        (Act.CHANGE_PLAN, State.APPROVED, "mara"),
        (Act.RESCHEDULE, State.APPROVED, "mara"),
        (Act.CANCEL, State.APPROVED, "tomas"),
        (Act.CALL_OFF, State.RUNNING, "jun"),
        (Act.ROLL_BACK, State.RUNNING, "jun"),
        (Act.FINISH_WORK, State.RUNNING, "jun"),
        (Act.REOPEN_RUN, State.CLOSING, "tomas"),
        (Act.RECORD_AFTERWARDS, State.DRAFT, "mara"),
        (Act.EMERGENCY_START, State.IN_REVIEW, "jun"),
        (Act.SIGN_OFF, State.CLOSING, "tomas"),
    ],
)
def test_a_second_click_is_the_first(act: Act, state: State, by: str, cast: Cast, template: OperationTemplate) -> None:
    operation = prepared(state, cast, template)
    person = getattr(cast, by)
    once, twice = make.fresh(operation), make.fresh(operation)
    voided, digest, plan = voids(operation), digest_of(operation), plan_digest(operation)
    times = NewTimes("2026-12-13", "02:00:00 UTC")
    DO[act](once, person)
    kept = (AuditEntry, Decision, Delivery, LogEntry)
    count = [model.objects.count() for model in kept]
    state = make.fresh(operation).state
    again: dict[Act, Callable[[], object]] = {
        Act.CHANGE_PLAN: lambda: actions.change_plan(twice, voids=voided, by=person, at=make.PLANNED),
        Act.RESCHEDULE: lambda: actions.reschedule(twice, times, digest=plan, by=person, at=make.PLANNED),
        Act.APPROVE: lambda: actions.approve(twice, digest=digest, password=PASSWORD, by=person, at=make.PLANNED),
        Act.REJECT: lambda: actions.reject(twice, digest=digest, reason="No", by=person, at=make.PLANNED),
    }
    again.get(act, lambda: DO[act](twice, person))()
    assert [model.objects.count() for model in kept] == count, "nobody is told twice"
    assert make.fresh(operation).state == state


@pytest.mark.parametrize(
    ("act", "state", "by"),
    [
        (Act.ASK_FOR_CHANGES, State.IN_REVIEW, "tomas"),
        (Act.REJECT, State.IN_REVIEW, "tomas"),
        (Act.TAKE_BACK, State.APPROVED, "ada"),
        (Act.RESCHEDULE, State.APPROVED, "mara"),
        (Act.CANCEL, State.APPROVED, "tomas"),
        (Act.CALL_OFF, State.RUNNING, "jun"),
        (Act.ROLL_BACK, State.RUNNING, "jun"),
        (Act.REOPEN_RUN, State.CLOSING, "tomas"),
    ],
)
def test_other_words_from_another_open_page_are_no_second_click(
    act: Act, state: State, by: str, cast: Cast, template: OperationTemplate
) -> None:
    """Whoever reads that they were taken in doesn't say them again."""
    operation = prepared(state, cast, template)
    person, other = getattr(cast, by), "Something else altogether"
    twice, digest, plan = make.fresh(operation), digest_of(operation), plan_digest(operation)
    DO[act](make.fresh(operation), person)
    told: dict[str, Any] = {"by": person, "at": make.NIGHT}
    again: dict[Act, Callable[[], object]] = {
        Act.ASK_FOR_CHANGES: lambda: actions.ask_for_changes(twice, digest=digest, reason=other, **told),
        Act.REJECT: lambda: actions.reject(twice, digest=digest, reason=other, **told),
        Act.TAKE_BACK: lambda: actions.take_back_approval(twice, reason=other, **told),
        Act.RESCHEDULE: lambda: actions.reschedule(twice, NewTimes("2026-12-20", "02:00:00 UTC"), digest=plan, **told),
        Act.CANCEL: lambda: actions.cancel(twice, reason=other, **told),
        Act.CALL_OFF: lambda: running.call_off(twice, reason=other, **told),
        Act.ROLL_BACK: lambda: running.roll_back(twice, trigger="error rate", sentence=other, **told),
        Act.REOPEN_RUN: lambda: running.reopen_run(twice, evidence=other, **told),
    }
    with pytest.raises(WrongOrder):
        again[act]()


ROWS = (Check, Metric, Phase, RecoveryValidation, RollbackTrigger, Step)


def twin_of(operation: Operation) -> Operation:
    """Another record with the same rows under the same keys, as records of one template have them."""
    twin = make.fresh(operation)
    twin.pk, twin.operation_id = None, "2026-12-06-the-twin"
    twin.save(force_insert=True)
    for section in operation.sections.all():
        rows = [row for model in ROWS for row in model._base_manager.filter(section=section)]
        section.pk, section.operation = None, twin
        section.save(force_insert=True)
        for row in rows:
            row.pk, row.section = None, section
            row.save(force_insert=True)
    return twin


def rows_of(operation: Operation) -> list[list[dict[str, object]]]:
    """All that is stored of a record."""
    own = (Section, Delivery, LogEntry, AuditEntry, FieldChange, Revision, FinalText, Addendum)
    found = [model._base_manager.filter(section__operation=operation) for model in ROWS]
    found += [model._base_manager.filter(operation=operation) for model in own]
    return [list(rows.order_by("pk").values()) for rows in (Operation.objects.filter(pk=operation.pk), *found)]


def test_who_is_named_in_one_record_is_named_in_no_other(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.DRAFT, cast, template)
    twin = twin_of(operation)
    before = rows_of(twin)
    people = {"operator": cast.olga, "supervisor": cast.sam, "deputies": [cast.noor], "co_authors": [cast.vera]}
    name_people(operation, by=cast.mara, team=[cast.leo], at=make.PLANNED, **people)  # type: ignore[arg-type]
    version = operation.sections.get(key="header").version
    picks = {"operator": Pick(cast.olga.pk, cast.ines.pk)}
    save_section(
        operation=operation, key="header", version=version, values={}, picks=picks, by=cast.mara, at=make.PLANNED
    )
    assert make.fresh(operation).operator == cast.ines
    assert rows_of(twin) == before


NAMED = {"mara", "carl", "jun", "ines", "noor", "tomas"}
TOLD: list[tuple[Act, State, str, str, set[str]]] = [
    (Act.SUBMIT, State.DRAFT, "mara", "review_asked", {"tomas", "ada"}),
    (Act.WITHDRAW, State.IN_REVIEW, "mara", "withdrawn", {"tomas", "ada"}),
    (Act.ASK_FOR_CHANGES, State.IN_REVIEW, "tomas", "changes_asked", NAMED),
    (Act.REJECT, State.IN_REVIEW, "ada", "rejected", NAMED),
    (Act.APPROVE, State.IN_REVIEW, "ada", "signed", NAMED),
    (Act.TAKE_BACK, State.APPROVED, "ada", "taken_back", NAMED),
    (Act.CHANGE_PLAN, State.APPROVED, "carl", "plan_opened", NAMED | {"ada"}),
    (Act.RESCHEDULE, State.APPROVED, "carl", "rescheduled", {"tomas", "ada"}),
    (Act.CANCEL, State.APPROVED, "tomas", "cancelled", NAMED | {"ada"}),
    (Act.START, State.APPROVED, "ines", "started", NAMED | {"ada"}),
    (Act.CALL_OFF, State.RUNNING, "tomas", "called_off", NAMED | {"ada"}),
    (Act.ROLL_BACK, State.RUNNING, "tomas", "rollback", NAMED | {"ada"}),
    (Act.FINISH_WORK, State.RUNNING, "jun", "work_finished", NAMED | {"ada"}),
    (Act.REOPEN_RUN, State.CLOSING, "tomas", "reopened", NAMED | {"ada"}),
    (Act.SIGN_OFF, State.CLOSING, "sam", "finalized", NAMED | {"ada"}),
    (Act.AMEND, State.FINALIZED, "carl", "addendum_written", {"tomas", "sam"}),
]
LOGGED = {Act.START, Act.CALL_OFF, Act.ROLL_BACK, Act.FINISH_WORK, Act.REOPEN_RUN}


@pytest.mark.parametrize(("act", "state", "by", "event", "whom"), TOLD, ids=[told[0] for told in TOLD])
def test_each_act_tells_whom_it_concerns_and_the_run_logs_its_own(
    act: Act, state: State, by: str, event: str, whom: set[str], cast: Cast, template: OperationTemplate
) -> None:
    operation = prepared(state, cast, template)
    twin = twin_of(operation)
    Delivery.objects.all().delete()
    LogEntry.objects.all().delete()
    before = rows_of(twin)
    DO[act](make.fresh(operation), getattr(cast, by))
    assert rows_of(twin) == before, "another record is left alone"
    told = Delivery.objects.filter(channel="mail").values_list("event", "person__username")
    assert sorted(told) == sorted((event, name) for name in whom - {by})
    # What was left out is noted beside the end of the work.
    logged = LogEntry.objects.exclude(kind="note").values_list("kind", "person__username")
    assert list(logged) == ([(act, by)] if act in LOGGED else [])


def test_the_same_click_by_somebody_else_comes_too_late(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    actions.withdraw(operation, by=cast.mara, at=make.PLANNED)
    with pytest.raises(WrongOrder, match="“draft”"):
        actions.withdraw(operation, by=cast.carl, at=make.PLANNED)

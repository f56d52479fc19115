"""What a start needs: its window, or a supervisor's word; the approved plan; what was to be confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.http import Http404

from approvals import actions
from approvals.rescheduling import NewTimes
from records.audit import facts_in
from records.models import (
    AuditEntry,
    Check,
    Metric,
    Operation,
    OperationTemplate,
    Outcome,
    Phase,
    State,
    Step,
    StepStatus,
)
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import running
from records.run.start_asked import ask_for_start
from records.run.starting import (
    ALLOWED_FOR,
    allow_start,
    conditions_of,
    confirmed,
    is_too_late,
    late_or_early,
    remaining_minutes,
    tick_condition,
)
from records.writing.saving import save_section
from tests import make
from tests.people import Cast
from tests.records.run.keys import MINUTE, NIGHT, procedure_of, step_of

USERS = "operation-summary/business-impact/user-experience"
TEAM_LINE = "header/devops-team"


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.APPROVED, cast, template)


def other_answers(operation: Operation) -> dict[str, str]:
    return {**operation.sections.get(key="operation-summary").answers, USERS: "x"}


def write(operation: Operation, by: object, key: str, text: str) -> None:
    section = operation.sections.get(key=key.split("/")[0])
    save_section(operation=operation, key=section.key, version=section.version, values={key: text}, by=by, at=NIGHT)  # type: ignore[arg-type]


def approved_with(cast: Cast, draft: Operation, section: str, values: dict[str, str]) -> Operation:
    """``draft`` with ``values`` in a section of the plan, approved."""
    version = draft.sections.get(key=section).version
    save_section(operation=draft, key=section, version=version, values=values, by=cast.mara, at=make.PLANNED)
    return make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada")


# ---------------------------------------------------------------- start


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (NIGHT - 16 * MINUTE, "too early: the operation can start from 6 Dec 01:45 UTC"),
        (NIGHT - 15 * MINUTE, ""),
        (NIGHT, ""),
        (NIGHT + 110 * MINUTE, ""),
        (NIGHT + 111 * MINUTE, "too late: the window ends 6 Dec 05:30 UTC, and steps and way back take 100 minutes"),
        (NIGHT + dt.timedelta(days=1), "too late"),
    ],
)
def test_the_window_allows_a_start(at: dt.datetime, allowed: str, cast: Cast, approved: Operation) -> None:
    steps = Step.objects.filter(section__operation=approved)
    steps.filter(key__in=[step_of(approved)]).update(estimate="1 h")
    steps.filter(key__in=[procedure_of(approved)]).update(estimate="40 min")
    assert remaining_minutes(approved) == 100
    right = late_or_early(approved, at)
    assert allowed in right.reason
    assert bool(right) is not bool(allowed)
    assert is_too_late(approved, at) is ("too late" in allowed)


def test_what_is_done_takes_no_more_time_and_the_way_back_always_does(approved: Operation) -> None:
    steps = Step.objects.filter(section__operation=approved)
    steps.update(estimate="7 min", status=StepStatus.DONE)
    back = steps.filter(phase__isnull=True).count()
    assert back and remaining_minutes(approved) == 7 * back
    steps.filter(key=step_of(approved)).update(status=StepStatus.STARTED)
    assert remaining_minutes(approved) == 7 * (back + 1)
    steps.update(loose=True)
    assert remaining_minutes(approved) == 0, "what was taken out of the plan takes none"


def test_too_early_is_a_matter_of_order_and_a_supervisor_can_allow_it(cast: Cast, approved: Operation) -> None:
    day_before = NIGHT - dt.timedelta(hours=8)
    with pytest.raises(WrongOrder, match="too early"):
        running.start(approved, by=cast.jun, at=day_before)
    for nobody in (cast.jun, cast.mara, cast.sam, cast.leo):
        with pytest.raises(Refused, match="Only the supervisor can allow"):
            allow_start(approved, reason="Please", by=nobody, at=day_before)
    allow_start(approved, reason="The shop is closed anyway", by=cast.tomas, at=day_before)
    running.start(approved, by=cast.jun, at=day_before)
    assert make.fresh(approved).state == State.RUNNING


@pytest.mark.parametrize(
    ("day", "time", "told"),
    [
        ("2026-12-06", "02:00:00 CET", "2026-12-06, 02:00:00 CET"),
        ("2026-12-06", "about 02:00 UTC", "2026-12-06, about 02:00 UTC"),
        ("6 December, a Sunday", "02:00:00 UTC", "6 December, a Sunday, 02:00:00 UTC"),
        ("2026-12-06", "02:00:00 UTC+25", "2026-12-06, 02:00:00 UTC+25"),
        ("2026-12-06", "To confirm by 2026-12-01: the customer", "2026-12-06, To confirm by 2026-12-01: the customer"),
    ],
)
def test_where_no_window_can_be_read_every_start_is_a_supervisor_s_act(
    day: str, time: str, told: str, cast: Cast, template: OperationTemplate
) -> None:
    approved = approved_with(cast, make.make_draft(cast, template), "header", {"header/date": day, "header/time": time})
    assert approved.window_start is None
    for at in (make.PLANNED, NIGHT, NIGHT + dt.timedelta(days=200)):
        with pytest.raises(WrongOrder, match="The supervisor can allow the start nevertheless") as refused:
            make.start(cast, approved, at=at)
        assert f"No window can be read from “{told}”" in str(refused.value)
        assert str(refused.value) == late_or_early(approved, at).reason and not is_too_late(approved, at)
    ask_for_start(approved, reason="The customer said two", by=cast.jun, at=NIGHT)
    allow_start(approved, reason="So they did", by=cast.tomas, at=NIGHT)
    assert make.start(cast, approved, at=NIGHT).state == State.RUNNING


def test_a_template_that_asks_for_no_date_has_no_window_to_wait_for(approved: Operation) -> None:
    approved.template = OperationTemplate(text="# Change: [What]\n\n**Risk**: [Low/High]\n", toml="")
    approved.window_start = approved.window_end = None
    assert late_or_early(approved, NIGHT + dt.timedelta(days=200))
    approved.window_start = NIGHT
    assert late_or_early(approved, NIGHT + dt.timedelta(days=200)), "that its opener named a day sets no end"


def test_a_window_without_an_end_is_over_a_day_after_its_start(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    phases = Phase.objects.filter(section__operation=draft).values_list("key", flat=True)
    windows = {f"{key}.window": "as long as it takes" for key in phases}
    approved = approved_with(cast, draft, "infrastructure-operation-steps", windows)
    Step.objects.filter(section__operation=approved, key=step_of(approved)).update(estimate="1 h")
    assert (approved.window_start, approved.window_end) == (NIGHT, None)
    last = NIGHT + dt.timedelta(hours=23)
    assert late_or_early(approved, last) and not is_too_late(approved, last)
    for at in (last + MINUTE, NIGHT + dt.timedelta(days=200)):
        told = late_or_early(approved, at).reason
        assert told.startswith("It is too late: no end of the window could be read, so that is a day after its start")
        assert "7 Dec 02:00 UTC, and steps and way back take 60 minutes. The supervisor can allow" in told
        assert is_too_late(approved, at)


def test_a_supervisor_allows_the_start_of_the_plan_that_was_shown(cast: Cast, approved: Operation) -> None:
    """Planned anew for another night and approved meanwhile, it may not start in this one."""
    shown = approved.revisions.get().digest
    times = NewTimes("2026-12-20", "02:00:00 UTC", {}, None)
    actions.reschedule(approved, times, digest=shown, by=cast.mara, at=make.PLANNED)
    again = make.approve_by(cast, make.fresh(approved), "tomas", "ada")
    at = NIGHT - dt.timedelta(hours=8)
    with pytest.raises(Changed, match="Another revision"):
        allow_start(again, reason="Agreed", digest=shown, by=cast.tomas, at=at)
    assert make.fresh(again).start_allowed_until is None
    newest = again.revisions.order_by("-number")[0].digest
    allow_start(again, reason="Agreed", digest=newest, by=cast.tomas, at=at)
    running.start(again, by=cast.jun, at=at)


def test_what_ran_out_can_be_allowed_again(cast: Cast, approved: Operation) -> None:
    """The same press by the same person, with nothing in the trail between, is no second click half a day later."""
    evening = NIGHT - dt.timedelta(days=2)
    allow_start(approved, reason="Tonight", by=cast.tomas, at=evening)
    later = evening + ALLOWED_FOR + dt.timedelta(hours=1)
    allow_start(approved, reason="Or this morning", by=cast.tomas, at=later)
    make.start(cast, approved, at=later)


def test_a_name_in_the_line_of_the_supervisor_allows_no_start(cast: Cast, approved: Operation) -> None:
    """Olga supervises nobody, Ines may run it; the line says whom its author likes."""
    for named in (cast.olga, cast.ines):
        Operation.objects.filter(pk=approved.pk).update(supervisor=named)
        with pytest.raises(Refused, match="Only the supervisor can allow"):
            allow_start(make.fresh(approved), reason="Please", by=named, at=NIGHT - dt.timedelta(hours=8))


def test_what_a_supervisor_allowed_runs_out(cast: Cast, approved: Operation) -> None:
    days_before = NIGHT - dt.timedelta(days=3)
    allow_start(approved, reason="Tonight then", by=cast.tomas, at=days_before)
    with pytest.raises(WrongOrder, match="too early"):
        running.start(approved, by=cast.jun, at=days_before + dt.timedelta(hours=13))


def test_start_conditions_are_ticked_with_evidence_first(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, USERS, "To confirm by 2026-11-30: the shop team counts baskets")
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    with pytest.raises(Incomplete, match="User Experience"):
        running.start(operation, by=cast.jun, at=NIGHT)
    with pytest.raises(Incomplete, match="what shows that it holds"):
        tick_condition(operation, key=USERS, evidence=" ", by=cast.noor, at=NIGHT)
    with pytest.raises(Refused):
        tick_condition(operation, key=USERS, evidence="Seen", by=cast.olga, at=NIGHT)
    with pytest.raises(Http404):
        tick_condition(operation, key="nothing", evidence="Seen", by=cast.noor, at=NIGHT)
    tick_condition(operation, key=USERS, evidence="OPS-5151: 14 baskets", by=cast.noor, at=NIGHT)
    tick_condition(operation, key=USERS, evidence="OPS-5151: 14 baskets", by=cast.noor, at=NIGHT)
    with pytest.raises(WrongOrder, match="has ticked this already"):
        tick_condition(operation, key=USERS, evidence="Again", by=cast.noor, at=NIGHT)
    with pytest.raises(WrongOrder, match="Noor Haddad has ticked this"):
        tick_condition(operation, key=USERS, evidence="Me too", by=cast.tomas, at=NIGHT)
    with pytest.raises(Changed, match="Another revision"):
        tick_condition(operation, key=USERS, evidence="Seen", digest="0" * 64, by=cast.noor, at=NIGHT)
    ticked = conditions_of(make.fresh(operation))
    assert [(one.evidence, one.ticked_by, one.ticked_by_name) for one in ticked] == [
        ("OPS-5151: 14 baskets", cast.noor.pk, "Noor Haddad")
    ]
    entry = AuditEntry.objects.get(operation=operation, act="tick_condition")
    assert (entry.person, facts_in(entry)) == (cast.noor, {"key": USERS, "evidence": "OPS-5151: 14 baskets"})
    assert [one.key for one in confirmed(make.fresh(operation))] == [USERS]
    Operation.objects.filter(pk=operation.pk).update(state=State.CHANGES_REQUESTED)
    assert confirmed(make.fresh(operation)) == [], "a plan that is written anew asks for it again"
    Operation.objects.filter(pk=operation.pk).update(state=State.APPROVED)
    running.start(operation, by=cast.jun, at=NIGHT)
    assert make.fresh(operation).state == State.RUNNING


@pytest.mark.parametrize("text", ["# {}", "{}", "# {}\nssh root@pg-2", "{}\nssh root@pg-2"])
def test_commands_that_wait_for_something_are_a_start_condition(
    text: str, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    step = Step.objects.get(section__operation=draft, key=step_of(draft))
    key = next(part["key"] for part in step.parts if part["type"] == "commands")
    write(draft, cast.mara, key, text.format("To confirm by 2026-11-30: which host it is"))
    sent = make.submit(cast, draft)
    assert [(one.key, one.by) for one in conditions_of(sent)] == [(key, "2026-11-30")]


def test_another_revision_than_was_shown_is_not_started(cast: Cast, approved: Operation) -> None:
    with pytest.raises(Changed):
        running.start(approved, by=cast.jun, digest="0" * 64, at=NIGHT)
    assert make.fresh(approved).state == State.APPROVED
    running.start(approved, by=cast.jun, digest=approved.revisions.get().digest, at=NIGHT)


@pytest.mark.parametrize("signed", [None, "", "tomas"])
def test_a_state_that_no_approvals_stand_behind_starts_nothing(
    signed: str | None, cast: Cast, template: OperationTemplate
) -> None:
    """As an administrator's script might set it: for a draft, and for a plan that nobody, or too few, approved."""
    operation = make.make_draft(cast, template)
    if signed is not None:
        operation = make.approve_by(cast, make.submit(cast, operation), *signed.split())
    operation.state = State.APPROVED
    operation.save()
    with pytest.raises((Changed, WrongOrder), match=r"no longer complete|Nothing was sent"):
        running.start(operation, by=cast.jun, at=NIGHT)
    assert make.fresh(operation).started_at is None


def test_open_parts_are_due_before_the_start(cast: Cast, approved: Operation) -> None:
    write(approved, cast.noor, TEAM_LINE, "")
    with pytest.raises(Incomplete, match="DevOps Team"):
        running.start(approved, by=cast.jun, at=NIGHT)
    write(approved, cast.noor, TEAM_LINE, "To confirm by 2026-12-05: who is on call")
    with pytest.raises(Incomplete, match="DevOps Team"):
        running.start(approved, by=cast.jun, at=NIGHT)
    write(approved, cast.noor, TEAM_LINE, "Jun Park and Noor Haddad")
    closes = "infrastructure-impact-assessment/service-changes/configuration"
    write(approved, cast.mara, closes, "To confirm by 2026-12-08: what the team finds")
    running.start(approved, by=cast.jun, at=NIGHT)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda o: Step.objects.filter(section__operation=o).update(title="rm"),
        lambda o: Step.objects.filter(section__operation=o).update(host="db-1"),
        lambda o: Metric.objects.filter(section__operation=o).update(limit="99"),
        lambda o: o.deputies.clear(),
        lambda o: o.sections.filter(key="operation-summary").update(answers=other_answers(o)),
    ],
    ids=["step", "annex: host", "annex: limit", "annex: deputies", "answer"],
)
def test_a_plan_that_is_not_the_approved_one_does_not_start(
    tamper: Callable[[Operation], object], cast: Cast, approved: Operation
) -> None:
    tamper(approved)
    with pytest.raises(Changed, match="no longer what was approved as revision 1"):
        running.start(approved, by=cast.jun, at=NIGHT)
    assert make.fresh(approved).state == State.APPROVED


def test_the_start_is_noted_and_ticks_of_nobody_are_gone(cast: Cast, approved: Operation) -> None:
    """The record was imported with its boxes ticked; nobody's name stands on those ticks."""
    assert Check.objects.filter(section__operation=approved, ticked=True).count() == 5
    running.start(approved, by=cast.ines, at=NIGHT)
    operation = make.fresh(approved)
    assert (operation.state, operation.started_at, operation.outcome) == (State.RUNNING, NIGHT, Outcome.IN_PROGRESS)
    assert not Check.objects.filter(section__operation=approved, ticked=True).exists()
    assert [(one.kind, one.person) for one in operation.log.all()] == [("start", cast.ines)]

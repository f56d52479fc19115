"""What an administrator's script might do with rows, meaning well or not: nothing of it makes up for an approval."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError

from approvals import actions
from approvals.decisions import decide
from approvals.eligibility import candidate_of
from approvals.trail import first_untrue, first_untrue_of
from approvals.waiting import to_decide
from records import triggers
from records.audit import verify
from records.decided import DecisionKind
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, Role, RoleHolding, State
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import running, starting, stopping
from tests import make
from tests.approvals.acts import USERS, write
from tests.people import PASSWORD, SINCE, Cast

AT = make.PLANNED
OPEN = ("Ops bridge", "infrastructure-communication/technical-team-coordination/operations-team")


def approve(operation: Operation, by: Person) -> None:
    digest = operation.revisions.order_by("-number")[0].digest
    actions.approve(operation, digest=digest, password=PASSWORD, by=by, at=AT)


def test_decisions_that_no_act_made_start_nothing(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    approve(operation, cast.tomas)
    decide(
        DecisionKind.APPROVE,
        operation.revisions.get(),
        candidate_of(cast.ada, AT.date()),
        Role.INFRASTRUCTURE_APPROVER,
        at=AT,
    )
    Operation.objects.filter(pk=operation.pk).update(state=State.APPROVED)
    with pytest.raises(Changed, match="no longer complete"):
        make.start(cast, make.fresh(operation))
    assert "no entry tells of it" in str(first_untrue())


def test_the_rule_is_that_of_the_level_which_the_text_says(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    counts = dict(draft.sections.values_list("key", "progress"))
    Operation.objects.filter(pk=draft.pk).update(risk_level="Low", risk_rank=1)
    write(make.fresh(draft), cast.mara, "The shop is slow", USERS)
    assert dict(draft.sections.values_list("key", "progress")) != counts
    submitted = make.submit(cast, make.fresh(draft))
    assert dict(draft.sections.values_list("key", "progress")) == counts
    assert (submitted.risk_level, submitted.risk_rank) == ("High", 3)
    approve(submitted, cast.tomas)
    assert make.fresh(submitted).state == State.IN_REVIEW


def test_what_was_to_be_confirmed_before_the_start_is_asked_for(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "To confirm by 2026-11-30: the shop team counts baskets", USERS)
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    Operation.objects.filter(pk=approved.pk).update(start_conditions=[])
    with pytest.raises(Incomplete, match="User Experience"):
        running.start(approved, by=cast.jun, at=make.NIGHT)


def test_a_condition_that_only_a_script_ticked_is_not_confirmed(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "To confirm by 2026-11-30: the shop team counts baskets", USERS)
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    told = approved.start_conditions[0] | {"evidence": "Counted", "ticked_by": cast.jun.pk, "ticked_at": str(AT)}
    Operation.objects.filter(pk=approved.pk).update(start_conditions=[told])
    with pytest.raises(Incomplete, match="User Experience"):
        running.start(approved, by=cast.jun, at=make.NIGHT)
    Operation.objects.filter(pk=approved.pk).update(start_conditions=approved.start_conditions)
    starting.tick_condition(approved, key=USERS, evidence="Counted", by=cast.jun, at=AT)
    running.start(approved, by=cast.jun, at=make.NIGHT)
    assert make.fresh(approved).state == State.RUNNING


@pytest.mark.parametrize(
    "columns",
    [
        {"window_start": None, "window_end": None},
        {"window_start": AT, "window_end": AT + dt.timedelta(days=30)},
        {"start_allowed_until": AT + dt.timedelta(days=30)},
    ],
)
def test_the_window_is_the_one_that_was_approved_whatever_columns_say(
    columns: dict[str, dt.datetime | None], cast: Cast, template: OperationTemplate
) -> None:
    approved = make.make_in(State.APPROVED, cast, template)
    Operation.objects.filter(pk=approved.pk).update(**columns)
    for at, words in ((AT, "too early"), (make.NIGHT + dt.timedelta(days=1), "too late: the window ends 6 Dec 05:30")):
        with pytest.raises(WrongOrder, match=words):
            running.start(make.fresh(approved), by=cast.jun, at=at)
    running.start(make.fresh(approved), by=cast.jun, at=make.NIGHT)


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_whoever_opened_it_approves_it_under_no_author(state: State, cast: Cast, template: OperationTemplate) -> None:
    """Mara brought all of it in; her records are handed to Olga, as when somebody moves to another team."""
    operation = make.make_in(state, cast, template)
    RoleHolding.objects.create(person=cast.mara, role=Role.INFRASTRUCTURE_APPROVER, since=SINCE)
    Operation.objects.filter(author=cast.mara).update(author=cast.olga)
    if state == State.DRAFT:
        actions.submit(make.fresh(operation), carried_hold=True, by=cast.olga, at=AT)
    with pytest.raises(Refused, match="you began this record"):
        approve(make.fresh(operation), cast.mara)
    asked = [to_decide(Person.objects.get(pk=one.pk), at=AT) for one in (cast.mara, cast.tomas, cast.ada)]
    assert [len(one) for one in asked] == [0, 1, 1]


def test_a_window_that_only_a_script_confirmed_is_not_gone_on_in(cast: Cast, template: OperationTemplate) -> None:
    run = make.end_phase(make.make_in(State.RUNNING, cast, template))
    stopped = make.stop(run, by=cast.jun)
    stop = stopped.stops[-1]
    stop["confirmed"] = [{"person": one.pk, "name": str(one), "at": stop["at"]} for one in (cast.tomas, cast.ada)]
    Operation.objects.filter(pk=stopped.pk).update(stops=[stop])
    start = dt.datetime.fromisoformat(stop["start"])
    with pytest.raises(WrongOrder, match="not confirmed yet by everybody who approved"):
        stopping.go_on(stopped, by=cast.jun, at=start)
    stop["confirmed"] = []
    Operation.objects.filter(pk=stopped.pk).update(stops=[stop])
    make.confirm_window(stopped, cast.tomas, cast.ada)
    assert stopping.go_on(stopped, by=cast.jun, at=start).went_on


def test_nobody_is_made_to_have_written_nothing(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.carl, "The shop is slow")
    changes = FieldChange.objects.filter(operation=draft, person=cast.carl)
    with pytest.raises(IntegrityError, match="is kept as it was written"):
        changes.update(person=cast.olga)


def test_whoever_wrote_is_told_by_the_trail_whatever_becomes_of_the_rows(
    cast: Cast, template: OperationTemplate
) -> None:
    """Somebody with all rights on the database; two saves are told once, and nothing of the author or of open parts."""
    draft = make.make_draft(cast, template)
    draft.co_authors.set([cast.carl, cast.olga])
    for by, text, key in ((cast.carl, "The shop is slow", USERS), (cast.carl, "Slower", USERS), (cast.olga, *OPEN)):
        write(make.fresh(draft), by, text, key)
    told = AuditEntry.objects.filter(operation=draft, act="write_plan").values_list("person_name", flat=True)
    assert list(told) == ["Carl Nyberg"]
    draft.co_authors.clear()
    triggers.remove()
    FieldChange.objects.filter(person=cast.carl).delete()
    submitted = make.submit(cast, make.fresh(draft))
    assert to_decide(Person.objects.get(pk=cast.carl.pk), at=AT) == []
    with pytest.raises(Refused, match="you wrote part of this plan"):
        approve(submitted, cast.carl)


def test_a_template_is_not_made_to_ask_for_less(cast: Cast, template: OperationTemplate) -> None:
    template.toml = template.toml.replace("infrastructure_approver", "devops_supervisor")
    with pytest.raises(IntegrityError, match="is kept as it was written"):
        template.save()


def test_a_plan_is_not_started_signed_or_proved_along_a_template_that_calls_less_of_it_plan(
    cast: Cast, template: OperationTemplate
) -> None:
    """What one version asks for in the plan, another asks for after the run: there it would be written as one likes."""
    approved = make.make_in(State.APPROVED, cast, template)
    milder = template.toml.replace(f'"{USERS}" = "plan"', f'"{USERS}" = "close"')
    other = OperationTemplate.objects.create(name=template.name, version="1.0.1", text=template.text, toml=milder)
    assert other.outline.part_of(USERS) == "close"

    def on(one: OperationTemplate) -> Operation:
        Operation.objects.filter(pk=approved.pk).update(template=one)
        return make.fresh(approved)

    write(on(other), cast.mara, "Orders are lost for an hour")
    fault = verify()
    assert fault and f"record {approved.pk} is on another template now" in fault.reason
    assert first_untrue_of(make.fresh(approved)) == fault
    with pytest.raises(Changed, match="no longer on the template that revision 1 was written along"):
        running.start(on(other), by=cast.jun, at=make.NIGHT)
    with pytest.raises(Changed, match="no longer what was approved"):
        running.start(on(template), by=cast.jun, at=make.NIGHT)

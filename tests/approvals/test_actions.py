"""The act of approving: what it does, what it refuses, and that no way around it leads to an approval (I2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from approvals import actions
from approvals.models import ApprovalRule, Decision
from approvals.signing import NotSigned
from approvals.standing import standing
from approvals.waiting import to_decide
from records import triggers
from records.models import (
    AuditEntry,
    Operation,
    OperationTemplate,
    Person,
    RoleHolding,
    State,
)
from records.refusals import Changed, Refused, WrongOrder
from records.writing.opening import Opening, open_record
from records.writing.people import name_people
from tests import make
from tests.approvals.acts import AT, approvals, approve, digest, write
from tests.people import SINCE, Cast

TEAM_LINE = "header/devops-team"


def test_two_roles_approve_and_the_last_one_makes_it_approved(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    first = standing(make.fresh(in_review))
    assert first.words == "1 of 2 signed, waiting for an infrastructure approver"
    assert make.fresh(in_review).state == State.IN_REVIEW
    approve(in_review, cast.ada)
    assert make.fresh(in_review).state == State.APPROVED
    now = standing(make.fresh(in_review))
    assert [(role, one.person_name, one.role) for role, one in now.counted] == [
        ("devops_supervisor", "Tomas Okafor", "devops_supervisor"),
        ("infrastructure_approver", "Ada Brandt", "infrastructure_approver"),
    ]
    assert (now.words, now.is_complete) == ("2 of 2 signed", True)


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "ines", "leo", "root", "sam", "olga", "vera"])
def test_case_1_who_may_not_approve_is_refused_with_the_reason_and_audited(
    name: str, cast: Cast, in_review: Operation
) -> None:
    person = getattr(cast, name)
    with pytest.raises(Refused, match="You can't approve: ") as raised:
        approve(in_review, person)
    assert Decision.objects.count() == 0
    assert make.fresh(in_review).state == State.IN_REVIEW
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.person, entry.operation) == ("approve_refused", person, in_review)
    assert str(raised.value) in entry.entry


def test_case_1_roles_given_to_the_author_do_not_help(cast: Cast, in_review: Operation) -> None:
    for role in ("devops_supervisor", "infrastructure_approver", "administrator"):
        RoleHolding.objects.create(person=cast.mara, role=role, since=SINCE)
    Person.objects.filter(pk=cast.mara.pk).update(is_superuser=True, is_staff=True)
    with pytest.raises(Refused, match="you wrote this plan"):
        approve(in_review, cast.mara)


@pytest.mark.parametrize("part", ["a line", "the people named"])
def test_case_1_who_wrote_a_part_and_was_taken_off_the_list_still_can_t(
    part: str, cast: Cast, template: OperationTemplate
) -> None:
    """Carl, infrastructure approver, wrote as co-author; he isn't one any more, but his save changed the plan."""
    draft = make.make_draft(cast, template)
    people = {"operator": cast.jun, "supervisor": cast.tomas, "deputies": [cast.olga]}
    if part == "a line":
        write(draft, cast.carl, "None at all")
    else:
        name_people(draft, by=cast.carl, co_authors=[cast.carl], team=[cast.noor], at=AT, **people)
    name_people(make.fresh(draft), by=cast.mara, at=AT, **people)
    operation = make.submit(cast, draft)
    with pytest.raises(Refused, match="you wrote part of this plan"):
        approve(operation, cast.carl)
    assert [len(to_decide(person, at=AT)) for person in (cast.carl, cast.ada)] == [0, 1]


def test_writing_an_open_part_costs_nobody_the_right_to_approve(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, team=[cast.ada], at=AT)
    write(draft, cast.ada, "Mara, Jun, and Ada as guest", TEAM_LINE)
    operation = make.submit(cast, draft)
    approve(operation, cast.ada)
    assert approvals(operation) == [("ada", 1)]


def test_case_2_a_second_click_counts_once(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    approve(make.fresh(in_review), cast.tomas)
    assert approvals(in_review) == [("tomas", 1)]
    assert make.fresh(in_review).state == State.IN_REVIEW


def test_case_2_a_renamed_person_with_a_second_role_counts_once(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    Person.objects.filter(pk=cast.tomas.pk).update(name="Ada Brandt", username="ada2")
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    approve(in_review, Person.objects.get(pk=cast.tomas.pk))
    assert approvals(in_review) == [("ada2", 1)]
    assert make.fresh(in_review).state == State.IN_REVIEW


def test_case_2_the_database_refuses_a_second_approval(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    row = Decision.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_somebody_else_of_the_same_role_adds_nothing(cast: Cast, in_review: Operation) -> None:
    RoleHolding.objects.create(person=cast.sam, role="devops_supervisor", since=SINCE)
    approve(in_review, cast.tomas)
    with pytest.raises(Refused, match=r"only this is still needed: infrastructure approver\."):
        approve(in_review, cast.sam)


def test_who_holds_both_roles_makes_room(cast: Cast, in_review: Operation) -> None:
    """Tomas stood for the first role; a second DevOps supervisor moves him to the other, which he holds as well."""
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    RoleHolding.objects.create(person=cast.sam, role="devops_supervisor", since=SINCE)
    approve(in_review, cast.tomas)
    approve(in_review, cast.sam)
    operation = make.fresh(in_review)
    assert operation.state == State.APPROVED
    assert [(role, one.person.username) for role, one in standing(operation).counted] == [
        ("devops_supervisor", "sam"),
        ("infrastructure_approver", "tomas"),
    ]


def test_case_3_approvals_of_an_earlier_revision_are_void(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    actions.withdraw(in_review, by=cast.mara, at=AT)
    assert [one.person_name for one in standing(make.fresh(in_review)).void] == ["Tomas Okafor"]
    write(in_review, cast.mara, "Twice as long")
    operation = make.submit(cast, make.fresh(in_review))
    approve(operation, cast.ada)
    now = standing(make.fresh(operation))
    assert (make.fresh(operation).state, now.waiting_for) == (State.IN_REVIEW, ("devops_supervisor",))
    assert [(one.person_name, one.revision.number) for one in now.void if one.revision] == [("Tomas Okafor", 1)]


def test_case_3_even_the_same_plan_submitted_again_is_another_revision(cast: Cast, in_review: Operation) -> None:
    seen = digest(in_review)
    actions.withdraw(in_review, by=cast.mara, at=AT)
    operation = make.submit(cast, make.fresh(in_review))
    assert digest(operation) != seen


def test_case_4_what_was_seen_is_not_what_is_in_review(cast: Cast, in_review: Operation) -> None:
    seen = digest(in_review)
    actions.withdraw(in_review, by=cast.mara, at=AT)
    write(in_review, cast.mara, "Twice as long")
    operation = make.submit(cast, make.fresh(in_review))
    with pytest.raises(Changed, match="revision 2 is in review now") as raised:
        approve(operation, cast.tomas, seen)
    assert raised.value.current == operation.revisions.get(number=2)
    assert approvals(operation) == []
    for act in (actions.ask_for_changes, actions.reject):
        with pytest.raises(Changed):
            act(operation, digest=seen, reason="As it was", by=cast.tomas, at=AT)
    assert make.fresh(operation).state == State.IN_REVIEW


def test_bytes_that_no_longer_fit_their_digest_are_not_approved(cast: Cast, in_review: Operation) -> None:
    triggers.remove()
    in_review.revisions.update(annex=b"{}")
    with pytest.raises(Changed, match="no longer fit its digest"):
        approve(in_review, cast.tomas)
    assert approvals(in_review) == []


def test_case_4_a_withdrawn_plan_can_t_be_approved(cast: Cast, in_review: Operation) -> None:
    actions.withdraw(in_review, by=cast.mara, at=AT)
    with pytest.raises(WrongOrder, match="“draft”"):
        approve(in_review, cast.tomas)


def test_case_5_the_copied_rule_holds(cast: Cast, in_review: Operation) -> None:
    rule = ApprovalRule.objects.create(template=in_review.template, risk_level="High", roles=["devops_supervisor"])
    approve(in_review, cast.tomas)
    assert make.fresh(in_review).state == State.IN_REVIEW
    ApprovalRule.objects.filter(pk=rule.pk).update(roles=["devops_supervisor", "devops_supervisor"])
    approve(in_review, cast.ada)
    assert make.fresh(in_review).state == State.APPROVED


def test_an_administrator_s_rule_goes_before_the_template_s(cast: Cast, template: OperationTemplate) -> None:
    ApprovalRule.objects.create(template=template, risk_level="High", roles=["infrastructure_approver"])
    operation = make.make_in(State.IN_REVIEW, cast, template)
    approve(operation, cast.ada)
    assert make.fresh(operation).state == State.APPROVED


def test_the_rule_of_another_template_is_another_rule(cast: Cast, template: OperationTemplate) -> None:
    other = OperationTemplate.objects.create(name="Another", version="1", text=template.text, toml=template.toml)
    ApprovalRule.objects.create(template=other, risk_level="High", roles=["infrastructure_approver"])
    operation = make.make_in(State.IN_REVIEW, cast, template)
    assert standing(operation).waiting_for == ("devops_supervisor", "infrastructure_approver")


def test_who_wrote_another_record_approves_this_one(
    cast: Cast, template: OperationTemplate, in_review: Operation
) -> None:
    other = open_record(Opening("Of Tomas", "2026-12-20", "02:00:00 UTC"), author=cast.tomas, template=template, at=AT)
    write(other, cast.tomas, "The shop is slow")
    approve(in_review, cast.tomas)
    assert Decision.objects.get().person == cast.tomas


def test_a_rule_that_asks_for_nobody_is_no_rule(cast: Cast, template: OperationTemplate) -> None:
    ApprovalRule.objects.create(template=template, risk_level="High", roles=[])
    operation = make.make_in(State.IN_REVIEW, cast, template)
    assert standing(operation).waiting_for == ("devops_supervisor", "infrastructure_approver")


@pytest.mark.parametrize("level", ["Low", "Medium"])
def test_a_smaller_change_asks_for_the_named_supervisor(level: str, cast: Cast, template: OperationTemplate) -> None:
    operation = make.submit(cast, make.make_draft(cast, template, level=level))
    for other in (cast.sam, cast.ada):
        with pytest.raises(Refused):
            approve(operation, other)
    approve(operation, cast.tomas)
    assert make.fresh(operation).state == State.APPROVED


def test_where_nobody_said_what_it_risks_the_strictest_rule_holds(cast: Cast) -> None:
    draft = make.import_text(author=cast.mara, text="# Notes\n\nRestart it.\n", template=None, at=AT)
    draft = name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=AT)
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas")
    assert (operation.state, standing(operation).waiting_for) == (State.IN_REVIEW, ("infrastructure_approver",))
    assert make.approve_by(cast, operation, "ada").state == State.APPROVED


def test_case_6_a_role_that_was_lost_or_an_account_disabled_meanwhile(cast: Cast, in_review: Operation) -> None:
    """The person in hand was loaded while all was well; the act asks the database."""
    assert cast.tomas.roles_on(AT.date())
    RoleHolding.objects.filter(person=cast.tomas).update(until=dt.date(2026, 11, 25))
    with pytest.raises(Refused, match="which you don't hold"):
        approve(in_review, cast.tomas)
    Person.objects.filter(pk=cast.ada.pk).update(is_active=False)
    with pytest.raises(NotSigned, match="disabled"):
        approve(in_review, cast.ada)


def test_an_approval_outlives_the_role(cast: Cast, in_review: Operation) -> None:
    approve(in_review, cast.tomas)
    RoleHolding.objects.filter(person=cast.tomas).delete()
    Person.objects.filter(pk=cast.tomas.pk).update(is_active=False, name="Somebody who left")
    approve(in_review, cast.ada)
    operation = make.fresh(in_review)
    assert operation.state == State.APPROVED
    assert standing(operation).counted[0][1].person_name == "Tomas Okafor"


def test_case_43_who_asked_for_changes_may_approve_later(cast: Cast, in_review: Operation) -> None:
    actions.ask_for_changes(in_review, digest=digest(in_review), reason="Say how long", by=cast.tomas, at=AT)
    operation = make.submit(cast, make.fresh(in_review))
    make.approve_by(cast, operation, "tomas", "ada")
    kinds = Decision.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["ask_for_changes", "approve", "approve"]


def test_approving_costs_at_most_twenty_queries(
    cast: Cast, in_review: Operation, django_assert_max_num_queries: Callable[..., object]
) -> None:
    approve(in_review, cast.tomas)
    seen, operation = digest(in_review), make.fresh(in_review)
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        approve(operation, cast.ada, seen)

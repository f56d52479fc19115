"""Sending a plan for review: what is frozen, what is missing, who could approve it, and its ID."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.eligibility import eligible_for
from records.models import (
    Delivery,
    Operation,
    OperationTemplate,
    Person,
    Revision,
    RoleHolding,
    State,
)
from records.refusals import Incomplete, Refused
from tests import make
from tests.approvals.acts import AT, USERS, write
from tests.people import SINCE, Cast


def test_submitting_freezes_a_revision_and_asks_those_who_can_approve(cast: Cast, in_review: Operation) -> None:
    revision = in_review.revisions.get()
    assert (revision.number, revision.submitted_by, in_review.submitted_at) == (1, cast.mara, AT)
    asked = Delivery.objects.filter(event="review_asked").values_list("person__username", flat=True)
    assert set(asked) == {"tomas", "ada"}


def test_what_is_missing_is_listed_and_nothing_is_frozen(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "")
    with pytest.raises(Incomplete) as raised:
        actions.submit(draft, by=cast.mara, at=AT)
    assert [(one.key, one.label) for one in raised.value.missing] == [(USERS, "User Experience")]
    assert str(raised.value) == "Still needed: User Experience."
    assert (make.fresh(draft).state, Revision.objects.count()) == (State.DRAFT, 0)


def test_a_risk_level_that_the_template_doesn_t_know_asks_for_nothing_less(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "Hgh", "header/risk-level")
    with pytest.raises(Incomplete, match="Risk Level, which has to be one of Low, Medium, High, Critical"):
        actions.submit(draft, by=cast.mara, at=AT)


def test_if_nobody_can_approve_submission_says_why(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    RoleHolding.objects.filter(person=cast.ada).delete()  # Carl holds the role too, but writes the plan
    with pytest.raises(Refused, match="Nobody could approve this as infrastructure approver: everybody who holds"):
        actions.submit(draft, by=cast.mara, at=AT)
    assert make.fresh(draft).state == State.DRAFT


def test_one_person_with_both_roles_is_not_enough_for_two(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    RoleHolding.objects.filter(person=cast.ada).delete()
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    assert len(eligible_for(draft).lacking) == 1
    with pytest.raises(Refused, match="Nobody could approve this"):
        actions.submit(draft, by=cast.mara, at=AT)


def test_the_author_sees_who_could_approve_and_who_is_away(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    Person.objects.filter(pk=cast.ada.pk).update(away_until=dt.date(2026, 11, 30))
    Person.objects.filter(pk=cast.tomas.pk).update(away_until=AT.date() - dt.timedelta(days=1))  # he is back
    eligible = eligible_for(draft, day=AT.date())
    seen = [(role.label, [(one.name, one.is_away) for one in role.people]) for role in eligible.roles]
    assert seen == [
        ("DevOps supervisor", [("Tomas Okafor", False)]),
        ("Infrastructure approver", [("Ada Brandt", True)]),
    ]
    assert (eligible.lacking, eligible.words) == ((), "")


def test_to_confirm_becomes_a_start_condition(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "To confirm by 2026-11-30: the shop team counts baskets")
    conditions = make.submit(cast, draft).start_conditions
    assert [(one["key"], one["by"], one["reason"]) for one in conditions] == [
        (USERS, "2026-11-30", "the shop team counts baskets")
    ]


@pytest.mark.parametrize(
    "spelled",
    ["{}", "{}.", " {}", "**{}**", "{}<!-- -->"],
)
@pytest.mark.parametrize("sign", [":", "\\:", "&colon;", "\uff1a", "\u00a0:"])
def test_that_nothing_is_asked_is_no_answer_however_it_is_spelled(
    spelled: str, sign: str, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, spelled.format(template.outline.settings.filler.replace(":", sign)))
    with pytest.raises(Incomplete, match="Still needed: User Experience"):
        actions.submit(draft, by=cast.mara, at=AT)


def test_what_reads_as_to_be_confirmed_is_a_start_condition_and_stays_as_it_is_spelled(
    cast: Cast, template: OperationTemplate
) -> None:
    draft, text = make.make_draft(cast, template), "**To confirm by** 2026-11-30\\: the _shop team_ counts"
    write(draft, cast.mara, text)
    sent = make.submit(cast, draft)
    assert [(one["by"], one["reason"]) for one in sent.start_conditions] == [("2026-11-30", "the shop team counts")]
    assert f"**User Experience**: {text}\n".encode() in bytes(sent.revisions.get().plan_text)


def test_the_id_is_frozen_at_the_first_submission(cast: Cast, in_review: Operation) -> None:
    actions.withdraw(in_review, by=cast.mara, at=AT)
    write(in_review, cast.mara, "`2026-12-06-infrastructure-other`", "header/operation-id")
    with pytest.raises(
        Incomplete, match="2026-12-06-infrastructure-postgresql-16-orders, which it was first submitted"
    ):
        actions.submit(in_review, by=cast.mara, at=AT)


@pytest.mark.parametrize("wrong", ["../../etc", "2026-12-06-Upper", "2026-12-06-" + "x" * 80, "-x", "2026-12-06-a\n"])
def test_an_id_of_another_form_has_to_be_mended(wrong: str, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, wrong, "header/operation-id")
    if wrong.endswith("\n"):
        assert make.submit(cast, draft).operation_id == "2026-12-06-a"
    else:
        client = Client()
        client.force_login(cast.mara)
        said = "an operation ID of date, words and hyphens"
        assert said in client.get(reverse("check", args=[draft.pk])).content.decode(), "before it is sent, too"
        with pytest.raises(Incomplete, match=said):
            actions.submit(draft, by=cast.mara, at=AT)


def test_signs_before_the_date_are_part_of_an_id(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "`ZT-2026-12-06-edge`", "header/operation-id")
    assert make.submit(cast, draft).operation_id == "ZT-2026-12-06-edge"
    client = Client()
    client.force_login(cast.mara)
    moved = client.get("/records/ZT-2026-12-06-edge/history/", follow=True)
    assert moved.redirect_chain[-1][0] == reverse("history", args=[draft.pk])
    second = make.make_draft(cast, template)
    write(second, cast.mara, "`zt-2026-12-06-edge`", "header/operation-id")
    with pytest.raises(Incomplete, match="there is a record zt-2026-12-06-edge already"):
        actions.submit(second, by=cast.mara, at=AT)


def test_an_empty_id_is_made_from_date_and_title(cast: Cast, template: OperationTemplate) -> None:
    first, second = make.make_draft(cast, template), None
    write(first, cast.mara, "", "header/operation-id")
    made = make.submit(cast, first)
    assert made.operation_id == "2026-12-06-infrastructure-postgresql-14-to-16-migration-orders-cluster"
    second = make.make_draft(cast, template)
    write(second, cast.mara, "", "header/operation-id")
    assert make.submit(cast, second).operation_id == f"{made.operation_id}-2"
    assert f"**Operation ID**: `{made.operation_id}`\n".encode() in bytes(made.revisions.get().plan_text)

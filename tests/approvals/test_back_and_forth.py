"""Signing again, sending back, taking back: each for a reason, on what was seen, and with the password."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions, signing
from approvals.delegating import delegate
from approvals.models import Decision, Delegation
from approvals.publishing import publish_template
from approvals.signing import NotSigned
from approvals.standing import standing
from records.library.template_drafts import begin_template, offer_template
from records.life_cycle import Act
from records.models import (
    AuditEntry,
    Delivery,
    Operation,
    OperationTemplate,
    Person,
    Role,
    RoleHolding,
    State,
)
from records.own_account import change_password
from records.refusals import Changed, Incomplete, Refused
from tests import make
from tests.approvals.acts import AT, approve, digest
from tests.people import PASSWORD, SINCE, Cast

# ---------------------------------------------------------------- signing again


def test_a_wrong_password_signs_nothing_and_stands_in_the_trail(cast: Cast, in_review: Operation) -> None:
    with pytest.raises(NotSigned, match="That is not your password"):
        approve(in_review, cast.tomas, password="guess")
    assert Decision.objects.count() == 0
    assert AuditEntry.objects.order_by("-number")[0].act == signing.WRONG


@pytest.mark.parametrize("other", ["person", "act", "digest", "late", "twice"])
def test_case_7_a_signature_is_good_once_for_what_it_was_given_for(
    other: str, cast: Cast, in_review: Operation
) -> None:
    signed = signing.sign_again(cast.tomas, PASSWORD, act=Act.APPROVE, digest="a", operation=in_review, at=AT)
    by, act, digest = cast.tomas, Act.APPROVE, "a"
    if other == "person":
        by = cast.ada
    elif other == "act":
        act = Act.SIGN_OFF
    elif other == "digest":
        digest = "b"
    elif other == "late":
        signed.given -= 5 * 60 + 1
    else:
        signed.redeem(by, act, digest)
    with pytest.raises(NotSigned, match="given for something else, or too long ago"):
        signed.redeem(by, act, digest)


def signed_by(act: str, cast: Cast, template: OperationTemplate) -> Callable[[], object]:
    """What somebody signs, ready to be signed."""
    own = {"password": PASSWORD, "at": make.NIGHT}
    if act == "approve":
        operation = make.make_in(State.IN_REVIEW, cast, template)
        return lambda: approve(operation, cast.tomas)
    if act == "sign as operator":
        operation = make.make_in(State.CLOSING, cast, template)
        return lambda: make.sign(cast, operation)
    if act == "sign off":
        operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
        return lambda: make.sign_off(cast, operation)
    if act == "sign off an addendum":
        operation = make.make_in(State.FINALIZED, cast, template)
        seen = actions.amend(operation, text="More.", by=cast.mara, at=make.NIGHT)
        told = {"number": seen.number, "digest": seen.digest, "by": cast.tomas}
        return lambda: actions.sign_off_addendum(operation, **told, **own)
    if act == "hand on":
        return lambda: delegate(to=cast.olga, until=make.NIGHT.date(), by=cast.tomas, **own)
    RoleHolding.objects.create(person=cast.sam, role=Role.TEMPLATE_KEEPER, since=SINCE)
    text = template.text.replace("Template v1.0.0", "Template v1.1.0")
    draft = offer_template(begin_template(text=text, toml=template.toml, base=template, by=cast.mara), by=cast.mara)
    return lambda: publish_template(draft, digest=draft.digest, by=cast.sam, **own)


ACTS = ("approve", "sign as operator", "sign off", "sign off an addendum", "hand on", "publish a template")


@pytest.mark.parametrize("act", ACTS)
def test_case_7_no_act_takes_a_signature_from_too_long_ago(
    act: str, cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = signed_by(act, cast, template)
    before = Decision.objects.count(), Delegation.objects.count()
    monkeypatch.setattr(signing, "GOOD_FOR", -1.0)
    with pytest.raises(NotSigned, match="too long ago"):
        sign()
    assert (Decision.objects.count(), Delegation.objects.count()) == before


def test_nobody_signs_with_a_password_that_somebody_else_chose(cast: Cast, in_review: Operation) -> None:
    Person.objects.filter(pk=cast.tomas.pk).update(password_set_by=cast.leo)
    with pytest.raises(NotSigned, match="Somebody else set your password"):
        approve(in_review, cast.tomas)
    change_password(Person.objects.get(pk=cast.tomas.pk), password=PASSWORD, at=AT)
    approve(in_review, cast.tomas)


def test_a_role_that_somebody_gave_themselves_does_not_count(cast: Cast, in_review: Operation) -> None:
    role = Role.DEVOPS_SUPERVISOR
    RoleHolding.objects.create(person=cast.leo, role=role, since=SINCE, given_by=cast.leo)
    with pytest.raises(Refused, match="which you don't hold"):
        approve(in_review, cast.leo)
    RoleHolding.objects.create(person=cast.sam, role=role, since=SINCE, given_by=cast.leo)
    approve(in_review, cast.sam)


def test_who_has_no_password_is_told_and_isn_t_counted_on(cast: Cast, template: OperationTemplate) -> None:
    cast.ada.set_unusable_password()
    cast.ada.save()
    with pytest.raises(NotSigned, match="no password to sign with"):
        signing.sign_again(cast.ada, "", act=Act.APPROVE, digest="", at=AT)
    with pytest.raises(Refused, match="infrastructure approver"):
        actions.submit(make.make_draft(cast, template), by=cast.mara, at=AT)


# ---------------------------------------------------------------- back and forth


SENDING_BACK = pytest.mark.parametrize("act", [actions.ask_for_changes, actions.reject])


@SENDING_BACK
def test_case_4_what_is_sent_back_is_what_was_seen(
    act: Callable[..., object], cast: Cast, in_review: Operation
) -> None:
    with pytest.raises(Changed, match="revision 1 is in review now"):
        act(in_review, digest="0" * 64, reason="Say how long", by=cast.tomas, at=AT)
    assert (make.fresh(in_review).state, Decision.objects.count()) == (State.IN_REVIEW, 0)


@SENDING_BACK
@pytest.mark.parametrize("reason", ["", "  \n", "\0", "\ud800"])
def test_sending_back_asks_for_a_reason(
    act: Callable[..., object], reason: str, cast: Cast, in_review: Operation
) -> None:
    with pytest.raises(Incomplete, match="a reason"):
        act(in_review, digest=digest(in_review), reason=reason, by=cast.tomas, at=AT)
    assert make.fresh(in_review).state == State.IN_REVIEW


def test_a_reason_reaches_the_author(cast: Cast, in_review: Operation) -> None:
    actions.ask_for_changes(in_review, digest=digest(in_review), reason="Say how long", by=cast.ada, at=AT)
    mail = Delivery.objects.get(event="changes_asked", person=cast.mara)
    assert "Say how long" in mail.body
    assert Decision.objects.get().reason == "Say how long"


def test_taking_back_reopens_the_review_and_can_t_be_undone_on_that_revision(
    cast: Cast, template: OperationTemplate
) -> None:
    operation = make.make_in(State.APPROVED, cast, template)
    actions.take_back_approval(operation, reason="The mirror is down", by=cast.ada, at=AT)
    operation = make.fresh(operation)
    assert (operation.state, standing(operation).words) == (
        State.IN_REVIEW,
        "1 of 2 signed, waiting for an infrastructure approver",
    )
    with pytest.raises(Refused, match="You took your approval of this revision back"):
        approve(operation, cast.ada)
    RoleHolding.objects.create(person=cast.sam, role="infrastructure_approver", since=SINCE)
    approve(operation, cast.sam)
    assert make.fresh(operation).state == State.APPROVED


def test_changing_the_plan_names_the_approvals_that_it_voids(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.APPROVED, cast, template)
    own = [one.pk for _role, one in standing(operation).counted]
    for shown in ([], own[:1], [*own, 999]):
        with pytest.raises(Changed, match="no longer those that were shown"):
            actions.change_plan(operation, voids=shown, by=cast.mara, at=AT)
    actions.change_plan(operation, voids=own, by=cast.mara, at=AT)
    now = standing(make.fresh(operation))
    assert ([one.pk for one in now.void], now.counted) == (own, ())
    assert "Tomas Okafor" in AuditEntry.objects.order_by("-number")[0].entry
    told = Delivery.objects.filter(event="plan_opened").values_list("person__username", flat=True)
    assert {"tomas", "ada"} <= set(told)


# ---------------------------------------------------------------- sent again


def test_a_plan_that_is_sent_again_as_it_was_is_read_once_and_no_column_of_it_written(
    cast: Cast, in_review: Operation
) -> None:
    actions.withdraw(in_review, by=cast.mara, at=AT)
    with CaptureQueriesContext(connection) as queries:
        actions.submit(in_review, by=cast.mara, carried_hold=True, at=AT)
    told = [query["sql"] for query in queries]
    assert sum('"records_section"."layout"' in sql and sql.startswith("SELECT") for sql in told) == 1
    assert sum(sql.startswith('UPDATE "records_operation"') for sql in told) == 1  # its state


def test_what_the_site_writes_into_a_plan_that_is_sent_is_in_what_is_frozen(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_in(State.DRAFT, cast, template)
    line = template.outline.bound("id")
    assert line
    section = draft.sections.get(key=line.key.split("/", 1)[0])
    section.answers[line.key] = line.text
    section.save(update_fields=["answers"])
    revision = actions.submit(draft, by=cast.mara, carried_hold=True, at=AT)
    named = make.fresh(draft).operation_id
    assert named and f"`{named}`".encode() in bytes(revision.plan_text)

"""Standing in: "A for B" decides where B could, if both are eligible, until a day; B's right counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.delegating import delegate, end_delegation
from approvals.eligibility import capacities_of, eligible_for
from approvals.models import Decision, Delegation
from approvals.signing import NotSigned
from approvals.standing import standing
from approvals.waiting import to_decide
from records.audit import verify
from records.inbox import address_of
from records.models import AuditEntry, Delivery, Operation, OperationTemplate, Person, Role, RoleHolding, State
from records.reading.field_history import acted, named_in
from records.refusals import Incomplete, Refused
from records.writing.people import name_people
from tests import make
from tests.approvals.acts import SOON, TODAY, hand_on
from tests.people import PASSWORD, SINCE, Cast, signed_in

AT = make.PLANNED


def test_who_stands_in_decides_and_is_named_so_everywhere(cast: Cast, in_review: Operation) -> None:
    hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "olga", "ada")
    operation = make.fresh(in_review)
    assert operation.state == State.APPROVED
    role, one = standing(operation).counted[0]
    assert (role, one.person, one.acts_for, one.person_name) == (
        "devops_supervisor",
        cast.olga,
        cast.tomas,
        "Olga Petrenko for Tomas Okafor",
    )
    operation = make.sign(cast, make.work(cast, make.start(cast, operation)))
    assert operation.final_text
    final = bytes(operation.final_text.text).decode()
    assert "**DevOps Supervisor**: Olga Petrenko for Tomas Okafor, DevOps supervisor, 2026-11-26" in final
    assert verify() is None


def test_what_was_handed_to_one_is_nobody_elses(cast: Cast, in_review: Operation) -> None:
    """Not even of who stands in for somebody else; and ending one ends no other."""
    given = hand_on(cast.tomas, cast.olga)
    other = hand_on(cast.sam, cast.noor)
    for person in ("noor", "vera", "leo", "root"):
        with pytest.raises(Refused, match="which you don't hold"):
            make.approve_by(cast, in_review, person)
        assert to_decide(getattr(cast, person), at=AT) == []
    end_delegation(other, by=cast.noor, at=AT)
    assert Delegation.objects.get(pk=given.pk).ended_at is None
    make.approve_by(cast, in_review, "olga")
    assert Decision.objects.get().acts_for == cast.tomas


def test_until_the_day_and_not_after(cast: Cast, in_review: Operation) -> None:
    hand_on(cast.tomas, cast.olga, TODAY)
    with pytest.raises(Refused, match="which you don't hold"):
        make.approve_by(cast, in_review, "olga", at=AT + dt.timedelta(days=1))
    make.approve_by(cast, in_review, "olga")


@pytest.mark.parametrize("end", ["taken back", "handed back", "role lost", "left"])
def test_it_ends(end: str, cast: Cast, in_review: Operation) -> None:
    given = hand_on(cast.tomas, cast.olga)
    if end == "role lost":
        RoleHolding.objects.filter(person=cast.tomas).update(until=dt.date(2026, 11, 25))
    elif end == "left":
        Person.objects.filter(pk=cast.tomas.pk).update(is_active=False)
    else:
        end_delegation(given, by=cast.tomas if end == "taken back" else cast.olga, at=AT)
    with pytest.raises(Refused, match="You can't approve"):
        make.approve_by(cast, in_review, "olga")


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "ines"])
def test_case_1_who_wrote_or_runs_it_does_not_decide_for_somebody_else(
    name: str, cast: Cast, in_review: Operation
) -> None:
    hand_on(cast.tomas, getattr(cast, name))
    with pytest.raises(Refused, match="You can't approve"):
        make.approve_by(cast, in_review, name)


@pytest.mark.parametrize("name", ["carl", "jun"])
def test_case_1_nor_does_anybody_acting_for_them(name: str, cast: Cast, in_review: Operation) -> None:
    """Both hold a role that would let them approve, but one wrote and one runs it."""
    hand_on(getattr(cast, name), cast.olga)
    with pytest.raises(Refused, match="You can't approve"):
        make.approve_by(cast, in_review, "olga")


def test_case_2_one_right_counts_once_whoever_uses_it(cast: Cast, in_review: Operation) -> None:
    """Tomas holds both roles. He and whoever stands in for him are not two."""
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "tomas")
    with pytest.raises(Refused, match="only this is still needed"):
        make.approve_by(cast, in_review, "olga")
    assert make.approve_by(cast, in_review, "ada").state == State.APPROVED


def test_case_2_nor_the_other_way_round(cast: Cast, in_review: Operation) -> None:
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "olga")
    with pytest.raises(Refused, match="only this is still needed"):
        make.approve_by(cast, in_review, "tomas")


def test_case_2_who_stands_in_for_the_only_holder_of_both_roles_makes_no_second_approver(
    cast: Cast, template: OperationTemplate
) -> None:
    """Rule 5: nobody could ever complete it, so it is not sent."""
    draft = make.make_draft(cast, template)
    RoleHolding.objects.filter(person=cast.ada).delete()
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    hand_on(cast.tomas, cast.olga)
    with pytest.raises(Refused, match="Nobody could approve this as infrastructure approver: everybody who holds the"):
        make.submit(cast, draft)
    assert make.fresh(draft).state == State.DRAFT
    RoleHolding.objects.create(person=cast.sam, role="infrastructure_approver", since=SINCE)
    assert make.approve_by(cast, make.submit(cast, draft), "olga", "sam").state == State.APPROVED


def test_case_2_a_second_row_past_the_acts_counts_no_more(cast: Cast, in_review: Operation) -> None:
    RoleHolding.objects.create(person=cast.tomas, role="infrastructure_approver", since=SINCE)
    hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "olga")
    forged = Decision.objects.get()
    roles = ["devops_supervisor", "infrastructure_approver"]
    forged.pk, forged.person, forged.acts_for, forged.roles = None, cast.tomas, None, roles
    forged.save(force_insert=True)
    assert len(standing(make.fresh(in_review)).counted) == 1


def test_who_holds_a_role_and_stands_in_fills_the_place_that_is_open(cast: Cast, in_review: Operation) -> None:
    """Ada approves as herself first; Sam, a second approver of her role, could only add Tomas's signature."""
    RoleHolding.objects.create(person=cast.sam, role="infrastructure_approver", since=SINCE)
    hand_on(cast.tomas, cast.sam)
    make.approve_by(cast, in_review, "ada")
    operation = make.approve_by(cast, in_review, "sam")
    assert operation.state == State.APPROVED
    assert Decision.objects.order_by("-pk")[0].person_name == "Sam Whitfield for Tomas Okafor"


def test_nobody_approves_twice_for_two_people(cast: Cast, in_review: Operation) -> None:
    hand_on(cast.tomas, cast.olga)
    hand_on(cast.ada, cast.olga)
    make.approve_by(cast, in_review, "olga")
    make.approve_by(cast, in_review, "olga")
    assert Decision.objects.count() == 1
    assert make.fresh(in_review).state == State.IN_REVIEW


def test_what_was_handed_to_somebody_is_not_theirs_to_hand_on(cast: Cast, in_review: Operation) -> None:
    hand_on(cast.tomas, cast.olga)
    with pytest.raises(Refused, match="nothing to hand on"):
        hand_on(cast.olga, cast.noor)


def test_the_named_supervisor_s_stand_in_is_asked_and_shown(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template, level="Low")
    people = {"operator": cast.jun, "supervisor": cast.sam, "deputies": [cast.ines]}
    name_people(draft, by=cast.mara, at=AT, **people)
    hand_on(cast.sam, cast.olga)
    eligible = eligible_for(make.fresh(draft), day=TODAY)
    assert [one.name for one in eligible.roles[0].people] == ["Sam Whitfield", "Olga Petrenko for Sam Whitfield"]


def test_it_waits_on_the_stand_in_s_home(cast: Cast, in_review: Operation) -> None:
    assert to_decide(cast.olga, at=AT) == []
    hand_on(cast.tomas, cast.olga)
    assert [one.operation.pk for one in to_decide(cast.olga, at=AT)] == [in_review.pk]
    make.approve_by(cast, in_review, "tomas")
    assert to_decide(cast.olga, at=AT) == []


def test_an_approval_for_somebody_is_taken_back_by_who_gave_it(cast: Cast, in_review: Operation) -> None:
    given = hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "olga", "ada")
    end_delegation(given, by=cast.tomas, at=AT)
    actions.take_back_approval(in_review, reason="He is back", by=cast.olga, at=AT)
    assert make.fresh(in_review).state == State.IN_REVIEW


def test_approving_for_somebody_costs_at_most_twenty_queries(
    cast: Cast, in_review: Operation, django_assert_max_num_queries: Callable[..., object]
) -> None:
    hand_on(cast.tomas, cast.olga)
    make.approve_by(cast, in_review, "ada")
    digest = in_review.revisions.get().digest
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        actions.approve(in_review, digest=digest, password=PASSWORD, by=cast.olga, at=AT)


def test_it_goes_to_somebody_else_who_is_here(cast: Cast) -> None:
    Person.objects.filter(pk=cast.olga.pk).update(is_active=False)
    for nobody in (cast.tomas, cast.olga):
        with pytest.raises(Incomplete, match="somebody else, who is here"):
            hand_on(cast.tomas, nobody)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("days", [-1, 91])
def test_a_day_that_can_t_be(days: int, cast: Cast) -> None:
    with pytest.raises(Incomplete, match="a day in the next 90 days"):
        hand_on(cast.tomas, cast.olga, TODAY + dt.timedelta(days=days))


def test_handing_on_is_signed_and_stands_in_the_trail(cast: Cast) -> None:
    with pytest.raises(NotSigned):
        delegate(to=cast.olga, until=SOON, password="guess", by=cast.tomas, at=AT)
    assert not Delegation.objects.exists()
    given = hand_on(cast.tomas, cast.olga)
    with pytest.raises(Refused, match="End that first"):
        hand_on(cast.tomas, cast.sam)
    with pytest.raises(Refused, match="Only the two"):
        end_delegation(given, by=cast.leo, at=AT)
    end_delegation(given, by=cast.olga, at=AT)
    acts = AuditEntry.objects.order_by("number").values_list("act", "person__username")
    assert list(acts) == [("wrong_password", "tomas"), ("delegate", "tomas"), ("end_delegation", "olga")]
    ended = AuditEntry.objects.filter(act="end_delegation")
    assert {("to", "Olga Petrenko"), ("for", "Tomas Okafor")} <= set(acted(ended[0], named_in(ended)).facts)


@pytest.mark.parametrize("made", ["by a script", "ended", "over"])
def test_a_row_that_nobody_signed_is_found_by_what_was_decided_with_it(
    made: str, cast: Cast, in_review: Operation
) -> None:
    given = hand_on(cast.tomas, cast.olga, TODAY) if made != "by a script" else None
    if given and made == "ended":
        end_delegation(given, by=cast.tomas, at=AT)
    day = AT + dt.timedelta(days=made == "over")
    Delegation.objects.all().delete()
    Delegation.objects.create(person=cast.tomas, to=cast.olga, since=TODAY, until=SOON)
    make.approve_by(cast, in_review, "olga", at=day)
    number = AuditEntry.objects.get(act="approve").number
    assert str(verify()) == f"Entry {number}: Olga Petrenko decided for somebody who had not handed that on"


@pytest.mark.parametrize("event", ["signed", "changes_asked"])
def test_both_hear_of_it_and_mails_name_who_stands_in(event: str, cast: Cast, in_review: Operation) -> None:
    """Ada isn't named in the record: she hears of it because it was decided in her place."""
    given = hand_on(cast.ada, cast.olga)
    told = Delivery.objects.get(event="stands_in")
    assert (told.person, told.subject) == (cast.olga, "Decisions handed to you until 6 Dec 2026")
    assert "you may review and approve as “Olga Petrenko for Ada Brandt”" in told.body
    assert address_of(told) == reverse("delegations") and reverse("delegations") in told.body
    if event == "signed":
        make.approve_by(cast, in_review, "olga")
    else:
        digest = in_review.revisions.get().digest
        actions.ask_for_changes(in_review, digest=digest, reason="How long?", by=cast.olga, at=AT)
    bodies = dict(Delivery.objects.filter(event=event, channel="mail").values_list("person__username", "body"))
    assert {"mara", "ada"} <= set(bodies)
    assert all("by Olga Petrenko for Ada Brandt, 26 Nov 09:00 UTC" in body for body in bodies.values())
    end_delegation(given, by=cast.olga, at=AT)
    ended = Delivery.objects.exclude(pk=told.pk).get(event="stands_in")
    assert (ended.person, ended.subject) == (cast.ada, "Standing in ended")


def test_the_page_hands_on_and_ends(cast: Cast, in_review: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)
    page, tomas, olga = reverse("delegations"), signed_in(cast.tomas), signed_in(cast.olga)
    assert "You hold no role that signs" in olga.get(page).content.decode()
    posted = {"to": cast.olga.pk, "until": SOON.isoformat(), "password": PASSWORD}
    for wrong in ({"to": cast.tomas.pk}, {"until": "soon"}, {"password": "guess"}, {"until": "2031-01-01"}):
        answer = tomas.post(page, posted | wrong)
        assert (answer.status_code, Delegation.objects.count()) == (400, 0)
    assert tomas.post(page, posted).status_code == 302
    assert "Olga Petrenko decides for you until 6 Dec 2026" in tomas.get(page).content.decode()
    review = olga.get(reverse("review", args=[in_review.pk])).content.decode()
    assert "You may approve as Olga Petrenko for Tomas Okafor" in review
    given = Delegation.objects.get()
    assert signed_in(cast.sam).post(page, {"end": given.pk}).status_code == 404
    assert olga.post(page, {"end": given.pk}).status_code == 302
    assert "Olga Petrenko for Tomas Okafor" in tomas.get(page).content.decode()
    assert Delegation.objects.get().ended_at == AT


def test_for_whom_somebody_decides_is_asked_once(cast: Cast, django_assert_num_queries: Callable[..., object]) -> None:
    hand_on(cast.tomas, cast.olga)
    hand_on(cast.ada, cast.olga)
    olga = Person.objects.get(pk=cast.olga.pk)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        told = {one.name: one.roles for one in capacities_of(olga, TODAY)}
    assert told["Olga Petrenko for Ada Brandt"] == {Role.INFRASTRUCTURE_APPROVER}
    assert told["Olga Petrenko for Tomas Okafor"] == {Role.DEVOPS_SUPERVISOR}


def test_what_a_stand_in_takes_back_is_taken_back_for_whom_it_was_given(
    cast: Cast, template: OperationTemplate
) -> None:
    op = make.submit(cast, make.make_draft(cast, template))
    hand_on(cast.ada, cast.olga)
    make.approve_by(cast, op, "olga", "tomas")
    assert Delivery.objects.filter(operation=op, event="approved", person=cast.ada).exists()
    actions.take_back_approval(make.fresh(op), reason="Wrong host", by=cast.olga, at=AT)
    own = Decision.objects.get(kind="take_back")
    assert Delivery.objects.filter(operation=op, event="taken_back", person=cast.ada).exists()
    assert (own.person_name, own.acts_for, own.role in own.roles) == ("Olga Petrenko for Ada Brandt", cast.ada, True)

"""The window of another night is confirmed like a plan that was moved: signed again, by who could approve it now."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.delegating import end_delegation
from approvals.signing import NotSigned
from approvals.standing import standing
from records.audit import facts_in, verify
from records.models import AuditEntry, Operation, OperationTemplate, Person, Role, RoleHolding
from records.refusals import Refused, WrongOrder
from records.run import stopping
from records.run.stops import stops_of
from records.transfer.companion import companion_of
from tests import make
from tests.approvals.acts import hand_on
from tests.make import NIGHT, fresh
from tests.people import PASSWORD, SINCE, Cast
from tests.records.run.run_pages import confirm, page

NEXT = NIGHT + dt.timedelta(days=1)
INFRASTRUCTURE, DEVOPS = Role.INFRASTRUCTURE_APPROVER, Role.DEVOPS_SUPERVISOR


@pytest.fixture(autouse=True)
def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages ask who may on the day of the run."""
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)


def stopped_after(cast: Cast, template: OperationTemplate, *names: str) -> Operation:
    """A run of a plan that ``names`` approved, standing at the end of a phase."""
    approved = make.approve_by(cast, make.submit(cast, make.make_draft(cast, template)), *names)
    return make.stop(make.end_phase(make.start(cast, approved)), by=cast.jun)


def test_one_right_confirms_once_whoever_uses_it(cast: Cast, template: OperationTemplate) -> None:
    """Olga approved for Tomas, who holds Ada's role too. Ada has left: both of their words would be his."""
    RoleHolding.objects.create(person=cast.tomas, role=INFRASTRUCTURE, since=SINCE)
    hand_on(cast.tomas, cast.olga)
    run = stopped_after(cast, template, "ada", "olga")
    Person.objects.filter(pk=cast.ada.pk).update(is_active=False)
    make.confirm_window(run, cast.olga)
    with pytest.raises(Refused, match="those who approved the plan"):
        make.confirm_window(run, cast.tomas)
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(run, by=cast.jun, at=NEXT)
    [word] = stops_of(fresh(run))[-1].confirmed
    assert (word["name"], word["right"]) == ("Olga Petrenko for Tomas Okafor", cast.tomas.pk)
    assert "Still to be confirmed by nobody at present in the place of Ada Brandt" in page(cast.jun, run)
    RoleHolding.objects.create(person=cast.sam, role=INFRASTRUCTURE, since=SINCE)
    make.confirm_window(run, cast.sam)
    assert stopping.go_on(run, by=cast.jun, at=NEXT).went_on
    assert verify() is None


def test_who_lost_the_right_to_approve_confirms_no_more_and_others_do_in_their_place(
    cast: Cast, template: OperationTemplate
) -> None:
    given = hand_on(cast.tomas, cast.olga)
    run = stopped_after(cast, template, "olga", "ada")
    end_delegation(given, by=cast.tomas, at=NIGHT)
    RoleHolding.objects.filter(person=cast.ada).update(until=dt.date(2026, 12, 5))
    for person in (cast.olga, cast.ada):
        with pytest.raises(Refused, match="while they still could"):
            make.confirm_window(run, person)
        assert "Confirm this window" not in page(person, run) + page(person, run, "window")
        assert confirm(person, run, make.seen(run)) == 403
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(run, by=cast.jun, at=NEXT)
    why = "who could not approve it any more"
    told = page(cast.jun, run)
    assert f"Tomas Okafor in the place of Olga Petrenko for Tomas Okafor, {why}" in told
    assert f"nobody at present in the place of Ada Brandt, {why}: it takes somebody in the role Infrastructure" in told
    RoleHolding.objects.create(person=cast.sam, role=INFRASTRUCTURE, since=SINCE)
    make.confirm_window(run, cast.tomas, cast.sam)
    assert stopping.go_on(run, by=cast.jun, at=NEXT).went_on
    refused = AuditEntry.objects.filter(act="confirm_window_refused")
    assert set(refused.values_list("person__username", flat=True)) == {"olga", "ada"}
    assert verify() is None


def test_a_right_that_one_lends_is_still_their_own_word(cast: Cast, template: OperationTemplate) -> None:
    """Ada holds both roles by now, and Olga, who approved for Tomas, stands in for her."""
    given = hand_on(cast.tomas, cast.olga)
    run = stopped_after(cast, template, "olga", "ada")
    end_delegation(given, by=cast.tomas, at=NIGHT)
    RoleHolding.objects.create(person=cast.ada, role=DEVOPS, since=SINCE)
    hand_on(cast.ada, cast.olga)
    with pytest.raises(Refused, match="while they still could"):
        make.confirm_window(run, cast.olga)
    make.confirm_window(run, cast.ada, cast.tomas)
    assert stopping.go_on(run, by=cast.jun, at=NEXT).went_on


def test_the_window_is_signed(cast: Cast, template: OperationTemplate) -> None:
    run = stopped_after(cast, template, "tomas", "ada")
    with pytest.raises(NotSigned):
        actions.confirm_window(run, seen=make.seen(run), password="guess", by=cast.tomas, at=NIGHT)
    for password in ("guess", ""):
        assert confirm(cast.tomas, run, make.seen(run), password) == 400
    assert stops_of(fresh(run))[-1].confirmed == []
    entries = AuditEntry.objects.filter(act="wrong_password")
    assert [facts_in(one)["meant_for"] for one in entries] == ["confirm_window"] * 2
    assert confirm(cast.tomas, run, make.seen(run)) == 303
    make.confirm_window(run, cast.ada)
    assert stopping.go_on(run, by=cast.jun, at=NEXT).went_on


def test_a_run_that_goes_on_has_no_window_to_confirm(cast: Cast, template: OperationTemplate) -> None:
    run = make.start(cast, make.approve_by(cast, make.submit(cast, make.make_draft(cast, template)), "tomas", "ada"))
    with pytest.raises(WrongOrder, match="The run isn't stopped"):
        actions.confirm_window(run, seen="", password=PASSWORD, by=cast.tomas, at=NIGHT)
    assert confirm(cast.tomas, run, "") == 409
    assert reverse("window", args=[run.pk]) not in page(cast.tomas, run)


@pytest.mark.parametrize("lost", [INFRASTRUCTURE, DEVOPS])
def test_a_next_window_is_confirmed_in_the_roles_that_were_counted(
    lost: Role, cast: Cast, template: OperationTemplate
) -> None:
    """Ada holds both and approves first, written down as the one; Tomas second, so that she counts as the other."""
    RoleHolding.objects.create(person=cast.ada, role=DEVOPS, since=SINCE)
    run = stopped_after(cast, template, "ada", "tomas")
    counted = [(role, decision.person) for role, decision in standing(run).counted]
    assert counted == [(DEVOPS, cast.tomas), (INFRASTRUCTURE, cast.ada)]
    assert "**Ada Brandt, Infrastructure approver**: approved revision 1" in companion_of(run).decode()
    RoleHolding.objects.filter(person=cast.ada, role=lost).update(until=dt.date(2026, 12, 5))
    make.confirm_window(run, cast.tomas)
    if lost == DEVOPS:
        make.confirm_window(run, cast.ada)
        stopping.go_on(run, by=cast.jun, at=NEXT)
        return
    with pytest.raises(Refused):
        make.confirm_window(run, cast.ada)
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(run, by=cast.jun, at=NEXT)

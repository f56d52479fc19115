"""What was tried on emergencies, to have one pass for approved or to lose what was done: each is shut."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.decisions import decide
from approvals.eligibility import candidate_of
from approvals.involvement import involved_in
from approvals.rules import may_sign_off
from approvals.standing import standing
from approvals.trail import first_untrue
from records import triggers
from records.decided import DecisionKind
from records.models import Operation, OperationTemplate, Person, Revision, Role, RoleHolding, State, Step
from records.refusals import Changed, Refused, WrongOrder
from records.run import running
from records.transfer.bringing_in import bring_in, json_arrival
from records.transfer.exchange import parsed, read_json, record_as_json
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from records.writing.restoring import restore_revision
from tests import make
from tests.approvals.acts import write
from tests.people import PASSWORD, SINCE, Cast

AT = make.NIGHT


@pytest.fixture
def begun(cast: Cast, template: OperationTemplate) -> Operation:
    return make.begin_emergency(cast, make.make_in(State.IN_REVIEW, cast, template))


@pytest.fixture
def closing(cast: Cast, begun: Operation) -> Operation:
    running.finish_work(begun, by=cast.jun, not_reached="It holds", at=AT)
    return make.fresh(begun)


def posted(person: Person, name: str, operation: Operation, **facts: object) -> int:
    client = Client()
    client.force_login(person)
    return client.post(reverse(name, args=[operation.pk]), facts).status_code


def test_who_approved_before_it_started_did_not_approve_it(cast: Cast, begun: Operation) -> None:
    """Two browsers: the review is still open in one when the emergency starts in the other."""
    shown = begun.revisions.order_by("number")[0].digest
    facts = {"decision": "approve", "digest": shown, "password": PASSWORD, "invisible_seen": "on"}
    for person in (cast.tomas, cast.ada):
        assert posted(person, "decide", begun, **facts) == 409
    assert posted(cast.mara, "check", begun) in (302, 409)
    assert posted(cast.mara, "change_plan", begun) == 409
    assert posted(cast.jun, "emergency", begun, **make.ANSWERS) == 409
    assert make.fresh(begun).state == State.RUNNING


def test_a_mark_that_is_wiped_out_of_the_database_is_found(cast: Cast, closing: Operation) -> None:
    assert first_untrue() is None
    Operation.objects.filter(pk=closing.pk).update(emergency={}, plan_due_at=None)
    assert "why nobody approved it" in str(first_untrue())
    with pytest.raises(Changed):
        make.ending(make.fresh(closing))
    Operation.objects.filter(pk=closing.pk).update(emergency=closing.emergency | {"why": "Planned"})
    assert "why nobody approved it" in str(first_untrue())


def test_a_plan_whose_bytes_were_swapped_is_not_ratified(cast: Cast, closing: Operation) -> None:
    """By whoever owns the database, after the operator signed."""
    signed = make.sign(cast, make.complete_plan(cast, closing))
    assert signed.final_text
    triggers.remove()
    newest = signed.revisions.order_by("-number")[0]
    text = bytes(newest.plan_text) + b"\n"
    Revision.objects.filter(pk=newest.pk).update(plan_text=text)
    with pytest.raises(Changed):
        actions.sign_off(
            signed,
            digest=signed.final_text.digest,
            actual_seen=True,
            password=PASSWORD,
            by=cast.tomas,
            note="Fine",
            at=AT,
        )
    assert make.fresh(signed).state == State.CLOSING


def test_approvals_put_into_the_database_do_not_make_it_approved(cast: Cast, begun: Operation) -> None:
    revision = begun.revisions.order_by("-number")[0]
    for person, role in ((cast.tomas, Role.DEVOPS_SUPERVISOR), (cast.ada, Role.INFRASTRUCTURE_APPROVER)):
        decide(DecisionKind.APPROVE, revision, candidate_of(person, AT.date()), role, at=AT)
    now = standing(begun)
    assert (len(now.counted), now.waiting_for) == (2, ())
    assert not now.is_complete and now.words == "Nobody approved it: started as an emergency"


def test_who_began_it_had_a_part_in_it_whoever_is_named_to_run_it(cast: Cast, begun: Operation) -> None:
    Operation.objects.filter(pk=begun.pk).update(operator=cast.olga)  # by whatever way, before any work
    involved = involved_in(make.fresh(begun), with_run=True)
    assert not may_sign_off(candidate_of(cast.jun, AT.date()), involved)


def test_neither_import_nor_clone_carries_an_emergency(cast: Cast, closing: Operation) -> None:
    text = json.dumps(record_as_json(closing)).replace(closing.operation_id or "-", "2026-12-06-infrastructure-other")
    assert "The disk of db1 fails" in text
    new, _hints = bring_in(json_arrival(read_json(parsed(text)), closing.template, came=text), author=cast.olga, at=AT)
    assert (new.state, new.emergency, new.plan_due_at, new.started_at) == (State.DRAFT, {}, None, None)
    twin = clone_record(closing, opening=Opening("Once more", "2027-01-09", "02:00:00 UTC"), by=cast.mara, at=AT)
    assert (twin.state, twin.emergency, twin.plan_due_at) == (State.DRAFT, {}, None)


def test_an_earlier_revision_takes_away_neither_people_nor_work(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    Operation.objects.filter(pk=draft.pk).update(operator=cast.ines)
    section = draft.sections.get(key="header")
    write(make.fresh(draft), cast.mara, "Ines Duarte", f"{section.key}/operator")
    submitted = make.submit(cast, make.fresh(draft))
    actions.withdraw(submitted, by=cast.mara, at=make.PLANNED)
    Operation.objects.filter(pk=draft.pk).update(operator=cast.jun)
    begun = make.begin_emergency(cast, make.fresh(draft))
    running.finish_work(begun, by=cast.jun, not_reached="It holds", at=AT)
    with pytest.raises(Refused, match="stays as it was"):
        restore_revision(make.fresh(begun), number=1, by=cast.mara, at=AT)
    assert make.fresh(begun).operator == cast.jun


def test_a_worked_step_is_not_restored_away(cast: Cast, closing: Operation) -> None:
    step = Step.objects.filter(section__operation=closing, phase__isnull=False).order_by("pk")[0]
    # As if it had been added after the first revision.
    Step.objects.filter(pk=step.pk).update(key=f"{step.key}-added", status="done")
    with pytest.raises(WrongOrder, match="worked in the run"):
        restore_revision(closing, number=1, by=cast.mara, at=AT)
    assert Step.objects.filter(pk=step.pk, status="done").exists()


def test_who_ran_it_does_not_ratify_it_in_any_role(cast: Cast, closing: Operation) -> None:
    signed = make.sign(cast, make.complete_plan(cast, closing))
    for person in cast.all().values():
        if person not in (cast.tomas, cast.sam, cast.jun):
            RoleHolding.objects.create(person=person, role=Role.SUPERVISOR, since=SINCE)
    assert signed.final_text
    facts = {"digest": signed.final_text.digest, "actual_seen": "on", "password": PASSWORD, "note": "Fine"}
    for person in (cast.jun, cast.mara, cast.carl, cast.ines, cast.noor):
        assert posted(person, "sign_off", signed, **facts) == 403, person
    assert make.fresh(signed).state == State.CLOSING


def test_the_plan_of_an_approved_record_is_not_opened_by_an_emergency(cast: Cast, template: OperationTemplate) -> None:
    approved = make.make_in(State.APPROVED, cast, template)
    assert posted(cast.jun, "emergency", approved, **make.ANSWERS) == 409
    with pytest.raises(WrongOrder):
        write(approved, cast.mara, "Something else")

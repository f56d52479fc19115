"""Decisions against the trail: what a script decided past the acts, and chained as they do, is found by who it was."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from approvals import actions
from approvals.decisions import as_facts, decide
from approvals.rules import Candidate
from records.audit import Fault, verify
from records.decided import DecisionKind
from records.library.versions import move_to_version
from records.life_cycle import Act, lock, move
from records.models import AuditEntry, Operation, OperationTemplate, Person, RoleHolding, State
from tests import make
from tests.approvals.acts import write
from tests.people import Cast

DEVOPS, APPROVER = "devops_supervisor", "infrastructure_approver"


@pytest.fixture
def in_review(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.IN_REVIEW, cast, template)


def holding(person: Person, role: str) -> Candidate:
    RoleHolding.objects.get_or_create(person=person, role=role, defaults={"since": dt.date(2020, 1, 1)})
    return Candidate(person.pk, str(person), frozenset({role}))


def approve_past_the_act(operation: Operation, person: Person, role: str, to: State = State.IN_REVIEW) -> None:
    revision = operation.revisions.get()
    with transaction.atomic():
        locked = lock(operation)
        own = decide(DecisionKind.APPROVE, revision, holding(person, role), role, at=make.PLANNED)
        facts = {"revision": revision.number, "digest": revision.digest, **as_facts(own)}
        move(locked, Act.APPROVE, by=person, at=make.PLANNED, to=to, **facts)


def last(act: str) -> int:
    return AuditEntry.objects.filter(act=act).order_by("-number")[0].number


@pytest.mark.parametrize("name", ["mara", "jun", "ines"])
def test_nobody_approves_what_they_wrote_or_are_to_run(name: str, cast: Cast, in_review: Operation) -> None:
    person = getattr(cast, name)
    approve_past_the_act(in_review, person, DEVOPS)
    assert verify() == Fault(last("approve"), f"{person} approved what they wrote, are to run, or hold no role for")


def test_nor_what_they_wrote_beside_it_before_a_version_of_its_template_called_that_plan(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    draft.team.add(cast.ada)
    write(
        draft, cast.ada, "Restore from the night before", "operational-procedures/new-operational-requirements/backup"
    )
    toml = template.toml.replace(
        '"operational-procedures" = { part = "close"', '"operational-procedures" = { part = "plan"'
    )
    newer = OperationTemplate.objects.create(name=template.name, version="1.0.1", text=template.text, toml=toml)
    move_to_version(make.fresh(draft), template=newer, by=cast.mara, at=make.PLANNED)
    holding(cast.sam, APPROVER)
    submitted = make.submit(cast, make.fresh(draft))
    assert verify() is None
    approve_past_the_act(submitted, cast.ada, APPROVER)
    assert "Ada Brandt approved what they wrote" in str(verify())


def test_one_approval_is_not_two(cast: Cast, in_review: Operation) -> None:
    approve_past_the_act(in_review, cast.ada, APPROVER, to=State.APPROVED)
    words = "revision 1 was approved before everybody had approved it whom its rule asks for"
    assert verify() == Fault(last("approve"), words)


def test_an_approval_that_was_taken_back_is_none(cast: Cast, in_review: Operation) -> None:
    make.approve_by(cast, in_review, "tomas", "ada")
    actions.take_back_approval(in_review, reason="Wrong host", by=cast.tomas, at=make.PLANNED)
    assert verify() is None
    with transaction.atomic():
        Operation.objects.filter(pk=in_review.pk).update(state=State.IN_REVIEW)
    approve_past_the_act(in_review, cast.sam, APPROVER, to=State.APPROVED)
    fault = verify()
    assert fault is not None
    assert fault.number == last("approve")


@pytest.mark.parametrize("name", ["mara", "jun"])
def test_nobody_signs_off_what_they_wrote_or_ran(name: str, cast: Cast, template: OperationTemplate) -> None:
    person = getattr(cast, name)
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    final = operation.final_text
    assert final is not None
    assert verify() is None
    with transaction.atomic():
        locked = lock(operation)
        own = decide(DecisionKind.SIGN_OFF, final, holding(person, DEVOPS), DEVOPS, at=make.NIGHT)
        facts = {"final_text": final.number, "digest": final.digest, **as_facts(own)}
        move(locked, Act.SIGN_OFF, by=person, at=make.NIGHT, **facts)
    assert verify() == Fault(last("sign_off"), f"{person} signed off what they wrote or ran")

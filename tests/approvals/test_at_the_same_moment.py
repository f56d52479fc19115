"""Two people at once never break a rule of deciding (I2)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from approvals import actions
from records.audit import verify
from records.models import (
    AuditEntry,
    Revision,
    State,
)
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from tests import make
from tests.approvals.acts import AT, approvals, approve, digest, write
from tests.people import make_cast


def together(*calls: Callable[[], object]) -> list[object]:
    """What each call answered or raised, all begun at once."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return call()
        except (Refused, WrongOrder, Changed, Incomplete) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_case_2_the_same_person_in_two_sessions_counts_once() -> None:
    cast = make_cast()
    operation = make.make_in(State.IN_REVIEW, cast, make.make_template())
    seen = digest(operation)
    together(*[lambda: approve(make.fresh(operation), cast.tomas, seen)] * 4)
    assert approvals(operation) == [("tomas", 1)]
    assert make.fresh(operation).state == State.IN_REVIEW
    assert verify() is None


@pytest.mark.django_db(transaction=True)
def test_both_approvers_at_once_approve_it_once() -> None:
    cast = make_cast()
    operation = make.make_in(State.IN_REVIEW, cast, make.make_template())
    seen = digest(operation)
    together(*[lambda by=by: approve(make.fresh(operation), by, seen) for by in (cast.tomas, cast.ada)])
    assert make.fresh(operation).state == State.APPROVED
    assert AuditEntry.objects.filter(act="approve").count() == 2
    assert verify() is None


@pytest.mark.django_db(transaction=True)
def test_case_4_approve_and_withdraw_in_the_same_moment_end_in_one_of_two_ways() -> None:
    cast = make_cast()
    operation = make.approve_by(cast, make.make_in(State.IN_REVIEW, cast, make.make_template()), "tomas")
    seen = digest(operation)
    approved, withdrawn = together(
        lambda: approve(make.fresh(operation), cast.ada, seen),
        lambda: actions.withdraw(make.fresh(operation), by=cast.mara, at=AT),
    )
    state = make.fresh(operation).state
    if state == State.DRAFT:
        assert isinstance(approved, WrongOrder)
    else:
        assert state == State.APPROVED
        assert isinstance(withdrawn, WrongOrder)


@pytest.mark.django_db(transaction=True)
def test_a_save_and_the_submission_in_the_same_moment_agree() -> None:
    """Whatever was saved is in the revision, or was refused: what is in review is what stands in the draft."""
    cast = make_cast()
    draft = make.make_draft(cast, make.make_template())
    saved, _revision = together(
        lambda: write(make.fresh(draft), cast.carl, "Twice as long"),
        lambda: actions.submit(make.fresh(draft), by=cast.mara, at=AT),
    )
    text = bytes(make.fresh(draft).revisions.get().plan_text).decode()
    assert ("Twice as long" in text) is not isinstance(saved, WrongOrder)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_and_a_submission_in_the_same_moment_hold_each_other_up_but_don_t_block() -> None:
    cast = make_cast()
    draft = make.make_draft(cast, make.make_template())
    revision, refusal = together(
        lambda: actions.submit(make.fresh(draft), by=cast.mara, at=AT),
        lambda: approve(make.fresh(draft), cast.olga, "0" * 64),
    )
    assert isinstance(revision, Revision)
    assert isinstance(refusal, Refused)
    assert verify() is None

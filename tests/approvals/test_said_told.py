"""Comments against the trail: whoever makes one say something else, or settles it past its act, is found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from approvals import actions
from approvals.models import Comment
from records import triggers
from records.audit import Fault, verify
from records.document.digest import canonical_json
from records.models import AuditEntry, Operation, OperationTemplate, Person, State
from tests import make
from tests.people import Cast
from tests.records.forgers import rechain

KEY = "operation-summary/business-impact/user-experience"
AT = make.PLANNED


@pytest.fixture
def asked(cast: Cast, template: OperationTemplate) -> Operation:
    """A question that must be settled, which is open, with its answer; another one that was settled."""
    record = make.make_in(State.IN_REVIEW, cast, template)
    for text in ("How long?", "Which hosts?"):
        actions.comment(record, key=KEY, text=text, kind="must_settle", by=cast.ada, at=AT)
    actions.send_comments(record, by=cast.ada, at=AT)
    actions.answer(record, number=first().pk, text="Two minutes", by=cast.mara, at=AT)
    actions.settle(record, number=Comment.objects.get(text="Which hosts?").pk, by=cast.ada, at=AT)
    return record


def first() -> Comment:
    return Comment.objects.get(text="How long?")


def question(**columns: Any) -> None:
    Comment.objects.filter(text="How long?").update(**columns)


def answer(**columns: Any) -> None:
    Comment.objects.filter(text="Two minutes").update(**columns)


def put_in() -> None:
    forged = first()
    forged.pk, forged.text = None, "Approved by me"
    forged.save(force_insert=True)


def sam() -> Person:
    return Person.objects.get(username="sam")


LATER = AT + dt.timedelta(hours=1)
TOLD: dict[str, tuple[Callable[[], object], str, str]] = {
    "text": (lambda: question(text="Fine"), "send_comments", "says something else"),
    "only a remark": (lambda: question(kind="remark"), "send_comments", "says something else"),
    "who asked": (lambda: question(person=sam()), "send_comments", "says something else"),
    "how they were called": (lambda: question(person_name="Sam Roth"), "send_comments", "says something else"),
    "of what": (lambda: question(label="Title"), "send_comments", "says something else"),
    "of which revision": (lambda: question(revision=None), "send_comments", "says something else"),
    "when": (lambda: question(sent_at=LATER), "send_comments", "says something else"),
    "never sent": (lambda: question(sent_at=None), "send_comments", "is missing"),
    "settled": (lambda: question(settled_at=LATER), "send_comments", "settled by no act"),
    "open": (lambda: Comment.objects.update(settled_at=None), "settle_comment", "opened again by no act"),
    "answer": (lambda: answer(text="None"), "answer_comment", "says something else"),
    "answer gone": (lambda: Comment.objects.filter(text="Two minutes").delete(), "answer_comment", "is missing"),
    "put in": (put_in, "", "no entry tells of it"),
}


@pytest.mark.parametrize("what", TOLD)
def test_what_was_said_is_not_told_otherwise_afterwards(what: str, asked: Operation) -> None:
    assert verify() is None
    tamper, act, words = TOLD[what]
    tamper()
    fault = verify()
    assert fault is not None
    number = AuditEntry.objects.get(act=act).number if act else 0
    assert (fault.number, words in fault.reason) == (number, True), fault


def test_the_first_release_told_neither_what_was_said_nor_which_answer(asked: Operation) -> None:
    triggers.remove()
    for entry in AuditEntry.objects.filter(act__in=["send_comments", "answer_comment"]).order_by("number"):
        told = json.loads(AuditEntry.objects.get(pk=entry.pk).entry)
        del told["facts"]["said"]
        told["facts"].pop("answer", None)
        rechain(entry.number, canonical_json(told).decode())
    assert verify() is None
    answer(sent_at=LATER)
    number = Comment.objects.get(text="Two minutes").pk
    assert verify() == Fault(0, f"comment {number} stands in the database as sent, and no entry tells of it")

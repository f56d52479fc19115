"""What somebody says a second time: the same words are a second click, others are heard or refused, never dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.commenting import comment
from approvals.emergency import Went
from approvals.models import Comment, Decision
from records.life_cycle import Act
from records.models import Addendum, AuditEntry, Delivery, LogEntry, Operation, OperationTemplate, Person, State
from records.refusals import WrongOrder
from records.run import handing_over, running, start_asked, starting
from records.writing.saving import save_section
from tests import make
from tests.make import NIGHT, PLANNED, ROOT, fresh
from tests.people import PASSWORD, Cast, signed_in

USERS = "operation-summary/business-impact/user-experience"
KEPT = (AuditEntry, Decision, Delivery, LogEntry, Addendum)
FIRST, OTHER = "Only with Ines awake", "Not before the backup has ended"
Made = Callable[[Cast, OperationTemplate], Operation]


@dataclass(frozen=True)
class Saying:
    """An act with what is said in it: by whom, on which record, and how; whether it can be said anew at any time."""

    by: str
    made: State | Made
    says: Callable[[Operation, str, dict[str, Any]], object]
    can_be_said_anew: bool = False


def digest_of(operation: Operation) -> str:
    return str(operation.revisions.order_by("-number")[0].digest)


def to_confirm(cast: Cast, template: OperationTemplate) -> Operation:
    draft = make.make_draft(cast, template)
    version, values = draft.sections.get(key=USERS.split("/")[0]).version, {USERS: "To confirm by 2026-11-30: the team"}
    save_section(operation=draft, key=USERS.split("/")[0], version=version, values=values, by=cast.mara, at=PLANNED)
    return make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")


def signed(cast: Cast, template: OperationTemplate) -> Operation:
    return make.sign(cast, make.make_in(State.CLOSING, cast, template))


def owing(cast: Cast, template: OperationTemplate) -> Operation:
    begun = make.begin_emergency(cast, make.make_draft(cast, template))
    running.finish_work(begun, not_reached="No time", by=cast.jun, at=NIGHT)
    return fresh(begun)


def amended(cast: Cast, template: OperationTemplate) -> Operation:
    operation = make.make_in(State.FINALIZED, cast, template)
    actions.amend(operation, text="The limit was raised later", by=cast.carl, at=NIGHT)
    return operation


def sign_off(operation: Operation, words: str, told: dict[str, Any]) -> object:
    final = operation.final_text
    assert final is not None
    return actions.sign_off(operation, digest=final.digest, actual_seen=True, password=PASSWORD, note=words, **told)


def turn_down(operation: Operation, words: str, told: dict[str, Any]) -> object:
    digest = operation.addenda.get().digest
    return actions.turn_down_addendum(operation, number=1, digest=digest, reason=words, **told)


def left_open(operation: Operation, words: str, told: dict[str, Any]) -> object:
    key = running.left_undone(operation)[0].key if operation.state == State.RUNNING else KEY_LEFT[operation.pk]
    KEY_LEFT[operation.pk] = key
    return running.finish_work(operation, not_reached="No time", reasons={key: words}, **told)


KEY_LEFT: dict[int, str] = {}
SAYINGS: dict[str, Saying] = {
    "submit": Saying("mara", State.DRAFT, lambda o, w, t: actions.submit(o, note=w, carried_hold=True, **t)),
    "ask_for_changes": Saying(
        "tomas", State.IN_REVIEW, lambda o, w, t: actions.ask_for_changes(o, digest=digest_of(o), reason=w, **t)
    ),
    "reject": Saying("ada", State.IN_REVIEW, lambda o, w, t: actions.reject(o, digest=digest_of(o), reason=w, **t)),
    "approve": Saying(
        "tomas",
        State.IN_REVIEW,
        lambda o, w, t: actions.approve(o, digest=digest_of(o), password=PASSWORD, note=w, **t),
    ),
    "take_back_approval": Saying("ada", State.APPROVED, lambda o, w, t: actions.take_back_approval(o, reason=w, **t)),
    "cancel": Saying("tomas", State.APPROVED, lambda o, w, t: actions.cancel(o, reason=w, **t)),
    "ask_for_start": Saying(
        "jun", State.APPROVED, lambda o, w, t: start_asked.ask_for_start(o, reason=w, **t), can_be_said_anew=True
    ),
    "allow_start": Saying(
        "tomas", State.APPROVED, lambda o, w, t: starting.allow_start(o, reason=w, **t), can_be_said_anew=True
    ),
    "tick_condition": Saying(
        "noor",
        to_confirm,
        lambda o, w, t: starting.tick_condition(o, key=starting.conditions_of(o)[0].key, evidence=w, **t),
    ),
    "call_off": Saying("jun", State.RUNNING, lambda o, w, t: running.call_off(o, reason=w, **t)),
    "roll_back": Saying("jun", State.RUNNING, lambda o, w, t: running.roll_back(o, trigger="Errors", sentence=w, **t)),
    "roll_back: the trigger": Saying(
        "jun", State.RUNNING, lambda o, w, t: running.roll_back(o, trigger=w, sentence="3% for 4 min", **t)
    ),
    "hand_over": Saying(
        "jun", State.RUNNING, lambda o, w, t: handing_over.hand_over(o, to=o.deputies.get(), words=w, **t)
    ),
    "finish_work": Saying("jun", State.RUNNING, lambda o, w, t: running.finish_work(o, not_reached=w, **t)),
    "finish_work: one reason": Saying("jun", State.RUNNING, left_open),
    "reopen_run": Saying("tomas", State.CLOSING, lambda o, w, t: running.reopen_run(o, evidence=w, **t)),
    "record_afterwards": Saying(
        "mara", State.DRAFT, lambda o, w, t: actions.record_afterwards(o, make.happened(o, reason=w), **t)
    ),
    "record_afterwards: left out": Saying(
        "mara", State.DRAFT, lambda o, w, t: actions.record_afterwards(o, make.happened(o, left_out=w), **t)
    ),
    "complete_plan": Saying("mara", owing, lambda o, w, t: actions.complete_plan(o, Went(left_out=w), **t)),
    "sign_off": Saying("tomas", signed, sign_off),
    "turn_down_addendum": Saying("tomas", amended, turn_down),
} | {
    f"emergency_start: {name}": Saying(
        "jun",
        State.DRAFT,
        lambda o, w, t, name=name: actions.emergency_start(o, answers={**make.ANSWERS, name: w}, **t),  # type: ignore[misc]
    )
    for name in make.ANSWERS
}
# Nothing is said in them but that it is done, or the table of times is (test_rescheduling).
WORDLESS = {"withdraw", "change_plan", "start", "reschedule"}


def made(saying: Saying, cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(saying.made, cast, template) if isinstance(saying.made, State) else saying.made(cast, template)


def counted() -> list[int]:
    return [model._default_manager.count() for model in KEPT]


def test_no_act_that_knows_a_second_click_is_left_out() -> None:
    code = [path.read_text() for room in ("records", "approvals") for path in (ROOT / room).rglob("*.py")]
    asked = {one for text in code for one in re.findall(r"\brepeated\(\w+, ([\w.\"]+), by", text)}
    names = {getattr(Act, one.removeprefix("Act."), None) or one.strip('"').lower() for one in asked}
    names = {"ask_for_start" if one == "ask" else str(one) for one in names} - {"act"}
    assert names | {"ask_for_changes", "reject"} <= {name.partition(":")[0] for name in SAYINGS} | WORDLESS
    assert len(names) >= 15


@pytest.mark.parametrize("name", SAYINGS)
def test_the_same_words_again_are_a_second_click(name: str, cast: Cast, template: OperationTemplate) -> None:
    saying = SAYINGS[name]
    operation = made(saying, cast, template)
    told = {"by": getattr(cast, saying.by), "at": NIGHT if saying.made != State.APPROVED else PLANNED}
    saying.says(fresh(operation), FIRST, told)
    before = counted()
    saying.says(fresh(operation), f" {FIRST} ", told)
    assert counted() == before


@pytest.mark.parametrize("name", SAYINGS)
def test_other_words_are_heard_or_refused(name: str, cast: Cast, template: OperationTemplate) -> None:
    """Whoever reads that they were taken in doesn't say them again."""
    saying = SAYINGS[name]
    operation = made(saying, cast, template)
    told = {"by": getattr(cast, saying.by), "at": NIGHT if saying.made != State.APPROVED else PLANNED}
    saying.says(fresh(operation), FIRST, told)
    before = counted()
    if saying.can_be_said_anew:
        saying.says(fresh(operation), OTHER, told)
        assert LogEntry.objects.filter(operation=operation, kind=name, text=OTHER).exists()
        return
    with pytest.raises(WrongOrder):
        saying.says(fresh(operation), OTHER, told)
    assert counted() == before


def test_what_was_written_since_the_approval_is_not_taken_as_sent(cast: Cast, template: OperationTemplate) -> None:
    operation = make.approve_by(cast, make.make_in(State.IN_REVIEW, cast, template), "tomas")
    comment(operation, key="header/date", text="Is it?", kind="must_settle", by=cast.tomas, at=PLANNED)
    with pytest.raises(WrongOrder, match="What you wrote since was not sent"):
        make.approve_by(cast, operation, "tomas")
    assert Comment.objects.get().sent_at is None


# ---------------------------------------------------------------- on the pages

PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "submit": ("check/", {"note": OTHER, "carried_hold": "on"}),
    "approve": ("decide/", {"decision": "approve", "reason": OTHER, "password": PASSWORD}),
    "ask_for_changes": ("decide/", {"decision": "ask_for_changes", "reason": OTHER}),
    "take_back_approval": ("take-back/", {"reason": OTHER}),
    "cancel": ("cancel/", {"reason": OTHER}),
    "tick_condition": ("run/", {"do": "confirm", "evidence": OTHER}),
    "call_off": ("run/", {"do": "call_off", "reason": OTHER}),
    "roll_back": ("rollback/", {"do": "roll_back", "trigger": "other", "other": "Errors", "sentence": OTHER}),
    "hand_over": ("run/", {"do": "hand_over", "words": OTHER}),
    "finish_work": ("run/", {"do": "finish_work", "reason": OTHER}),
    "reopen_run": ("close/", {"evidence": OTHER}),
    "emergency_start: way_back": ("emergency/", {**make.ANSWERS, "way_back": OTHER}),
    "complete_plan": ("complete-plan/", {"left_out": OTHER}),
    "sign_off": ("sign-off/", {"actual_seen": "on", "password": PASSWORD, "note": OTHER}),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_that_refuses_other_words_shows_them(
    name: str, cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    saying, (page, posted) = SAYINGS[name], PAGES[name]
    at = NIGHT if saying.made != State.APPROVED else PLANNED
    monkeypatch.setattr(timezone, "now", lambda: at)
    operation = made(saying, cast, template)
    person: Person = getattr(cast, saying.by)
    client = signed_in(person)
    saying.says(fresh(operation), FIRST, {"by": person, "at": at})
    before = counted()
    found = fresh(operation)
    digest = found.final_text.digest if found.final_text else digest_of(found)
    more = {"digest": digest, "to": str(cast.ines.pk)}
    if conditions := starting.conditions_of(found):
        more["key"] = conditions[0].key
    answer = client.post(f"{reverse('record', args=[operation.pk])}{page}", {**more, **posted})
    assert (answer.status_code, counted()) == (409, before)
    assert OTHER in answer.content.decode() and PASSWORD not in answer.content.decode()

"""The box of a review in which people decide, on exactly what was shown; and what can be done about a decision."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions, checks
from approvals.models import CommentKind, Decision
from records.models import Operation, OperationTemplate, State, Step
from records.writing.time_warnings import Warned
from tests import make
from tests.approvals.acts import USERS
from tests.approvals.review_pages import decide, page
from tests.browserless import words_of
from tests.people import PASSWORD, Cast, signed_in

# ---------------------------------------------------------------- deciding


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (-20, 900, "Look at this: The window has begun (planned start 20 min ago, 15 h left): decision, work and"),
        (
            -20,
            20,
            "Wrong: The window has begun (planned start 20 min ago, 20 min left): work and way back no longer fit",
        ),
        (-300, -121, "Wrong: The window is over (planned end 2 h ago): it needs another date."),
    ],
)
def test_a_window_that_has_begun_is_said_first(
    cast: Cast, again: Operation, begins: int, ends: int, words: str
) -> None:
    start, end = (timezone.now() + dt.timedelta(minutes=minutes, seconds=30) for minutes in (begins - 1, ends))
    Operation.objects.filter(pk=again.pk).update(window_start=start, window_end=end)
    box = words_of(page(cast.tomas, again).split('id="decision-title"')[1])
    assert words in box.replace("\N{NO-BREAK SPACE}", " ").split("Good:")[0]
    assert "is a" not in box.split("window")[0], "nothing that weighs less stands before it"


@pytest.mark.parametrize(("hours", "words"), [(23, "The window has begun"), (25, "The window is over")])
def test_a_window_without_an_end_is_over_after_a_day(cast: Cast, again: Operation, hours: int, words: str) -> None:
    start = timezone.now() - dt.timedelta(hours=hours)
    Operation.objects.filter(pk=again.pk).update(window_start=start, window_end=None)
    assert f"{words} (planned start {hours} h ago)" in words_of(page(cast.tomas, again)).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_whether_work_and_way_back_fit_is_judged_once(cast: Cast, template: OperationTemplate, monkeypatch) -> None:
    draft = make.make_draft(cast, template)
    Step.objects.filter(section__operation=draft, phase=None).update(estimate="5 min")
    submitted = make.submit(cast, draft)
    box = page(cast.tomas, submitted).split('id="decision-title"')[1]
    assert "to be done within the window" in words_of(box)
    told = [Warned("a", "a", "The way back", "can't start", weight=0, fits=False)]
    monkeypatch.setattr(checks, "plan_warnings", lambda *_: told)
    box = words_of(page(cast.tomas, submitted).split('id="decision-title"')[1])
    assert "The way back can't start" in box and "to be done within the window" not in box
    now = timezone.now()
    short = {"window_start": now - dt.timedelta(minutes=20), "window_end": now + dt.timedelta(minutes=1)}
    Operation.objects.filter(pk=submitted.pk).update(**short)
    box = words_of(page(cast.tomas, submitted).split('id="decision-title"')[1])
    assert "no longer fit into it" in box and "The way back" not in box and "to be done within the window" not in box


def test_while_it_is_changed_head_and_draft_say_what_is_open(cast: Cast, submitted: Operation) -> None:
    number = actions.comment(
        submitted, key=USERS, text="How long?", kind=CommentKind.MUST_SETTLE, by=cast.tomas, at=make.PLANNED
    ).pk
    head = page(cast.tomas, submitted).split('<header class="rec-head">')[1].split("</header>")[0]
    digest = submitted.revisions.get().digest
    actions.ask_for_changes(submitted, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    moved = make.fresh(submitted).window_start + dt.timedelta(days=400)
    Operation.objects.filter(pk=submitted.pk).update(window_start=moved, window_end=moved + dt.timedelta(hours=1))
    changed = page(cast.tomas, submitted).split('<header class="rec-head">')[1].split("</header>")[0]
    times = re.findall(r'datetime="[^"]+"', changed)
    assert times and times == re.findall(r'datetime="[^"]+"', head)[: len(times)], "the window that was sent"
    for name in ("record", "check"):
        told = signed_in(cast.mara).get(reverse(name, args=[submitted.pk])).content.decode()
        assert "1 comment must be settled before anybody approves. The plan can be sent before that" in words_of(told)
        assert f'href="{reverse("comments", args=[submitted.pk])}' in told
    assert f"#t-{number}" in told


def test_what_weighs_most_is_never_folded_away(cast: Cast, submitted: Operation, monkeypatch) -> None:
    told = [Warned("a", "a", f"Field {number}", "says “tbd”", weight=2) for number in range(7)]
    monkeypatch.setattr(checks, "plan_warnings", lambda *_: told)
    box = page(cast.tomas, submitted).split('id="decision-title"')[1]
    assert "2 more things to look at" in words_of(box)
    assert "Field 6" in words_of(box.split("<details>")[1].split("</details>")[0])


def test_nothing_is_chosen_beforehand(cast: Cast, submitted: Operation) -> None:
    told = page(cast.tomas, submitted)
    assert "checked" not in "".join(re.findall(r'<input[^>]*type="radio"[^>]*>', told))
    assert submitted.revisions.get().digest in told


def test_two_roles_approve_and_the_page_says_who_is_missing(cast: Cast, submitted: Operation) -> None:
    response = decide(cast.tomas, submitted)
    assert (response.status_code, response.url) == (302, reverse("review", args=[submitted.pk]))
    told = words_of(page(cast.tomas, submitted))
    assert "1 of 2 signed, waiting for an infrastructure approver" in told
    assert "You have approved this revision. It waits for somebody else." in told
    decide(cast.ada, submitted)
    assert make.fresh(submitted).state == State.APPROVED


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mara", "You can't approve: you wrote this plan."),
        ("carl", "You can't approve: you wrote part of this plan."),
        ("jun", "You can't approve: you are named to run it."),
        ("root", "which you don't hold"),
        ("leo", "which you don't hold"),
    ],
)
def test_who_can_t_decide_gets_the_reason_instead_of_the_box_case_1(
    cast: Cast, submitted: Operation, name: str, words: str
) -> None:
    person = getattr(cast, name)
    told = page(person, submitted)
    assert words in words_of(told)
    assert 'name="decision"' not in told
    assert decide(person, submitted).status_code == 403
    assert not Decision.objects.exists()


def test_case_25_after_five_wrong_passwords_the_right_one_waits(cast: Cast, submitted: Operation) -> None:
    for _ in range(5):
        answer = decide(cast.tomas, submitted, password="guess", reason="Only if Jun is awake")
        assert answer.status_code == 400
        assert "Only if Jun is awake" in answer.content.decode()
    answer = decide(cast.tomas, submitted)
    assert answer.status_code == 400
    assert "Too many wrong passwords. Wait a quarter of an hour" in answer.content.decode()
    assert decide(cast.ada, submitted).status_code == 302, "nobody else is locked out"
    assert Decision.objects.get().person == cast.ada


def test_a_wrong_password_leaves_its_reader_in_the_view_they_decided_in(cast: Cast, submitted: Operation) -> None:
    text = page(cast.tomas, submitted, "?view=source")
    action = html.unescape(re.search(r'<form method="post" action="([^"]+decide[^"]*)"', text)[1])  # type: ignore[index]
    posted = {"digest": submitted.revisions.get().digest, "decision": "approve", "password": "not it"}
    answer = signed_in(cast.tomas).post(action, posted)
    assert (answer.status_code, answer.context["view"], answer.context["chosen"]) == (400, "source", "approve")


def test_a_wrong_password_shows_the_page_again_with_the_reason_in_it(cast: Cast, submitted: Operation) -> None:
    response = decide(cast.tomas, submitted, password="not it", reason="Call me at 04:40")
    told = response.content.decode()
    assert response.status_code == 400
    assert "<title>Error: " in told
    assert "That is not your password. Nothing was signed." in words_of(told)
    assert "Call me at 04:40" in told
    assert "not it" not in told
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words", "anchor"),
    [
        ({"decision": ""}, "Choose what you decide", "#decision-1"),
        ({"decision": "ask_for_changes"}, "Say why", "#id_reason"),
        ({"decision": "reject"}, "Say why", "#id_reason"),
        ({"password": ""}, "Enter your password", "#id_password"),
        ({"reason": "a\0b"}, "Null characters are not allowed", "#id_reason"),
    ],
)
def test_what_is_missing_is_asked_for_where_it_belongs(
    cast: Cast, submitted: Operation, fields: dict[str, str], words: str, anchor: str
) -> None:
    response = decide(cast.tomas, submitted, **fields)
    told = response.content.decode()
    assert response.status_code == 400
    assert words in told
    assert f'href="{anchor}"' in told
    assert not Decision.objects.exists()


def test_asking_for_changes_and_rejecting_need_a_reason_and_no_password(cast: Cast, submitted: Operation) -> None:
    decide(cast.tomas, submitted, decision="ask_for_changes", reason="Say how long", password="")
    assert make.fresh(submitted).state == State.CHANGES_REQUESTED
    submitted = make.submit(cast, make.fresh(submitted), at=make.PLANNED + dt.timedelta(hours=1))
    decide(cast.tomas, submitted, decision="reject", reason="Too early", password="")
    assert make.fresh(submitted).state == State.REJECTED


def test_another_plan_than_the_one_seen_is_never_approved_case_4(cast: Cast, again: Operation) -> None:
    old = again.revisions.get(number=1).digest
    response = decide(cast.tomas, again, digest=old, reason="Fine by me")
    told = response.content.decode()
    assert response.status_code == 409
    assert "This is no longer the plan you looked at" in told
    assert "</span>two</ins>" in told, "the new difference is shown"
    assert "Fine by me" in told
    assert again.revisions.get(number=2).digest in told
    assert not Decision.objects.filter(kind="approve").exists()


@pytest.mark.parametrize("digest", ["", "x" * 64, "é\u202e", "a\0b"])
def test_a_digest_that_nobody_was_shown_decides_nothing(cast: Cast, submitted: Operation, digest: str) -> None:
    assert decide(cast.tomas, submitted, digest=digest).status_code in (400, 409)
    assert not Decision.objects.exists()


def test_a_get_decides_nothing_case_8(cast: Cast, submitted: Operation) -> None:
    client = signed_in(cast.tomas)
    assert client.get(reverse("decide", args=[submitted.pk])).status_code == 405
    assert client.get(reverse("act", args=[submitted.pk, "withdraw"])).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.tomas)
    digest = submitted.revisions.get().digest
    posted = {"digest": digest, "decision": "approve", "password": PASSWORD}
    assert strict.post(reverse("decide", args=[submitted.pk]), posted).status_code == 403
    assert not Decision.objects.exists()


# ---------------------------------------------------------------- the other acts


def test_the_author_withdraws_and_is_told_whose_approval_that_voids(cast: Cast, submitted: Operation) -> None:
    make.approve_by(cast, submitted, "tomas")
    assert "This voids the approval of Tomas Okafor." in words_of(page(cast.mara, submitted))
    assert "Withdraw it from review" not in page(cast.ada, submitted)
    signed_in(cast.mara).post(reverse("act", args=[submitted.pk, "withdraw"]))
    assert make.fresh(submitted).state == State.DRAFT


def test_an_approval_is_taken_back_with_a_reason_by_who_gave_it(cast: Cast, submitted: Operation) -> None:
    approved = make.approve_by(cast, submitted, "tomas", "ada")
    assert "Take my approval back" in page(cast.ada, approved)
    assert "Take my approval back" not in page(cast.sam, approved)
    url = reverse("act", args=[approved.pk, "take-back"])
    response = signed_in(cast.ada).post(url, {"reason": " "})
    assert (response.status_code, "Say why" in response.content.decode()) == (400, True)
    assert signed_in(cast.sam).post(url, {"reason": "mine"}).status_code == 403
    assert signed_in(cast.ada).post(url, {"reason": "New advisory"}).status_code == 302
    assert make.fresh(approved).state == State.IN_REVIEW


def test_the_bytes_of_a_revision_are_downloaded_as_they_are_stored(cast: Cast, submitted: Operation) -> None:
    response = signed_in(cast.ada).get(reverse("revision_text", args=[submitted.pk, 1]))
    assert response.content == bytes(submitted.revisions.get().plan_text)
    assert response["Content-Disposition"].endswith('-revision-1.md"')
    assert signed_in(cast.ada).get(reverse("revision_text", args=[submitted.pk, 7])).status_code == 404

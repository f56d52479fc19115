"""Comments before the first submission: by whoever sees the draft, at its fields, and they go on with the record."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.models import Comment
from records.models import AuditEntry, Delivery, Operation, OperationTemplate, Person, State
from records.refusals import Refused, WrongOrder
from records.writing.people import name_people
from tests import make
from tests.approvals.acts import AT, USERS, approve
from tests.approvals.comment_pages import ask, opened, review, waiting
from tests.approvals.review_pages import SUMMARY
from tests.browserless import seen
from tests.people import Cast

SEERS = ("mara", "carl", "jun", "ines", "noor", "tomas", "vera")


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.DRAFT, cast, template)


def sent(operation: Operation, by: Person, text: str = "How long?", kind: str = "remark", key: str = USERS) -> int:
    number = ask(operation, by, text, kind, key)
    actions.send_comments(operation, by=by, at=AT)
    return number


def test_whoever_sees_a_draft_comments_on_it(cast: Cast, draft: Operation) -> None:
    for name in SEERS:
        by = getattr(cast, name)
        told = Comment.objects.get(pk=sent(draft, by, f"{name} asks how long"))
        assert (told.revision, told.label, told.section_key) == (None, "User Experience", SUMMARY)
        assert AuditEntry.objects.filter(operation=draft, act="send_comments", person=by).count() == 1
    read = seen(cast.carl, reverse("section", args=[draft.pk, SUMMARY]))
    assert all(f"{name} asks how long" in read for name in SEERS)


@pytest.mark.parametrize("name", ["ada", "root"])
def test_nobody_else_does(cast: Cast, draft: Operation, name: str) -> None:
    person = getattr(cast, name)
    number = sent(draft, cast.tomas)
    for act in (
        lambda: ask(draft, person, kind="remark"),
        lambda: actions.answer(draft, number=number, text="So", by=person, at=AT),
        lambda: actions.settle(draft, number=number, by=person, at=AT),
    ):
        with pytest.raises(Refused, match="This draft is its author's"):
            act()


def test_the_writers_get_one_mail_and_the_others_of_a_thread_the_answer(cast: Cast, draft: Operation) -> None:
    ask(draft, cast.tomas, "Which host?", "remark", SUMMARY)
    number = sent(draft, cast.tomas)
    told = Delivery.objects.filter(event="commented").values_list("person__username", flat=True)
    assert sorted(told) == ["carl", "mara"], "a mail each for both comments; the team is not troubled with a draft"
    actions.answer(draft, number=number, text="Two minutes", by=cast.carl, at=AT)
    told = Delivery.objects.filter(event="answered").values_list("person__username", flat=True)
    assert sorted(told) == ["mara", "tomas"]
    assert waiting(cast.mara) == ["Operation Summary: Tomas Okafor", "User Experience: Carl Nyberg"]


def test_who_is_no_longer_named_in_a_draft_hears_no_answer(cast: Cast, draft: Operation) -> None:
    number = sent(draft, cast.ines)
    name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, deputies=[], at=AT)
    actions.answer(make.fresh(draft), number=number, text="Two minutes", by=cast.mara, at=AT)
    assert not Delivery.objects.filter(event="answered").exists()


def test_only_who_could_approve_it_asks_for_something_that_must_be_settled(cast: Cast, draft: Operation) -> None:
    for name in set(SEERS) - {"tomas"}:
        with pytest.raises(Refused, match="Only who may decide on this plan"):
            ask(draft, getattr(cast, name))
    assert ask(draft, cast.tomas)


def test_what_was_asked_of_a_draft_goes_on_with_the_record(cast: Cast, draft: Operation) -> None:
    """It is told before the submission, read in the review, and bars the approval until it is settled."""
    number = sent(draft, cast.tomas, kind="must_settle")
    kept = ask(draft, cast.tomas, "And at night?", "remark")
    for page in ("record", "check"):
        assert "1 comment must be settled before anybody approves" in seen(cast.mara, reverse(page, args=[draft.pk]))
    sent_again = make.submit(cast, draft)
    told = seen(cast.ada, review(sent_again))
    assert re.search(r"on the draft Must be settled ?How long\?", told)
    assert "And at night?" not in told
    assert "1 comment has to be settled before anybody approves" in seen(cast.tomas, review(sent_again, "brief"))
    with pytest.raises(WrongOrder, match="What Tomas Okafor asked about “User Experience” must be settled first"):
        approve(sent_again, cast.ada)
    actions.settle(sent_again, number=number, by=cast.tomas, at=AT)
    approve(sent_again, cast.ada)
    approve(sent_again, cast.tomas)
    assert Comment.objects.get(pk=kept).sent_at == AT, "what waited goes with the decision"
    assert make.fresh(sent_again).state == State.APPROVED


def test_a_comment_on_a_draft_is_no_review(cast: Cast, draft: Operation) -> None:
    """Whoever said something of the draft reads the whole plan at first, and their queue counts no changes."""
    sent(draft, cast.tomas)
    in_review = make.submit(cast, draft, at=AT + dt.timedelta(hours=1))
    assert 'aria-current="page">Brief' in opened(cast.tomas, reverse("review", args=[in_review.pk])).text
    assert "PostgreSQL 14 to 16" in seen(cast.tomas, reverse("decisions"))


def test_nothing_is_said_of_a_draft_that_was_cancelled(cast: Cast, draft: Operation) -> None:
    sent(draft, cast.tomas)
    actions.cancel(draft, reason="Not needed", by=cast.mara, at=AT)
    with pytest.raises(WrongOrder, match="This record has ended"):
        ask(draft, cast.tomas, kind="remark")
    assert "How long?" in seen(cast.mara, reverse("comments", args=[draft.pk]))


def test_a_draft_is_commented_on_from_its_sections_without_a_script(cast: Cast, draft: Operation) -> None:
    """Its author from the field; the supervisor, to whom the section is locked, from its end, by choosing the field."""
    section = reverse("section", args=[draft.pk, SUMMARY])
    link = re.findall(rf'href="([^"]*comment={re.escape(USERS)}[^"]*)"', opened(cast.mara, section).text)
    assert f'value="{USERS}" selected' in opened(cast.mara, link[0]).text
    link = re.findall(rf'href="([^"]*comment={SUMMARY}#[^"]*)"', opened(cast.tomas, section).text)
    page = opened(cast.tomas, link[0])
    assert page.fields("write")["key"] == SUMMARY
    refused = page.send({"key": USERS, "text": " "}, form="write", do="write")
    assert (refused.status, "Write what you want to say" in refused.text) == (400, True)
    page = page.send({"key": USERS, "text": "How long?", "kind": "remark"}, form="write", do="write")
    assert "1 comment of yours is not sent yet." in page.text
    assert page.address.startswith(reverse("comments", args=[draft.pk]))
    form = next(owner for owner, name, value in page.parsed.buttons if (name, value) == ("do", "send"))
    page = page.send(form=form, do="send")
    assert "1 comment was sent." in page.text
    assert f'href="{section}#f-{USERS}"' in page.text, "to the field, where there is no review page to lead to"
    assert "1 open remark" in seen(cast.mara, reverse("record", args=[draft.pk]))


def test_a_field_that_the_level_does_not_ask_for_is_not_folded_away_with_its_comment(
    cast: Cast, template: OperationTemplate
) -> None:
    header = {"header/risk-level": "Low"}
    draft = make.start_record(author=cast.mara, template=template, at=AT, values=header)
    page = reverse("section", args=[draft.pk, SUMMARY])
    folded = '<details class="unasked"'
    assert f"{folded}>" in opened(cast.mara, page).text
    sent(draft, cast.mara, key=f"{SUMMARY}/business-impact/availability")
    sent(draft, cast.mara, key=f"{SUMMARY}/infrastructure-rationale/compliance")
    told = opened(cast.mara, page).text
    assert f"{folded} open>" in told and '<details class="unasked mt-4" open>' in told
    assert f"{folded}>" not in told.partition('mt-4" open>')[0]


def test_pages_of_a_draft_with_comments_ask_the_database_as_often(
    cast: Cast, draft: Operation, django_assert_max_num_queries
) -> None:
    for number in range(8):
        asked = sent(draft, cast.tomas, f"Question {number}")
        actions.answer(draft, number=asked, text="So", by=cast.mara, at=AT)
    client = Client()
    client.force_login(cast.mara)
    for url in (
        reverse("comments", args=[draft.pk]),
        reverse("section", args=[draft.pk, SUMMARY]),
        reverse("record", args=[draft.pk]),
    ):
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200

"""Comments on a plan: pending, sent, answered, settled; and what must be settled stands in the way of approval."""

import datetime as dt
import io
import json
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions, bundle_verifier
from approvals.bundle import bundle_of
from approvals.models import Comment
from records.audit import facts_in
from records.models import AuditEntry, Delivery, Operation, Person, Revision, State
from records.refusals import Refused, WrongOrder
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from records.writing.saving import save_section
from tests import make
from tests.approvals.acts import AT, USERS, approve
from tests.approvals.comment_pages import ask, opened, review, waiting
from tests.approvals.review_pages import SUMMARY
from tests.browserless import seen
from tests.people import Cast


def newest(operation: Operation) -> Revision:
    return operation.revisions.order_by("-number")[0]


# ---------------------------------------------------------------- the acts


def test_the_trail_tells_who_answered_and_who_settled(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    actions.answer(in_review, number=number, text="Five minutes", by=cast.mara, at=AT)
    actions.settle(in_review, number=number, by=cast.tomas, at=AT)
    actions.reopen(in_review, number=number, by=cast.tomas, at=AT)
    told = AuditEntry.objects.filter(operation=in_review, act__endswith="comment").order_by("number")
    assert [(one.act, one.person, facts_in(one)["comment"]) for one in told] == [
        ("answer_comment", cast.mara, number),
        ("settle_comment", cast.tomas, number),
        ("reopen_comment", cast.tomas, number),
    ]


def test_a_comment_is_its_writers_alone_until_it_is_sent(cast: Cast, in_review: Operation) -> None:
    ask(in_review, cast.tomas)
    assert "How long?" in seen(cast.tomas, review(in_review))
    for person in (cast.ada, cast.mara, cast.vera, cast.root):
        assert "How long?" not in seen(person, review(in_review))
    assert not Delivery.objects.filter(event="commented").exists()
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    assert "How long?" in seen(cast.ada, review(in_review))
    mail = Delivery.objects.get(event="commented", person=cast.mara)
    assert "User Experience (Tomas Okafor, must be settled):\nHow long?" in mail.body
    assert f"/records/{in_review.pk}/comments/" in mail.body


def test_sending_again_sends_nothing(cast: Cast, in_review: Operation) -> None:
    ask(in_review, cast.tomas)
    assert len(actions.send_comments(in_review, by=cast.tomas, at=AT)) == 1
    assert actions.send_comments(in_review, by=cast.tomas, at=AT) == []
    assert AuditEntry.objects.filter(act="send_comments").count() == 1


@pytest.mark.parametrize("decision", ["ask_for_changes", "reject"])
def test_what_is_pending_goes_with_the_decision(cast: Cast, in_review: Operation, decision: str) -> None:
    ask(in_review, cast.tomas)
    act = getattr(actions, decision)
    act(in_review, digest=newest(in_review).digest, reason="Not yet", by=cast.tomas, at=AT)
    assert Comment.objects.get().sent_at == AT
    body = Delivery.objects.exclude(event="review_asked").get(person=cast.mara).body
    assert "Not yet" in body
    assert "How long?" in body


def test_nothing_is_sent_with_a_decision_that_was_refused(cast: Cast, in_review: Operation) -> None:
    ask(in_review, cast.ada, kind="remark")
    with pytest.raises(Refused):
        actions.approve(in_review, digest=newest(in_review).digest, password="wrong", by=cast.ada, at=AT)
    assert Comment.objects.get().sent_at is None
    approve(in_review, cast.ada)
    assert Comment.objects.get().sent_at == AT


def test_nobody_approves_while_something_must_be_settled(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    approve(in_review, cast.ada)  # what another has not sent yet stops nobody
    with pytest.raises(WrongOrder, match="You asked about “User Experience”, which must be settled: settle it first"):
        approve(in_review, cast.tomas)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    with pytest.raises(WrongOrder, match="settle it first"):
        approve(in_review, cast.tomas)
    assert make.fresh(in_review).state == State.IN_REVIEW
    actions.settle(in_review, number=number, by=cast.tomas, at=AT)
    approve(in_review, cast.tomas)
    assert make.fresh(in_review).state == State.APPROVED


def test_a_question_of_an_earlier_revision_still_has_to_be_settled(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    actions.ask_for_changes(in_review, digest=newest(in_review).digest, reason="See there", by=cast.tomas, at=AT)
    again = make.submit(cast, make.fresh(in_review), at=AT + dt.timedelta(hours=1))
    words = "What Tomas Okafor asked about “User Experience” must be settled first; only who asked can settle it."
    with pytest.raises(WrongOrder) as raised:
        approve(again, cast.ada)
    assert str(raised.value) == words
    actions.settle(again, number=number, by=cast.tomas, at=AT)
    approve(again, cast.ada)


def test_lists_of_sections_say_where_something_must_be_settled(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    ask(in_review, cast.tomas, kind="remark")
    section = reverse("section", args=[in_review.pk, "infrastructure-operation-steps"])
    pages = {reverse("record", args=[in_review.pk]): "1 comment to settle", section: "1 comment to settle"}
    assert not any(words in seen(cast.mara, url) for url, words in pages.items()), "nothing is sent yet"
    actions.ask_for_changes(in_review, digest=newest(in_review).digest, reason="Why", by=cast.tomas, at=AT)
    assert all(seen(cast.mara, url).count(words) == 1 for url, words in pages.items())
    actions.settle(in_review, number=number, by=cast.tomas, at=AT)
    assert not any(words in seen(cast.mara, url) for url, words in pages.items())


@pytest.mark.parametrize("name", ["mara", "ada", "jun", "root"])
def test_only_who_asked_settles(cast: Cast, in_review: Operation, name: str) -> None:
    number = ask(in_review, cast.tomas)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    with pytest.raises(Refused, match="Only Tomas Okafor, who asked, can settle it"):
        actions.settle(in_review, number=number, by=getattr(cast, name), at=AT)
    assert Comment.objects.get().settled_at is None


def test_an_approver_settles_for_somebody_who_has_left_and_nobody_else(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    Person.objects.filter(pk=cast.tomas.pk).update(is_active=False)
    for name in ("mara", "carl", "sam", "root"):
        with pytest.raises(Refused):
            actions.settle(in_review, number=number, by=getattr(cast, name), at=AT)
    actions.settle(in_review, number=number, by=cast.ada, at=AT)
    assert Comment.objects.get().settled_at == AT


def test_who_may_no_longer_decide_sends_nothing_that_stands_in_the_way(cast: Cast, in_review: Operation) -> None:
    """Written while they held the role, it would keep everybody else from approving until they settle it."""
    number = ask(in_review, cast.ada)
    cast.ada.holdings.update(until=AT.date() - dt.timedelta(days=1))
    with pytest.raises(Refused, match="Only who may decide on this plan"):
        actions.send_comments(in_review, by=cast.ada, at=AT)
    approve(in_review, cast.tomas)
    actions.change_comment(in_review, number=number, text="How long?", kind="remark", by=cast.ada, at=AT)
    assert [one.pk for one in actions.send_comments(in_review, by=cast.ada, at=AT)] == [number]


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "olga", "root", "vera"])
def test_who_may_not_decide_can_only_remark(cast: Cast, in_review: Operation, name: str) -> None:
    person = getattr(cast, name)
    with pytest.raises(Refused, match="Only who may decide on this plan"):
        ask(in_review, person)
    number = ask(in_review, person, kind="remark")
    with pytest.raises(Refused, match="Only who may decide on this plan"):
        actions.change_comment(in_review, number=number, text="Now it must", kind="must_settle", by=person, at=AT)
    assert Comment.objects.get().kind == "remark"


def test_an_answer_goes_to_everybody_of_the_thread(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    actions.answer(in_review, number=number, text="Twelve minutes.", by=cast.carl, at=AT)
    asked = Delivery.objects.filter(event="answered").values_list("person__username", flat=True)
    assert set(asked) == {"tomas", "mara"}
    assert "Twelve minutes." in seen(cast.ada, review(in_review))


def test_what_was_sent_is_neither_changed_nor_dropped(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    actions.change_comment(in_review, number=number, text="How long exactly?", kind="must_settle", by=cast.tomas, at=AT)
    with pytest.raises(Refused, match="not a comment of yours"):
        actions.delete_comment(in_review, number=number, by=cast.ada)
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    with pytest.raises(WrongOrder, match="It was sent already"):
        actions.change_comment(in_review, number=number, text="x", kind="remark", by=cast.tomas, at=AT)
    with pytest.raises(WrongOrder, match="It was sent already"):
        actions.delete_comment(in_review, number=number, by=cast.tomas)
    assert Comment.objects.get().text == "How long exactly?"
    assert ask(in_review, cast.tomas)
    actions.delete_comment(in_review, number=Comment.objects.latest("pk").pk, by=cast.tomas)
    assert Comment.objects.count() == 1


def test_nothing_is_said_any_more_once_a_record_has_ended(cast: Cast, in_review: Operation) -> None:
    actions.cancel(in_review, reason="Not needed", by=cast.mara, at=AT)
    with pytest.raises(WrongOrder, match="This record has ended"):
        ask(in_review, cast.olga, kind="remark")


# ---------------------------------------------------------------- the pages


def test_a_field_is_commented_on_where_it_stands_without_a_script(cast: Cast, in_review: Operation) -> None:
    """Written from the address of the field, changed, sent; each time back in the view it was written in."""
    page = opened(cast.tomas, f"{review(in_review, 'whole')}&comment={USERS}#write-text")
    assert page.fields("write")["key"] == USERS
    page = page.send({"text": "How long?", "kind": "must_settle"}, form="write", do="write")
    assert page.address.startswith(review(in_review, "whole"))
    assert "How long?" in page.text
    number = Comment.objects.get().pk
    page = opened(cast.tomas, f"{review(in_review, 'whole')}&change={number}#write-text")
    assert (page.fields("write")["text"], page.fields("write")["kind"]) == ("How long?", "must_settle")
    page = page.send({"text": "How long exactly?"}, form="write", do="change")
    assert "1 comment of yours is not sent yet." in page.text
    form = next(owner for owner, name, value in page.parsed.buttons if (name, value) == ("do", "send"))
    page = page.send(form=form, do="send")
    assert "1 comment was sent." in page.text
    assert "1 comment has to be settled before anybody approves" in page.text


def test_a_comment_that_was_deleted_comes_back(cast: Cast, in_review: Operation) -> None:
    """Without a question and without a script; offered once, and on no other record."""
    words = "How <b>long</b>?"
    number = ask(in_review, cast.tomas, words, "must_settle")
    page = opened(cast.tomas, reverse("comments", args=[in_review.pk]))
    form = next(owner for owner, name, value in page.parsed.buttons if (name, value) == ("do", "delete"))
    page = page.send(form=form, do="delete")
    assert not Comment.objects.filter(pk=number).exists()
    assert "Deleted: your comment on “User Experience”." in page.text
    form = next(owner for owner, name, value in page.parsed.buttons if (name, value) == ("do", "write"))
    assert "Deleted" not in page.client.get(page.address).content.decode()
    assert "How &lt;b&gt;long&lt;/b&gt;?" in page.send(form=form, do="write").text
    back = Comment.objects.get()
    assert (back.key, back.kind, back.text, back.sent_at) == (USERS, "must_settle", words, None)


def test_a_comment_that_can_t_be_taken_keeps_its_text(cast: Cast, in_review: Operation) -> None:
    client = Client()
    client.force_login(cast.mara)
    url = reverse("comments", args=[in_review.pk])
    for posted, status, words in (
        ({"key": USERS, "text": " \n", "kind": "remark"}, 400, "Write what you want to say"),
        ({"key": USERS, "text": "Kept <b>words</b>", "kind": "must_settle"}, 403, "Only who may decide"),
        ({"key": "no/such/field", "text": "Kept <b>words</b>", "kind": "remark"}, 403, "There is no such field"),
        ({"key": USERS, "text": "Kept <b>words</b>" + "x" * 10_000, "kind": "remark"}, 400, "at most 10000 characters"),
        ({"key": USERS, "text": "Kept <b>words</b>\0", "kind": "remark"}, 400, "NUL"),
    ):
        response = client.post(url, posted)
        told = response.content.decode()
        assert (response.status_code, words in told) == (status, True)
        assert ("Kept &lt;b&gt;words&lt;/b&gt;" in told) is ("Kept" in posted["text"])
    assert not Comment.objects.exists()


def test_the_author_reads_it_beside_the_field_and_answers(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas, "<script>How long?</script>")
    plan = "infrastructure-operation-steps"
    step = make.fresh(in_review).sections.get(key=plan).step_set.filter(phase__isnull=False)[1]
    ask(in_review, cast.tomas, "Which host?", "remark", f"{step.key}.title")
    ask(in_review, cast.tomas, "Who else?", "remark", "people.deputies")
    actions.ask_for_changes(in_review, digest=newest(in_review).digest, reason="See there", by=cast.tomas, at=AT)
    told = opened(cast.mara, reverse("section", args=[in_review.pk, SUMMARY])).text
    assert "<script>How" not in told
    at, field = told.index("&lt;script&gt;How long?"), told.index(f'name="{USERS}"')
    assert field < at < told.index("</form>", field), "beside its field, in the form"
    told = opened(cast.mara, reverse("section", args=[in_review.pk, plan])).text
    assert re.search(f'<details class="stepx mini" open data-row><summary id="r-{step.key}"', told), (
        "the row with a comment is not folded away"
    )
    assert "Which host?" in told
    assert "Who else?" in opened(cast.mara, reverse("section", args=[in_review.pk, "header"])).text
    page = opened(cast.mara, f"{reverse('comments', args=[in_review.pk])}?answer={number}#write-text")
    page = page.send({"text": "Twelve minutes."}, form="write", do="answer")
    assert (page.status, "Twelve minutes." in page.text) == (200, True)
    to_field = f'href="{reverse("section", args=[in_review.pk, SUMMARY])}#f-{USERS}"'
    assert to_field in page.text, "its author goes from the comment to the field"
    assert to_field not in opened(cast.tomas, review(in_review)).text
    told = seen(cast.mara, reverse("section", args=[in_review.pk, SUMMARY]))
    assert re.search(r"You now ?, on revision 1 Twelve minutes\.", told)


def test_a_comment_whose_field_is_gone_is_still_read(cast: Cast, in_review: Operation) -> None:
    steps = "infrastructure-operation-steps"
    section = in_review.sections.get(key=steps)
    step = section.step_set.filter(phase__isnull=False)[0]
    ask(in_review, cast.tomas, "Which host?", "remark", f"{step.key}.title")
    actions.ask_for_changes(in_review, digest=newest(in_review).digest, reason="See there", by=cast.tomas, at=AT)
    draft = make.fresh(in_review)
    save_section(
        operation=draft, key=steps, version=section.version, values={f"{step.block}.rows": "[]"}, by=cast.mara, at=AT
    )
    assert "Which host?" in seen(cast.mara, reverse("section", args=[draft.pk, steps]))
    assert "Which host?" in seen(cast.mara, review(draft, "whole"))


def test_pages_with_comments_ask_the_database_as_often_as_those_without(
    cast: Cast, in_review: Operation, django_assert_max_num_queries
) -> None:
    for number in range(12):
        asked = ask(in_review, cast.tomas, f"Question {number}")
        actions.send_comments(in_review, by=cast.tomas, at=AT)
        actions.answer(in_review, number=asked, text="So", by=cast.mara, at=AT)
    actions.ask_for_changes(in_review, digest=newest(in_review).digest, reason="See there", by=cast.tomas, at=AT)
    client = Client()
    client.force_login(cast.mara)
    for view in ("brief", "changes", "whole", "comments", "history"):
        with django_assert_max_num_queries(12):
            assert client.get(review(in_review, view)).status_code == 200
    for key in (SUMMARY, "header", "infrastructure-operation-steps"):
        with django_assert_max_num_queries(12):
            assert client.get(reverse("section", args=[in_review.pk, key])).status_code == 200


def test_whoever_has_the_next_word_finds_the_thread_at_home(cast: Cast, in_review: Operation) -> None:
    number = ask(in_review, cast.tomas)
    assert waiting(cast.mara) == [], "not sent yet"
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    assert waiting(cast.mara) == waiting(cast.carl) == ["User Experience: Tomas Okafor"]
    assert waiting(cast.tomas) == waiting(cast.ada) == waiting(cast.jun) == []
    told = seen(cast.mara, reverse("home"))
    assert "Comments that wait for you User Experience PostgreSQL 14 to 16" in told and "must be settled" in told
    actions.answer(in_review, number=number, text="Two minutes", by=cast.carl, at=AT + dt.timedelta(hours=1))
    assert waiting(cast.mara) == waiting(cast.tomas) == ["User Experience: Carl Nyberg"]
    assert waiting(cast.carl) == []
    page = opened(cast.tomas, reverse("home"))
    assert "yours to settle" in page.text
    link = re.findall(r'href="(/records/[0-9]+/comments/#t-[0-9]+)"', page.text)
    assert opened(cast.tomas, link[0]).status == 200
    actions.settle(in_review, number=number, by=cast.tomas, at=AT)
    assert waiting(cast.mara) == waiting(cast.tomas) == []


def test_nothing_waits_at_a_plan_that_is_no_longer_talked_about(cast: Cast, in_review: Operation) -> None:
    ask(in_review, cast.tomas, kind="remark")
    make.approve_by(cast, in_review, "tomas", "ada")
    assert waiting(cast.mara) == []


def test_a_field_is_commented_on_from_where_it_is_written(cast: Cast, in_review: Operation) -> None:
    """Its author asks back while changing the plan; what was added since the revision is asked about by section."""
    digest = newest(in_review).digest
    actions.ask_for_changes(in_review, digest=digest, reason="Say how long", by=cast.tomas, at=AT)
    page = opened(cast.mara, reverse("section", args=[in_review.pk, SUMMARY]))
    link = re.findall(rf'href="([^"]*comment={re.escape(USERS)}[^"]*)"', page.text)
    form = opened(cast.mara, link[0])
    back = f"{reverse('section', args=[in_review.pk, SUMMARY])}#f-{USERS}"
    assert f'href="{back}">' in form.text.split('id="write"')[1].split("</form>")[0]
    assert f'value="{USERS}" selected' in form.text
    added = opened(cast.mara, f"/records/{in_review.pk}/comments/?comment={SUMMARY}/intro/added#write-text")
    assert f'value="{SUMMARY}" selected' in added.text


# ---------------------------------------------------------------- afterwards


def test_what_was_said_leaves_with_the_record_and_is_read_in_its_history(cast: Cast, in_review: Operation) -> None:
    """Each text once in log, JSON and evidence, an answer behind its question; what was never sent in none of them."""
    number = ask(in_review, cast.tomas, "How long is it slow?")
    ask(in_review, cast.olga, "Never sent", kind="remark")
    actions.send_comments(in_review, by=cast.tomas, at=AT)
    actions.answer(in_review, number=number, text="Ten minutes", by=cast.mara, at=AT + dt.timedelta(minutes=5))
    actions.settle(in_review, number=number, by=cast.tomas, at=AT + dt.timedelta(minutes=9))
    run = make.work(cast, make.start(cast, make.approve_by(cast, in_review, "tomas", "ada")))
    record = make.sign_off(cast, make.sign(cast, run))
    assert bundle_verifier.check(bundle_of(record))
    with zipfile.ZipFile(io.BytesIO(bundle_of(record))) as archive:
        kept = json.loads(archive.read("comments.json"))
    assert kept == json.loads(json_of(record))["account"]["comments"]
    asked, answered = kept
    assert (asked["text"], asked["must_settle"], asked["revision"]) == ("How long is it slow?", True, 1)
    assert asked["settled_at"] == "2026-11-26T09:09:00Z" and asked["person"]["user"] == "tomas"
    assert (answered["text"], answered["answers"]) == ("Ten minutes", asked["number"])
    log = companion_of(record).decode().partition("## Comments on the plan\n\n")[2].partition("\n## ")[0].splitlines()
    on = "2026-11-26 09:00:00 UTC, on revision 1, must be settled, settled 2026-11-26 09:09:00 UTC"
    assert log[0] == f"- **User Experience**: Tomas Okafor, {on}: How long is it slow?"
    assert log[1].endswith("2026-11-26 09:05:00 UTC, on revision 1: Ten minutes") and "answer" in log[1]
    history = opened(cast.vera, reverse("history", args=[record.pk])).text
    assert history.count("How long is it slow?") == 2 and history.count("Ten minutes") == 1  # asked, and settled
    link = f"{reverse('comments', args=[record.pk])}#t-{number}"
    assert history.count(link) == 3
    assert "Ten minutes" in opened(cast.vera, link).text
    assert reverse("comments", args=[record.pk]) in opened(cast.vera, reverse("record", args=[record.pk])).text

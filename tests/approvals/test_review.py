"""The review page: what is new to the reader, all of the plan, and a decision on exactly what was shown."""

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions, checks
from approvals.models import CommentKind, Decision
from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, Person, State, Step
from records.refusals import Incomplete
from records.writing.time_warnings import Warned
from tests import make
from tests.approvals.acts import USERS
from tests.approvals.review_pages import STEPS, SUMMARY, page, save
from tests.browserless import words_of
from tests.people import PASSWORD, Cast, signed_in


def decide(person: Person, operation: Operation, **fields: str):
    newest = operation.revisions.first()
    assert newest is not None
    posted = {"digest": newest.digest, "decision": "approve", "reason": "", "password": PASSWORD} | fields
    return signed_in(person).post(reverse("decide", args=[operation.pk]), posted)


# ---------------------------------------------------------------- reading


def test_a_first_review_opens_on_the_brief(cast: Cast, submitted: Operation) -> None:
    told = words_of(page(cast.ada, submitted))
    assert "In brief" in told
    for words in ("Hosts", "Top risks", "Way back", "Point of no return", "Not applicable"):
        assert words in told
    assert "The orders cluster moves from PostgreSQL 14 to PostgreSQL 16." in told


def test_a_later_review_opens_on_what_changed_since_ones_own_last_one(cast: Cast, again: Operation) -> None:
    told = page(cast.tomas, again)
    assert "2 fields in 2 sections changed since you asked for changes on revision 1." in words_of(told)
    assert "You asked: “Say how long”" in words_of(told)
    assert "</span>two</ins>" in "".join(re.findall(r"<ins>.*?</ins>", told))
    assert "31 min" in "".join(re.findall(r"<ins>.*?</ins>", told))
    assert "In brief" in words_of(page(cast.ada, again)), "who never reviewed it reads the whole"


def test_all_that_changed_is_named_above_the_changes(cast: Cast, again: Operation) -> None:
    told = page(cast.tomas, again)
    names = re.findall(r"<li>(<a href=.#s-.*?)</li>", told)
    assert [re.sub("<.*?>", "", one) for one in names] == [
        "Operation Summary: User Experience",
        "Infrastructure Operation Steps: 1.1 Infrastructure Preparation, estimate",
    ]
    assert told.index("#s-operation-summary") < told.index("You asked:") < told.index('id="s-operation-summary"')


def test_one_change_is_named_by_itself_alone_and_none_is_said_to_be_none(cast: Cast, submitted: Operation) -> None:
    digest = submitted.revisions.get().digest
    actions.ask_for_changes(submitted, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    again = make.submit(cast, make.fresh(submitted), at=make.PLANNED + dt.timedelta(hours=1))
    assert "Nothing changed since you asked for changes on revision 1." in words_of(page(cast.tomas, again))
    digest = again.revisions.order_by("-number")[0].digest
    actions.ask_for_changes(again, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    draft = make.fresh(again)
    save(draft, SUMMARY, {USERS: "Orders fail for two minutes."}, cast.mara)
    told = page(cast.tomas, make.submit(cast, draft, at=make.PLANNED + dt.timedelta(hours=2)))
    assert "1 field in 1 section changed since you asked for changes on revision 2." in words_of(told)
    assert "by-name" not in told


def test_whoever_approved_an_earlier_revision_reads_that_it_does_not_count(cast: Cast, submitted: Operation) -> None:
    make.approve_by(cast, submitted, "tomas")
    ask = {"digest": submitted.revisions.get().digest, "reason": "Say how long", "by": cast.ada}
    actions.ask_for_changes(make.fresh(submitted), **ask, at=make.PLANNED)
    again = make.submit(cast, make.fresh(submitted), at=make.PLANNED + dt.timedelta(hours=1))
    told = words_of(page(cast.tomas, again))
    assert "since you approved revision 1. That approval doesn't count for this one." in told


def test_any_earlier_revision_can_be_compared_with(cast: Cast, again: Operation) -> None:
    assert "2 fields in 2 sections changed since revision 1." in words_of(page(cast.ada, again, "?view=changes&base=1"))
    assert "Choose an earlier revision" in page(cast.ada, again, "?view=changes&base=99")


@pytest.mark.parametrize("view", ["", "?view=brief", "?view=whole", "?view=changes", "?view=source"])
def test_every_character_of_the_plan_text_occurs_on_the_page_case_41(
    cast: Cast, template: OperationTemplate, view: str
) -> None:
    """A comment, a link definition, a tag and a link's target are plain to see, whatever a browser would hide."""
    draft = make.make_draft(cast, template)
    hidden = "Safe. <!-- rm -rf / --> <script>x()</script> [a]\n\n[a]: https://evil.example 'title'"
    save(draft, SUMMARY, {USERS: hidden}, cast.mara)
    operation = make.submit(cast, draft)
    response = page(cast.tomas, operation, view)
    text = bytes(operation.revisions.get().plan_text).decode()
    assert "".join(text.split()) in "".join(html.unescape(re.sub(r"</?(?!script)[a-z][^>]*>", "", response)).split())
    assert "<script>x()" not in response
    assert "rm -rf" in html.unescape(re.sub(r"<!--.*?-->", "", response, flags=re.DOTALL))


def test_characters_that_nobody_sees_are_written_out_case_16(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    save(draft, SUMMARY, {USERS: "ls \u202egnp.sh\u200b"}, cast.mara)
    operation = make.submit(cast, draft)
    for view in ("?view=whole", "?view=source"):
        told = page(cast.tomas, operation, view)
        assert "⟨U+202E⟩gnp.sh⟨U+200B⟩" in told
        assert "\u202e" not in told
    assert "characters that nobody would see" in told


HIDING = "ls \u202egnp.sh\u200b"
ENTITIES = "ls &#x202E;gnp.sh&#8203;&zwnj;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HIDING, "⟨U+202E⟩gnp.sh⟨U+200B⟩"),
        (ENTITIES, "⟨U+202E⟩gnp.sh⟨U+200B⟩"),
        ("Run `rm\u00a0-rf /sгv` then", "rm⟨U+00A0⟩-rf /sгv"),
        ("Run `sсp x` then", "s⟨U+0441⟩p x"),
    ],
)
def test_they_are_acknowledged_before_the_approval_case_16(
    text: str, shown: str, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    save(draft, SUMMARY, {USERS: text}, cast.mara)
    operation = make.submit(cast, draft)
    told = page(cast.tomas, operation, "?view=whole")
    assert shown in told
    assert "\u202e" not in told
    assert "I saw the characters that are written as" in told
    answer = decide(cast.tomas, operation, reason="Fine")
    assert answer.status_code == 400
    assert "Tick this to approve a plan that holds characters which nobody sees" in answer.content.decode()
    assert ">Fine</textarea>" in answer.content.decode().replace("\n", "")
    assert Decision.objects.count() == 0
    assert decide(cast.tomas, operation, invisible_seen="on").status_code == 302
    assert bytes(operation.revisions.get().plan_text).decode().count(text) == 1, "stored as it was written"


def test_a_plan_without_them_asks_nothing_more(cast: Cast, submitted: Operation) -> None:
    assert "I saw the characters" not in page(cast.tomas, submitted)


@pytest.mark.parametrize("unseen", ["\u200b", "\x1b"], ids=["no width", "control"])
def test_a_fact_beside_the_text_counts_too_case_16(unseen: str, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    row = next(key for key in table_of(document_of(draft).section(STEPS)) if key.endswith(".text"))
    save(draft, STEPS, {row.removesuffix(".text") + ".host": f"db-1{unseen}"}, cast.mara)
    operation = make.submit(cast, draft)
    with pytest.raises(Incomplete, match="characters that nobody sees"):
        make.approve_by(cast, operation, "tomas")


def test_the_name_of_a_machine_is_read_as_literally_as_a_command_case_16(
    cast: Cast, template: OperationTemplate
) -> None:
    """A Cyrillic "о": to the eye it is the staging host, to a machine another one."""
    draft = make.make_draft(cast, template)
    row = next(key for key in table_of(document_of(draft).section(STEPS)) if key.endswith(".text"))
    save(draft, STEPS, {row.removesuffix(".text") + ".host": "staging-оrders"}, cast.mara)
    operation = make.submit(cast, draft)
    for view in ("brief", "whole", "time"):
        assert "staging-⟨U+043E⟩rders" in words_of(page(cast.tomas, operation, f"?view={view}")), view
    with pytest.raises(Incomplete, match="characters that nobody sees"):
        make.approve_by(cast, operation, "tomas")


def test_in_a_command_they_are_one_thing_to_look_at_with_its_place(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    key = next(key for key in table_of(document_of(draft).section(STEPS)) if key.endswith("/commands"))
    save(draft, STEPS, {key: "systemctl\u00a0restart x"}, cast.mara)
    response = signed_in(cast.tomas).get(reverse("review", args=[make.submit(cast, draft).pk]))
    told = [one for one in response.context["checks"] if "U+" in f"{one.words} {one.more}"]
    assert [one.words.partition(";")[0] for one in told] == [
        "It holds characters that nobody would see, or that look like others in commands"
    ]
    assert [one.endswith("line 1 holds ⟨U+00A0⟩, which isn't what it looks like") for one in told[0].more] == [True]
    others = sum(one.level != "ok" for one in response.context["checks"]) - 1
    assert response.context["noticed"]["words"].startswith(f"{others + 1} thing")


def test_no_page_of_a_record_lets_them_pass_unseen_case_16(cast: Cast, template: OperationTemplate) -> None:
    """In titles, commands, hosts, checks, triggers: written out wherever they are read, kept where they are copied."""
    draft = make.make_draft(cast, template)
    for section in draft.sections.all():
        table = table_of(document_of(draft).section(section.key))
        texts = {
            k: f"{t} \u202eabc\nrm\u00a0-rf" if "/commands" in k else f"{t} \u202eabc"
            for k, t in table.items()
            if k.endswith((".title", ".text", "/commands", ".name"))
        }
        save(draft, section.key, texts, cast.mara)
        draft = make.fresh(draft)
    save(draft, "header", {"title": "Move \u202eevom"}, cast.mara)
    operation = make.submit(cast, make.fresh(draft))
    for person in (cast.tomas, cast.ada):
        assert decide(person, operation, invisible_seen="on").status_code == 302
    client = signed_in(cast.jun)
    names = ("review", "run", "record", "history", "record_markdown", "record_print")
    pages = [client.get(reverse(name, args=[operation.pk])).content.decode() for name in names]
    pages.append(client.get(reverse("record_list")).content.decode())
    kept = re.compile(r"<textarea.*?</textarea>|<(pre|code)[^>]*hidden[^>]*>.*?</\1>|<[^>]*>", re.DOTALL)
    assert [name for name, text in zip((*names, "list"), pages, strict=True) if "\u202e" in kept.sub("", text)] == []
    run = pages[names.index("run")]
    assert "rm⟨U+00A0⟩-rf" in run
    assert "These commands hold characters that nobody sees" in run
    assert re.search(r"<(?:pre|code)[^>]*hidden[^>]*>[^<]*\u202eabc", run), "what is copied is what was approved"


def test_the_frozen_plan_is_read_not_the_draft_rows(cast: Cast, submitted: Operation) -> None:
    section = submitted.sections.get(key=SUMMARY)
    section.answers[USERS] = "Changed behind the back"
    section.save()
    assert "Changed behind the back" not in page(cast.tomas, submitted, "?view=source")


def test_what_stands_beside_the_text_is_shown_with_the_plan(cast: Cast, again: Operation) -> None:
    told = words_of(page(cast.ada, again, "?view=whole"))
    assert "Estimate 31 min" in told
    assert "Operator Jun Park" in told
    step = Step.objects.get(section__operation=again, estimate="31 min")
    own = page(cast.ada, again, "?view=whole").split(f'id="s-{step.section.key}"')[1].split("</section>")[0]
    assert "Beside the text" in own and "31 min</dd>" in own
    assert '<span class="chev">' in page(cast.ada, again, "?view=whole").split("The exact text of revision")[0][-200:]


def test_who_is_on_the_team_now_is_seen_by_whoever_decides(cast: Cast, again: Operation) -> None:
    again.team.clear()
    assert "Team now" not in words_of(page(cast.ada, again, "?view=brief"))
    again.team.set([cast.ines, cast.ada])
    for view in ("brief", "whole"):
        told = words_of(page(cast.ada, again, f"?view={view}"))
        assert f"Team now, not part of the approval {cast.ada}, {cast.ines}" in told


def test_a_draft_that_was_never_sent_has_nothing_to_review(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    response = signed_in(cast.mara).get(reverse("review", args=[draft.pk]))
    assert response.status_code == 409
    assert "never sent for review" in response.content.decode()
    assert signed_in(cast.sam).get(reverse("review", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("view", ["brief", "changes", "whole", "comments", "source", "time", "history"])
def test_the_page_asks_the_database_at_most_twelve_times(
    cast: Cast, again: Operation, view: str, django_assert_max_num_queries
) -> None:
    client = signed_in(cast.tomas)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("review", args=[again.pk]) + f"?view={view}").status_code == 200


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

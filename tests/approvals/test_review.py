"""The review page: what is new to the reader, all of the plan, and a decision on exactly what was shown."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from approvals import actions
from approvals.models import Decision
from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, Step
from records.refusals import Incomplete
from tests import make
from tests.approvals.acts import USERS
from tests.approvals.review_pages import STEPS, SUMMARY, decide, page, save
from tests.browserless import words_of
from tests.people import Cast, signed_in

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

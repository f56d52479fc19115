"""The steps of a run: begun, noted, done, skipped, out of order, corrected; which of them is at hand."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from records.document.outline import Commands, Item
from records.models import (
    Operation,
    Person,
    State,
    Step,
    StepStatus,
)
from records.run.plan import PlannedStep
from records.views.run_commands import command_block, command_lines
from records.views.run_steps import StepShown
from tests import make
from tests.make import fresh, make_draft
from tests.people import Cast, signed_in
from tests.records.run_pages.asking import Clock, press, procedure, shown, step

pytestmark = pytest.mark.django_db


def test_words_that_are_missing_are_led_to_where_they_are_written(cast: Cast, running: Operation) -> None:
    own = {"key": step(running, 0).key, "at": "step-1.1"}
    for do, field in (("skip", "skip-1.1"), ("problem:on", "problem-1.1")):
        page = press(cast.jun, running, do, **own).content.decode()
        assert f'<a href="#{field}">Still needed:' in page and f'id="{field}"' in page
    page = press(cast.jun, running, "finish_step", time="25:99", **own).content.decode()
    assert '<a href="#step-1.1">' in page, "else to the step"


def test_a_step_is_started_noted_and_done_under_ones_own_name(cast: Cast, running: Operation, clock: Clock) -> None:
    one = step(running, 0)
    press(cast.ines, running, "start_step", key=one.key, at="step-1.1")
    clock(minutes=18)
    answer = press(cast.ines, running, "finish_step", key=one.key, at="step-1.1", note="Backup ended\r\nat 02:17")
    assert answer["Location"] == reverse("run", args=[running.pk]) + "#step-1.1"
    one.refresh_from_db()
    assert (one.status, one.worked_by, one.ended_at - one.started_at) == ("done", cast.ines, dt.timedelta(minutes=18))
    page = shown(cast.olga, running)
    assert "02:00 to 02:18" in page
    assert "Backup ended\nat 02:17" in page
    assert 'aria-current="step"' in page.split('id="step-1.2"')[1][:60]


def test_times_are_utc_wherever_the_reader_is_and_theirs_is_said_beside_it(cast: Cast, running: Operation) -> None:
    press(cast.jun, running, "finish_step", key=step(running, 0).key, note="one")
    cast.jun.time_zone = "Asia/Tokyo"
    cast.jun.save()
    page = shown(cast.jun, running)
    assert "11:00 your time" in page
    assert 'value="02:00"' in page, "what is corrected is in UTC as it is labelled"
    assert page.count("11:00") == page.count("11:00 your time") > 0


def test_a_double_click_counts_once(cast: Cast, running: Operation) -> None:
    for _twice in range(2):
        assert press(cast.jun, running, "finish_step", key=step(running, 0).key).status_code == 303
    assert running.log.filter(kind="finish_step").count() == 1


def test_the_order_is_broken_only_with_a_reason(cast: Cast, running: Operation) -> None:
    third = step(running, 2)
    answer = press(cast.jun, running, "start_step", key=third.key)
    assert answer.status_code == 400
    assert "a reason to work" in answer.content.decode()
    signed_in(cast.jun).post(
        reverse("run", args=[running.pk]), {"key": third.key, "out_of_order": "Agreed on the call"}
    )
    third.refresh_from_db()
    assert third.status == StepStatus.STARTED
    assert "Agreed on the call" in running.log.get(kind="deviation").text


def test_no_word_comes_twice_where_a_sentence_says_whom_to_ask(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    first = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("phase__position", "position")
    Step.objects.filter(pk=first[0].pk).update(ask_before="Ask Tomas Okafor before you start.")
    record = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    text = re.sub(r"<[^>]+>", "", shown(cast.jun, record))
    said = [line.strip() for line in text.splitlines() if line.strip().endswith(": Ask Tomas Okafor before you start.")]
    assert len(said) == 2 and all(len(re.findall(r"(?i)\bask", one)) == 1 for one in said), said


def test_a_point_of_no_return_asks_once_before_it_is_passed(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    first = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("phase__position", "position")[
        0
    ]
    asked = "Tomas Okafor, on 1042: port 25 is open"
    Step.objects.filter(pk=first.pk).update(ask_before=asked, point_of_no_return=True)
    record = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    page = shown(cast.jun, record)
    assert f"Go-ahead needed: {asked}." in page and "Asked and agreed: start 1.1" in page
    assert "This is the point of no return" in page
    assert 'value="start_step"' not in page.split('id="step-1.2"')[0]
    answer = press(cast.jun, record, "start_step", key=first.key, note="kept text")
    assert answer.status_code == 400
    assert f": {asked}" in answer.content.decode() and "kept text" in answer.content.decode()
    assert press(cast.jun, record, "start_step:asked", key=first.key).status_code == 303
    first.refresh_from_db()
    assert first.status == StepStatus.STARTED
    page = shown(cast.jun, record)
    assert (
        "begun: no way back from 1.1 on" in page and "Roll back nevertheless…" in page and "Start rollback…" not in page
    )
    way = shown(cast.jun, record, "rollback")
    assert "no longer lead to where you were" in way and ">Roll back nevertheless<" in way
    assert f"Go-ahead given: {asked}" in shown(cast.olga, record)
    own = shown(cast.jun, record).split('id="step-1.1"')[1].split('id="step-1.2"')[0]
    assert "Go-ahead needed" not in own, "who was asked needn't be asked any more"


def test_whom_to_ask_and_whom_to_call_stand_at_hand_with_their_numbers(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    first = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("phase__position", "position")[
        0
    ]
    Step.objects.filter(pk=first.pk).update(ask_before="Tomas or Ines Duarte")
    Person.objects.filter(pk__in=[cast.tomas.pk, cast.noor.pk]).update(phone="+44 20 7946 0123")
    record = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    page = shown(cast.jun, record)
    flags = page.split('class="flags"')[1].split("</div>")[0]
    assert re.findall(r'href="tel:(\S+)">([^<]+)', flags) == [("+442079460123", "Tomas Okafor, +44 20 7946 0123")]
    for before, behind in (("call", "log"), ("charge", "log")):
        assert page.index(f'id="{before}"') < page.index(f'id="{behind}"'), "the log grows all night"
    assert 'href="#call"' in page.split('class="jumps"')[1].split("</nav>")[0]
    make.roll_back(cast, record)
    page = shown(cast.jun, record, "rollback")
    assert page.index('href="tel:+442079460123"') < page.index('id="log"') and "Hand over" in page


def test_a_step_that_waits_says_so_until_its_problem_is_solved(cast: Cast, running: Operation, clock: Clock) -> None:
    own = {"key": step(running, 0).key, "at": "step-1.1"}
    other = {"key": step(running, 1).key, "at": "step-1.2"}
    press(cast.jun, running, "problem:on", problem="One alert", **other)
    press(cast.jun, running, "start_step", **own)
    press(cast.jun, running, "problem:wait", problem="Disk full", **own)
    page = shown(cast.olga, running)
    assert re.search(r"Waiting since 02:00</span><span [^>]*>Started 02:00", page)
    bar = " ".join(re.sub(r"<[^>]+>", " ", page.split('id="clock"')[1].split('id="queue"')[0]).split())
    assert "Waiting step 1.1, since 02:00" in bar
    assert "Mark the problem as solved" not in page, "she isn't of the team"

    clock(minutes=9)
    answer = press(cast.noor, running, "solved", words=" ", **own)
    assert answer.status_code == 400 and "what solved it" in answer.content.decode()
    assert press(cast.noor, running, "solved", words="Freed 3 GB", **own).status_code == 303
    page = " ".join(shown(cast.noor, running).split())
    assert "Waiting" not in page
    assert "<b>Problem, solved:</b> “Disk full”" in page and "<b>Solved:</b> “Freed 3 GB”" in page
    assert page.count(">Mark the problem as solved<") == 1, "that of the other step is open"
    assert "solved the problem at step 1.1: Freed 3 GB" in page

    press(cast.jun, running, "problem:wait", problem="Full again", **own)
    assert "Waiting since 02:09" in shown(cast.jun, running)
    press(cast.jun, running, "finish_step", **own)
    assert "Waiting" not in shown(cast.jun, running), "what is over waits for nothing"


def test_a_deviation_is_told_from_a_note(cast: Cast, running: Operation) -> None:
    for kind, text in (("note", "Quiet night"), ("note:deviation", "Two racks, not one")):
        press(cast.jun, running, kind, key=step(running, 0).key, note=text)
    page = shown(cast.olga, running)
    assert re.search(r"<b>Deviation:</b>\s+“Two racks, not one”", page)
    assert page.count("<b>Deviation:</b>") == 1


def test_what_stands_in_the_note_is_never_lost_with_another_button(cast: Cast, running: Operation) -> None:
    one, two = step(running, 0), step(running, 1)
    signed_in(cast.jun).post(
        reverse("run", args=[running.pk]), {"key": one.key, "skip": "Already so", "note": "Seen A"}
    )
    press(cast.jun, running, "problem:wait", key=two.key, problem="Lag grows", note="Seen B")
    page = shown(cast.olga, running)
    assert "Seen A" in page and "Lag grows\nSeen B" in page


def test_a_note_is_seen_as_it_is_and_a_long_one_by_its_beginning(cast: Cast, running: Operation) -> None:
    for text in ("Lag \u202e0 B", "All of it: " + "0123456789" * 200):
        press(cast.noor, running, "note", key=step(running, 0).key, note=text)
    page = shown(cast.olga, running)
    assert "\u202e" not in page and page.count("Lag ⟨U+202E⟩0 B") == 2, "at its step and in the log"
    assert "0123456789" * 98 in page and "0123456789" * 99 not in page
    assert "… and 1011 characters more, in the log”" in page
    assert "0123456789" * 200 in signed_in(cast.olga).get(reverse("record_log", args=[running.pk])).content.decode()


def test_one_tap_skips_with_its_reason(cast: Cast, running: Operation) -> None:
    one = step(running, 0)
    signed_in(cast.jun).post(reverse("run", args=[running.pk]), {"key": one.key, "skip": "Already so"})
    one.refresh_from_db()
    assert (one.status, one.run_reason) == (StepStatus.SKIPPED, "Already so")


def test_times_are_corrected_for_a_quarter_of_an_hour_and_the_log_keeps_both(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    one = step(running, 0)
    clock(minutes=20)
    press(cast.jun, running, "finish_step", key=one.key)
    clock(minutes=30)
    assert press(cast.jun, running, "correct_times", key=one.key, started="2:05", ended="02:19").status_code == 303
    one.refresh_from_db()
    assert (one.started_at.minute, one.ended_at.minute) == (5, 19)
    assert running.log.get(kind="correct_times").text == "02:20 to 02:20 → 02:05 to 02:19"
    assert press(cast.jun, running, "correct_times", key=one.key, ended="02:04").status_code == 400
    clock(minutes=36)
    assert press(cast.jun, running, "correct_times", key=one.key, ended="02:18").status_code == 409


def test_a_time_that_was_not_changed_stays_to_the_second_and_an_overlap_is_named(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    one, two = step(running, 0), step(running, 1)
    for row, begun, done in ((one, 5, 10), (two, 11, 12)):
        clock(minutes=begun, seconds=7)
        press(cast.jun, running, "start_step", key=row.key)
        clock(minutes=done, seconds=43)
        press(cast.jun, running, "finish_step", key=row.key)
    press(cast.jun, running, "correct_times", key=two.key, started="02:09", ended="02:12")
    two.refresh_from_db()
    assert two.started_at == clock(minutes=9) and two.ended_at == clock(minutes=12, seconds=43)
    page = shown(cast.jun, running)
    assert "Begun at 02:09, before step 1.1 had ended at 02:10." in page
    assert press(cast.jun, running, "correct_times", key=two.key, started="02:13", ended="02:12").status_code == 400
    # Which second of the minute it was nobody wrote.
    press(cast.jun, running, "correct_times", key=two.key, started="02:10", ended="02:10")
    two.refresh_from_db()
    assert two.started_at == two.ended_at == clock(minutes=10)
    clock(minutes=13)
    press(cast.jun, running, "correct_times", key=two.key, started="02:10", ended="02:12")
    assert "had ended at" not in shown(cast.jun, running)
    press(cast.jun, running, "correct_times", key=one.key, started="02:05", ended="02:11")
    one.refresh_from_db()
    assert one.started_at == clock(minutes=5, seconds=7)
    clock(minutes=13)
    assert "Ended at 02:11, after step 1.2" in shown(cast.jun, running)


def test_a_step_ends_after_it_was_begun_whatever_time_is_written(cast: Cast, running: Operation, clock: Clock) -> None:
    """A time is written without its seconds: in the minute of the start it was after the start, and never before it."""
    one, two = step(running, 0), step(running, 1)
    clock(minutes=5, seconds=55)
    press(cast.jun, running, "start_step", key=one.key)
    clock(minutes=9)
    answer = press(cast.jun, running, "finish_step", key=one.key, time="02:04", note="kept text", at="step-1.1")
    page = answer.content.decode()
    assert answer.status_code == 400 and page.count("a time after 02:05:55 UTC, when it was begun") == 2
    at_step = page[page.index('id="step-1.1"') : page.index('id="step-1.2"')]
    assert "a time after 02:05:55 UTC" in at_step and 'value="02:04"' in at_step, "at the step as well as at the top"
    press(cast.jun, running, "finish_step", key=one.key, time="02:05")
    press(cast.jun, running, "finish_step", key=two.key, time="02:08")
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.started_at == one.ended_at == clock(minutes=5, seconds=55)
    assert two.started_at == two.ended_at == clock(minutes=8)
    assert running.log.get(step_key=one.key, kind="finish_step").at == one.ended_at


@pytest.mark.parametrize("time", ["25:00", "soon", "02:59"])
def test_a_time_that_cannot_be_is_told_in_words(cast: Cast, running: Operation, time: str) -> None:
    answer = press(cast.jun, running, "finish_step", key=step(running, 0).key, time=time, note="kept text")
    assert answer.status_code == 400
    assert "kept text" in answer.content.decode()


def test_text_is_kept_when_somebody_was_faster(cast: Cast, running: Operation) -> None:
    one = step(running, 0)
    press(cast.ines, running, "finish_step", key=one.key)
    answer = press(cast.jun, running, "skip", key=one.key, reason="My long explanation")
    assert answer.status_code == 409
    assert "Already seen to by Ines Duarte" in answer.content.decode()
    assert "My long explanation" in answer.content.decode()


def test_a_problem_is_noted_and_may_lead_to_the_way_back(cast: Cast, running: Operation) -> None:
    one = step(running, 0)
    assert press(cast.jun, running, "problem:on", key=one.key).status_code == 400
    answer = press(cast.jun, running, "problem:back", key=one.key, problem="Lag grows")
    assert answer["Location"] == reverse("rollback", args=[running.pk])
    assert running.log.get(kind="problem").text == "Lag grows"
    assert fresh(running).state == State.RUNNING


def test_a_watcher_sees_everything_and_has_no_buttons(cast: Cast, running: Operation) -> None:
    page = shown(cast.olga, running)
    assert "Roll back if" in page
    assert 'name="do"' not in page
    assert press(cast.olga, running, "finish_step", key=step(running, 0).key).status_code == 403


def test_the_page_reads_the_frozen_plan_never_the_rows(cast: Cast, running: Operation) -> None:
    title = step(running, 0).title
    Step.objects.filter(pk=step(running, 0).pk).update(title="Changed behind the back")
    page = shown(cast.jun, running)
    assert title in page
    assert "Changed behind the back" not in page


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"do": "nonsense"},
        {"do": "finish_step"},
        {"do": "finish_step", "key": "no/such/step"},
        {"do": "note", "note": "a\0b"},
        {"do": "tick_check", "key": "é" * 700},
        {"do": "measure", "after:nothing": "1"},
        {"do": "finish_work", "reason:nothing": "why"},
        {"do": "correct_times", "started": "\0"},
        {"skip": "x", "key": "\0"},
        {"do": "start_step", "at": "<script>"},
        {"do": "note", "note": "x", "key": "k" * 700},
        {"do": "roll_back", "trigger": "\0", "sentence": "s"},
        {"do": "roll_back", "trigger": "other", "other": "\0", "sentence": "s"},
        {"do": "trigger:ok", "key": "no/such/trigger"},
    ],
)
def test_no_post_gives_a_500(cast: Cast, running: Operation, posted: dict[str, str]) -> None:
    answer = signed_in(cast.jun).post(reverse("run", args=[running.pk]), posted)
    assert answer.status_code in (303, 400, 404, 409)


def test_the_step_at_hand_comes_before_what_is_over_and_the_time_plan(
    cast: Cast, approved: Operation, clock: Clock
) -> None:
    assert shown(cast.jun, approved).index('id="time-plan"') < shown(cast.jun, approved).index('id="step-1.1"')
    running = make.start(cast, approved)
    earlier, plan = 'id="phase-1-earlier"', 'id="time-plan"'
    assert earlier not in shown(cast.jun, running)
    press(cast.jun, running, "finish_step", key=step(running, 0).key, asked="yes")
    clock(minutes=10)
    press(cast.jun, running, "finish_step", key=step(running, 1).key, asked="yes")
    page = shown(cast.jun, running)
    places = [page.index(place) for place in (earlier, 'id="step-1.1"', 'id="step-1.2"', 'aria-current="step"', plan)]
    assert places == sorted(places) and page.count('id="step-1.1"') == 1
    assert "</details>" in page[places[1] : places[2]], "the newest can be corrected, so it isn't folded"
    clock(minutes=26)
    page = shown(cast.jun, running)
    assert "2 steps before" in page


def test_a_phase_that_is_over_is_folded_until_something_in_it_is_asked_for(cast: Cast, running: Operation) -> None:
    fold = '<details class="more phase" id="phase-1-steps">'
    for at in range(3):
        assert fold not in shown(cast.jun, running)
        press(cast.jun, running, "finish_step", key=step(running, at).key, asked="yes")
    assert fold in shown(cast.jun, running)
    refused = press(cast.jun, running, "problem", key=step(running, 0).key, problem=" ")
    assert fold not in refused.content.decode()
    press(cast.jun, running, "reopen_step", key=step(running, 2).key)
    assert fold not in shown(cast.jun, running)


# ---------------------------------------------------------------- commands


def test_commands_are_offered_one_by_one_only_where_each_line_is_one() -> None:
    assert command_lines("# why\nls -l\n\npwd\n") == ("# why", "ls -l", "pwd")
    together = ["cat <<EOF\nx\nEOF", "ls \\\n  -l", "for x in 1 2; do\n  echo $x\ndone", "echo 'a\nb'", "# nothing\n"]
    assert [command_lines(code) for code in together] == [()] * 5


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["# why\nls -l\npwd"], "2 commands and details"),
        (["cat <<EOF\nx\ny\nz\nEOF"], "1 block of commands and details"),
        (["ls -l", "cat <<EOF\nx\nEOF", "ls \\\n  -l"], "1 command, 2 blocks of commands and details"),
        (["# nothing\n"], "details"),
    ],
)
def test_what_is_run_together_counts_as_one(codes: list[str], words: str) -> None:
    plan = PlannedStep("a", "1.1", Item("a", "Title", ""))
    blocks = [command_block(plan, Commands("a/c", "bash", code), at) for at, code in enumerate(codes)]
    assert StepShown("a", "1.1", "Title", "todo", "", "More", blocks, plan, None).fold_words == words


# ---------------------------------------------------------------- on a long page


@pytest.mark.parametrize("name", ["run", "rollback"])
def test_the_clock_leads_to_the_parts_of_a_long_page_and_what_ends_a_step_has_a_bar_of_its_own(
    name: str, cast: Cast, running: Operation
) -> None:
    if name == "rollback":
        make.roll_back(cast, running)
    page = shown(cast.jun, running, name)
    parts = re.findall(r'<a href="#([^"]+)">', page.split('class="jumps"')[1].split("</nav>")[0])
    assert len(parts) >= 4 and [part for part in parts if f'id="{part}"' not in page] == []
    assert f'id="{parts[0]}" class="now" aria-current="step"' in page
    bar = page.split('class="actions at-hand"')[1].split("</div>")[0]
    assert re.findall(r'value="([^"]+)"', bar) == ["start_step", "finish_step"]
    press(cast.jun, running, "start_step", name, key=(procedure if name == "rollback" else step)(running, 0).key)
    bar = shown(cast.jun, running, name).split('class="actions at-hand"')[1].split("</div>")[0]
    assert bar.index('<span class="begun') < bar.index("<button"), "a second press where Start was ends nothing"
    number = parts[0].removeprefix("step-")
    assert f"Done {number} at <span data-done-at>02:00</span>" in bar, "which step is said, as at Start"
    assert 'class="jumps"' not in shown(cast.jun, make.work(cast, fresh(running)))

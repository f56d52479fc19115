"""The ways out of a run: rolling back along its procedures, and finishing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from records.models import (
    Check,
    Metric,
    Operation,
    OperationTemplate,
    Person,
    RecoveryValidation,
    Revision,
    RollbackTrigger,
    State,
    Step,
    StepStatus,
)
from records.run.plan import RunPlan, run_plan
from records.run.running import finish_work, reopen_run
from tests import make
from tests.make import NIGHT, fresh, make_in
from tests.people import Cast, signed_in
from tests.records.run_pages.asking import Clock, press, procedure, shown, step

pytestmark = pytest.mark.django_db


def test_the_way_back_asks_which_trigger_and_one_sentence(cast: Cast, running: Operation) -> None:
    page = shown(cast.jun, running, "rollback")
    assert "Which trigger?" in page
    assert " checked" not in page
    answer = press(cast.jun, running, "roll_back", "rollback", sentence="It is slow")
    assert answer.status_code == 400
    assert "It is slow" in answer.content.decode()
    trigger = RollbackTrigger.objects.filter(section__operation=running).order_by("position")[0]
    answer = press(cast.jun, running, "roll_back", "rollback", trigger=trigger.key, sentence="It is slow")
    assert answer["Location"] == reverse("rollback", args=[running.pk])
    assert fresh(running).state == State.ROLLING_BACK
    assert 'aria-current="step"' not in shown(cast.olga, running), "nothing of the phases is at hand any more"
    way = signed_in(cast.jun).get(reverse("rollback", args=[running.pk])).context
    told = [fact.word for fact in way["clock"]["facts"] if not fact.is_minor]
    assert told == ["Rolling back for", "Way back"]
    page = shown(cast.olga, running, "rollback")
    assert trigger.title in page
    assert "Recovery validation" in page


def test_once_the_way_back_is_done_the_page_leads_to_whether_it_worked(cast: Cast, running: Operation) -> None:
    """Past what the way back left behind: nobody comes to it any more."""

    def onward() -> list[tuple[str, str]]:
        return re.findall(r'href="#([^"]+)" data-onward>([^<]+)<', shown(cast.jun, running, "rollback"))

    make.roll_back(cast, running)
    assert onward() == []
    assert re.search(r'href="#step-[^"]+">Go to step ', shown(cast.jun, running, "rollback"))
    assert "data-onward" not in shown(cast.jun, running), "the page of the run goes nowhere"
    back = Step.in_run.filter(section__operation=running, plan__isnull=False)
    back.update(status=StepStatus.DONE, started_at=NIGHT, ended_at=NIGHT)
    assert onward() == [("validation", "Go to the recovery validation")]
    RecoveryValidation.objects.filter(section__operation=running).update(ticked=True, ticked_by=cast.jun)
    assert onward() == [("finish", "Go to the end of the work")]


def test_others_see_on_the_page_of_the_run_that_the_way_back_was_taken(cast: Cast, running: Operation) -> None:
    """Who took it, when, and why; what was under way isn't any more, and the clock's word stands out."""
    first = step(running, 0)
    press(cast.jun, running, "start_step", key=first.key)
    before = shown(cast.noor, running)
    assert 'class="pill live pulse">Running<' in before and "Left at " not in before
    now = timezone.now()
    make.roll_back(cast, running, at=now)
    page = shown(cast.noor, running)
    assert f"{cast.jun} is rolling back since {now:%H:%M} UTC." in page
    assert ": p95 at 900 ms for 6 min" in page
    assert 'class="pill back pulse">Rolling back<' in page
    assert f"Left at {now:%H:%M}</span>" in page and re.search(r"started \d\d:\d\d, then rolled back", page)
    assert 'class="now"' in before and 'class="now"' not in page and 'aria-current="step"' not in page


def test_the_time_plan_shows_the_way_back_too(cast: Cast, running: Operation) -> None:
    make.roll_back(cast, running)
    page = signed_in(cast.jun).get(reverse("run", args=[running.pk]))
    assert [row.title for row in page.context["plan"].rows][-1] == "Rollback"


def test_what_was_just_noted_as_a_problem_is_not_typed_again(cast: Cast, running: Operation, clock: Clock) -> None:
    press(cast.jun, running, "problem:back", key=step(running, 0).key, problem="Pods stay pending")
    proposed = ' data-proposed aria-describedby="sentence-hint">\nPods stay pending</textarea>'
    page = shown(cast.jun, running, "rollback")
    assert proposed in page and "Proposed, from the problem that you noted just now" in page
    refused = press(cast.jun, running, "roll_back", "rollback", sentence="Pods hang").content.decode()
    assert "Pods hang</textarea>" in refused and "data-proposed" not in refused, "that is one's own"
    assert "Pods stay pending</textarea>" not in shown(cast.tomas, running, "rollback"), "another saw something else"
    clock(minutes=20)
    assert "Pods stay pending</textarea>" not in shown(cast.jun, running, "rollback")


def test_whoever_works_on_it_or_supervises_it_can_be_called(cast: Cast, running: Operation) -> None:
    """As the account page says of one's number; whoever only approved it, or supervises other things, is left alone."""
    for number, person in enumerate(cast.all().values()):
        Person.objects.filter(pk=person.pk).update(phone=f"+46 8 500 000 {number:02}")
    told = "Shown on the run page of what you work on or supervise."
    assert told in signed_in(cast.olga).get(reverse("account")).content.decode()
    dialled = re.findall(r'href="tel:([^"]*)"', shown(cast.olga, running))
    people = list(cast.all())
    assert {people[int(one[-2:])] for one in dialled} == {"jun", "ines", "noor", "tomas"}


def test_something_else_may_be_the_trigger(cast: Cast, running: Operation) -> None:
    posted = {"trigger": "other", "other": "Storage alarm", "sentence": "Array reports two failed disks"}
    press(cast.tomas, running, "roll_back", "rollback", **posted)
    assert fresh(running).rollback_trigger == "Storage alarm"


def test_procedures_are_worked_as_steps_and_the_rest_was_not_reached(cast: Cast, running: Operation) -> None:
    press(cast.jun, running, "finish_step", key=step(running, 0).key)
    make.roll_back(cast, running)
    assert "Commands for step 1" in shown(cast.jun, running, "rollback")
    assert press(cast.jun, running, "start_step", key=step(running, 1).key).status_code == 409
    for at in range(3):
        assert press(cast.jun, running, "finish_step", "rollback", key=procedure(running, at).key).status_code == 303
    answer = press(cast.jun, running, "finish_work", "rollback")
    assert answer.status_code == 400
    assert "Give a reason for what is still open" in answer.content.decode()
    assert "Recovery: " in answer.content.decode() and 'href="#validation-1"' in answer.content.decode()
    answer = press(cast.jun, running, "finish_work", "rollback", reason="Seen on the board")
    assert answer["Location"] == reverse("close", args=[running.pk])
    known = "Rolled back at 02:00 UTC after step 1.1"
    assert {(step(running, at).status, step(running, at).run_reason) for at in range(1, 7)} == {
        (StepStatus.NOT_REACHED, known)
    }
    page = shown(cast.jun, running)
    assert "1 of 3 steps done, 2 not reached" in page
    assert "0 of 2 steps done, 2 not reached" in page, "what nobody came to is not skipped"


def test_once_the_way_back_is_taken_its_end_is_told_and_no_deadline_warns(
    cast: Cast, running: Operation, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Procedures of ten minutes each, in a window that ends at 05:00: the deadline is 04:30."""

    def estimated(*told: Any) -> RunPlan:
        plan = run_plan(*told)
        procedures = tuple(replace(one, estimate="10 min") for one in plan.procedures)
        return replace(plan, procedures=procedures, end=NIGHT + dt.timedelta(hours=3))

    def told() -> tuple[str, bool]:
        facts = signed_in(cast.jun).get(reverse("rollback", args=[running.pk])).context["clock"]["facts"]
        assert "Rollback deadline" not in [name for name, *_more in facts]
        return next((words, late) for name, words, late, *_more in facts if name == "Way back")

    monkeypatch.setattr("records.run.emergency.run_plan", estimated)
    make.roll_back(cast, running)
    clock(minutes=145)
    assert told() == ("until about 04:55", False), "although it is close to what was the deadline"
    clock(minutes=155)
    assert told() == ("until about 05:05, 5 min over the window", True)
    for at in (0, 1):
        press(cast.jun, running, "finish_step", "rollback", key=procedure(running, at).key)
    assert told() == ("until about 04:45", False)
    press(cast.jun, running, "start_step", "rollback", key=procedure(running, 2).key)
    clock(minutes=163)
    assert told() == ("until about 04:45", False), "what was begun is reckoned from its beginning"
    press(cast.jun, running, "finish_step", "rollback", key=procedure(running, 2).key)
    clock(minutes=170)
    assert told() == ("over since 04:43", False)
    page = shown(cast.jun, running, "rollback")
    assert "Over since 04:43" in page and "ollback deadline" not in page and "passed" not in page


def test_why_the_way_back_itself_was_left_is_never_known(cast: Cast, running: Operation) -> None:
    make.roll_back(cast, running)
    press(cast.jun, running, "skip", "rollback", key=procedure(running, 0).key, reason="No data was touched")
    for at in (1, 2):
        press(cast.jun, running, "finish_step", "rollback", key=procedure(running, at).key)
    assert "2 of 3 steps done, 1 skipped" in shown(cast.jun, running, "rollback")
    for validation in RecoveryValidation.objects.filter(section__operation=running).order_by("position"):
        page = signed_in(cast.jun).get(reverse("rollback", args=[running.pk])).context["finish"]
        assert (page["reason"], page["open"][0].key) == ("", validation.key), "and it comes first"
        press(cast.jun, running, "tick_check", "rollback", key=validation.key)
    page = signed_in(cast.jun).get(reverse("rollback", args=[running.pk])).context["finish"]
    assert (page["open"], page["reason"]) == ([], "")
    told = "Not reached: 8 steps and 5 checks. Rolled back at 02:00 UTC before the first step."
    assert shown(cast.jun, running, "rollback").count(told) == 1, "once for all of them"
    assert press(cast.jun, running, "finish_work", "rollback").status_code == 303, "and nothing is asked"


def test_where_no_way_back_is_written_nothing_says_that_its_estimate_is_missing(
    cast: Cast, approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_procedures(revision: Revision, template: OperationTemplate | None) -> RunPlan:
        return replace(run_plan(revision, template), procedures=(), triggers=())

    monkeypatch.setattr("records.run.emergency.run_plan", without_procedures)
    told = "No way back is written: whoever rolls back says in one sentence how"
    assert told in shown(cast.jun, approved)
    running = make.start(cast, approved)
    page, back = shown(cast.jun, running), shown(cast.jun, running, "rollback")
    assert "Roll back…" in page and "Start rollback…" not in page
    assert "No procedures are written for the way back." in back
    for words in ("estimate", "Rollback deadline", "The procedures above"):
        assert words not in back and (words == "estimate" or words not in page), words


def test_a_step_that_nobody_planned_has_its_place_where_there_are_no_phases(
    cast: Cast, approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.run.emergency.run_plan", lambda *told: replace(run_plan(*told), phases=()))
    place = "Steps that nobody planned"
    assert place not in shown(cast.jun, approved)
    running = make.start(cast, approved)
    page = shown(cast.jun, running)
    assert place in page and '<details class="more add-step"><summary>' in page, "folded: it is not what comes next"


# ---------------------------------------------------------------- finishing


def test_finishing_asks_for_every_open_step_and_check(cast: Cast, running: Operation) -> None:
    assert press(cast.noor, running, "finish_work", reason="x").status_code == 403
    assert press(cast.jun, running, "finish_work").status_code == 400
    page = shown(cast.jun, running)
    links = re.findall(r'<li><a class="alone" href="#([^"]+)">', page.split('id="finish"')[1])
    assert links[:3] == ["step-1.1", "step-1.2", "step-1.3"], (
        "to the rows themselves, not to reasons for not doing them"
    )
    assert [one for one in links if f'id="{one}"' not in page] == []
    rows = signed_in(cast.jun).get(reverse("run", args=[running.pk])).context["finish"]["open"]
    assert [row.label for row in rows if f'id="{row.address.removeprefix("#")}"' not in page] == []
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    more = {f"reason:{step(running, 0).key}": "Done yesterday", f"reason:{check.key}": "No such service any more"}
    answer = press(cast.jun, running, "finish_work", reason="Window was over", **more)
    assert answer["Location"] == reverse("close", args=[running.pk])
    check.refresh_from_db()
    assert (step(running, 0).status, step(running, 0).run_reason) == (StepStatus.SKIPPED, "Done yesterday")
    assert (step(running, 1).status, step(running, 1).run_reason) == (StepStatus.NOT_REACHED, "Window was over")
    assert check.unticked_because == "No such service any more"
    page = shown(cast.jun, running)
    assert "can be added until the record is signed" in page


def test_before_the_end_it_says_whether_anything_was_measured(cast: Cast, running: Operation) -> None:
    metrics = Metric.objects.filter(section__operation=running, after__isnull=False)
    metrics.update(after="")
    asked = signed_in(cast.jun).get(reverse("run", args=[running.pk])).context["finish"]["stays"]
    assert asked.startswith(f"None of the {len(metrics)} values after was measured. What was noted stays")
    press(cast.jun, running, "measure", **{f"after:{metrics[0].key}": "47"})
    asked = signed_in(cast.jun).get(reverse("run", args=[running.pk])).context["finish"]["stays"]
    assert asked.startswith("What was measured and noted stays")


def test_values_that_stand_typed_are_saved_by_whatever_ends_or_leaves_the_work(cast: Cast, running: Operation) -> None:
    one, two = Metric.objects.filter(section__operation=running, after__isnull=False).order_by("position")[:2]
    page = shown(cast.jun, running)
    assert 'no-js-only">Save the values first' in page and 'no-js-only">Keep it before you press Done' in page
    refused = press(cast.jun, running, "finish_work", **{f"after:{one.key}": "47"})
    one.refresh_from_db()
    assert refused.status_code == 400 and one.measured_by is None, "all of it or nothing"
    assert re.search(r'value="47"[^>]* data-posted', refused.content.decode()), "and it goes along the next time"
    press(
        cast.jun, running, "finish_work", reason="Window was over", **{f"after:{one.key}": "47", f"after:{two.key}": ""}
    )
    answer = press(cast.jun, running, "measure:close", **{f"after:{two.key}": "150"})
    for row, value in ((one, "47"), (two, "150")):
        row.refresh_from_db()
        assert (row.after, row.measured_by) == (value, cast.jun)
    assert answer["Location"] == reverse("close", args=[running.pk])
    assert press(cast.jun, running, "measure:close")["Location"] == answer["Location"], "with nothing typed too"


def test_once_no_step_is_left_the_page_leads_to_its_end(cast: Cast, running: Operation) -> None:
    """Past the checks and the values that are still open."""

    def onward(person: Person) -> list[tuple[str, str]]:
        return re.findall(r'href="#([^"]+)" data-onward>([^<]+)<', shown(person, running))

    checks, metrics = (one.objects.filter(section__operation=running) for one in (Check, Metric))
    assert onward(cast.jun) == []
    Step.in_run.filter(section__operation=running).update(status=StepStatus.DONE, started_at=NIGHT, ended_at=NIGHT)
    assert onward(cast.jun) == onward(cast.noor) == [("checks-1", "Go to the checks")]
    checks.update(ticked=True, ticked_by=cast.noor, ticked_at=NIGHT)
    metrics.filter(after__isnull=False).update(after="[after]")
    assert onward(cast.jun) == [("metrics-1", "Go to the values")]
    metrics.filter(after__isnull=False).update(after="1", measured_by=cast.noor, measured_at=NIGHT)
    assert onward(cast.jun) == [("finish", "Go to the end of the work")]
    assert onward(cast.noor) == onward(cast.olga) == [], "who doesn't finish it isn't led there"


def test_the_picture_of_a_run_that_is_over_does_not_stretch_to_today(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    press(cast.jun, running, "finish_work", reason="Window was over")
    clock(days=40)
    page = signed_in(cast.olga).get(reverse("run", args=[running.pk]))
    assert [tick.label for tick in page.context["plan"].ticks] == ["02:00", "03:00", "04:00", "05:00"]


def test_while_it_is_rolled_back_the_clock_leads_whoever_looks_on_to_the_way_back(
    cast: Cast, running: Operation
) -> None:
    def clock_of(name: str) -> str:
        return shown(cast.ines, running, name).split('id="clock"')[1].split('id="queue"')[0]

    make.roll_back(cast, running)
    assert f'href="{reverse("rollback", args=[running.pk])}"' in clock_of("run")
    assert "To the rollback page" in clock_of("run")
    assert "To the rollback page" not in clock_of("rollback")


def test_what_is_missing_stands_above_a_run_that_was_opened_again(cast: Cast, template, clock: Clock) -> None:
    closing = make_in(State.CLOSING, cast, template)
    words = "Opened again by Tomas Okafor, because this is missing: “The graph of the lag”"
    reopen_run(closing, evidence="The graph of the lag", by=cast.tomas, at=NIGHT)
    for name in ("run", "rollback"):
        assert words in " ".join(shown(cast.noor, closing, name).replace("<span", " <span").split())
    finish_work(closing, by=cast.jun, at=NIGHT)
    assert "Opened again" not in shown(cast.noor, closing)


# ---------------------------------------------------------------- what was typed


def test_what_was_seen_of_a_check_is_kept_when_it_is_observed_for_longer(cast: Cast, running: Operation) -> None:
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    press(cast.jun, running, "observe_check", key=check.key, evidence="Two of 24 pools idle", until="03:30")
    check.refresh_from_db()
    told = (check.evidence, check.observe_until)
    assert told == ("Two of 24 pools idle", NIGHT + dt.timedelta(minutes=90)), "a time alone is the next such moment"
    assert "“Two of 24 pools idle”" in shown(cast.ines, running)
    press(cast.jun, running, "observe_check", key=check.key, until="01:30")
    check.refresh_from_db()
    told = (check.evidence, check.observe_until)
    assert told == ("Two of 24 pools idle", NIGHT + dt.timedelta(hours=23, minutes=30))


def test_what_was_refused_of_a_check_stands_there_again(cast: Cast, running: Operation) -> None:
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    answer = press(cast.jun, running, "observe_check", key=check.key, evidence="Still busy", until="soon", at="check-1")
    assert answer.status_code == 400
    own = answer.content.decode().partition(f'value="{check.key}"')[2]
    own = own.partition("</li>")[0]
    assert '<details class="more" open>' in own and "Still busy</textarea>" in own and 'value="soon"' in own
    assert not Check.objects.exclude(evidence="").exists()


def test_a_step_that_was_begun_was_reached(cast: Cast, running: Operation) -> None:
    press(cast.jun, running, "start_step", key=step(running, 0).key)
    press(cast.jun, running, "finish_work", reason="Window was over")
    assert (step(running, 0).status, step(running, 1).status) == (StepStatus.SKIPPED, StepStatus.NOT_REACHED)
    assert step(running, 0).run_reason == "Window was over"

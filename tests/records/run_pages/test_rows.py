"""Checks, values and triggers of a run, and the watchers of all of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records.models import (
    Check,
    Metric,
    Operation,
    OperationTemplate,
    Revision,
    RollbackTrigger,
    State,
    Step,
)
from records.run.loaded import load_run
from records.run.plan import RunPlan, run_plan
from records.views.run_rows import trigger_shown
from tests import make
from tests.make import NIGHT, approve_by, fresh, make_draft, make_in, start, submit
from tests.people import Cast, signed_in
from tests.records.run_pages.asking import Clock, press, shown, step

pytestmark = pytest.mark.django_db


def test_checks_show_who_and_when(cast: Cast, running: Operation, clock: Clock) -> None:
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    clock(minutes=80)
    press(cast.ines, running, "tick_check", key=check.key)
    assert "Ines Duarte, 03:20" in shown(cast.olga, running)
    press(cast.ines, running, "untick", key=check.key)
    assert "Ines Duarte, 03:20" not in shown(cast.olga, running)


def test_checks_that_stand_before_the_phases_come_before_the_steps_until_each_is_seen_to(
    cast: Cast, running: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_first_checks(revision: Revision, template: OperationTemplate | None) -> RunPlan:
        plan = run_plan(revision, template)
        return replace(plan, checks=tuple(replace(one, group="Look first", is_before=True) for one in plan.checks[:2]))

    def comes_first() -> bool:
        page = shown(cast.jun, running)
        return page.index('<h2 id="checks-1">Look first</h2>') < page.index('id="phase-1"')

    monkeypatch.setattr("records.run.emergency.run_plan", with_first_checks)
    first, second = Check.objects.filter(section__operation=running).order_by("position")[:2]
    assert comes_first()
    press(cast.jun, running, "tick_check", key=first.key)
    assert comes_first()
    press(cast.jun, running, "skip_check", key=second.key, evidence="No such host")
    assert not comes_first(), "the step at hand comes first again"


def test_checks_that_stand_in_a_phase_are_made_in_it_and_hold_its_end_open(
    cast: Cast, running: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_phase_one(revision: Revision, template: OperationTemplate | None) -> RunPlan:
        plan = run_plan(revision, template)
        phase = plan.phases[0].key
        own = [replace(one, phase=phase, is_before=not at) for at, one in enumerate(plan.checks[:2])]
        return replace(plan, checks=(*own, *plan.checks[2:]))

    def page() -> dict[str, int]:
        text = shown(cast.jun, running)
        marks = ("phase-1", "check-1", "step-1.1", "check-2", "phase-2", "check-3", "phase-1-steps", "pause")
        assert '<a href="#checks-3">Checks</a>' in text, "the clock leads to those beside the phases"
        assert text.count("2 checks of it are open.") + text.count("1 check of it is open.") == ("pause" in text) * held
        return {mark: text.find(f'id="{mark}"') for mark in marks}

    held = 0
    monkeypatch.setattr("records.run.emergency.run_plan", in_phase_one)
    first, second = Check.objects.filter(section__operation=running).order_by("position")[:2]
    at = page()
    assert at["phase-1"] < at["check-1"] < at["step-1.1"] < at["check-2"] < at["phase-2"] < at["check-3"]
    make.end_phase(running)
    held = 1
    assert page()["phase-1-steps"] == -1, "the phase is not folded away with open checks in it"
    press(cast.jun, running, "tick_check", key=first.key)
    at = page()
    assert at["step-1.1"] < at["check-1"], "what was seen to goes behind the steps"
    press(cast.jun, running, "skip_check", key=second.key, evidence="No such host")
    held = 0
    assert page()["phase-1-steps"] > 0


def test_a_check_is_offered_to_be_observed_for_as_long_as_its_words_say(cast: Cast, running: Operation) -> None:
    """And for no time at all where they say nothing: whoever presses says until when."""
    one = Check.objects.filter(section__operation=running).order_by("position")[0]
    Check.objects.filter(pk=one.pk).update(text="Errors stay below 1% for 15 min")
    until = re.findall(r'id="until-check-[12]" name="until" value="([^"]*)"', shown(cast.ines, running))
    soon = timezone.now() + dt.timedelta(minutes=15)
    assert until[1] == "" and until[0] in [f"{soon + dt.timedelta(minutes=more):%Y-%m-%d %H:%M}" for more in (0, 1)]
    assert press(cast.ines, running, "observe_check", key=one.key, until=until[0]).status_code == 303
    assert until[0] in shown(cast.ines, running), "what was said stays"


def test_a_check_takes_evidence_or_a_reason(cast: Cast, running: Operation) -> None:
    one, two = Check.objects.filter(section__operation=running).order_by("position")[:2]
    press(cast.ines, running, "tick_check", key=one.key, evidence="41 of 41")
    assert press(cast.ines, running, "skip_check", key=two.key).status_code == 400
    press(cast.ines, running, "skip_check", key=two.key, evidence="No restore tonight")
    for until in ("tomorrow", "9999-12-31 23:00 -05:00", "0001-01-01 00:00 +05:00"):
        refused = press(cast.ines, running, "observe_check", key=two.key, until=until)
        words = "Still needed: a day and a time such as 2026-12-06 02:00."
        assert (refused.status_code, words in refused.content.decode()) == (400, True)
    press(cast.ines, running, "observe_check", key=two.key, until=f"{NIGHT + dt.timedelta(days=1):%Y-%m-%d %H:%M}")
    two.refresh_from_db()
    assert two.is_observed
    press(cast.ines, running, "tick_check", key=two.key)
    words = "before 7 Dec 02:00 UTC, until when it was to be observed"
    assert f"Ines Duarte, 02:00, {words}" in shown(cast.olga, running), "not without a word"
    assert running.log.filter(kind="tick_check").order_by("-pk")[0].text == f"{two} ({words})"
    press(cast.ines, running, "untick", key=two.key)
    press(cast.ines, running, "skip_check", key=two.key, evidence="No restore tonight")
    page = shown(cast.olga, running)
    assert "“41 of 41”" in page and "not made: No restore tonight" in page


def test_a_value_that_is_no_number_says_why_nothing_is_compared(cast: Cast, running: Operation) -> None:
    one, two = Metric.objects.filter(section__operation=running, after__isnull=False).order_by("position")[:2]
    values = {f"after:{one.key}": "as before", f"after:{two.key}": "149,5"}
    assert press(cast.noor, running, "measure", **values).status_code == 303
    page = shown(cast.olga, running)
    assert "no difference: this is not a number" in page and "▼ 1.5 GB" in page


def test_a_value_is_saved_without_its_unit_twice(cast: Cast, running: Operation) -> None:
    metric = Metric.objects.filter(section__operation=running, after__isnull=False).order_by("position")[0]
    Metric.objects.filter(pk=metric.pk).update(after="[after]")
    press(cast.noor, running, "measure", **{f"after:{metric.key}": f" 48{metric.unit} "})
    metric.refresh_from_db()
    assert (metric.after, metric.measured_by) == ("48", cast.noor)
    assert "▼ 13 points" in shown(cast.olga, running)


def test_a_value_that_got_worse_within_its_limit_is_no_alarm(
    cast: Cast, running: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_limits(revision: Revision, template: OperationTemplate | None) -> RunPlan:
        plan = run_plan(revision, template)
        return replace(plan, metrics=tuple(replace(one, limit="75", lower_is_better=True) for one in plan.metrics))

    monkeypatch.setattr("records.run.emergency.run_plan", with_limits)
    metric = Metric.objects.filter(section__operation=running, after__isnull=False).order_by("position")[0]
    for value, told in (
        ("62", '<span class="">▲ 1 point, worse</span>, within the limit'),
        ("76", '<span class="worse">▲ 15 points, worse</span>, <span class="worse">beyond the limit</span>'),
    ):
        press(cast.noor, running, "measure", **{f"after:{metric.key}": value})
        assert told in shown(cast.olga, running)


def test_a_trigger_is_never_clear_only_looked_at(cast: Cast, running: Operation, clock: Clock) -> None:
    trigger = RollbackTrigger.objects.filter(section__operation=running).order_by("position")[1]
    assert "not looked at yet" in shown(cast.jun, running)
    clock(minutes=89)
    press(cast.jun, running, "trigger:ok", key=trigger.key, note="0.31%")
    page = shown(cast.olga, running)
    assert "ok, noted 03:29" in page
    assert "“0.31%”" in page and "looked at 03:29" not in page.split('id="roll-back-if"')[1].split("</section>")[0]
    assert ">Clear<" not in page


def test_a_threshold_that_begins_with_a_sign_is_read_with_it(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    trigger = RollbackTrigger.objects.filter(section__operation=draft).order_by("position")[0]
    RollbackTrigger.objects.filter(pk=trigger.pk).update(text="> 70 % of `po1` for 2 min")
    run = start(cast, approve_by(cast, submit(cast, draft), "tomas", "ada"))
    page = shown(cast.jun, run)
    assert "&gt; 70 % of <code>po1</code> for 2 min" in page and "<blockquote>" not in page


def test_the_clock_says_how_long_it_runs_when_the_phase_ends_and_how_late_it_is(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    def told() -> dict[str, str]:
        facts = signed_in(cast.jun).get(reverse("run", args=[running.pk])).context["clock"]["facts"]
        return {name: words for name, words, *_more in facts}

    clock(minutes=31)
    assert told()["Elapsed"] == "31 min" and told()["Phase 1 ends in"] == "14 min"
    clock(minutes=52)
    assert told()["Phase 1 is over by"] == "7 min"
    assert told()["Against plan"] == "52 min late", "nothing was begun, and the first step was to be at 02:00"
    page = shown(cast.jun, running).split('id="clock"')[1].split('id="queue"')[0]
    assert '<dt>Against plan</dt><dd class="w">52 min late</dd>' in page and ">02:52</time>" in page


def test_the_clock_warns_a_quarter_of_an_hour_before_what_a_trigger_names_as_its_time(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    """ "04:50 UTC if phase 2 is not done by then", in a plan whose procedures have no estimate."""

    def told() -> tuple[str, bool]:
        facts = signed_in(cast.jun).get(reverse("run", args=[running.pk])).context["clock"]["facts"]
        [(words, is_late)] = [(words, is_late) for name, words, is_late, *_more in facts if name == "Time Limits"]
        return words, is_late

    assert told() == ("04:50, in 2 h 50 min", False)
    assert "04:50, in" in shown(cast.olga, running).split('id="trigger-4"')[1].split("</li>")[0]
    clock(minutes=154)
    assert told() == ("04:50, in 16 min", False)
    clock(minutes=155)
    assert told() == ("04:50, only 15 min left", True)
    clock(minutes=180)
    assert told() == ("04:50, passed 10 min ago", True)
    make.roll_back(cast, running)
    assert "Time Limits" not in shown(cast.jun, running).split('id="clock"')[1].split('id="queue"')[0]


def test_what_a_trigger_names_as_its_time_counts_behind_the_point_of_no_return_too(
    cast: Cast, template, clock: Clock
) -> None:
    draft = make_draft(cast, template)
    own = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("phase__position", "position")
    Step.objects.filter(pk=own[0].pk).update(point_of_no_return=True)
    run = start(cast, approve_by(cast, submit(cast, draft), "tomas", "ada"))
    press(cast.jun, run, "start_step:asked", key=own[0].key)
    facts = signed_in(cast.jun).get(reverse("run", args=[run.pk])).context["clock"]["facts"]
    assert [(name, words) for name, words, _is_late, is_minor, _moment in facts[-2:] if not is_minor] == [
        ("Point of no return", "begun: no way back from 1.1 on"),
        ("Time Limits", "04:50, in 2 h 50 min"),
    ]
    press(cast.jun, run, "finish_step", key=own[0].key)
    facts = signed_in(cast.jun).get(reverse("run", args=[run.pk])).context["clock"]["facts"]
    assert "passed with 1.1" in [words for _name, words, *_more in facts]


def test_nothing_counts_on_once_the_work_is_finished(cast: Cast, running: Operation, clock: Clock) -> None:
    run = load_run(running)
    assert run
    triggers = [one.key for one in run.plan.triggers]
    clock(minutes=30)
    press(cast.jun, running, "trigger:ok", key=triggers[0])
    assert press(cast.jun, running, "finish_work", reason="Not tonight").status_code == 303
    seen = []
    for minutes in (31, 200):
        clock(minutes=minutes)
        answer = signed_in(cast.olga).get(reverse("run", args=[running.pk]))
        page = answer.content.decode()
        seen.append(page.split('<div id="board"')[1].split('id="log"')[0])
        assert not answer.context["plan"].has_now and "Now 0" not in page and "g-now" not in page
        assert "04:50" in page.split('id="trigger-4"')[1].split("</li>")[0]
    assert seen[0] == seen[1]


def test_a_step_says_what_of_it_was_confirmed_before_the_start(cast: Cast, running: Operation) -> None:
    own, other = step(running, 0).key, step(running, 1).key
    told = {"label": "DNS", "by": "2026-12-05", "reason": "They answer late", "ticked_by": cast.jun.pk}
    told |= {"ticked_by_name": "Jun Park", "ticked_at": "2026-12-05T12:00:00+00:00"}
    conditions = [
        told | {"key": f"{own}/dns", "evidence": "Mail of 16:04"},
        told | {"key": f"{other}/cdn", "evidence": ""},
    ]
    Operation.objects.filter(pk=running.pk).update(start_conditions=conditions)
    page = " ".join(shown(cast.olga, running).split())
    assert "What was to be confirmed by 2026-12-05 is confirmed: “Mail of 16:04”" in page
    assert page.count("What was to be confirmed") == 1


def test_what_was_confirmed_stands_beside_whatever_row_still_waits_for_it(cast: Cast, running: Operation) -> None:
    """The frozen text goes on saying "to confirm"; beside it, on each page that shows it, stands that it is."""
    told = {"label": "x", "by": "2026-12-05", "reason": "They answer late", "ticked_by": cast.jun.pk}
    told |= {"ticked_by_name": "Jun Park", "ticked_at": "2026-12-05T12:00:00+00:00"}
    run = load_run(running)
    assert run
    plan = run.plan
    rows = {
        f"{plan.triggers[0].key}.text": "A",
        plan.checks[0].key: "B",
        f"{plan.metrics[0].key}.before": "C",
        f"{plan.procedures[0].key}/how": "D",
        f"{plan.validations[0].key}.text": "E",
    }
    conditions = [told | {"key": key, "evidence": f"Seen {mark}"} for key, mark in rows.items()]
    Operation.objects.filter(pk=running.pk).update(start_conditions=conditions)

    def marks(name: str) -> list[str]:
        return sorted(set(re.findall(r"is confirmed: “Seen (\w)”", " ".join(shown(cast.olga, running, name).split()))))

    assert marks("run") == ["A", "B", "C"]
    back = make.roll_back(cast, fresh(running))
    assert marks("rollback") == ["B", "D", "E"]
    signed = make.sign(cast, make.finish_work(cast, back, NIGHT), "rolled_back")
    make.sign_off(cast, signed)
    for name in ("sign_off", "record"):
        page = shown(cast.olga, running, name)
        assert all(f"“Seen {mark}”" in page for mark in rows.values()), name


# ---------------------------------------------------------------- watching


def test_a_watcher_asks_and_mostly_nothing_is_new(cast: Cast, running: Operation, clock: Clock) -> None:
    client, url = signed_in(cast.olga), reverse("run", args=[running.pk])
    version = client.get(url).context["version"]
    assert client.get(url, {"since": version}).status_code == 204
    press(cast.jun, running, "finish_step", key=step(running, 0).key)
    assert client.get(url, {"since": version}).status_code == 200
    clock(minutes=1)
    assert client.get(url, {"since": client.get(url).context["version"]}).status_code == 204


def test_run_page_costs_at_most_twelve_queries(cast: Cast, running: Operation) -> None:
    press(cast.ines, running, "finish_step", key=step(running, 0).key, note="one")
    client, url = signed_in(cast.jun), reverse("run", args=[running.pk])
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as first:
        client.get(url)
    assert len(first) <= 12
    for at in range(1, 4):
        press(cast.noor, running, "finish_step", key=step(running, at).key, note="two")
    with CaptureQueriesContext(connection) as later:
        client.get(url)
    assert len(later) == len(first)


@pytest.mark.parametrize("state", [State.APPROVED, State.RUNNING, State.ROLLING_BACK, State.CLOSING])
@pytest.mark.parametrize("name", ["run", "rollback"])
@pytest.mark.parametrize("who", ["jun", "tomas", "olga"])
def test_no_page_of_the_run_costs_more_in_any_state(
    cast: Cast, template, clock: Clock, state: State, name: str, who: str
) -> None:
    operation = make_in(state, cast, template)
    client, url = signed_in(getattr(cast, who)), reverse(name, args=[operation.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) <= 12, [query["sql"][:120] for query in queries]


def test_a_limit_beside_a_text_with_another_zone_s_clock_names_its_own(
    approved: Operation, template: OperationTemplate
) -> None:
    plan = run_plan(approved.revisions.get(), template)
    *_others, limit = plan.triggers
    assert plan.start and plan.window_start and plan.window_end
    zone = dt.timezone(dt.timedelta(hours=1))
    start, end = plan.window_start.astimezone(zone), plan.window_end.astimezone(zone)
    there = replace(plan, window_start=start, window_end=end)
    written = [("04:50 UTC", "04:50, in 2 h 50 min"), ("05:50 at the latest", "04:50 UTC, in 2 h 50 min")]
    for text, shown_as in written:
        one = replace(limit, text=text)
        told = trigger_shown(one, (), replace(there, triggers=(one,)), plan.start).limit
        assert told.replace("\xa0", " ") == shown_as

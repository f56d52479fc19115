"""The run page as its people use it: go, work the steps, note, tick, measure, finish; watchers only watch."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from records.models import (
    Check,
    Delivery,
    Metric,
    Operation,
    Person,
    Role,
    RoleHolding,
    RollbackTrigger,
    State,
    Step,
    StepStatus,
)
from records.run.plan import RunPlan
from records.run.start_asked import ask_for_start, starts_asked_of
from records.run.starting import allow_start, conditions_of
from records.views.run_commands import command_lines
from records.writing.saving import save_section
from tests import make
from tests.make import NIGHT, fresh, make_draft, make_in
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db
Clock = Callable[..., dt.datetime]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The night of the operation; ``clock(minutes=31)`` is that much later."""

    def at(**later: int) -> dt.datetime:
        moment = NIGHT + dt.timedelta(**later)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    at()
    return at


@pytest.fixture
def approved(cast: Cast, template, clock: Clock) -> Operation:
    return make_in(State.APPROVED, cast, template)


@pytest.fixture
def running(cast: Cast, approved: Operation) -> Operation:
    return make.start(cast, approved)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(person: Person, operation: Operation, name: str = "run") -> str:
    answer = signed_in(person).get(reverse(name, args=[operation.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def press(person: Person, operation: Operation, do: str, name: str = "run", **more: str):
    return signed_in(person).post(reverse(name, args=[operation.pk]), {"do": do, **more})


def go_button(page: str) -> str:
    """How the button looks; empty where there is none, since the start would be refused."""
    found = re.search(r'<button class="([^"]+)"[^>]* name="do" value="start"', page)
    return found[1] if found else ""


def step(operation: Operation, at: int) -> Step:
    steps = Step.objects.filter(section__operation=operation, phase__isnull=False)
    return steps.order_by("phase__position", "position")[at]


def procedure(operation: Operation, at: int) -> Step:
    return Step.objects.filter(section__operation=operation, plan__isnull=False).order_by("position")[at]


# ---------------------------------------------------------------- go or no-go


def test_before_approval_there_is_nothing_to_run(cast: Cast, template) -> None:
    draft = make_draft(cast, template)
    answer = signed_in(cast.mara).get(reverse("run", args=[draft.pk]))
    assert answer.status_code == 409
    assert "nothing to run" in answer.content.decode()


def test_go_names_the_approvers_and_starts(cast: Cast, approved: Operation) -> None:
    page = shown(cast.jun, approved)
    assert "by Tomas Okafor and Ada Brandt" in page
    assert "Go: start the run" in page and "Before the start:" not in page
    assert go_button(page) == "btn btn-primary"
    assert "Start rollback" not in page
    assert press(cast.jun, approved, "start").status_code == 303
    assert fresh(approved).state == State.RUNNING


def test_only_operator_and_deputy_get_the_button_and_a_get_starts_nothing(cast: Cast, approved: Operation) -> None:
    assert "Go: start the run" not in shown(cast.olga, approved)
    assert press(cast.olga, approved, "start").status_code == 403
    signed_in(cast.jun).get(reverse("run", args=[approved.pk]), {"do": "start"})
    assert fresh(approved).state == State.APPROVED


def test_too_early_is_said_and_the_page_stays(cast: Cast, approved: Operation, clock: Clock) -> None:
    clock(hours=-3)
    answer = press(cast.jun, approved, "start")
    assert answer.status_code == 409
    assert "too early" in answer.content.decode()
    assert "<title>Error: " in answer.content.decode()


def test_what_was_to_be_confirmed_is_ticked_with_evidence_before_the_start(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "operation-summary/infrastructure-rationale/cost-optimization"
    section = draft.sections.get(key="operation-summary")
    values = {key: "To confirm by 2026-11-27: the price list"}
    save_section(
        operation=draft, key=section.key, version=section.version, values=values, by=cast.mara, at=timezone.now()
    )
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    page = shown(cast.jun, approved)
    assert "the price list" in page and "to confirm by 2026-11-27" in page
    assert "Before the start:" in page and "Confirm, with evidence" in page
    assert go_button(page) == ""
    assert "1 to confirm before the start" in shown(cast.jun, approved, "record")
    answer = press(cast.jun, approved, "start")
    assert answer.status_code == 400
    assert "Still needed: Cost Optimization" in answer.content.decode()
    assert press(cast.olga, approved, "confirm", key=key, evidence="x").status_code == 403
    assert press(cast.noor, approved, "confirm", key=key, evidence=" ").status_code == 400
    assert press(cast.noor, approved, "confirm", key=key, evidence="Offer 4711").status_code == 303
    assert "Offer 4711" in shown(cast.olga, approved)
    overview = shown(cast.olga, approved, "record")
    assert "“Offer 4711”" in overview and "Noor Haddad" in overview
    assert "Complete, 1 confirmed" in overview and "1 to confirm" not in overview
    assert press(cast.jun, approved, "start").status_code == 303


def test_an_open_part_that_is_still_to_be_confirmed_stands_before_go(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "infrastructure-communication/technical-team-coordination/security-team"
    section = draft.sections.get(key="infrastructure-communication")
    told = {"key": section.key, "version": section.version, "values": {key: "To confirm by 2026-11-27: a scan"}}
    save_section(operation=draft, **told, by=cast.mara, at=timezone.now())
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    for condition in conditions_of(approved):
        press(cast.noor, approved, "confirm", key=condition.key, evidence="Asked")
    page = shown(cast.jun, approved)
    assert "Security Team, to be confirmed" in page and go_button(page) == ""
    assert press(cast.jun, approved, "start").status_code == 400


def test_a_close_part_that_is_to_be_confirmed_holds_no_start_up(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "operational-procedures/documentation-updates/runbooks"
    section = draft.sections.get(key="operational-procedures")
    told = {"key": section.key, "version": section.version, "values": {key: "To confirm by 2026-12-09: the new one"}}
    save_section(operation=draft, **told, by=cast.mara, at=timezone.now())
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    assert key not in [one.key for one in conditions_of(approved)], "it is answered after the run"
    for condition in conditions_of(approved):
        press(cast.noor, approved, "confirm", key=condition.key, evidence="Asked")
    page = shown(cast.jun, approved)
    assert "Runbooks" not in page and go_button(page) == "btn btn-primary"
    assert press(cast.jun, approved, "start").status_code == 303


def test_what_an_approver_said_stands_at_the_gate_and_on_the_overview(cast: Cast, template, clock: Clock) -> None:
    record = make.submit(cast, make_draft(cast, template))
    digest = record.revisions.get().digest
    actions.approve(record, digest=digest, password=PASSWORD, note="Mind the storage", by=cast.tomas, at=NIGHT)
    make.approve_by(cast, record, "ada")
    for name in ("run", "record"):
        assert "“Mind the storage”" in shown(cast.jun, record, name)


def test_a_supervisor_lets_it_start_late(cast: Cast, approved: Operation, clock: Clock) -> None:
    clock(hours=5)
    assert "too late" in press(cast.jun, approved, "start").content.decode()
    assert "Let it start nevertheless" in shown(cast.tomas, approved)
    page = shown(cast.jun, approved)
    assert "Ask Tomas Okafor to allow the start." in page
    assert go_button(page) == ""
    assert "Too late to start" in shown(cast.jun, approved, "record")
    assert press(cast.tomas, approved, "allow_start", reason="Agreed with sales").status_code == 303
    page = shown(cast.jun, approved)
    assert "Too late; allowed by Tomas Okafor at 6 Dec 07:00 UTC, because: Agreed with sales" in page
    assert "In its window" not in page
    assert go_button(page) == "btn btn-primary"
    assert "Too late, but the start is allowed" in shown(cast.jun, approved, "record")
    assert press(cast.jun, approved, "start").status_code == 303


def test_the_operator_asks_for_a_start_and_the_supervisor_finds_it(
    cast: Cast, approved: Operation, clock: Clock
) -> None:
    assert press(cast.jun, approved, "ask_for_start", reason="Please").status_code == 409, "it can start now"
    now = clock(hours=-10)
    assert "Ask to allow the start" not in shown(cast.mara, approved), "who can't start it needn't ask"
    assert press(cast.mara, approved, "ask_for_start", reason="Please").status_code == 403
    assert "Let it start nevertheless" not in shown(cast.tomas, approved)
    page = shown(cast.jun, approved)
    assert "or ask Tomas Okafor." in page and go_button(page) == ""
    assert press(cast.jun, approved, "ask_for_start", reason=" ").status_code == 400
    for _again in "12":
        assert press(cast.jun, approved, "ask_for_start", reason="The line is free").status_code == 303
    assert Delivery.objects.filter(event="start_asked", person=cast.tomas).count() == 1
    page = shown(cast.jun, approved)
    assert "Wait until Tomas Okafor allows the start." in page and "Ask to allow the start" not in page
    assert "Jun Park asked to start outside the window: “The line is free”" in page
    assert "Let it start nevertheless" in shown(cast.tomas, approved)
    home = signed_in(cast.tomas).get(reverse("home")).content.decode()
    assert "Jun Park asks to start outside the window: “The line is free”" in home and "Allow the start, or not" in home
    for other in (cast.jun, cast.ada, cast.mara):
        assert "asks to start outside" not in signed_in(other).get(reverse("home")).content.decode()
    assert starts_asked_of(cast.tomas, at=now + dt.timedelta(hours=12)) == [], "it is an old story by then"
    assert press(cast.tomas, approved, "allow_start", reason="Go").status_code == 303
    assert Delivery.objects.filter(event="start_allowed", person=cast.jun).count() == 1
    assert "asks to start outside" not in signed_in(cast.tomas).get(reverse("home")).content.decode()
    assert go_button(shown(cast.jun, approved)) == "btn btn-primary"


def test_where_no_supervisor_is_named_all_who_supervise_are_asked_but_who_wrote_or_runs_it(
    cast: Cast, approved: Operation, clock: Clock
) -> None:
    Operation.objects.filter(pk=approved.pk).update(supervisor=None)
    RoleHolding.objects.create(person=cast.mara, role=Role.SUPERVISOR, since=NIGHT.date())
    now = clock(hours=-10)
    ask_for_start(fresh(approved), reason="The line is free", by=cast.jun)
    told = {one.person for one in Delivery.objects.filter(event="start_asked")}
    assert told == {person for person in cast.all().values() if starts_asked_of(person, at=now)}
    assert {cast.tomas, cast.sam} <= told and not {cast.mara, cast.jun} & told


def test_late_in_its_window_only_what_has_an_estimate_is_said_to_fit(
    cast: Cast, approved: Operation, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(minutes=5)
    page = shown(cast.jun, approved)
    assert "5 min after the planned start; the steps still fit." in page
    assert "No rollback deadline: not every procedure has an estimate" in page and "way back still fit" not in page
    monkeypatch.setattr(RunPlan, "rollback_minutes", 20)
    page = shown(cast.jun, approved)
    assert "5 min after the planned start; work and way back still fit." in page and "No rollback deadline" not in page


def test_who_allowed_the_start_is_named_before_it_is_needed(cast: Cast, approved: Operation) -> None:
    allow_start(approved, reason="The vendor may be late", by=cast.tomas, at=NIGHT)
    page = shown(cast.jun, approved)
    assert "In its window:" in page
    assert "Outside its window: allowed by Tomas Okafor at 6 Dec 02:00 UTC, because: The vendor may be late" in page


def test_home_says_how_an_approved_record_stands_to_its_window(cast: Cast, approved: Operation, clock: Clock) -> None:
    def said() -> str:
        return signed_in(cast.jun).get(reverse("home")).content.decode()

    clock(hours=-3)
    assert "Its window is close." in said()
    clock(minutes=5)
    assert "Its window has begun." in said()
    clock(hours=5)
    assert "It is too late to start it in its window." in said()


def test_the_activity_of_a_record_quotes_what_was_noted(cast: Cast, running: Operation) -> None:
    press(cast.ines, running, "note", note="The queue\nis empty " + "and so is the other one " * 9)
    told = shown(cast.mara, running, "record")
    assert "noted: “The queue is empty and so is the other one" in told and "…”" in told


def test_a_start_is_called_off_before_the_first_step_only(cast: Cast, running: Operation) -> None:
    assert press(cast.jun, running, "call_off").status_code == 400
    assert press(cast.jun, running, "start_step", key=step(running, 0).key).status_code == 303
    assert press(cast.jun, running, "call_off", reason="Storage alarm").status_code == 409
    assert fresh(running).state == State.RUNNING


# ---------------------------------------------------------------- steps


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


def test_a_point_of_no_return_asks_once_before_it_is_passed(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    first = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("phase__position", "position")[
        0
    ]
    Step.objects.filter(pk=first.pk).update(ask_before="Tomas Okafor", point_of_no_return=True)
    record = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    page = shown(cast.jun, record)
    assert "Ask Tomas Okafor before you start." in page and "This is the point of no return" in page
    assert 'value="start_step"' not in page.split('id="step-1.2"')[0]
    answer = press(cast.jun, record, "start_step", key=first.key, note="kept text")
    assert answer.status_code == 400
    assert "that you asked Tomas Okafor" in answer.content.decode() and "kept text" in answer.content.decode()
    assert press(cast.jun, record, "start_step:asked", key=first.key).status_code == 303
    first.refresh_from_db()
    assert first.status == StepStatus.STARTED
    page = shown(cast.jun, record)
    assert "passed with 1.1" in page and "Roll back nevertheless…" in page and "Start rollback…" not in page
    way = shown(cast.jun, record, "rollback")
    assert "no longer lead to where you were" in way and ">Roll back nevertheless<" in way
    assert "Tomas Okafor was asked before, and agreed" in shown(cast.olga, record)


def test_what_stands_in_the_note_is_never_lost_with_another_button(cast: Cast, running: Operation) -> None:
    one, two = step(running, 0), step(running, 1)
    signed_in(cast.jun).post(
        reverse("run", args=[running.pk]), {"key": one.key, "skip": "Already so", "note": "Seen A"}
    )
    press(cast.jun, running, "problem:wait", key=two.key, problem="Lag grows", note="Seen B")
    page = shown(cast.olga, running)
    assert "Seen A" in page and "Lag grows (waiting)\nSeen B" in page


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
    assert "Somebody was faster: Ines Duarte" in answer.content.decode()
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


# ---------------------------------------------------------------- checks, values, triggers


def test_checks_show_who_and_when(cast: Cast, running: Operation, clock: Clock) -> None:
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    clock(minutes=80)
    press(cast.ines, running, "tick_check", key=check.key)
    assert "Ines Duarte, 03:20" in shown(cast.olga, running)
    press(cast.ines, running, "untick", key=check.key)
    assert "Ines Duarte, 03:20" not in shown(cast.olga, running)


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


def test_a_trigger_is_never_clear_only_looked_at(cast: Cast, running: Operation, clock: Clock) -> None:
    trigger = RollbackTrigger.objects.filter(section__operation=running).order_by("position")[1]
    assert "not looked at yet" in shown(cast.jun, running)
    clock(minutes=89)
    press(cast.jun, running, "trigger:ok", key=trigger.key, note="0.31%")
    page = shown(cast.olga, running)
    assert "ok, noted 03:29" in page
    assert "“0.31%”" in page and "looked at 03:29" not in page.split('id="roll-back-if"')[1].split("</section>")[0]
    assert ">Clear<" not in page


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


# ---------------------------------------------------------------- rolling back


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
    told = [word for word, _value, _late, minor in way["clock"]["facts"] if not minor]
    assert told == ["Rolling back for", "Rollback deadline"]
    assert way["finish"]["reason"] == "Rolled back before it was reached"
    page = shown(cast.olga, running, "rollback")
    assert trigger.title in page
    assert "Recovery validation" in page


def test_the_time_plan_shows_the_way_back_too(cast: Cast, running: Operation) -> None:
    make.roll_back(cast, running)
    page = signed_in(cast.jun).get(reverse("run", args=[running.pk]))
    assert [row.title for row in page.context["plan"].rows][-1] == "Rollback"


def test_what_was_just_noted_as_a_problem_is_not_typed_again(cast: Cast, running: Operation, clock: Clock) -> None:
    press(cast.jun, running, "problem:back", key=step(running, 0).key, problem="Pods stay pending")
    assert "Pods stay pending</textarea>" in shown(cast.jun, running, "rollback")
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
    assert "Recovery: " in answer.content.decode()
    own = {f"reason:{step(running, 1).key}": "Not begun"}
    answer = press(cast.jun, running, "finish_work", "rollback", reason="Rolled back", **own)
    assert answer["Location"] == reverse("close", args=[running.pk])
    assert (step(running, 1).status, step(running, 1).run_reason) == (StepStatus.SKIPPED, "Not begun")
    assert step(running, 2).status == StepStatus.NOT_REACHED


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


# ---------------------------------------------------------------- finishing


def test_finishing_asks_for_every_open_step_and_check(cast: Cast, running: Operation) -> None:
    assert press(cast.noor, running, "finish_work", reason="x").status_code == 403
    assert press(cast.jun, running, "finish_work").status_code == 400
    links = shown(cast.jun, running)
    assert 'href="#open-1"' in links and 'id="open-1"' in links
    assert ('href="#open-9"' in links) == ('id="open-9"' in links)
    check = Check.objects.filter(section__operation=running).order_by("position")[0]
    more = {f"reason:{step(running, 0).key}": "Done yesterday", f"reason:{check.key}": "No such service any more"}
    answer = press(cast.jun, running, "finish_work", reason="Window was over", **more)
    assert answer["Location"] == reverse("close", args=[running.pk])
    check.refresh_from_db()
    assert (step(running, 0).status, step(running, 0).run_reason) == (StepStatus.SKIPPED, "Done yesterday")
    assert (step(running, 1).status, step(running, 1).run_reason) == (StepStatus.NOT_REACHED, "Window was over")
    assert check.unticked_because == "No such service any more"
    page = shown(cast.jun, running)
    assert "can be added until the operator signs" in page


def test_the_picture_of_a_run_that_is_over_does_not_stretch_to_today(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    press(cast.jun, running, "finish_work", reason="Window was over")
    clock(days=40)
    page = signed_in(cast.olga).get(reverse("run", args=[running.pk]))
    assert [tick.label for tick in page.context["plan"].ticks] == ["02:00", "03:00", "04:00", "05:00"]


# ---------------------------------------------------------------- commands


def test_commands_are_offered_one_by_one_only_where_each_line_is_one() -> None:
    assert command_lines("# why\nls -l\n\npwd\n") == ("# why", "ls -l", "pwd")
    together = ["cat <<EOF\nx\nEOF", "ls \\\n  -l", "for x in 1 2; do\n  echo $x\ndone", "echo 'a\nb'", "# nothing\n"]
    assert [command_lines(code) for code in together] == [()] * 5

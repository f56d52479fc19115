"""The clock of a run against its frozen plan: lateness, what comes next, when it will likely begin, the way back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest

from records.models import StepStatus
from records.run.clock import actual, clock, current, forecasts
from records.run.plan import RunPlan
from records.times import named_time
from tests.records.run.frozen_plans import Row, at, done, frozen

ESTIMATES = ("20 min", "10 min", "15 min", "25 min", "31 min", "20 min", "", "30 min")


@pytest.fixture(scope="module")
def plan() -> RunPlan:
    bare = frozen({})
    facts: dict[str, dict[str, object]] = {
        step.key: {"estimate": written} for step, written in zip(bare.steps, ESTIMATES, strict=True) if written
    }
    facts |= {step.key: {"estimate": "15 min"} for step in bare.procedures}
    facts[bare.steps[5].key] |= {"point_of_no_return": True, "ask_before": "Tomas Okafor", "host": "orders-db16-1"}
    return frozen(facts)


def rows(plan: RunPlan, *worked: Row) -> dict[str, Row]:
    todo = [Row(StepStatus.TODO) for _step in plan.steps[len(worked) :]]
    return {step.key: row for step, row in zip(plan.steps, [*worked, *todo], strict=True)}


def test_the_plan_says_when_each_step_begins_as_far_as_it_was_estimated(plan: RunPlan) -> None:
    planned = [step.start.strftime("%H:%M") if step.start else "" for step in plan.steps]
    assert planned == ["02:00", "02:20", "02:30", "02:45", "03:10", "03:41", "04:30", ""]
    assert [step.number for step in plan.steps] == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2"]
    special = plan.steps[5]
    assert (special.point_of_no_return, special.ask_before, special.host) == (True, "Tomas Okafor", "orders-db16-1")


def test_the_rollback_deadline_needs_every_procedure_s_estimate(plan: RunPlan) -> None:
    assert plan.rollback_minutes == 45
    assert plan.rollback_deadline == at("04:45")
    assert frozen({}).rollback_deadline is None


@pytest.mark.parametrize(
    ("now", "worked", "late"),
    [
        ("02:00", (), 0),
        ("01:50", (), 0),
        ("02:07", (), 7),
        ("02:10", (Row(StepStatus.STARTED, at("02:03")),), 3),
        ("02:30", (Row(StepStatus.STARTED, at("02:00")),), 10),
        ("02:15", (done("02:00", "02:15"), Row(StepStatus.STARTED, at("02:15"))), -5),
    ],
)
def test_lateness_is_that_of_the_current_step(plan: RunPlan, now: str, worked: tuple[Row, ...], late: int) -> None:
    assert clock(plan, rows(plan, *worked), started=at("01:50"), now=at(now)).late == late


EARLY = (done("02:00", "02:12"), done("02:12", "02:20"))  # planned until 02:30
STARTED, SKIPPED = StepStatus.STARTED, StepStatus.SKIPPED


@pytest.mark.parametrize(
    ("worked", "told"),
    [
        # Begun early: it stays so, also between steps, until the next one was to begin, and grows late then.
        ((Row(STARTED, at("01:50")),), {"01:50": -10, "02:00": -10, "02:10": -10, "02:12": -8, "02:25": 5}),
        (EARLY, {"02:20": -10, "02:25": -5, "02:30": 0, "02:37": 7}),
        ((*EARLY, Row(STARTED, at("02:22"))), {"02:22": -8, "02:30": -8, "02:37": -8, "02:50": 5}),
        # The end of phase 1 is planned for 02:45, as is the first step of phase 2.
        ((*EARLY, done("02:22", "02:23")), {"02:23": -22, "02:24": -21, "02:45": 0, "02:46": 1}),
        ((*EARLY, done("02:22", "02:23"), Row(STARTED, at("02:24"))), {"02:24": -21, "02:40": -21}),
        # 2.3 ends at 04:01, 3.1 begins at 04:30: who ends late is in time for it, who ends early not earlier by that.
        ((done("02:00", "04:10"),) * 6, {"04:10": 0, "04:30": 0, "04:35": 5}),
        ((done("02:00", "03:51"),) * 6, {"03:51": -10, "04:15": -10, "04:25": -5, "04:30": 0}),
        # 3.1 has no estimate, so 3.2 has no time: it goes by 3.1, until the phase is to be over at 05:30.
        ((done("02:00", "04:00"),) * 6 + (done("04:33", "04:50"),), {"04:50": 3, "05:30": 3, "05:37": 7}),
        (
            (done("02:00", "04:00"),) * 6 + (done("04:33", "04:50"), Row(STARTED, at("04:51"))),
            {"04:51": 3, "05:40": 10},
        ),
        # What is skipped takes no time; what was done out of order tells nothing of the step at hand.
        ((Row(SKIPPED, None, at("02:00")),), {"02:00": -20, "02:05": -15}),
        ((Row(StepStatus.TODO), done("02:00", "02:05")), {"02:05": 5, "02:15": 15}),
    ],
)
def test_lateness_goes_by_what_was_begun_or_ended_last_and_by_what_is_overdue(
    plan: RunPlan, worked: tuple[Row, ...], told: dict[str, int]
) -> None:
    found = {now: clock(plan, rows(plan, *worked), started=at("01:50"), now=at(now)).late for now in told}
    assert found == told


def test_lateness_never_jumps_while_nobody_presses_anything(plan: RunPlan) -> None:
    for done_so_far in range(len(plan.steps)):
        for under_way in ((), (Row(STARTED, at("03:00")),)):
            worked = rows(plan, *[done("02:00", "02:50")] * done_so_far, *under_way)
            told = [
                clock(plan, worked, started=at("02:00"), now=at("03:00") + dt.timedelta(minutes=minutes)).late or 0
                for minutes in range(240)
            ]
            assert all(later - earlier in (0, 1) for earlier, later in pairwise(told))


def test_without_estimates_the_phase_s_window_tells(plan: RunPlan) -> None:
    bare = frozen({})
    assert clock(bare, rows(bare), started=at("02:00"), now=at("02:30")).late == 30
    begun = Row(StepStatus.STARTED, at("02:00"))
    assert clock(bare, rows(bare, begun), started=at("02:00"), now=at("02:30")).late == 0
    assert clock(bare, rows(bare, begun), started=at("02:00"), now=at("02:50")).late == 5


def test_what_was_begun_is_current_before_what_comes_first(plan: RunPlan) -> None:
    skipped = Row(StepStatus.SKIPPED, None, at("02:01"))
    begun = Row(StepStatus.STARTED, at("02:02"))
    assert current(plan, rows(plan, skipped)) == plan.steps[1]
    assert current(plan, rows(plan, skipped, Row(StepStatus.TODO), begun)) == plan.steps[2]
    over = [done("02:00", "02:01") for _step in plan.steps]
    assert current(plan, rows(plan, *over)) is None


def test_forecasts_push_what_follows_and_end_where_nothing_is_known(plan: RunPlan) -> None:
    found = forecasts(plan, rows(plan, Row(StepStatus.STARTED, at("02:05"))), at("02:10"))
    likely = [found[step.key].strftime("%H:%M") if step.key in found else "" for step in plan.steps]
    assert likely == ["", "02:25", "02:35", "02:50", "03:15", "03:46", "04:30", ""]


def test_a_late_phase_pushes_the_ones_after_it(plan: RunPlan) -> None:
    """Of a phase whose window has begun nothing can begin while the one before is worked on."""
    found = forecasts(plan, rows(plan, Row(StepStatus.STARTED, at("03:25"))), at("03:30"))
    likely = [found[step.key].strftime("%H:%M") if step.key in found else "" for step in plan.steps]
    assert likely == ["", "03:45", "03:55", "04:10", "04:35", "05:06", "05:26", ""]


def test_a_phase_that_is_over_holds_nothing_up(plan: RunPlan) -> None:
    """It was begun early, and what is left was moved to an earlier hour of another night."""
    first, second, third = plan.phases
    moved = replace(plan, phases=(first, replace(second, start=at("01:55")), third))
    found = forecasts(moved, rows(plan, *[done("01:46", "01:50")] * len(first.steps)), at("01:51"))
    assert found[second.steps[0].key] == at("01:55")


def test_a_phase_has_ended_once_each_of_its_steps_is_over(plan: RunPlan) -> None:
    first = plan.phases[0]
    two = rows(plan, done("02:02", "02:20"), done("02:20", "02:33"))
    assert actual(first.steps, two) == (at("02:02"), None)
    three = rows(plan, done("02:02", "02:20"), done("02:20", "02:33"), done("02:33", "02:51"))
    assert actual(first.steps, three) == (at("02:02"), at("02:51"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Phase 2 is not done by 04:50", "04:50"),
        ("not done by 4:50, whoever says so", "04:50"),
        ("04:50:00 UTC at the latest", "04:50"),
        ("at 06:10", None),
        ("at 01:59", None),
        ("22:45 UTC if it takes 25 min, 22:30 UTC if longer", None),
        ("between 02:45-04:30", None),
        ("above 1% for 3 min, port 5432:80, 12:345", None),
        ("", None),
    ],
)
def test_a_time_that_a_trigger_names_within_the_window_is_its_limit(text: str, named: str | None) -> None:
    start, end = at("02:00"), at("05:30")
    assert named_time(text, start, end) == (at(named) if named else None)


def test_a_limit_is_of_the_plan_s_zone_and_of_the_right_day() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    start, end = dt.datetime(2026, 12, 5, 23, tzinfo=zone), dt.datetime(2026, 12, 6, 3, tzinfo=zone)
    assert named_time("not done by 01:30", start, end) == dt.datetime(2026, 12, 5, 23, 30, tzinfo=dt.UTC)
    assert named_time("not done by 00:30 UTC", start, end) == dt.datetime(2026, 12, 6, 0, 30, tzinfo=dt.UTC)
    assert named_time("not done by 01:30", None, end) is None

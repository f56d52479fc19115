"""What nobody came to since the way back was taken: which steps and lines to tick, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from records.models import StepStatus
from records.run.plan import PlannedCheck, RunPlan
from records.run.unreached import unreached, unreached_words
from tests.records.run.frozen_plans import NIGHT, Row, at, done, frozen

BACK = at("03:12")
SKIPPED = Row(StepStatus.SKIPPED, None, at("02:40"))


@pytest.fixture(scope="module")
def plan() -> RunPlan:
    """With a line to tick before and behind the steps of each phase, and before and behind all phases."""
    bare = frozen({})
    own = [PlannedCheck(f"{p.key}/{b}", "Look", "", p.key, b) for p in bare.phases for b in (True, False)]
    return replace(bare, checks=(PlannedCheck("first", "Look", "", "", True), *own, PlannedCheck("last", "Look", "")))


def keys(plan: RunPlan, *numbers: str) -> set[str]:
    return {step.key for step in plan.steps if step.number in numbers}


def test_a_step_that_was_begun_or_skipped_was_reached_and_so_was_what_stands_before_it(plan: RunPlan) -> None:
    first, second, *later = plan.phases
    numbers = [step.number for step in plan.steps]
    rows = {step.key: SKIPPED for step in first.steps} | {second.steps[0].key: Row(StepStatus.STARTED, at("03:00"))}
    behind = {check.key for check in plan.checks if check.phase in {phase.key for phase in later}}
    missed = keys(plan, *numbers[len(first.steps) + 1 :])
    assert unreached(plan, rows) == missed | behind | {f"{second.key}/False", "last"}
    everything = {step.key: done("02:00", "02:10") for step in plan.steps}
    assert unreached(plan, everything) == frozenset(), "what is open then was left by somebody"


def test_before_the_first_step_only_what_stands_before_all_of_them_was_reached(plan: RunPlan) -> None:
    before = {"first", f"{plan.phases[0].key}/True"}
    assert unreached(plan, {}) == {one.key for one in (*plan.steps, *plan.checks)} - before


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "before the first step"),
        ({"1.1": SKIPPED}, "before the first step"),
        ({"1.1": done("02:00", "02:10"), "1.2": done("02:10", "02:20")}, "after step 1.2"),
        ({"1.1": done("02:30", "02:40"), "1.2": done("02:10", "02:20")}, "after step 1.1"),
        ({"1.1": done("02:00", "02:10"), "1.2": Row(StepStatus.STARTED, at("03:00"))}, "during step 1.2"),
        ({"1.1": done("02:00", "02:10"), "1.2": done("03:00", "03:30")}, "during step 1.2"),
        ({"1.1": done("02:00", "02:10"), "1.2": done("03:20", "03:30")}, "after step 1.1"),
    ],
)
def test_the_words_name_the_last_step_that_was_worked_before(plan: RunPlan, rows: dict[str, Row], words: str) -> None:
    own = {step.key: rows[step.number] for step in plan.steps if step.number in rows}
    assert unreached_words(plan, own, BACK) == f"Rolled back at 03:12 UTC {words}"


def test_the_words_are_in_utc(plan: RunPlan) -> None:
    east = (NIGHT + dt.timedelta(hours=3)).astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert unreached_words(plan, {}, east).startswith("Rolled back at 03:00 UTC")

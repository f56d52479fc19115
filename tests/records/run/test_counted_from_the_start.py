"""A start outside its window, as a supervisor allowed it: times are counted from it, what was approved stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.plan_against_actual import sign_off_context
from records.models import Operation, OperationTemplate, Person
from records.run.clock import clock
from records.run.loaded import Run, load_run
from records.run.moved import counted_words, from_its_start
from records.run.plan import RunPlan, run_plan
from records.run.starting import allow_start
from records.run.told_facts import fact_named
from records.transfer.companion import companion_of
from records.views.run_deadline import deadline_words
from records.views.run_rows import trigger_shown
from tests import make
from tests.make import NIGHT, fresh
from tests.people import Cast

pytestmark = pytest.mark.django_db
EARLIER = NIGHT - dt.timedelta(hours=28)
LATER = NIGHT + dt.timedelta(days=2)


def started(cast: Cast, template: OperationTemplate, at: dt.datetime) -> Operation:
    approved = make.approve_by(cast, make.submit(cast, make.make_draft(cast, template)), "tomas", "ada")
    allow_start(approved, reason="Rehearsed", by=cast.tomas, at=at)
    return make.start(cast, approved, at=at)


def loaded(operation: Operation, now: dt.datetime) -> Run:
    run = load_run(fresh(operation), now)
    assert run
    return run


def approved_plan(operation: Operation) -> RunPlan:
    revision = operation.revisions.order_by("-number").first()
    assert revision
    return run_plan(revision, operation.template)


def shown(person: Person, operation: Operation, name: str) -> str:
    client = Client()
    client.force_login(person)
    return " ".join(client.get(reverse(name, args=[operation.pk])).content.decode().split())


@pytest.mark.parametrize(("at", "words"), [(EARLIER, "started 28 h early"), (LATER, "started 48 h later")])
def test_phases_steps_and_deadline_are_counted_from_a_start_outside_the_window(
    at: dt.datetime, words: str, cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = started(cast, template, at)
    run, approved = loaded(operation, at), approved_plan(operation)
    by = at - NIGHT
    assert [phase.start for phase in run.plan.phases] == [one.start and one.start + by for one in approved.phases]
    assert [step.start for step in run.plan.steps] == [one.start and one.start + by for one in approved.steps]
    assert run.plan.end == approved.end + by, "and with it the rollback deadline"  # type: ignore[operator]
    assert clock(run.plan, run.steps, started=at, now=at).late == 0
    assert (run.plan.window_start, run.plan.window_end) == (approved.start, approved.end)
    assert counted_words(run.plan).startswith(f"Planned for 6 Dec 02:00 UTC, {words}: ")
    monkeypatch.setattr(timezone, "now", lambda: at + dt.timedelta(minutes=1))
    for name in ("run", "rollback"):
        assert words in shown(cast.jun, operation, name)
    assert words in companion_of(fresh(operation)).decode()


def test_a_time_that_a_trigger_names_stays_as_it_was_approved(cast: Cast, template: OperationTemplate) -> None:
    operation = started(cast, template, EARLIER)
    run, approved = loaded(operation, EARLIER), approved_plan(operation)
    assert run.plan.time_limit == approved.time_limit != None  # noqa: E711
    limits = [trigger_shown(item, (), run.plan, NIGHT).limit for item in run.plan.triggers]
    assert limits == [trigger_shown(item, (), approved, NIGHT).limit for item in approved.triggers]


@pytest.mark.parametrize("minutes", [-15, 0, 30])
def test_in_its_window_a_run_is_early_or_late(minutes: int, cast: Cast, template: OperationTemplate) -> None:
    at = NIGHT + dt.timedelta(minutes=minutes)
    operation = started(cast, template, at)
    assert loaded(operation, at).plan == approved_plan(operation)
    assert counted_words(loaded(operation, at).plan) == ""


@pytest.mark.parametrize(("later", "is_counted"), [(23, False), (24, True)])
def test_where_no_end_is_known_a_day_after_its_start_the_window_is_over(
    later: int, is_counted: bool, cast: Cast, template: OperationTemplate
) -> None:
    at = NIGHT + dt.timedelta(hours=later)
    operation = started(cast, template, at)
    plan = from_its_start(replace(approved_plan(operation), end=None, window_end=None), operation)
    assert plan.start == (at if is_counted else NIGHT)


def test_what_closing_says_of_it_compares_with_what_was_approved(cast: Cast, template: OperationTemplate) -> None:
    operation = make.sign(cast, make.work(cast, started(cast, template, EARLIER), EARLIER), at=EARLIER)
    facts = dict(sign_off_context(operation, cast.ada)["run_facts"])
    assert "Planned for 6 Dec 02:00 UTC, started 28 h early" in facts["Started"]
    assert "window" not in facts["Finished"]
    assert "planned 3 h" in fact_named("times").words(loaded(operation, EARLIER))


def test_a_deadline_of_another_day_is_said_with_its_day(cast: Cast, template: OperationTemplate) -> None:
    plan = approved_plan(make.submit(cast, make.make_draft(cast, template)))
    deadline = plan.end
    assert deadline
    assert deadline_words(plan, deadline, deadline - dt.timedelta(hours=31)).startswith(f"6 Dec {deadline:%H:%M} UTC")
    assert deadline_words(plan, deadline, deadline - dt.timedelta(hours=2)) == f"{deadline:%H:%M}, in 2 h"

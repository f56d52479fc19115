"""What the record tells of its run in one line."""

from __future__ import annotations

import pytest

from approvals.plan_against_actual import sign_off_context
from records.models import Check, Operation, OperationTemplate, State, Step
from records.run import logbook, running, working
from records.run.loaded import load_run
from records.run.short_words import begins_with
from records.run.step_order import in_order
from records.run.told_facts import fact_named
from tests import make
from tests.make import NIGHT
from tests.people import Cast


@pytest.mark.parametrize(
    ("text", "number", "is_said"),
    [
        ("2.1 Drain", "2.1", True),
        ("(2.1) Drain", "2.1", True),
        ("Step 2.1: drain", "2.1", True),
        ("Schritt 2.1 dauerte", "2.1", True),
        ("2.10 Drain", "2.1", False),
        ("2.1.3 Drain", "2.1", False),
        ("2.1GB copied", "2.1", False),
        ("Raise it to 2.1", "2.1", False),
        ("4: Restore", "4", True),
        ("Step 4 failed", "4", True),
        ("4 of 5 nodes", "4", False),
        ("4.2 is next", "4", False),
    ],
)
def test_a_text_begins_with_its_number_or_not(text: str, number: str, is_said: bool) -> None:
    assert begins_with(text, number) is is_said


@pytest.mark.django_db
def test_a_step_whose_title_or_note_begins_with_its_number_is_numbered_once(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    first, second = in_order(draft)[:2]
    for step, title in ((first, "1.1 Drain the alert queue"), (second, "Step 1.2: check alert rules")):
        Step.objects.filter(pk=step.pk).update(title=title)
    run: Operation = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    assert run.state == State.RUNNING
    working.finish_step(run, key=first.key, by=cast.jun, at=NIGHT)
    logbook.note(run, text="1.1 took the alert twice", step_key=first.key, by=cast.jun, at=NIGHT)
    loaded = load_run(make.fresh(run), NIGHT)
    assert loaded
    about = fact_named("about alert").words(loaded)
    assert about == "step 1.1 Drain the alert queue, 1.1 took the alert twice"
    assert "to do: Step 1.2: check alert rules, 1.3 " in fact_named("steps").words(loaded)


@pytest.mark.django_db
def test_how_long_it_took_adds_up_with_the_times_beside_it(cast: Cast, template: OperationTemplate) -> None:
    run = make.make_in(State.CLOSING, cast, template)
    began = NIGHT.replace(minute=6, second=50)
    times = {"started_at": began, "finished_at": began.replace(minute=22, second=10)}
    Operation.objects.filter(pk=run.pk).update(**times)
    loaded = load_run(make.fresh(run), NIGHT)
    assert loaded and ":06 UTC to" in (words := fact_named("times").words(loaded))
    assert ":22 UTC: 16 min" in words
    assert dict(sign_off_context(make.fresh(run), cast.sam)["run_facts"])["Started"].endswith(":06 UTC, 6 min late")


@pytest.mark.django_db
def test_checks_that_share_a_reason_say_it_once(cast: Cast, template: OperationTemplate) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    first, *others = Check.objects.filter(section__operation=run).order_by("position")
    back = make.roll_back(cast, run)
    running.finish_work(back, reasons={first.key: "Its probe was down"}, not_reached="x", by=cast.jun, at=NIGHT)
    loaded = load_run(make.fresh(run), NIGHT)
    assert loaded
    told = fact_named("checks").words(loaded)
    assert told.count("Rolled back at 02:00 UTC before the first step") == 1 < len(others)
    assert f"{first.text} (Its probe was down), {others[0].text}, " in told

"""A hard freeze: while it lasts nothing approved is started, whoever allows it; an emergency is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from approvals import actions
from records.models import FreezeWindow, Operation, OperationTemplate, State, Step
from records.refusals import WrongOrder
from records.run import running
from records.run.starting import allow_start, no_hard_freeze
from tests import make
from tests.browserless import look
from tests.people import Cast, signed_in
from tests.records.run.keys import MINUTE, NIGHT, step_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.APPROVED, cast, template)


def freeze(since: dt.datetime, until: dt.datetime, *, is_hard: bool = True, is_active: bool = True) -> FreezeWindow:
    facts = {"is_hard": is_hard, "is_active": is_active}
    return FreezeWindow.objects.create(name="Year end", starts_at=since, ends_at=until, **facts)


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        (-2 * HOUR, 2 * HOUR, "Nothing is started before 6 Dec 04:00 UTC: “Year end” is a hard freeze."),
        (0 * HOUR, MINUTE, "Nothing is started before 6 Dec 02:01 UTC"),
        (
            59 * MINUTE,
            2 * HOUR,
            "“Year end”, a hard freeze, begins 6 Dec 02:59 UTC, and steps and way back take 60 min",
        ),
        (60 * MINUTE, 2 * HOUR, ""),
        (-HOUR, 0 * HOUR, ""),
    ],
)
def test_it_forbids_a_start_in_it_and_one_whose_work_would_reach_into_it(
    since: dt.timedelta, until: dt.timedelta, told: str, approved: Operation
) -> None:
    Step.objects.filter(section__operation=approved, key=step_of(approved)).update(estimate="1 h")
    freeze(NIGHT + since, NIGHT + until)
    right = no_hard_freeze(approved, NIGHT)
    assert right.reason.startswith(told) and bool(right) is not bool(told)


def test_work_of_which_nobody_said_how_long_it_takes_may_start_until_it_begins(approved: Operation) -> None:
    freeze(NIGHT, NIGHT + HOUR)
    assert no_hard_freeze(approved, NIGHT - MINUTE) and not no_hard_freeze(approved, NIGHT)


def test_no_word_of_a_supervisor_lifts_it_and_its_end_does(cast: Cast, approved: Operation) -> None:
    hard = freeze(NIGHT - HOUR, NIGHT + HOUR)
    allow_start(approved, reason="It fits", by=cast.tomas, at=NIGHT)
    with pytest.raises(WrongOrder) as refused:
        running.start(approved, by=cast.jun, at=NIGHT)
    assert str(refused.value) == no_hard_freeze(approved, NIGHT).reason
    FreezeWindow.objects.filter(pk=hard.pk).update(is_active=False)
    running.start(approved, by=cast.jun, at=NIGHT)
    assert make.fresh(approved).state == State.RUNNING


def test_a_soft_one_forbids_nothing(cast: Cast, approved: Operation) -> None:
    freeze(NIGHT - HOUR, NIGHT + HOUR, is_hard=False)
    running.start(approved, by=cast.jun, at=NIGHT)
    assert make.fresh(approved).state == State.RUNNING


def test_an_emergency_does_not_wait_for_its_end(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    freeze(NIGHT - HOUR, NIGHT + HOUR)
    actions.emergency_start(draft, answers=make.ANSWERS, by=cast.jun, at=NIGHT)
    assert make.fresh(draft).state == State.RUNNING


def test_the_pages_say_so_before_anybody_tries(
    cast: Cast, approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze(NIGHT - HOUR, NIGHT + HOUR)
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)
    jun = signed_in(cast.jun)
    go = look(jun, f"/records/{approved.pk}/run/").text
    assert "Nothing is started before 6 Dec 03:00 UTC: “Year end” is a hard freeze." in go
    assert "Wait until the freeze is over, or move it to another time." in go
    assert "A freeze, so nothing is started" in look(jun, f"/records/{approved.pk}/").text
    assert "Hard freeze: no start" in look(jun, "/calendar/?month=2026-12").text


@pytest.mark.parametrize(("until", "told"), [(-HOUR, ""), (HOUR, "Nothing is started before 6 Dec 03:00 UTC")])
def test_before_the_window_only_a_freeze_that_lasts_until_then_is_told(
    until: dt.timedelta, told: str, cast: Cast, approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze(NIGHT - 30 * HOUR, NIGHT + until)
    monkeypatch.setattr(timezone, "now", lambda: NIGHT - 20 * HOUR)
    jun = signed_in(cast.jun)
    pages = [look(jun, f"/records/{approved.pk}/{name}").text for name in ("run/", "")]
    assert [told in pages[0], "hard freeze" in pages[0], "A freeze, so" in pages[1]] == [True, bool(told), bool(told)]


def test_author_and_reviewers_are_told_that_the_window_lies_in_one(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    freeze(NIGHT - HOUR, NIGHT + HOUR)
    told = "In a hard freeze (6 Dec 01:00 UTC to 6 Dec 03:00 UTC), nothing is started in it:"
    assert told in look(signed_in(cast.mara), f"/records/{draft.pk}/check/").text
    make.submit(cast, draft)
    assert told in look(signed_in(cast.tomas), f"/records/{draft.pk}/review/").text

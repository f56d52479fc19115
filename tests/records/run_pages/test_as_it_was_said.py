"""What was said of a run stays as it was said: in one go from a device, from an older page, over days, after a stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
from django.urls import reverse

from approvals import actions
from approvals.afterwards import record_afterwards
from approvals.reminding import remind
from records.calendar import feed_of
from records.models import (
    Check,
    Delivery,
    LogEntry,
    Metric,
    Operation,
    OperationTemplate,
    Outcome,
    Person,
    RecoveryValidation,
    Step,
)
from records.refusals import WrongOrder
from records.run import running as runs
from records.run import stopping, verifying, working
from records.run.step_order import in_order
from records.run.stops import open_stop
from records.run.time_plan import duration
from records.run.verifying import recorded
from tests import make
from tests.browserless import look
from tests.make import NIGHT, fresh
from tests.people import PASSWORD, Cast, signed_in
from tests.records.run_pages.asking import Clock, press, step

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def texts(operation: Operation, kind: str) -> list[tuple[str, str]]:
    """The clock and the words of the lines of a kind."""
    lines = LogEntry.objects.filter(operation=operation, kind=kind).order_by("at", "pk")
    return [(f"{one.at:%H:%M}", one.text) for one in lines]


def metrics_of(operation: Operation) -> Iterable[Metric]:
    return Metric.objects.filter(section__operation=operation, after__isnull=False, loose=False)[:2]


# ---------------------------------------------------------------- what waited on a device


def test_the_same_note_of_two_times_is_two_notes_however_they_arrive(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    clock(minutes=60)
    for waited in (3000, 1200, 1190):
        press(cast.jun, running, "note", note="Lag still 0", waited=str(waited), late="yes")
    assert texts(running, "note") == [("02:10", "Lag still 0"), ("02:40", "Lag still 0")]


def test_the_same_output_with_other_words_or_of_another_time_is_kept_again(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    clock(minutes=60)
    url = reverse("bring_evidence", args=[running.pk])
    for note, waited in (("before", 3000), ("before", 3000), ("after", 3000), ("after", 1200)):
        sent = {"output": "active (running)", "note": note, "waited": str(waited), "late": "yes"}
        assert signed_in(cast.jun).post(url, sent).status_code == 303
    assert texts(running, "evidence") == [("02:10", "before"), ("02:10", "after"), ("02:40", "after")]


def test_a_time_that_was_typed_before_it_waited_is_of_the_day_on_which_it_was_typed(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    clock(hours=26)
    press(cast.jun, running, "note", note="Lag 0", time="02:05", waited=str(25 * 3600 + 1800), late="yes")
    assert LogEntry.objects.get(operation=running, kind="note").at == NIGHT + 5 * MINUTE


# ---------------------------------------------------------------- values


def test_only_what_was_typed_over_the_value_that_was_shown_is_measured(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    one, two = metrics_of(running)
    press(cast.ines, running, "measure", **{f"after:{one.key}": "61"})
    older = {f"shown:{one.key}": "61", f"shown:{two.key}": recorded(two)}
    press(cast.ines, running, "measure", **older, **{f"after:{one.key}": "48"})
    clock(minutes=15)
    press(cast.noor, running, "measure", **older, **{f"after:{one.key}": "61", f"after:{two.key}": "7"})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.after, one.measured_by, two.after, two.measured_by) == ("48", cast.ines, "7", cast.noor)
    answer = press(cast.noor, running, "measure", **older, **{f"after:{one.key}": "60"})
    assert answer.status_code == 409 and "is 48" in answer.text and 'value="60"' in answer.text
    assert f'name="shown:{one.key}" value="48' in answer.text, "typed again, it is typed over that"
    one.refresh_from_db()
    assert one.after == "48"


def test_a_press_on_values_of_which_none_was_typed_says_nothing(cast: Cast, running: Operation) -> None:
    one, two = metrics_of(running)
    press(cast.ines, running, "measure", **{f"after:{one.key}": "48"})
    sent = {f"shown:{one.key}": "61", f"after:{one.key}": "61", f"shown:{two.key}": "", f"after:{two.key}": ""}
    assert press(cast.noor, running, "measure", **sent).status_code == 303
    one.refresh_from_db()
    assert (one.after, one.measured_by) == ("48", cast.ines)


@pytest.mark.parametrize("value", ["[1.2, 1.4]", "[48]"])
def test_a_value_in_brackets_would_read_as_none_and_stays_in_hand(value: str, cast: Cast, running: Operation) -> None:
    one, _two = metrics_of(running)
    answer = press(cast.jun, running, "measure", **{f"after:{one.key}": value})
    assert answer.status_code == 400 and f"“{value}” without its brackets" in answer.text
    assert f'value="{value}"' in answer.text and not texts(running, "measure")


# ---------------------------------------------------------------- steps and checks


def test_a_time_that_is_corrected_stays_on_its_day(cast: Cast, running: Operation, clock: Clock) -> None:
    key = step(running, 0).key
    clock(minutes=10)
    press(cast.jun, running, "start_step", key=key)
    clock(hours=30)
    press(cast.jun, running, "finish_step", key=key)
    press(cast.jun, running, "correct_times", key=key, started="02:05", ended="08:00")
    row = Step.objects.get(pk=step(running, 0).pk)
    assert (row.started_at, row.ended_at) == (NIGHT + 5 * MINUTE, NIGHT + 30 * HOUR)
    told = "6 Dec 02:10 UTC to 7 Dec 08:00 UTC → 6 Dec 02:05 UTC to 7 Dec 08:00 UTC"
    assert texts(running, "correct_times")[0][1] == told


def test_nothing_is_skipped_before_it_was_begun(cast: Cast, running: Operation, clock: Clock) -> None:
    key = step(running, 0).key
    clock(minutes=10)
    press(cast.jun, running, "start_step", key=key)
    clock(minutes=20)
    answer = press(cast.jun, running, "skip", key=key, reason="Not needed", time="02:03")
    assert answer.status_code == 400 and "a time after 02:10:00 UTC, when it was begun" in answer.text
    press(cast.jun, running, "skip", key=key, reason="Not needed", time="02:12")
    assert Step.objects.get(pk=step(running, 0).pk).ended_at == NIGHT + 12 * MINUTE


@pytest.mark.parametrize("do", ["finish_step", "skip"])
def test_what_was_begun_and_ended_in_one_minute_is_under_way_again_when_that_is_taken_back(
    do: str, cast: Cast, running: Operation, clock: Clock
) -> None:
    key = step(running, 0).key
    clock(minutes=10, seconds=30)
    press(cast.jun, running, "start_step", key=key)
    press(cast.jun, running, do, key=key, reason="Already so", time="02:10")
    for status, begun in (("started", NIGHT + dt.timedelta(minutes=10, seconds=30)), ("todo", None)):
        press(cast.jun, running, "reopen_step", key=key)
        row = Step.objects.get(pk=step(running, 0).pk)
        assert (row.status, row.started_at) == (status, begun)
    press(cast.jun, running, "finish_step", key=key)
    press(cast.jun, running, "reopen_step", key=key)
    assert Step.objects.get(pk=step(running, 0).pk).status == "todo", "done in one press this time"


def test_what_was_seen_of_a_check_while_it_was_observed_stays_when_it_is_ticked(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    check = Check.objects.filter(section__operation=running, loose=False)[0]
    press(cast.jun, running, "observe_check", key=check.key, until="2026-12-06 06:00", evidence="Lag 0 so far")
    clock(hours=5)
    press(cast.jun, running, "tick_check", key=check.key)
    check.refresh_from_db()
    assert (check.ticked, check.evidence) == (True, "Lag 0 so far")


def test_a_validation_that_was_not_made_is_told_at_the_sign_off(cast: Cast, running: Operation) -> None:
    for check in Check.objects.filter(section__operation=running, loose=False):
        verifying.tick_check(running, key=check.key, by=cast.jun, at=NIGHT)
    back = make.roll_back(cast, running)
    one, *others = RecoveryValidation.objects.filter(section__operation=running, loose=False)
    verifying.skip_check(back, key=one.key, reason="Nobody had the tool", by=cast.jun, at=NIGHT)
    for other in others:
        verifying.tick_check(back, key=other.key, by=cast.jun, at=NIGHT)
    closing = make.sign(cast, make.finish_work(cast, fresh(back)), Outcome.ROLLED_BACK)
    page = look(signed_in(cast.tomas), reverse("sign_off", args=[closing.pk])).text
    assert f"{one.title}: Nobody had the tool" in page and "1 check" in page


# ---------------------------------------------------------------- over days, and after a stop


def test_a_run_of_two_nights_is_told_with_its_days(cast: Cast, running: Operation, clock: Clock) -> None:
    clock(hours=25)
    for one in in_order(running):
        working.finish_step(running, key=one.key, asked=True, by=cast.jun)
    done = make.finish_work(cast, fresh(running), at=NIGHT + 25 * HOUR)
    closing = make.sign(cast, done, at=NIGHT + 25 * HOUR)
    page = look(signed_in(cast.tomas), reverse("sign_off", args=[closing.pk])).text
    assert "6 Dec 02:00 UTC" in page and "7 Dec 03:00 UTC" in page


@pytest.mark.parametrize(("minutes", "words"), [(-15, "-15 min"), (-75, "-1 h 15 min"), (-0.4, "0 min"), (60, "1 h")])
def test_a_time_before_nought_is_told_as_one(minutes: float, words: str) -> None:
    assert duration(minutes) == words


def test_a_run_whose_work_ended_while_it_stood_and_that_is_opened_again_goes_on(
    cast: Cast, running: Operation, clock: Clock
) -> None:
    stopped = make.stop(make.end_phase(running), by=cast.jun)
    runs.finish_work(stopped, by=cast.jun, not_reached="Nothing more to do")
    clock(hours=72)
    runs.reopen_run(fresh(stopped), evidence="Phase 2 was done", by=cast.tomas)
    again = fresh(stopped)
    assert open_stop(again) is None
    assert press(cast.jun, again, "add_step", title="Look once more", reason="To be sure").status_code == 303
    with pytest.raises(WrongOrder, match="isn't stopped"):
        stopping.go_on(again, by=cast.jun)


def test_no_calendar_announces_a_night_in_which_nobody_will_go_on(cast: Cast, running: Operation) -> None:
    stopped = make.stop(make.end_phase(running), by=cast.jun)
    assert feed_of(cast.jun, at=NIGHT).count(b"BEGIN:VEVENT") == 2
    back = make.roll_back(cast, stopped)
    assert feed_of(cast.jun, at=NIGHT).count(b"BEGIN:VEVENT") == 1
    make.finish_work(cast, back)
    assert feed_of(cast.jun, at=NIGHT).count(b"BEGIN:VEVENT") == 1


def test_a_deputy_takes_over_what_is_still_to_be_signed(cast: Cast, template: OperationTemplate, clock: Clock) -> None:
    """Recorded afterwards it has no run to go back to; who was to sign it has left."""
    draft = make.make_draft(cast, template)
    record_afterwards(draft, make.happened(draft), by=cast.mara, at=NIGHT)
    Person.objects.filter(pk=cast.jun.pk).update(is_active=False)
    remind(at=NIGHT + 50 * HOUR)
    told = set(Delivery.objects.filter(event="closing_due").values_list("person__username", flat=True))
    assert told == {"mara", "ines"}
    assert "Take over" in look(signed_in(cast.ines), reverse("run", args=[draft.pk])).text
    assert press(cast.ines, fresh(draft), "hand_over", to=str(cast.ines.pk), words="Jun has left").status_code == 303
    actions.sign_as_operator(fresh(draft), **make.ending(fresh(draft)), password=PASSWORD, by=cast.ines, at=NIGHT)
    assert fresh(draft).final_text is not None

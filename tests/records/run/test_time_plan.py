"""The picture of a time plan: in percent of the window, never outside it, every bar said in words too."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.run.time_plan import Span, duration, rollback_deadline, time_plan


def at(clock: str) -> dt.datetime:
    hour, minute = clock.split(":")
    return dt.datetime(2026, 12, 6, int(hour), int(minute), tzinfo=dt.UTC)


PHASES = [Span("Setup", at("02:00"), at("02:45")), Span("Migration", at("02:45"), at("04:30"))]


def test_the_plan_as_drawn() -> None:
    plan = time_plan(PHASES, rollback=40, deadline=at("03:50"))
    assert [(row.title, row.note) for row in plan.rows] == [
        ("1. Setup", "02:00 to 02:45, 45 min"),
        ("2. Migration", "02:45 to 04:30, 1 h 45 min"),
        ("Rollback needs", "40 min: decide by 03:50"),
    ]
    assert [round(bar.width) for bar in plan.rows[0].bars] == [100, 30]
    assert [tick.label for tick in plan.ticks] == ["02:00", "03:00", "04:00"]


def test_a_run_shows_what_is_over_its_window() -> None:
    done = Span("Setup", at("02:00"), at("02:45"), at("02:02"), at("02:51"))
    plan = time_plan([done, PHASES[1]], now=at("03:00"), deadline=at("03:50"))
    assert plan.rows[0].note == "02:00 to 02:45, done 02:51, 6 min over"
    assert [bar.kind for bar in plan.rows[0].bars] == ["plan", "act", "late"]
    assert [mark.kind for mark in plan.rows[1].marks] == ["now", "dead"]


def test_phases_without_a_window_are_named_and_nothing_is_drawn() -> None:
    assert time_plan([Span("Setup", None, None)]).rows == ()
    assert time_plan([*PHASES, Span("Later", None, None)]).rows[2].note == "no window yet"
    unread = Span("Later", None, None, written="after lunch")
    assert time_plan([*PHASES, unread]).rows[2].note == "its window can't be read: after lunch"


def test_a_deadline_needs_every_procedure_s_time() -> None:
    assert rollback_deadline(at("05:30"), [30, 10]) == at("04:50")
    assert rollback_deadline(at("05:30"), [30, None]) is None
    assert rollback_deadline(None, [30]) is None


def test_durations_in_words() -> None:
    assert [duration(m) for m in (0, 25, 60, 105)] == ["0 min", "25 min", "1 h", "1 h 45 min"]


moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 4)).map(lambda d: d.replace(tzinfo=dt.UTC))


@given(st.lists(st.tuples(moments, moments, st.none() | moments, st.none() | moments), max_size=5), moments, moments)
def test_nothing_is_ever_drawn_outside(phases: list[tuple], now: dt.datetime, deadline: dt.datetime) -> None:
    spans = [Span("x", start, end, began, ended if began else None) for start, end, began, ended in phases]
    for plan in (time_plan(spans, rollback=5, deadline=deadline), time_plan(spans, now=now, deadline=deadline)):
        assert len(plan.ticks) <= 7
        for row in plan.rows:
            assert all(0 <= bar.x <= 100 and 0 < bar.width <= 100.4 for bar in row.bars)
            assert all(0 <= mark.x <= 100 for mark in row.marks)


def test_the_way_back_stands_in_the_picture_under_its_own_name_and_the_marks_are_said_in_words() -> None:
    night = dt.datetime(2026, 12, 6, 2, 0, tzinfo=dt.UTC)
    minutes = [night + dt.timedelta(minutes=at) for at in range(0, 200, 10)]
    phase = Span("Work", minutes[0], minutes[6], minutes[0])
    back = Span("Rollback", minutes[3], minutes[7], minutes[3], minutes[6], is_back=True)
    shown = time_plan([phase, back], deadline=minutes[5], now=minutes[6])
    assert [row.title for row in shown.rows] == ["1. Work", "Rollback"]
    assert "done 03:00" in shown.rows[1].note
    assert shown.words == "Now 03:00 UTC, Rollback deadline 02:50 UTC"


@pytest.mark.parametrize(
    ("begin", "end", "labels"),
    [
        ("12:35", "12:55", ["12:35", "12:40", "12:45", "12:50", "12:55"]),
        ("11:30", "13:00", ["11:30", "12:00", "12:30", "13:00"]),
        ("12:01", "12:04", ["12:01", "12:02", "12:03", "12:04"]),
        ("12:00", "14:00", ["12:00", "13:00", "14:00"]),
    ],
)
def test_a_short_night_has_labels_too(begin: str, end: str, labels: list[str]) -> None:
    plan = time_plan([Span("A", at(begin), at(end))])
    assert [tick.label for tick in plan.ticks] == labels

"""When a window ends: what a line says of it, and what becomes of that when the start moves."""

from __future__ import annotations

import datetime as dt

import pytest

from records.document.outline import Document
from records.document.read import read_template
from records.document.template_guesses import completed
from records.document.template_settings import parse_settings
from records.times import Start, start_in
from records.window_end import end_of, moved_end

PHASE = (dt.datetime(2026, 12, 6, 1, tzinfo=dt.UTC), dt.datetime(2026, 12, 6, 3, tzinfo=dt.UTC))


def begin(date: str, time: str) -> Start:
    start = start_in(date, time)
    assert start
    return start


@pytest.mark.parametrize(
    ("time", "written", "told"),
    [
        ("22:00 UTC", "02:00", "2026-12-06 02:00"),
        ("22:00 UTC", "23:30 UTC", "2026-12-05 23:30"),
        ("22:00 UTC", "22:00", "2026-12-06 22:00"),
        ("22:00 Europe/Berlin", "02:00", "2026-12-06 01:00"),
        ("22:00 Europe/Berlin", "02:00 UTC", "2026-12-06 02:00"),
        ("22:00 UTC", "02:00 +05:00", "2026-12-06 21:00"),
        ("22:00 UTC", "2026-12-07 04:00", "2026-12-07 04:00"),
        ("22:00 Europe/Berlin", "7 Dec 2026 0400", "2026-12-07 03:00"),
        ("22:00 UTC", "2026-12-05 04:00", "2026-12-06 03:00"),
        ("22:00 UTC", "when it is done", "2026-12-06 03:00"),
        ("22:00 UTC", "", "2026-12-06 03:00"),
    ],
)
def test_the_end_is_what_its_line_says_else_that_of_the_last_phase(time: str, written: str, told: str) -> None:
    end = end_of(begin("2026-12-05", time), written, [PHASE, None])
    assert end and f"{end.astimezone(dt.UTC):%Y-%m-%d %H:%M}" == told


def test_where_neither_says_it_nothing_is_known() -> None:
    assert end_of(begin("2026-12-05", "22:00"), "", [None]) is None


@pytest.mark.parametrize(("date", "hours"), [("2026-03-28", 3), ("2026-10-24", 5), ("2026-12-05", 4)])
def test_the_night_the_clocks_change_is_shorter_or_longer(date: str, hours: int) -> None:
    start = begin(date, "23:00 Europe/Berlin")
    assert end_of(start, "03:00", []) == start.at.astimezone(dt.UTC) + dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("written", "pattern", "new", "told"),
    [
        ("02:00", "HH:MM", ("2026-12-12", "23:30 UTC"), "03:30"),
        ("02:00 UTC", "HH:MM:SS TZ", ("2026-12-12", "23:30 UTC"), "03:30:00 UTC"),
        ("2026-12-06 02:00", "YYYY-MM-DD HH:MM", ("2026-12-12", "22:00 UTC"), "2026-12-13 02:00"),
        ("06.12.2026 02:00", "DD.MM.YYYY HH:MM", ("12.12.2026", "22:00 UTC"), "13.12.2026 02:00"),
        ("02:00", "HH:MM", ("2026-12-12", "22:00 Europe/Berlin"), "02:00"),
        ("at dawn", "HH:MM", ("2026-12-12", "23:30 UTC"), "at dawn"),
    ],
)
def test_an_end_moves_with_the_start_as_long_behind_it(
    written: str, pattern: str, new: tuple[str, str], told: str
) -> None:
    assert moved_end(begin("2026-12-05", "22:00 UTC"), begin(*new), written, pattern) == told


def bound(*lines: str) -> dict[str, str]:
    text = "# T: [x]\n\n" + "".join(f"**L{at}**: {line}\n" for at, line in enumerate(lines)) + "\n## S\n\n[Why]\n"
    template: Document = read_template(text)
    found = completed(parse_settings(""), template).bind
    return {fact: path for fact, path in found.items() if fact in ("date", "time", "end")}


def test_of_two_lines_one_behind_the_other_the_second_is_guessed_to_tell_the_end() -> None:
    day, clock, both = "YYYY-MM-DD", "HH:MM TZ", "YYYY-MM-DD HH:MM TZ"
    assert bound(day, clock, clock) == {"date": "header/l0", "time": "header/l1", "end": "header/l2"}
    assert bound(both, both) == {"date": "header/l0", "end": "header/l1"}
    assert bound(day, clock) == {"date": "header/l0", "time": "header/l1"}
    for lines in ((day, clock, "[Who]", clock), (day, clock, clock, clock)):
        assert bound(*lines) == {"date": "header/l0"}, "nobody knows which is which"

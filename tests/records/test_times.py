"""Dates, times and windows in the ways that people write them, and back in the way that a template asks for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.as_asked import ASKED, as_asked
from records.time_words import unread
from records.times import (
    clock_in,
    date_in,
    lasting_in,
    moment_in,
    phase_moments,
    shown_minutes,
    start_in,
    window_in,
    zone_in,
)

NIGHT = dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    "written",
    [
        *("2026-11-28", "2026/11/28", "28 Nov 2026", "28 november 2026", "28-Nov-2026", "28th Nov, 2026"),
        *("Nov 28, 2026", "November 28th 2026", "Sat 28 Nov 2026", "Saturday, 28 Nov 2026"),
        *("28.11.2026", "28/11/2026", "11/28/2026", " 2026-11-28 "),
    ],
)
def test_a_day_is_understood_however_people_write_it(written: str) -> None:
    assert date_in(written) == NIGHT
    assert date_in("1 Sept. 2026") == dt.date(2026, 9, 1)


@pytest.mark.parametrize(
    "written", ["", "05/06/2026", "5-6-2026", "30 Feb 2026", "28 Nov", "28 No 2026", "28 Nex 2026", "32.1.2026", "soon"]
)
def test_what_could_be_two_days_or_none_is_not_guessed(written: str) -> None:
    assert date_in(written) is None


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.sampled_from(["{0}/{1}/{2}", "{0:02}-{1:02}-{2}"]))
def test_what_could_be_two_days_is_asked_about_with_both(day: dt.date, how: str) -> None:
    written = how.format(day.month, day.day, day.year)
    could_be = {day, dt.date(day.year, day.day, day.month)} if day.day <= 12 else {day}
    assert (date_in(written) is None) == (len(could_be) == 2)
    asked = unread("date", written)
    assert asked.startswith("Which day: ") == (len(could_be) == 2)
    assert all(one.isoformat() in asked for one in could_be) or not asked


@pytest.mark.parametrize("written", ["18:20", "18:20 UTC", "1820", "1820Z", "18:20:00 UTC", "18:20 +00:00", "18:20UTC"])
def test_a_time_is_understood_however_people_write_it(written: str) -> None:
    clock = clock_in(written)
    assert clock is not None
    assert clock[0].replace(tzinfo=None) == dt.time(18, 20)
    assert clock[0].utcoffset() == dt.timedelta()


@pytest.mark.parametrize("written", ["", "182", "2460", "18:20 CET", "18:20 pm", "18:20:00:00", "6 o'clock", "25:00"])
def test_a_time_in_no_known_zone_is_none(written: str) -> None:
    assert clock_in(written) is None


@pytest.mark.parametrize(
    ("written", "zone"), [("18:20 CET", "“CET” "), ("1820MESZ", "“MESZ” "), ("25:00 UTC", ""), ("18:20 and so on", "")]
)
def test_letters_that_name_no_zone_are_named(written: str, zone: str) -> None:
    how = "Write the time as 02:00 UTC, 02:00 +01:00 or 02:00 Europe/Berlin"
    assert unread("time", written) == (f"{zone}isn't understood as a zone. {how}" if zone else how)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        *(("23:00-00:30", None), ("23:00-23:59", None), ("02:00-03:00", None), ("2300-0030", None), ("2:00-4", None)),
        *(("23:00 - 00:30", None), ("23:00–00:30", None), ("23:00 -00:30", None), ("23:00UTC-00:30", None)),
        *(("23:00 UTC-01:30", -90), ("23:00 GMT+2", 120), ("23:00 -03:30", -210), ("23:00 +05:45", 345)),
        *(("23:00:00-03:00", -180), ("23:00:00+02", 120), ("23:00+02:00", 120), ("23:00 -1200", -720)),
        *(("23:00 +14:00", 840), ("23:00 +14:15", None), ("23:00 -12:15", None), ("23:00 -13", None)),
        *(("23:00 +02:10", None), ("23:00 +00:15", None), ("23:00 -00:00", 0), ("23:00:00-23:59", None)),
    ],
)
def test_an_offset_is_one_that_some_place_can_have_and_a_range_is_none(written: str, minutes: int | None) -> None:
    clock = clock_in(written)
    assert (clock and clock[0].utcoffset()) == (None if minutes is None else dt.timedelta(minutes=minutes))
    assert clock or (as_asked("time", written, ASKED["time"]) == written and unread("time", written))


@given(st.times(), st.times(), st.sampled_from(["-", " - ", "–", " to "]), st.sampled_from(["%H:%M", "%H%M"]))
def test_a_range_is_a_window_and_never_a_time(first: dt.time, last: dt.time, between: str, how: str) -> None:
    written = f"{first:{how}}{between}{last:{how}}"
    assert clock_in(written) is None
    assert window_in(written) == tuple(one.hour * 60 + one.minute for one in (first, last))


@given(st.sampled_from("+-"), st.integers(0, 30), st.integers(0, 99))
def test_no_zone_is_further_away_than_any_place(sign: str, hours: int, minutes: int) -> None:
    zone = zone_in(f"{sign}{hours:02}:{minutes:02}")
    away = zone.utcoffset(None) if zone else None
    assert away is None or dt.timedelta(hours=-12) <= away <= dt.timedelta(hours=14)


@pytest.mark.parametrize("written", ["22:00-01:30", "2200-0130", "22:00 to 01:30", "22:00 – 0130"])
def test_a_window_is_understood_however_people_write_it(written: str) -> None:
    assert window_in(written) == (22 * 60, 90)


@pytest.mark.parametrize(
    "written", ["2026-11-28 18:20", "2026-11-28T18:20:00Z", "28 Nov 2026, 1820", "28.11.2026 18:20 UTC"]
)
def test_a_moment_is_a_day_and_a_time(written: str) -> None:
    assert moment_in(written) == dt.datetime(2026, 11, 28, 18, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Europe/Tallinn", "GMT+2", "+02:00", "CET", "EST"])
@pytest.mark.parametrize("day", ["2026-11-28", "28 Nov 2026"])
@pytest.mark.parametrize("between", [" ", "T"])
def test_a_moment_s_zone_is_that_of_its_time(day: str, between: str, zone: str) -> None:
    """No letter of a zone is taken for the T between day and time; of abbreviations nobody knows what they mean."""
    clock = clock_in(f"18:20 {zone}")
    assert (clock is None) == (zone in ("CET", "EST"))
    moment = moment_in(f"{day}{between}18:20 {zone}")
    assert moment == (clock and dt.datetime.combine(NIGHT, clock[0]))
    assert moment is None or moment.tzinfo is dt.UTC


@pytest.mark.parametrize("written", ["9999-12-31 23:00 -05:00", "0001-01-01 00:00 +05:00", "9999-01-01 00:00"])
def test_a_moment_at_the_edge_of_the_calendar_is_none(written: str) -> None:
    assert moment_in(written) is None
    assert date_in(written.split()[0]) is None


@pytest.mark.parametrize(
    ("fact", "written", "pattern", "stored"),
    [
        ("date", "28 Nov 2026", "YYYY-MM-DD", "2026-11-28"),
        ("date", "2026-11-28", "DD.MM.YYYY", "28.11.2026"),
        ("date", "2026-11-28", "dd.mm.yyyy", "28.11.2026"),
        ("date", "2026-11-28", "YYYY年MM月DD日", "2026-11-28"),
        ("time", "23:30 +01:00", "hh:mm tz", "23:30 +01:00"),
        ("time", "23:30 UTC", "HHMM UTC", "2330 UTC"),
        ("window", "23:30 to 00:30", "hh:mm - hh:mm", "23:30 - 00:30"),
        # 05/11 could be the 11th of May: a pattern that can't be read back is not followed.
        ("date", "5 Nov 2026", "MM/DD/YYYY", "2026-11-05"),
        ("date", "28 Nov 2026", "[when]", "2026-11-28"),
        ("date", "in spring", "YYYY-MM-DD", "in spring"),
        ("time", "1820", "HH:MM:SS TZ", "18:20:00 UTC"),
        ("time", "18:20:30 +02:00", "HH:MM:SS TZ", "18:20:30 +02:00"),
        ("time", "18:20", "HH:MM TZ", "18:20 UTC"),
        ("time", "18:20", "HH:MM", "18:20"),
        ("time", "18:20 UTC", "[Beginn, HH:MM]", "18:20"),
        ("date", "2026-11-28", "[DD.MM.YYYY]", "28.11.2026"),
        # Its zone would be lost.
        ("time", "18:20 +02:00", "[HH:MM]", "18:20 +02:00"),
        ("time", "23:30 Europe/Berlin", "HH:MM", "23:30 Europe/Berlin"),
        ("moment", "28 Nov 2026 23:30 +01:00", "DD.MM.YYYY HH:MM", "28.11.2026 23:30 +01:00"),
        # Without a zone it is in the one that the template names, whether anybody knows it or not.
        ("time", "22:00", "HH:MM Europe/Berlin", "22:00 Europe/Berlin"),
        ("time", "22:00:30", "HH:MM Europe/Berlin", "22:00:30 Europe/Berlin"),
        ("time", "22:00", "HH:MM UTC+1", "22:00 UTC+1"),
        ("time", "22:00", "HH:MM -05:00", "22:00 -05:00"),
        ("time", "2200", "[Beginn, HH:MM GMT]", "22:00 GMT"),
        ("time", "22:00", "HH:MM:SSZ", "22:00:00Z"),
        ("time", "2200", "HH:MM JST", "22:00 JST"),
        ("time", "22:00:30", "HH:MM JST", "22:00:30 JST"),
        ("time", "22:00", "HH:MM:SS CET", "22:00:00 CET"),
        ("time", "22:00", "[HH:MM CET]", "22:00 CET"),
        ("time", "22:00", "HH:MM Uhr", "22:00 Uhr"),
        ("time", "22:00", "HH:MM (local time)", "22:00 (local time)"),
        ("time", "22:00", "HHhMM", "22:00"),
        ("time", "22:00", "HH:MM:SS", "22:00:00"),
        ("time", "22:00", "[HH:MM, in words]", "22:00"),
        ("time", "22:00 UTC", "HH:MM JST", "22:00:00 UTC"),
        ("time", "22:00 MEZ", "HH:MM JST", "22:00 MEZ"),
        ("time", "late", "HH:MM JST", "late"),
        ("moment", "6 Dec 2026 2200", "YYYY-MM-DD HH:MM CET", "2026-12-06 22:00 CET"),
        ("moment", "6 Dec 2026 2200", "DD.MM.YYYY HH:MM Europe/Berlin", "06.12.2026 22:00 Europe/Berlin"),
        # A time of which the pattern has no place is never left out.
        ("moment", "28 Nov 2026 23:30:15", "DD.MM.YYYY HH:MM", "28 Nov 2026 23:30:15"),
        # Its seconds would be lost.
        ("time", "18:20:30", "HH:MM TZ", "18:20:30 UTC"),
        ("window", "2200 to 0130", "", "22:00-01:30"),
        ("window", "22:00-24:00", "HH:MM-HH:MM", "22:00-24:00"),
        ("estimate", "5m", "", "5 min"),
        ("estimate", "90", "", "1 h 30 min"),
        ("estimate", "2 hours", "", "2 h"),
        ("estimate", "a while", "", "a while"),
    ],
)
def test_it_is_written_back_as_the_template_writes_it(fact: str, written: str, pattern: str, stored: str) -> None:
    assert as_asked(fact, written, pattern) == stored
    assert as_asked(fact, stored, pattern) == stored


def test_the_usual_ways_are_those_that_are_understood() -> None:
    assert {as_asked("date", "28 Nov 2026", ASKED["date"]), as_asked("time", "1820", ASKED["time"])} == {
        "2026-11-28",
        "18:20:00 UTC",
    }


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 1), ("2027-10-31", 3), ("2027-11-07", 2)])
def test_a_night_in_which_the_clock_is_changed_has_the_hours_that_pass(day: str, hours: int) -> None:
    """The way back is counted from the end: by the clock on the wall its deadline would be an hour off."""
    start, window = start_in(day, "01:30 Europe/Berlin"), window_in("01:30-03:30")
    assert start and window
    [pair] = phase_moments(start, [window])
    assert pair and pair[1] - pair[0] == dt.timedelta(hours=hours)
    assert pair[1] - dt.timedelta(hours=hours) == pair[0] == start.at


_MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 3), timezones=st.just(dt.UTC))


@given(_MOMENTS, _MOMENTS)
def test_minutes_add_up_with_the_two_times_that_are_shown(one: dt.datetime, other: dt.datetime) -> None:
    assert f"{one + dt.timedelta(minutes=shown_minutes(one, other)):%d %H:%M}" == f"{other:%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Errors stay below 1% for 15 min", 15),
        ("p95 below 200 ms for 30 minutes", 30),
        ("Quiet for 24 h", 1440),
        ("Quiet for 1 hour 30 min.", 90),
        ("No alert for 2 days", 2880),
        ("No alert for 99999 days", 43200),
        (f"No alert for {'9' * 5000} days", None),
        ("Nothing is dropped", None),
        ("Done within 20 min", None),
        ("All 15 nodes answer for 3 tenants", None),
        ("for 5 min, then again for 10 min", None),
    ],
)
def test_how_long_something_goes_on_is_read_off_its_words(text: str, minutes: int | None) -> None:
    assert lasting_in(text) == minutes

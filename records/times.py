"""Dates, times, windows and durations as people write them, and what they mean. Pure; never raises."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_DURATION = re.compile(r"\s*(?:(\d+)\s*(?:h|hours?)\b)?\s*(?:(\d+)\s*(?:m|min|mins|minutes?)?)?\s*", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s+(?P<zone>\S+))?")
_WINDOW = re.compile(r"\s*(\d{1,2}):(\d{2})(?:\s*(?:[-–—]|\bto\b)\s*|\s+)(\d{1,2}):(\d{2})\s*", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
DAY = 24 * 60


def minutes_in(written: str) -> int | None:
    """A duration such as "25 min", "1 h 30 min" or "90" in minutes; None if it can't be understood."""
    m = _DURATION.fullmatch(written)
    if not m or not (m[1] or m[2]):
        return None
    return min(int(m[1] or 0) * 60 + int(m[2] or 0), 30 * DAY)


def window_in(written: str) -> tuple[int, int] | None:
    """A window such as "22:00-01:30" or "22:00 to 01:30" in minutes after midnight; None if it is none."""
    m = _WINDOW.fullmatch(written)
    if not m or int(m[1]) > 23 or int(m[3]) > 24 or int(m[2]) > 59 or int(m[4]) > 59:
        return None
    return int(m[1]) * 60 + int(m[2]), int(m[3]) * 60 + int(m[4])


def moved_window(written: str, minutes: int) -> str:
    """The window ``minutes`` later on the clock, "02:00-02:45"; empty for one that can't be understood."""
    pair = window_in(written)
    clocks = [divmod((minute + minutes) % DAY, 60) for minute in pair or ()]
    return "-".join(f"{hour:02}:{minute:02}" for hour, minute in clocks)


def zone_in(written: str) -> dt.tzinfo | None:
    """UTC, an IANA name or an offset as a time zone. Abbreviations mean different zones: they are asked about."""
    if written.upper() in ("UTC", "Z", "GMT"):
        return dt.UTC
    if m := _OFFSET.fullmatch(written):
        span = dt.timedelta(hours=int(m["hours"]), minutes=int(m["minutes"] or 0))
        return dt.timezone(span if m["sign"] == "+" else -span) if span < dt.timedelta(hours=24) else None
    if "/" not in written:
        return None
    try:
        return ZoneInfo(written)
    except (ValueError, OSError, KeyError):
        return None


def date_in(written: str) -> dt.date | None:
    """A date YYYY-MM-DD; None if it is none."""
    try:
        return dt.date.fromisoformat(written.strip()) if len(written.strip()) == 10 else None
    except ValueError:
        return None


def first_date_in(written: str) -> dt.date | None:
    """The first date YYYY-MM-DD in a text; None where there is none."""
    return next((day for one in _DATE.findall(written) if (day := date_in(one))), None)


@dataclass(frozen=True, slots=True)
class Start:
    """The start of an operation as far as it is understood: its moment, and its zone as written."""

    at: dt.datetime
    zone: str


def start_in(date: str, time: str) -> Start | None:
    """The moment that a date line and a time line ("02:00:00 UTC") name together; None if they don't."""
    day, clock = date_in(date), clock_in(time)
    return Start(dt.datetime.combine(day, clock[0]), clock[1]) if day and clock else None


def clock_in(written: str) -> tuple[dt.time, str] | None:
    """A time such as "02:00:00 UTC" with its zone, and that zone as written; None if it is none."""
    m = _CLOCK.fullmatch(written.strip())
    if m is None or int(m["hour"]) > 23 or int(m["minute"]) > 59 or int(m["second"] or 0) > 59:
        return None
    word = m["zone"] or "UTC"
    zone = zone_in(word)
    clock = dt.time(int(m["hour"]), int(m["minute"]), int(m["second"] or 0), tzinfo=zone)
    return (clock, word) if zone else None


def minutes_between(before: str, after: str) -> int | None:
    """The minutes on the clock from one written time of day to another; None if one can't be understood."""
    first, second = clock_in(before), clock_in(after)
    if first is None or second is None:
        return None
    return (second[0].hour - first[0].hour) * 60 + second[0].minute - first[0].minute


def phase_moments(start: Start, windows: list[tuple[int, int] | None]) -> list[tuple[dt.datetime, dt.datetime] | None]:
    """The phases' windows as moments in the start's zone; each window may pass midnight, one after the other."""
    zone = start.at.tzinfo
    midnight = dt.datetime.combine(start.at.date(), dt.time())
    after = start.at.hour * 60 + start.at.minute
    moments: list[tuple[dt.datetime, dt.datetime] | None] = []
    first = True
    for window in windows:
        if window is None:
            moments.append(None)
            continue
        begin, end = window
        # The first phase may begin a little before the header's time; later ones never before an earlier day.
        while begin + (DAY // 2 if first else 0) < after:
            begin, end = begin + DAY, end + DAY
        while end < begin:
            end += DAY
        first, after = False, begin
        # Wall-clock arithmetic first, then the zone: the night the clocks change has 23 or 25 hours.
        pair = [(midnight + dt.timedelta(minutes=m)).replace(tzinfo=zone) for m in (begin, end)]
        moments.append((pair[0], pair[1]))
    return moments

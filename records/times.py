"""Dates, times, windows and durations as people write them, and what they mean. Pure; never raises."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

# Without blanks around it, which could be parted in many ways; Python makes no number of thousands of digits.
_DURATION = re.compile(r"(?:(\d{1,9})\s*(?:h|hours?)\b)?\s*(?:(\d{1,9})\s*(?:m|min|mins|minutes?)?)?", re.IGNORECASE)
# "18:20", "18:20:00 UTC", "1820Z": a zone may follow at once where it begins with no digit; "23:00-00:30" is a range.
_CLOCK = re.compile(
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?|(?P<hours>\d{2})(?P<minutes>\d{2}))"
    r"(?:(?P<blank>\s*)(?P<zone>[^\s\d:.]\S*))?"
)
_HOUR = r"(?:(\d{1,2}):(\d{2})|(\d{2})(\d{2}))"
_WINDOW = re.compile(rf"\s*{_HOUR}(?:\s*(?:[-–—]|\bto\b)\s*|\s+){_HOUR}\s*", re.IGNORECASE)
# A time of day in a sentence.
_NAMED = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])( ?UTC\b)?")
# How long something goes on, in a sentence.
_LASTING = re.compile(
    r"\bfor (?:(\d{1,5}) ?days?|(\d{1,5} ?h(?:ours?)?(?: \d{1,5} ?m\w*)?|\d{1,5} ?m(?:in(?:ute)?s?)?))\b", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
# From -12:00 to +14:00, in whole quarter hours; none is less than an hour away from UTC.
_OFFSETS = frozenset({0, *range(-12 * 60, -59, 15), *range(60, 14 * 60 + 1, 15)})
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_T = re.compile(r"(?<=\d)T(?=\d)")
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<month>[a-z]+)\.?,?[\s-]+(?P<year>\d{{4}})"
)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}(?P<month>[a-z]+)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4})", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
DAY = 24 * 60


def minutes_in(written: str) -> int | None:
    """A duration such as "25 min", "1 h 30 min" or "90" in minutes; None if it can't be understood."""
    m = _DURATION.fullmatch(written.strip())
    if not m or not (m[1] or m[2]):
        return None
    return min(int(m[1] or 0) * 60 + int(m[2] or 0), 30 * DAY)


def window_in(written: str) -> tuple[int, int] | None:
    """A window such as "22:00-01:30" or "22:00 to 01:30" in minutes after midnight; None if it is none."""
    m = _WINDOW.fullmatch(written)
    if not m:
        return None
    first_hour, first_minute, last_hour, last_minute = (int(text) for text in m.groups() if text is not None)
    if first_hour > 23 or last_hour > 24 or first_minute > 59 or last_minute > 59:
        return None
    return first_hour * 60 + first_minute, last_hour * 60 + last_minute


def moved_window(written: str, minutes: int) -> str:
    """The window ``minutes`` later on the clock, "02:00-02:45"; empty for one that can't be understood."""
    return "-".join(_shown(minute + minutes) for minute in window_in(written) or ())


def named_clock(text: str) -> tuple[int, bool] | None:
    """The one time of day in a sentence, "not done by 04:50", in minutes after midnight, and whether it is said in UTC.

    None where there is none; of two nobody knows which is meant.
    """
    found = clocks_named(text)
    return found[0][1:] if len(found) == 1 else None


def named_time(text: str, start: dt.datetime | None, end: dt.datetime | None) -> dt.datetime | None:
    """The time that ``text`` names ("not done by 04:50"), if it is one and lies between ``start`` and ``end``.

    It is of the plan's zone, unless UTC stands behind it. Of two times nobody knows which is meant.
    """
    named = named_clock(text)
    if named is None or start is None or end is None:
        return None
    minutes, in_utc = named
    first = start.astimezone(dt.UTC) if in_utc else start
    days = (first.date() + dt.timedelta(days=days) for days in (0, 1))
    moments = (dt.datetime.combine(day, dt.time(*divmod(minutes, 60)), first.tzinfo) for day in days)
    return next((at for at in moments if start < at <= end), None)


def clocks_named(text: str) -> list[tuple[str, int, bool]]:
    """Every time of day in ``text``: as it is written, in minutes after midnight, and whether it is said in UTC."""
    return [(m[0], int(m[1]) * 60 + int(m[2]), bool(m[3])) for m in _NAMED.finditer(text)]


def dates_named(text: str) -> list[str]:
    """Every date (YYYY-MM-DD) in ``text``, as it is written."""
    return [m[0] for m in _DATE.finditer(text)]


def lasting_in(text: str) -> int | None:
    """The one time that something is to go on for in a sentence, "errors below 1% for 15 min", in minutes; at most 30
    days. None where there is none; of two nobody knows which is meant.
    """
    found = _LASTING.findall(text)
    if len(found) != 1:
        return None
    days, duration = found[0]
    return min(int(days) * DAY, 30 * DAY) if days else minutes_in(duration)


def moved_clock(text: str, minutes: int | None) -> str:
    """A sentence with its time of day ``minutes`` later; a placeholder instead (HH:MM) where nobody knows how much."""
    return _NAMED.sub(
        lambda m: ("HH:MM" if minutes is None else _shown(int(m[1]) * 60 + int(m[2]) + minutes)) + (m[3] or ""), text
    )


def when_named(text: str) -> str:
    """The first date (YYYY-MM-DD) or time of day in ``text``, as it is written; empty for most."""
    found = [m for m in (_DATE.search(text), _NAMED.search(text)) if m]
    return min(found, key=lambda m: m.start())[0] if found else ""


def _shown(minute: int) -> str:
    hour, rest = divmod(minute % DAY, 60)
    return f"{hour:02}:{rest:02}"


def zone_in(written: str) -> dt.tzinfo | None:
    """UTC, an IANA name or an offset as a time zone. Abbreviations mean different zones: they are asked about."""
    if written.upper() in ("UTC", "Z", "GMT"):
        return dt.UTC
    if m := _OFFSET.fullmatch(written):
        minutes = int(f"{m['sign']}1") * (int(m["hours"]) * 60 + int(m["minutes"] or 0))
        return dt.timezone(dt.timedelta(minutes=minutes)) if minutes in _OFFSETS else None
    if "/" not in written:
        return None
    try:
        return ZoneInfo(written)
    except (ValueError, OSError, KeyError):
        return None


def date_in(written: str) -> dt.date | None:
    """A date such as 2026-12-06, 6 Dec 2026, December 6, 2026 or 06.12.2026; None if it is none.

    Of numbers alone that could be a day or a month nobody knows which comes first, unless points stand between them.
    The first and the last year of the calendar are none: another zone or the next day could lie outside of it.
    """
    day = _day_in(written.strip().lower())
    return day if day and dt.MINYEAR < day.year < dt.MAXYEAR else None


def _day_in(text: str) -> dt.date | None:
    try:
        if m := _YEAR_FIRST.fullmatch(text):
            return dt.date(int(m["year"]), int(m["month"]), int(m["day"]))
        if m := _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
            return dt.date(int(m["year"]), _month(m["month"]), int(m["day"]))
        if m := _NUMBERS.fullmatch(text):
            first, second = int(m["first"]), int(m["second"])
            if m["sign"] == "." or first > 12 or first == second:
                return dt.date(int(m["year"]), second, first)
            return dt.date(int(m["year"]), first, second) if second > 12 else None
    except ValueError:
        return None
    return None


def days_in(written: str) -> tuple[dt.date, ...]:
    """The two days that a date of numbers alone could be, month first and day first; none where it is one or no day."""
    m = _NUMBERS.fullmatch(written.strip())
    if m is None or date_in(written):
        return ()
    one, other = int(m["first"]), int(m["second"])
    try:
        return dt.date(int(m["year"]), one, other), dt.date(int(m["year"]), other, one)
    except ValueError:
        return ()


def _month(name: str) -> int:
    """The number of the month that begins with the three or more letters ``name``; 0, which is no month, for none."""
    return next((at for at, month in enumerate(_MONTHS, 1) if len(name) >= 3 and month.startswith(name)), 0)


def first_date_in(written: str) -> dt.date | None:
    """The date that a text is, or the first YYYY-MM-DD in it; None where there is none."""
    return date_in(written) or next((day for one in _DATE.findall(written) if (day := date_in(one))), None)


@dataclass(frozen=True, slots=True)
class Start:
    """The start of an operation as far as it is understood: its moment, and its zone as written."""

    at: dt.datetime
    zone: str


def start_in(date: str, time: str) -> Start | None:
    """The moment that a date line and a time line ("02:00:00 UTC") name together; None if they don't.

    Where nothing stands in the second one, or there is none, the first may say both.
    """
    day, clock = date_in(date if time.strip() else parted(date)[0]), clock_in(time_of(date, time))
    return Start(dt.datetime.combine(day, clock[0]), clock[1]) if day and clock else None


def clock_in(written: str) -> tuple[dt.time, str] | None:
    """A time such as "02:00:00 UTC", "2:00" or "0200" with its zone, and that zone as written; None if it is none.

    A minus right behind hours and minutes makes a range of it, and a range is no time.
    """
    m = _CLOCK.fullmatch(written.strip())
    if m is None or ((m["zone"] or "").startswith("-") and not m["blank"] and not m["second"]):
        return None
    hour, minute, second = int(m["hour"] or m["hours"]), int(m["minute"] or m["minutes"]), int(m["second"] or 0)
    word = m["zone"] or "UTC"
    zone = zone_in(word)
    if zone is None or hour > 23 or minute > 59 or second > 59:
        return None
    return dt.time(hour, minute, second, tzinfo=zone), word


def moment_in(written: str) -> dt.datetime | None:
    """A day and a time, "2026-12-06 02:00" or "6 Dec 2026 0200 +02:00", in UTC, which it is where no zone is said.

    None if it is none.
    """
    start = start_in(written, "")
    return start.at.astimezone(dt.UTC) if start else None


def parted(written: str) -> tuple[str, str]:
    """The words for the day and those for the time in a text that names both; else all of it, and none."""
    words = _T.sub(" ", written, count=1).split()
    # A time has two words at most, the second one its zone.
    for at in range(max(1, len(words) - 2), len(words)):
        day, clock = " ".join(words[:at]).rstrip(","), " ".join(words[at:])
        if date_in(day) and clock_in(clock):
            return day, clock
    return written, ""


def time_of(date: str, time: str) -> str:
    """The words for the time of a date line and a time line: where nothing stands in that one, those in the first."""
    return time if time.strip() else parted(date)[1]


def minutes_between(before: str, after: str) -> int | None:
    """The minutes on the clock from one written time of day to another; None if one can't be understood."""
    first, second = clock_in(before), clock_in(after)
    if first is None or second is None:
        return None
    return (second[0].hour - first[0].hour) * 60 + second[0].minute - first[0].minute


def shown_minutes(before: dt.datetime, after: dt.datetime) -> int:
    """The minutes between two moments as pages show them, without seconds: it adds up with what stands beside it.

    From 17:06:50 to 17:22:10 are 16 minutes, negative the other way round.
    """
    first, second = (one.astimezone(dt.UTC).replace(second=0, microsecond=0) for one in (before, after))
    return int((second - first) / dt.timedelta(minutes=1))


def phase_moments(start: Start, windows: list[tuple[int, int] | None]) -> list[tuple[dt.datetime, dt.datetime] | None]:
    """The phases' windows as moments in UTC; each window may pass midnight, one after the other.

    They are written in the start's zone. In UTC they can be counted with: in a zone, Python adds and subtracts what a
    clock on the wall shows, whether it was changed meanwhile or not.
    """
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
        pair = [(midnight + dt.timedelta(minutes=m)).replace(tzinfo=zone).astimezone(dt.UTC) for m in (begin, end)]
        moments.append((pair[0], pair[1]))
    return moments

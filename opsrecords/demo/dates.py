"""A demo record lives around today: every date in its text moves along, in each of the ways people write one."""

from __future__ import annotations

import datetime as dt
import re

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS)])
_ISO = re.compile(r"(?<![\d-])(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_COMPACT = re.compile(r"(?<![\d.])(20\d\d)([01]\d)([0-3]\d)(?!\d|\.\d)")
_WORDS = re.compile(
    rf"(?<![\d:.])(?P<first>\d{{1,2}})(?:(?P<to> to | and |-)(?P<last>\d{{1,2}}))?"
    rf" (?P<month>{_MONTH})\b(?: (?P<year>20\d\d))?"
)
_WEEKDAY = re.compile("|".join(WEEKDAYS))
_CLOCK = re.compile(r"(?<![\d:.])([01]\d|2[0-3]):([0-5]\d)(?!\d)")


def moved(text: str, base: dt.date, days: int, minutes: int = 0) -> str:
    """``text``, written for ``base``, with its dates moved by ``days`` and its times of day by ``minutes``."""

    def iso(m: re.Match[str]) -> str:
        date = _date(*map(int, m.groups()))
        return (date + dt.timedelta(days)).isoformat() if date else m[0]

    def compact(m: re.Match[str]) -> str:
        date = _date(*map(int, m.groups()))
        return f"{date + dt.timedelta(days):%Y%m%d}" if date else m[0]

    def clock(m: re.Match[str]) -> str:
        whole = (int(m[1]) * 60 + int(m[2]) + minutes) % (24 * 60)
        return f"{whole // 60:02}:{whole % 60:02}"

    text = _COMPACT.sub(compact, _ISO.sub(iso, text))
    text = _WORDS.sub(lambda m: _words(m, base, days), text)
    text = _WEEKDAY.sub(lambda m: WEEKDAYS[(WEEKDAYS.index(m[0]) + days) % 7], text)
    return _CLOCK.sub(clock, text) if minutes else text


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _words(m: re.Match[str], base: dt.date, days: int) -> str:
    """ "5 December", "14 and 22 November", "1 Dec", "12 November 2026", moved."""
    month = [name[:3] for name in MONTHS].index(m["month"][:3]) + 1
    short = len(m["month"]) == 3
    moved_days = [_moved_day(int(day), month, m["year"], base, days) for day in (m["first"], m["last"]) if day]
    if not all(moved_days):
        return m[0]
    dates = [date for date in moved_days if date]
    names = [MONTHS[date.month - 1][:3] if short else MONTHS[date.month - 1] for date in dates]
    year = f" {dates[-1].year}" if m["year"] else ""
    if len(dates) == 1:
        return f"{dates[0].day} {names[0]}{year}"
    first = f"{dates[0].day}" if names[0] == names[1] else f"{dates[0].day} {names[0]}"
    return f"{first}{m['to']}{dates[1].day} {names[1]}{year}"


def _moved_day(day: int, month: int, year: str | None, base: dt.date, days: int) -> dt.date | None:
    """The day moved; without a year it is the one nearest to ``base``."""
    years = [int(year)] if year else [base.year - 1, base.year, base.year + 1]
    dates = [date for one in years if (date := _date(one, month, day))]
    return min(dates, key=lambda date: abs((date - base).days)) + dt.timedelta(days) if dates else None

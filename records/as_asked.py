"""Dates, times, windows and durations that people wrote, in the way that a template asks for. Pure; never raises."""

from __future__ import annotations

import re

from records.document.shapes import in_capitals
from records.times import clock_in, date_in, minutes_in, parted, window_in

_SHAPE_ASKED = re.compile(r"(?:YYYY|MM|DD|HH)(?:[-./: ]+(?:YYYY|MM|DD|HH|SS|TZ))+")
_CLOCK_SHAPE = re.compile(r"HH:?MM")
ASKED = {
    "date": "YYYY-MM-DD",
    "time": "HH:MM:SS TZ",
    "moment": "YYYY-MM-DD HH:MM TZ",
    "window": "HH:MM-HH:MM",
    "estimate": "H h M min",
}


def as_asked(fact: str, written: str, pattern: str = "") -> str:
    """What people wrote for ``fact`` (those of ``ASKED``) in the way that a template's ``pattern`` asks for.

    Where that can't be followed, in the usual one (``ASKED``). What can't be understood stays as it is written.
    """
    # A placeholder in brackets asks for the shape that stands in it: "[HH:MM]", "[Day, as DD.MM.YYYY]".
    if pattern.startswith("[") and (found := _SHAPE_ASKED.search(pattern)):
        pattern = found[0]
    pattern = in_capitals(pattern)
    ways = {"date": _date_as, "time": _clock_as, "moment": _moment_as, "window": _window_as, "estimate": _estimate_as}
    way = ways[fact]
    # Where the pattern has no place for a zone that was written, it follows behind.
    zoned = way(written, f"{pattern} TZ") if fact in ("time", "moment") and "HH" in pattern else ""
    return way(written, pattern) or zoned or way(written, ASKED[fact]) or written


def _date_as(written: str, pattern: str) -> str:
    day = date_in(written)
    if day is None:
        return ""
    text = pattern.replace("YYYY", f"{day.year:04}").replace("MM", f"{day.month:02}").replace("DD", f"{day.day:02}")
    return text if date_in(text) == day else ""


def _clock_as(written: str, pattern: str) -> str:
    clock = clock_in(written)
    if clock is None:
        return ""
    at, zone = clock
    text = pattern.replace("HH", f"{at.hour:02}").replace("MM", f"{at.minute:02}").replace("SS", f"{at.second:02}")
    text = text.replace("TZ", zone)
    return text if clock_in(text) == clock else ""


def _moment_as(written: str, pattern: str) -> str:
    day, clock = parted(written)
    hours = _CLOCK_SHAPE.search(pattern)
    if not clock or not hours:
        return ""
    date, time = _date_as(day, pattern[: hours.start()]), _clock_as(clock, pattern[hours.start() :])
    return f"{date}{time}" if date and time else ""


def _window_as(written: str, pattern: str) -> str:
    pair = window_in(written)
    if pair is None:
        return ""
    text = pattern
    for minute in pair:
        text = text.replace("HH:MM", f"{minute // 60:02}:{minute % 60:02}", 1)
    return text if window_in(text) == pair else ""


def _estimate_as(written: str, _pattern: str) -> str:
    minutes = minutes_in(written)
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])

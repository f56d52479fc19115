"""Dates, times, windows and durations that people wrote, in the way that a template asks for. Pure; never raises."""

from __future__ import annotations

import re

from records.document.shapes import in_capitals, without_break
from records.times import clock_in, date_in, minutes_in, moment_in, parted, window_in

_SHAPE_ASKED = re.compile(
    r"(?:YYYY|MM|DD|HH)(?:[-./: ]+(?:YYYY|MM|DD|HH|SS|TZ))+"
    # Of the words that follow, only a place, an offset or capitals are a zone.
    r"(?: (?:[A-Z]\w*/\w+|(?:[A-Z]{2,5})?[+-]\d[\d:]*|[A-Z]{2,5})\b)?"
)
_CLOCK_SHAPE = re.compile(r"HH:?MM")
_ZONE_ASKED = re.compile(
    r"(?P<clock>.*HH(?::?MM(?::?SS)?|\.MM))(?P<zone>\s+(?![-–]\s)\S.*|(?!SS)[^\s\d:.–-].*)", re.DOTALL
)
ASKED = {
    "date": "YYYY-MM-DD",
    "time": "HH:MM:SS TZ",
    "moment": "YYYY-MM-DD HH:MM TZ",
    "window": "HH:MM-HH:MM",
    "estimate": "H h M min",
}


def as_asked(fact: str, written: str, pattern: str = "") -> str:
    """What people wrote for ``fact`` (those of ``ASKED``) in the way that a template's ``pattern`` asks for.

    Where that can't be followed, in the usual one (``ASKED``). What can't be understood stays as it is written. A time
    without a zone is in the one that the pattern names, also where nobody knows it: it is never put into another one.
    """
    pattern = _shape_in(pattern)
    ways = {"date": _date_as, "time": _clock_as, "moment": _moment_as, "window": _window_as, "estimate": _estimate_as}
    way = ways[fact]
    if fact in ("time", "moment") and _is_bare(fact, written):
        clock, zone = _parts_of(pattern)
        if "HH" in pattern and not clock:
            return written  # "HHhMM" can't be followed, and asks for no zone
        written = f"{way(written, clock) or written.strip()} {zone}" if zone else written
    # Where the pattern has no place for a zone that was written, it follows behind.
    zoned = way(written, f"{pattern} TZ") if fact in ("time", "moment") and "HH" in pattern else ""
    return way(written, pattern) or zoned or way(written, ASKED[fact]) or written


def zone_asked(pattern: str) -> str:
    """The zone that a template's ``pattern`` names behind a time, whether anybody knows it or not: "HH:MM JST"."""
    return _parts_of(_shape_in(pattern))[1]


def _shape_in(pattern: str) -> str:
    """The shape that a placeholder in brackets shows, "[HH:MM]", "[Day, as DD.MM.YYYY]"; any other as it is."""
    found = _SHAPE_ASKED.search(pattern) if pattern.startswith("[") else None
    return in_capitals(found[0] if found else pattern)


def _parts_of(pattern: str) -> tuple[str, str]:
    """``pattern`` up to the end of its time, and the zone that it names behind it."""
    shown = without_break(pattern).strip("`")
    if (found := _ZONE_ASKED.fullmatch(shown)) and "TZ" not in found["zone"]:
        return found["clock"], found["zone"].strip()
    return (shown, "") if _CLOCK_SHAPE.search(shown) else ("", "")


def _is_bare(fact: str, written: str) -> bool:
    """Whether it is a time with no zone behind it: another one could be put there."""
    understood = clock_in if fact == "time" else moment_in
    return understood(written) is not None and understood(f"{written} UTC") is not None


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

"""When a window ends: when the line of its end says so, else with the last phase. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from records.as_asked import as_asked
from records.times import Start, clock_in, date_in, parted

Pair = tuple[dt.datetime, dt.datetime]


def end_of(start: Start, written: str, phases: Iterable[Pair | None]) -> dt.datetime | None:
    """The end in UTC: what stands in the line of it, if that can be understood, else the last end of the ``phases``."""
    return end_in(start, written) or max((pair[1] for pair in phases if pair), default=None)


def end_in(start: Start, written: str) -> dt.datetime | None:
    """The moment in UTC that the line of the end names: a time, the next one behind the start, or a day and a time.

    In the zone of the start where it names none. None if it can't be understood, or isn't behind the start.
    """
    day, clock = parted(written)
    own = clock_in(clock or written)
    if own is None:
        return None
    zone = own[0].tzinfo if _is_zoned(clock or written) else start.at.tzinfo
    first = date_in(day) if clock else start.at.astimezone(zone).date()
    days = (first,) if clock else (first, first + dt.timedelta(days=1)) if first else ()
    # Each day by the clock on the wall first, then in the zone, where a day may have 23 or 25 hours.
    ends = (dt.datetime.combine(one, own[0].replace(tzinfo=zone)).astimezone(dt.UTC) for one in days if one)
    return next((end for end in ends if end > start.at), None)


def moved_end(old: Start, new: Start, written: str, pattern: str) -> str:
    """What is to stand in the line of the end, as its ``pattern`` asks, when the start is another: as long behind it.

    As written, where that can't be understood.
    """
    end = end_in(old, written)
    if end is None:
        return written
    # Counted in UTC, and written on the clock of the start.
    later = (new.at.astimezone(dt.UTC) + (end - old.at.astimezone(dt.UTC))).astimezone(new.at.tzinfo)
    clock = parted(written)[1]
    time = f"{later:%H:%M:%S} {new.zone}" if _is_zoned(clock or written) else f"{later:%H:%M:%S}"
    return as_asked("moment", f"{later:%Y-%m-%d} {time}", pattern) if clock else as_asked("time", time, pattern)


def _is_zoned(clock: str) -> bool:
    """Whether a zone stands behind a time: behind a bare one another could be put."""
    return clock_in(f"{clock} UTC") is None

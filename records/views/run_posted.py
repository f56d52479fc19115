"""What the forms of a run post: texts, the fields of rows, times of day."""

from __future__ import annotations

import datetime as dt

from django.http import QueryDict
from django.utils import timezone

from records.refusals import Incomplete
from records.time_words import EXAMPLES
from records.times import Start, clock_in, moment_in
from records.views.waited import waited_in
from records.window_end import end_in

# A press that is sent at once and takes up to so many seconds comes now; of one that waited each second counts, so that
# what was pressed one after the other doesn't end in the same moment.
SOON = 20


def text_in(posted: QueryDict, name: str) -> str:
    """A text with the line ends it is stored with."""
    return posted.get(name, "").replace("\r\n", "\n")


def named_in(posted: QueryDict, prefix: str) -> dict[str, str]:
    """The fields of rows, by the key that follows ``prefix`` in their names."""
    return {name.removeprefix(prefix): posted.get(name, "") for name in posted if name.startswith(prefix)}


def happened_in(posted: QueryDict) -> dt.datetime | None:
    """When a press happened, if not now: at the time that was written, else as long ago as it waited on its device.

    Raises Incomplete for what is no time, and where the device doesn't know how long.
    """
    written = posted.get("time", "")
    try:
        seconds = waited_in(posted)
    except Incomplete:
        if not written.strip():
            raise
        seconds = 0  # whoever says when it was need not know how long that is ago
    pressed = timezone.now() - dt.timedelta(seconds=seconds)
    if when := time_in(written, at=pressed):
        return when
    return pressed if seconds >= (1 if posted.get("late") else SOON) else None


def time_in(written: str, *, at: dt.datetime | None = None) -> dt.datetime | None:
    """A clock time "03:31" as the newest such moment ``at`` another (else now), in UTC; None where nothing was written.

    Raises Incomplete for what is no time.
    """
    if not written.strip():
        return None
    clock = clock_in(written)
    if clock is None:
        raise Incomplete([EXAMPLES["time"]])
    now = (at or timezone.now()).astimezone(dt.UTC)
    found = dt.datetime.combine(now.astimezone(clock[0].tzinfo).date(), clock[0]).replace(second=0).astimezone(dt.UTC)
    # Just before midnight is yesterday when it is written just after.
    return found - dt.timedelta(days=1) if found > now + dt.timedelta(hours=1) else found


def until_in(written: str) -> dt.datetime:
    """A day and a time, or a time alone, which is the next such moment; in UTC. Raises Incomplete for what is none."""
    now = timezone.now()
    moment = moment_in(written) or end_in(Start(now.astimezone(dt.UTC), "UTC"), written)
    if moment is None:
        raise Incomplete([EXAMPLES["moment"]])
    return moment

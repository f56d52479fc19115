"""How far away a moment or a window is from now, in words: one way of saying it for pages and mails. Pure."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.run.time_plan import duration

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# Up to which span a unit is counted in.
SPANS = (
    (90 * MINUTE, MINUTE, gettext_lazy("min")),
    (2 * DAY, HOUR, gettext_lazy("h")),
    (90 * DAY, DAY, gettext_lazy("days")),
)
MONTH = 30 * DAY


def relative(moment: dt.datetime, now: dt.datetime) -> str:
    """How far a moment is from now: "in 13 days", "in 3 h 10 min", "2 h ago", "now"."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < MINUTE:
        return _("now")
    # What is to come is planned by the minute; of what is over only about how long ago is asked.
    return _("in %s") % _span(seconds, exact=True) if seconds > 0 else _("%s ago") % _span(-seconds)


def window_from_now(start: dt.datetime, end: dt.datetime | None, now: dt.datetime) -> str:
    """How a window stands to now: "in 3 h 10 min", "planned start 20 min ago, 50 min left", "planned end 2 h ago".

    A window passes whether the work in it was begun or not, so nothing is said to have begun.
    """
    if start > now:
        return relative(start, now)
    if end is None:
        return _("planned start %(ago)s") % {"ago": relative(start, now)}
    left = (end - now).total_seconds()
    if left <= 0:
        return _("planned end %(ago)s") % {"ago": relative(end, now)}
    facts = {"ago": relative(start, now), "left": _span(max(left, MINUTE), exact=True)}
    return _("planned start %(ago)s, %(left)s left") % facts


def _span(seconds: float, *, exact: bool = False) -> str:
    """A span of at least a minute; an exact one keeps the minutes of its hours."""
    if exact and 90 * MINUTE <= seconds < 2 * DAY:
        words = duration(seconds // MINUTE)
    else:
        unit, word = next(((unit, word) for limit, unit, word in SPANS if seconds < limit), (MONTH, _("months")))
        words = f"{int(seconds // unit)} {word}"
    # A number without its unit at the end of a line is misread.
    return words.replace(" ", "\N{NO-BREAK SPACE}")

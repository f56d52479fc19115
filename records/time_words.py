"""How every page asks for a date, a time or a window, and what it says where none can be understood (``times``)."""

from __future__ import annotations

import re
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.as_asked import zone_asked
from records.document.shapes import without_break
from records.times import clock_in, date_in, days_in, minutes_in, moment_in, window_in, zone_in

HINTS: dict[str, Any] = {
    "date": gettext_lazy("As 2026-12-06 or 6 Dec 2026"),
    "time": gettext_lazy("As 02:00 UTC; without a zone it is UTC"),
    "moment": gettext_lazy("As 2026-12-06 02:00; without a zone it is UTC"),
    "window": gettext_lazy("From and to, as 02:00-02:45, in the zone of the start; it may pass midnight"),
    "estimate": gettext_lazy("As 20 min or 1 h 30 min"),
}
WRONG: dict[str, Any] = {
    "date": gettext_lazy("Write the date as 2026-12-06 or 6 Dec 2026"),
    "time": gettext_lazy("Write the time as 02:00 UTC, 02:00 +01:00 or 02:00 Europe/Berlin"),
    "moment": gettext_lazy("Write day and time as 2026-12-06 02:00"),
    "window": gettext_lazy("Write the window as 02:00-02:45"),
    "estimate": gettext_lazy("Write the estimate as 20 min or 1 h 30 min"),
}
# As parts of a list of what is still needed.
EXAMPLES: dict[str, Any] = {
    "date": gettext_lazy("a date such as 2026-12-06"),
    "time": gettext_lazy("a time such as 02:00 UTC"),
    "moment": gettext_lazy("a day and a time such as 2026-12-06 02:00"),
    "window": gettext_lazy("windows such as 02:00-02:45"),
}
# A time with letters behind it, such as CET: who writes them expects them to be a zone.
_IN_LETTERS = re.compile(r"\d{1,2}:?\d{2}(?::\d{2})?\s*([A-Za-z]{2,5})")
_UNDERSTOOD = {"date": date_in, "time": clock_in, "moment": moment_in, "window": window_in, "estimate": minutes_in}


def hint_for(fact: str, pattern: str) -> str:
    """How to write what the line of ``fact`` asks for, and in which zone it is where none is said."""
    zone = zone_asked(pattern) if fact in ("time", "moment") else ""
    if not zone:
        return str(HINTS[fact])
    example = "02:00 UTC" if fact == "time" else "2026-12-06 02:00 UTC"
    words = {"example": example, "zone": zone}
    if zone_in(zone):
        return _("As %(example)s; without a zone it is in %(zone)s") % words
    return _("With its zone, as %(example)s: “%(zone)s” isn't understood as one") % words


def unread(fact: str, written: str) -> str:
    """How to write what stands in the line of ``fact`` and can't be understood; "" where it can, or for other facts.

    ``fact`` is "date" or "time" of the header, "window" of a phase, "estimate" of a step, or "moment".
    """
    written = without_break(written)
    if fact not in _UNDERSTOOD or not written.strip() or _UNDERSTOOD[fact](written) is not None:
        return ""
    if fact == "date" and (days := days_in(written)):
        shown = [date_format(day, "j F Y") for day in days]
        facts = {"one": shown[0], "other": shown[1], "first": days[0].isoformat(), "second": days[1].isoformat()}
        return _("Which day: %(one)s or %(other)s? Write the date as %(first)s or %(second)s") % facts
    if fact == "time" and window_in(written) is not None:
        return str(_("That is a span of time, not its beginning. %s") % WRONG[fact])
    if fact == "time" and (told := _IN_LETTERS.fullmatch(written.strip())) and zone_in(told[1]) is None:
        return str(_("“%(zone)s” isn't understood as a zone. %(how)s") % {"zone": told[1], "how": WRONG[fact]})
    return str(WRONG[fact])

"""How long a press waited on its device, whose clock may have been set meanwhile, and may have slept."""

from __future__ import annotations

import re

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from records.numbers import number_in
from records.refusals import Incomplete

# Within so many seconds a clock is right: an answer takes its time, and a clock is put right by a little all day.
ODD = 60
SAID = re.compile(r"(-?\d{1,9}) (-?\d{1,9})", re.ASCII)


def waited_in(posted: QueryDict) -> int:
    """The seconds that a press waited on its device; 0 where it says nothing.

    A device has a clock that may be set and one that nobody sets, but that may stand still while it sleeps and is new
    with each page. Where they differ, or one alone is left, it sends what each says, in ``clock``: how long it waited,
    and how long ago it was ``shown`` this site's clock. Who is right about that is right about the wait.

    Raises Incomplete where neither is, and for what is no number of seconds.
    """
    if clocks := posted.getlist("clock"):
        return _judged(clocks, posted.get("shown", ""))
    waited = posted.get("waited", "") or "0"
    seconds = number_in(waited, digits=7)
    if seconds is None:
        raise Incomplete([_("when that was: the device says that it has waited for longer than can be")])
    return seconds


def _judged(clocks: list[str], shown: str) -> int:
    try:
        moment = parse_datetime(shown)
    except ValueError:
        moment = None
    if moment and timezone.is_aware(moment):
        ago = (timezone.now() - moment).total_seconds()
        said = [(int(found[1]), int(found[2])) for one in clocks if (found := SAID.fullmatch(one))]
        odd, wait = min(((abs(since - ago), wait) for wait, since in said), default=(ODD + 1, 0))
        if odd <= ODD:
            return max(wait, 0)
    raise Incomplete([_("when that was: the clock of this device was changed while it waited")])

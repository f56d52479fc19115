"""The times of a step: what was typed for them, which was first, and whether it was begun by itself."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from records import outbox
from records.models import Operation, Step
from records.refusals import Incomplete
from records.run.clock import clock_words
from records.run.logbook import MINUTE, of_this_run

DAY = dt.timedelta(days=1)


def was_begun(operation: Operation, step: Step) -> bool:
    """Whether an ended step was begun by a press of its own, not done in one: its times may be the same either way."""
    begun = ended = False
    ticks = ("start_step", "add_step", "finish_step", "skip_step", "reopen_step")
    own = of_this_run(operation.log.filter(step_key=step.key, kind__in=ticks))
    for kind in own.order_by("pk").values_list("kind", flat=True):
        if kind == "reopen_step":
            begun, ended = begun and ended, False
        elif kind in ("finish_step", "skip_step"):
            ended = True
        else:
            begun = True
    return begun


def written(typed: dt.datetime | None, before: dt.datetime | None) -> dt.datetime | None:
    """The time that was typed, which is a clock's: on the day nearest to the one it had; where it is the minute that it
    had, the one with its seconds.
    """
    if typed is None or before is None:
        return before or typed
    typed += round((before - typed) / DAY) * DAY
    return before if clock_words(typed) == clock_words(before) else typed


def not_before(begun: dt.datetime, done: dt.datetime, written: bool = False) -> dt.datetime:
    """When a step was done: within a minute nobody wrote which second was first, and a device tells when a press that
    waited was, the site when the one before it arrived. Raises Incomplete for an end that is really before the start,
    as one in another minute is that somebody has ``written``.
    """
    if done >= begun:
        return done
    if begun - done >= MINUTE or written:
        words = _("a time after %(time)s UTC, when it was begun; its start can be corrected once it is done")
        raise Incomplete([words % {"time": f"{begun.astimezone(dt.UTC):%H:%M:%S}"}])
    return begun


def span_words(begun: dt.datetime | None, ended: dt.datetime | None) -> str:
    over_days = begun and ended and begun.astimezone(dt.UTC).date() != ended.astimezone(dt.UTC).date()
    words = outbox.moment if over_days else clock_words
    told = [words(one) if one else "–" for one in (begun, ended)]
    return _("%(begun)s to %(ended)s") % {"begun": told[0], "ended": told[1]}

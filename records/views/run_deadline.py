"""Until when it is to be decided whether to go back, and once that was done, when the way back ends; in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from records.outbox import moment
from records.run.clock import Rows, actual, clock_words, is_over, way_back_ends, whole_minutes
from records.run.plan import PlannedStep, RunPlan
from records.run.time_plan import duration

# How long before the deadline the clock warns.
NEAR = dt.timedelta(minutes=15)
# From how far away on it is said with its day.
FAR = dt.timedelta(hours=12)


class ClockFact(NamedTuple):
    """A word of the clock bar and its value, whether it is late, and whether it is left out where there is little room.

    ``moment`` is what the value counts from or to, so that a page without network can count on.
    """

    word: str
    value: str
    is_late: bool = False
    is_minor: bool = False
    moment: dt.datetime | None = None


def deciding(plan: RunPlan, rows: Rows, point: PlannedStep | None, now: dt.datetime) -> Iterator[ClockFact]:
    """Until when it is to be decided whether to go back, or that it is too late for that."""
    word, until = decide_by(plan)
    if point:
        words = _("passed with %(step)s") if is_over(rows.get(point.key)) else _("begun: no way back from %(step)s on")
        yield ClockFact(_("Point of no return"), words % {"step": point.number}, is_late=True)
        # A time that a trigger names was agreed on whatever the way back has become.
        if limit := plan.time_limit:
            trigger, until = limit
            yield ClockFact(trigger.title, deadline_words(plan, until, now), until - now <= NEAR, moment=until)
    elif until or plan.procedures:
        is_near = bool(until and until - now <= NEAR)
        yield ClockFact(word, deadline_words(plan, until, now), is_near, moment=until)


def decide_by(plan: RunPlan) -> tuple[str, dt.datetime | None]:
    """What it is called until when it is to be decided, and when that is: what a trigger names as its time, or when the
    way back no longer fits, whichever comes first.
    """
    limit, deadline = plan.time_limit, plan.rollback_deadline
    if limit and (deadline is None or limit[1] < deadline):
        return limit[0].title, limit[1]
    return _("Rollback deadline"), deadline


def deadline_words(plan: RunPlan, deadline: dt.datetime | None, now: dt.datetime) -> str:
    """The rollback deadline in words; where there is none, why."""
    if deadline is None:
        without_end = plan.rollback_minutes is not None
        return _("not known: the window has no end") if without_end else _("not known: a procedure has no estimate")
    left = whole_minutes(deadline - now)
    # A clock alone is read as that of this night.
    told = moment(deadline) if abs(deadline - now) >= FAR else clock_words(deadline)
    if left < 0:
        return _("%(time)s, passed %(ago)s ago") % {"time": told, "ago": duration(-left)}
    words = _("%(time)s, only %(left)s left") if deadline - now <= NEAR else _("%(time)s, in %(left)s")
    return words % {"time": told, "left": duration(left)}


def way_back_told(plan: RunPlan, rows: Rows, now: dt.datetime) -> tuple[str, bool]:
    """When the way back is likely to end, or ended, and whether that is after the window.

    Once it is taken, a deadline for taking it says nothing any more.
    """
    if all(is_over(rows.get(step.key)) for step in plan.procedures):
        ended = actual(plan.procedures, rows)[1]
        return (_("over since %(time)s") % {"time": clock_words(ended)} if ended else _("over")), False
    ends = way_back_ends(plan, rows, now)
    if ends is None:
        return _("end not known: a procedure has no estimate"), False
    words = _("until about %(time)s") % {"time": clock_words(ends)}
    over = whole_minutes(ends - plan.end) if plan.end else 0
    if over <= 0:
        return words, False
    return _("%(until)s, %(over)s over the window") % {"until": words, "over": duration(over)}, True

"""The picture of a time plan: bars and marks in percent of the window, drawn by components/gantt.html.

One picture for overview, review and run: what is planned, what happened, now, and the rollback deadline.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR = dt.timedelta(hours=1)
# Between the labels of what takes less than two hours.
SHORT = [dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: kind plan, fill (planned work, or under way), act (done), late; ``x`` and ``width`` in percent."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: now or dead (the rollback deadline)."""

    kind: str
    x: float


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the picture, with its words: the text equivalent."""

    title: str
    note: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the axis."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class TimePlan:
    """The whole picture; empty without a window. ``words`` are its marks for whoever doesn't see them."""

    rows: tuple[PlanRow, ...] = ()
    ticks: tuple[Tick, ...] = ()
    words: str = ""

    @property
    def has_deadline(self) -> bool:
        """Whether the rollback deadline is drawn."""
        return self._has("dead")

    @property
    def has_now(self) -> bool:
        """Whether the present is drawn."""
        return self._has("now")

    def _has(self, kind: str) -> bool:
        return any(mark.kind == kind for row in self.rows for mark in row.marks)


@dataclass(frozen=True, slots=True)
class Span:
    """A phase in time: planned, and what happened of it so far (``ended`` is None while it is under way).

    ``written`` is its window as it stands in the plan, whether it can be read or not; ``is_back``: the way back.
    """

    title: str
    start: dt.datetime | None
    end: dt.datetime | None
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    written: str = ""
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    start: dt.datetime
    length: dt.timedelta = field(default=HOUR)

    def x(self, moment: dt.datetime) -> float:
        """Where ``moment`` stands, in percent of the width; what lies outside of it at its edge."""
        return min(max((moment - self.start) / self.length * 100, 0.0), 100.0)

    def bar(self, kind: str, start: dt.datetime, end: dt.datetime) -> Bar:
        """From ``start`` to ``end``, never so narrow that nobody sees it."""
        return Bar(kind, self.x(start), max(self.x(end) - self.x(start), 0.4))


def duration(minutes: float) -> str:
    """Minutes in words: "1 h 45 min"; "-15 min" for an end before its start, as a clock that is put on makes it."""
    if round(minutes) < 0:
        return f"-{duration(-minutes)}"
    hours, rest = divmod(round(minutes), 60)
    words = [ngettext("%d h", "%d h", hours) % hours] if hours else []
    return " ".join([*words, *([_("%d min") % rest] if rest or not hours else [])])


def rollback_deadline(end: dt.datetime | None, minutes: Sequence[int | None]) -> dt.datetime | None:
    """When rolling back no longer fits: the window's end less the procedures' time; None if a time is missing."""
    known = [one for one in minutes if one is not None]
    if end is None or not known or len(known) < len(minutes):
        return None
    return end - dt.timedelta(minutes=sum(known))


def time_plan(
    phases: Sequence[Span],
    *,
    rollback: int | None = None,
    deadline: dt.datetime | None = None,
    now: dt.datetime | None = None,
    is_over: bool = False,
) -> TimePlan:
    """The picture of ``phases`` in UTC. ``rollback`` are the minutes the way back takes; ``now`` draws the run, or
    once it ``is_over``, its end, which is no present.
    """
    times = [t for p in phases for t in (p.start, p.end, p.started, p.ended) if t]
    times += [t for t in (now,) if t and any(p.started for p in phases)]
    if not times or min(times) == max(times):
        return TimePlan()
    scale = _Scale(min(times), max(times) - min(times))
    present = None if is_over else now
    marks = tuple(
        Mark(kind, scale.x(moment))
        for kind, moment in (("now", present), ("dead", deadline))
        if moment and scale.start <= moment <= scale.start + scale.length
    )
    rows = [_row(number, phase, scale, marks, now) for number, phase in enumerate(phases, 1)]
    if deadline and rollback and not now:
        note = _("%(time)s: decide by %(by)s") % {"time": duration(rollback), "by": _clock(deadline)}
        rows.append(PlanRow(_("Rollback needs"), note, (Bar("plan", 0, 100),), (Mark("dead", scale.x(deadline)),)))
    named = ((_("Now %(time)s"), present), (_("Rollback deadline %(time)s"), deadline))
    words = ", ".join(word % {"time": f"{_clock(moment)} UTC"} for word, moment in named if moment)
    return TimePlan(tuple(rows), _ticks(scale), words)


def _row(number: int, phase: Span, scale: _Scale, marks: tuple[Mark, ...], now: dt.datetime | None) -> PlanRow:
    title = phase.title if phase.is_back else f"{number}. {phase.title}"
    if not phase.start or not phase.end:
        note = _("its window can't be read: %s") % phase.written if phase.written else _("no window yet")
        return PlanRow(title, note, (), marks)
    minutes = (phase.end - phase.start).total_seconds() / 60
    note = f"{_clock(phase.start)} {_('to')} {_clock(phase.end)}, {duration(minutes)}"
    if now is None:
        bars = [Bar("plan", 0, 100), scale.bar("fill", phase.start, phase.end)]
        return PlanRow(title, note, tuple(bars), marks)
    bars = [scale.bar("plan", phase.start, phase.end)]
    if phase.started:
        until = phase.ended or now
        bars.append(
            scale.bar(
                "fill" if phase.ended is None else "act", phase.started, min(until, max(phase.end, phase.started))
            )
        )
        if until > phase.end:
            bars.append(scale.bar("late", max(phase.end, phase.started), until))
        note = _happened(phase, until)
    return PlanRow(title, note, tuple(bars), marks)


def _happened(phase: Span, until: dt.datetime) -> str:
    assert phase.start and phase.end and phase.started
    planned = f"{_clock(phase.start)} {_('to')} {_clock(phase.end)}"
    if phase.ended is None:
        words = _("%(planned)s, started %(at)s") % {"planned": planned, "at": _clock(phase.started)}
    else:
        words = _("%(planned)s, done %(at)s") % {"planned": planned, "at": _clock(phase.ended)}
    over = (until - phase.end).total_seconds() / 60
    return words + (_(", %(time)s over") % {"time": duration(over)} if over >= 1 else "")


def _clock(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%H:%M")


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    """A label for every hour, or for every second, third … one, so that at most six stand on the axis.

    What takes less than two hours has one for every so many minutes: else there was one, or none.
    """
    every = max(1, -(-int(scale.length / HOUR) // 5)) * HOUR
    if scale.length < 2 * HOUR:
        every = next(one for one in SHORT if scale.length / one <= 5)
    first = scale.start.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    while first < scale.start:
        first += min(every, HOUR)
    ticks = []
    while first <= scale.start + scale.length:
        ticks.append(Tick(_clock(first), scale.x(first)))
        first += every
    return tuple(ticks)

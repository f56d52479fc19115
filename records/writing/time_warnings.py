"""What is odd about the times of a plan: its windows, and its way back. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from records.content.facts import bound_text
from records.document.answers import Empty, Filled, answer_in
from records.document.outline import Document, Group, Item, Rows, Section
from records.document.phases import phase_names
from records.models import Outline
from records.run.time_plan import duration, rollback_deadline
from records.time_words import WRONG, unread
from records.times import Start, minutes_in, phase_moments, start_in, window_in
from records.window_end import end_in, end_of

Pair = tuple[dt.datetime, dt.datetime]
# Longer than this in one phase is far more often a typing error than a plan.
LONG = 12 * 60


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at: the field it is about (or the row), its section, a name to show, what is the matter.

    ``weight`` orders what is said: 0 endangers the operation or keeps it from starting, 2 is a matter of wording.
    ``hidden`` are characters in a command that aren't what they look like: a reviewer hears of them together.
    ``fits`` is False where work and way back don't fit the window, so that it can't start; ``window`` then names
    section and key of the field that ends it.
    """

    key: str
    section: str
    label: str
    words: str
    is_row: bool = False
    weight: int = 1
    fits: bool = True
    hidden: bool = False
    window: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Timing:
    """The phases in order, their moments and what they are called, by key; ``zone`` is that of their windows.

    ``start`` and ``end`` are those of the whole window; the start is some day's where none is said.
    """

    phases: Sequence[tuple[Section, Group]]
    moments: Sequence[Pair | None]
    names: Mapping[str, str]
    zone: dt.tzinfo | None
    start: dt.datetime
    end: dt.datetime | None


def timing_of(document: Document, outline: Outline | None) -> Timing:
    """The phases of ``document`` and when they are, as far as their windows can be read."""
    phases = [(section, group) for section in document.sections for group in section.groups if group.phase]
    windows = [window_in(group.phase.window) if group.phase else None for _, group in phases]
    start = start_in(bound_text(document, outline, "date"), bound_text(document, outline, "time"))
    if start is None:
        # Without a date the windows are compared on some day, whose start is that of the first window.
        first = next((window for window in windows if window), (0, 0))
        start = start_in("2000-01-01", f"{first[0] // 60:02}:{first[0] % 60:02}:00 UTC")
    assert start is not None
    names = {key: name for section in document.sections for key, name in phase_names(section).items()}
    moments = phase_moments(start, windows)
    end = end_of(start, bound_text(document, outline, "end"), moments)
    return Timing(phases, moments, names, start.at.tzinfo, start.at, end)


def start_warnings(document: Document, outline: Outline | None) -> Iterator[Warned]:
    """Lines of date and time that tell no start: the record has no window then, and starts by a supervisor's act alone.

    What nobody answered yet is asked for elsewhere.
    """
    texts = {fact: bound_text(document, outline, fact) for fact in ("date", "time")}
    if outline is None or outline.bound("date") is None or start_in(texts["date"], texts["time"]):
        return
    lines = {fact: line for fact in texts if (line := outline.bound(fact))}
    unreadable = False
    for fact, line in lines.items():
        if words := unread(outline.asked_of(line.key), texts[fact]):
            unreadable = True
            told = _("can't be understood, so the record has no window, and a supervisor has to allow its start: %s")
            yield Warned(line.key, line.key.split("/", 1)[0], line.label, told % words, weight=0)
    written = {answer.key: answer.text for section in document.sections for answer in section.answers()}
    answers = (answer_in(written.get(line.key, ""), line.text) for line in lines.values())
    if unreadable or any(isinstance(answer, Empty) for answer in answers):
        return
    # Put off, set aside, or a day without an hour.
    line = next((line for fact, line in lines.items() if not texts[fact]), lines["date"])
    told = _("tells no start, so the record has no window, and a supervisor has to allow its start")
    yield Warned(line.key, line.key.split("/", 1)[0], line.label, told, weight=0)


def end_warnings(document: Document, outline: Outline | None, timing: Timing) -> Iterator[Warned]:
    """The line of the window's end: that it can't be understood, lies before the start, or before the last phase; and
    that no window of a phase tells one either.
    """
    line = outline.bound("end") if outline else None
    written = bound_text(document, outline, "end")
    yield from _no_end(timing)
    if line is None or not written:
        return
    section, ends = line.key.split("/", 1)[0], [pair[1] for pair in timing.moments if pair]
    end = end_in(Start(timing.start, ""), written)
    if end is None:
        words = _("can't be understood, or lies before the start, so the window ends with the last phase")
        yield Warned(line.key, section, line.label, words)
    elif ends and end < max(ends):
        words = _("is before the last phase ends, at %s") % f"{max(ends).astimezone(timing.zone):%H:%M}"
        yield Warned(line.key, section, line.label, words, weight=0)


def _no_end(timing: Timing) -> Iterator[Warned]:
    """That windows are written and none of them can be read: what a start is held against then (starting.py)."""
    own = [(section, group) for section, group in timing.phases if group.phase and _is_written(group.phase.window)]
    if own and timing.end is None:
        section, group = own[-1]
        words = _("tells no end of the window, so that is taken to be a day after its start")
        yield Warned(f"{group.key}.window", section.key, timing.names[group.key], words)


def _is_written(window: str) -> bool:
    return isinstance(answer_in(window, "HH:MM-HH:MM"), Filled)


def estimate_warnings(section: Section, items: Sequence[Item], annex: Mapping[str, str]) -> Iterator[Warned]:
    """Estimates that are written and can't be understood."""
    for item in items:
        key = f"{item.key}.estimate"
        if words := unread("estimate", annex.get(key, "")):
            yield Warned(key, section.key, item.title, _("has a time estimate that can't be understood: %s") % words)


def window_warnings(section: Section, timing: Timing) -> Iterator[Warned]:
    """Windows that can't be read, that end before they start, that overlap or leave a gap."""
    before: tuple[Group, Pair] | None = None
    for (own, group), moments in zip(timing.phases, timing.moments, strict=True):
        assert group.phase is not None
        if own.key == section.key:
            yield from _window(section, group, moments, timing.names[group.key])
            if words := _clock_change(group, moments, timing.zone):
                yield Warned(f"{group.key}.window", section.key, timing.names[group.key], words, weight=0)
            if moments and before:
                yield from _between(section, before, (group, moments), timing.names)
        before = (group, moments) if moments else before


def _window(section: Section, group: Group, moments: Pair | None, name: str) -> Iterator[Warned]:
    assert group.phase is not None
    key = f"{group.key}.window"
    if moments is None:
        if _is_written(group.phase.window):
            yield Warned(key, section.key, name, _("has a window that can't be read: %s") % WRONG["window"])
        return
    minutes = (moments[1] - moments[0]).total_seconds() / 60
    if minutes == 0:
        yield Warned(key, section.key, name, _("ends when it starts"), weight=0)
    elif minutes > LONG:
        yield Warned(key, section.key, name, _("ends before it starts, or takes %s") % duration(minutes), weight=0)


def _clock_change(group: Group, moments: Pair | None, zone: dt.tzinfo | None) -> str:
    """What is to be said of a window in the night in which the clock of its ``zone`` is changed."""
    window = window_in(group.phase.window) if group.phase else None
    if moments is None or window is None:
        return ""
    for written, moment in zip(window, moments, strict=True):
        shown = moment.astimezone(zone)
        facts = {"time": f"{written // 60 % 24:02}:{written % 60:02}", "zone": zone}
        if f"{shown:%H:%M}" != facts["time"]:
            words = _("names %(time)s, which is left out that night: the clock in %(zone)s is put forward")
            return words % facts
        if shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset():
            words = _("names %(time)s, which comes twice that night in %(zone)s: the first is meant")
            return words % facts
    takes, says = (moments[1] - moments[0]).total_seconds() / 60, (window[1] - window[0]) % (24 * 60)
    if takes == says or takes > LONG:
        return ""
    words = _("takes %(time)s and not %(says)s: the clock in %(zone)s is changed that night")
    return words % {"time": duration(takes), "says": duration(says), "zone": zone}


def _between(
    section: Section, first: tuple[Group, Pair], second: tuple[Group, Pair], names: Mapping[str, str]
) -> Iterator[Warned]:
    (before, earlier), (group, later) = first, second
    minutes = (later[0] - earlier[1]).total_seconds() / 60
    key, name = f"{group.key}.window", names[group.key]
    told = {"other": names[before.key], "time": duration(abs(minutes))}
    if minutes < 0:
        yield Warned(key, section.key, name, _("overlaps %(other)s by %(time)s") % told)
    elif minutes > 0:
        words = _("starts %(time)s after %(other)s ends: nothing is planned in between")
        yield Warned(key, section.key, name, words % told, weight=2)


def _steps(document: Document) -> Iterator[tuple[Section, Group, Item]]:
    """The steps of phases, and those of the way back, with where they stand."""
    for section in document.sections:
        for group in section.groups:
            for block in group.blocks:
                if isinstance(block, Rows) and block.kind == "steps":
                    yield from ((section, group, item) for item in block.rows if isinstance(item, Item))


def way_back_warnings(document: Document, annex: Mapping[str, str], timing: Timing) -> Iterator[Warned]:
    """A way back of unknown length, or one that no longer fits once most of the work is done."""
    procedures = [(section, item) for section, group, item in _steps(document) if not group.phase]
    if not procedures:
        return
    minutes = [minutes_in(annex.get(f"{item.key}.estimate", "")) for _section, item in procedures]
    section, item = procedures[0]
    key = f"{item.key}.estimate"
    unsaid = [one for one in procedures if not annex.get(f"{one[1].key}.estimate", "").strip()]
    if None in minutes:
        if not unsaid:
            return
        section, item = unsaid[0]
        words = _("has no time estimate: nobody knows by when to decide on the way back")
        yield Warned(f"{item.key}.estimate", section.key, item.title, words)
        return
    known = [pair for pair in timing.moments if pair]
    deadline = rollback_deadline(timing.end, minutes)
    if deadline is None:
        return
    back = sum(one for one in minutes if one is not None)
    work = sum(
        minutes_in(annex.get(f"{one.key}.estimate", "")) or 0 for _, group, one in _steps(document) if group.phase
    )
    start, total = min((pair[0] for pair in known), default=timing.start), duration(back)
    last = next(((own.key, f"{group.key}.window") for own, group in reversed(timing.phases)), ("", ""))
    unfit: dict[str, Any] = {"weight": 0, "fits": False, "window": last}
    if deadline < start:
        yield Warned(key, section.key, _("The way back"), _("takes %s, longer than the whole window") % total, **unfit)
    elif start + dt.timedelta(minutes=work) > deadline:
        # What a start asks for (starting.py): the steps, and after them the way back, before the window ends.
        words = _("and the steps together take %(time)s: this can't start in a window of %(window)s")
        window = (deadline - start).total_seconds() / 60 + back
        told = words % {"time": duration(work + back), "window": duration(window)}
        yield Warned(key, section.key, _("The way back"), told, **unfit)
    elif len(known) > 1 and deadline < known[-1][0]:
        words = _("takes %(time)s: it has to be decided by %(by)s, before the last phase starts")
        told = words % {"time": total, "by": f"{deadline.astimezone(timing.zone):%H:%M}"}
        yield Warned(key, section.key, _("The way back"), told)

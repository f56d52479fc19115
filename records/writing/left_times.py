"""Dates and times in the texts of a plan that do not move with its date: their writers know whether they hold. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from records.content.facts import bound_text, window_of
from records.document.fields import Field, fields_of
from records.document.outline import Document
from records.models import Outline
from records.times import clocks_named, date_in, dates_named

Moment = dt.datetime


@dataclass(frozen=True, slots=True)
class Left:
    """A text that names dates or times which stay as they are: its key, its section, what it is called, and these."""

    key: str
    section: str
    label: str
    named: tuple[str, ...]


def staying(document: Document, outline: Outline | None) -> list[Left]:
    """Each text of ``document`` that names the day it is planned for, or a time of day: on another date it stays."""
    day = date_in(bound_text(document, outline, "date"))
    return list(_naming(_texts(document, outline), day, None, None))


def left_behind(before: Document, after: Document, outline: Outline | None) -> list[Left]:
    """Each text of ``after`` that is as it was in ``before``, and names the day that was planned then, or a time of day
    outside of the window that is planned now; none where both have the same start.
    """
    start, end, _zone = window_of(after, outline)
    if start is None or start == window_of(before, outline)[0]:
        return []
    was = {field.key: field.text for _section, field in _texts(before, outline)}
    same = [(section, field) for section, field in _texts(after, outline) if was.get(field.key) == field.text]
    old, new = (date_in(bound_text(one, outline, "date")) for one in (before, after))
    return list(_naming(same, old if old != new else None, start, end))


def _texts(document: Document, outline: Outline | None) -> Iterator[tuple[str, Field]]:
    """The fields that no rescheduling moves, with their sections."""
    bound = (outline.bound(fact) for fact in ("date", "time", "end")) if outline else ()
    moving = {line.key for line in bound if line}
    for section in document.sections:
        for field in fields_of(section):
            if field.shape not in ("window", "structure") and field.key not in moving:
                yield section.key, field


def _naming(
    texts: Iterable[tuple[str, Field]], day: dt.date | None, start: Moment | None, end: Moment | None
) -> Iterator[Left]:
    for section, field in texts:
        days = [written for written in dates_named(field.text) if day and written == day.isoformat()]
        clocks = [
            written
            for written, minutes, in_utc in clocks_named(field.text)
            if not _is_within(minutes, start and (start.astimezone(dt.UTC) if in_utc else start), end)
        ]
        if named := tuple(dict.fromkeys([*days, *clocks])):
            yield Left(field.key, section, field.label, named)


def _is_within(minutes: int, start: Moment | None, end: Moment | None) -> bool:
    """Whether a time of day, in the zone of ``start``, comes in the window; without one none does."""
    if start is None:
        return False
    if end is None:
        return True
    days = (start.date() + dt.timedelta(days=days) for days in (0, 1))
    return any(start <= dt.datetime.combine(day, dt.time(*divmod(minutes, 60)), start.tzinfo) <= end for day in days)

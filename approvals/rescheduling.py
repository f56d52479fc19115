"""Moving an approved operation to another date: only its date, time and windows change, and are confirmed again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import eligible_for
from approvals.refused import deciding
from approvals.rules import need_in
from approvals.standing import newest_revision, standing
from records import outbox
from records.content import freezing
from records.content.assembly import document_in_all, load_all
from records.content.facts import bound_text
from records.document.digest import canonical_json, sha256
from records.document.outline import Answer, Document
from records.life_cycle import Act, check_state, move, repeated
from records.models import Operation, Outline, Person, Revision
from records.outbox import Event, Message
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.rights import may
from records.run.starting import conditions_in
from records.time_words import EXAMPLES
from records.times import clock_in, date_in, minutes_between, moved_window, start_in, time_of, window_in
from records.window_end import end_in, moved_end
from records.writing.section_writing import write_fields

# A start of now stays one while the page is filled in to its end.
JUST_NOW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewTimes:
    """Date, time and end as written, and the phases' windows by key; an end or a window that stays as it was, or isn't
    said, moves with the time.
    """

    date: str
    time: str
    windows: Mapping[str, str] = field(default_factory=dict)
    end: str | None = None


def reschedule(
    operation: Operation, times: NewTimes, *, digest: str, by: Person, at: dt.datetime | None = None
) -> Revision:
    """Move the plan of the revision whose ``digest`` was seen to ``times``, and ask for its approvals once more.

    The new revision is under the same copied rule and differs from the approved one in date, time and windows alone;
    the earlier approvals are of other bytes and count no more. Start conditions are ticked anew. Raises Changed for
    another revision, Incomplete for times that can't be understood, are past or are the same, Refused if nobody
    could approve it now.
    """
    at = at or timezone.now()
    with deciding(Act.RESCHEDULE, operation, by, at) as locked:
        may(by, locked, Act.RESCHEDULE, on=at.date()).insist()
        newest = newest_revision(locked)
        meant: dict[str, Any] = {"seen": digest, "date": times.date, "time": times.time, "times": _digest(times)}
        if newest and repeated(locked, Act.RESCHEDULE, by, **meant):
            return newest
        if repeated(locked, Act.RESCHEDULE, by, seen=digest):
            raise WrongOrder(
                _("You have moved it already, to other times than these. Nothing of these was taken over.")
            )
        check_state(locked, Act.RESCHEDULE)
        if newest is None or newest.digest != digest:
            raise Changed(_("Another revision was approved meanwhile. Look at it again."), newest)
        sections = load_all(locked)
        document = document_in_all(locked, sections)
        freezing.check_unchanged(locked, newest, document, sections)
        earlier, before = standing(locked), locked.window_start
        for section, values in _values(document, locked.outline, times, at).items():
            write_fields(locked, section, values, by=by, at=at)
        locked.refresh_from_db(fields=["window_start", "window_end"])  # what is told names the new one
        eligible = eligible_for(locked, need_in(bytes(newest.rule)), day=at.date())
        if eligible.lacking:
            raise Refused(eligible.words)
        revision = freezing.freeze_revision(locked, load_all(locked), by=by, at=at, rule=bytes(newest.rule))
        conditions = conditions_in(freezing.document_in(revision), locked.outline)
        columns: dict[str, Any] = {"submitted_at": at, "start_conditions": conditions, "start_allowed_until": None}
        facts = {**meant, "revision": revision.number, "digest": revision.digest}
        facts["voids"] = [decision.pk for _role, decision in earlier.counted]
        move(locked, Act.RESCHEDULE, by=by, at=at, columns=columns, **facts)
        asked = {*eligible.people, *(decision.person_id for _role, decision in earlier.counted)}
        todo = _("Only its date and times have changed. Look at them, then confirm.")
        was = _("It was planned for %s.") % outbox.moment(before) if before else ""
        message = Message(Event.RESCHEDULED, todo, was)
        outbox.put(message, locked, to=Person.objects.filter(pk__in=asked), by=by, at=at)
        return revision


def _digest(times: NewTimes) -> str:
    """What tells a second click from other times: the windows are as many as the plan has phases."""
    return sha256(canonical_json(asdict(times)))


def times_of(document: Document, outline: Outline | None) -> NewTimes:
    """The date, time, windows and end that ``document`` has now."""
    date, time, end = (bound_text(document, outline, fact) for fact in ("date", "time", "end"))
    return NewTimes(date, time, dict(_windows(document)), end)


def _windows(document: Document) -> list[tuple[str, str]]:
    return [(g.key, g.phase.window) for section in document.sections for g in section.groups if g.phase]


def _values(document: Document, outline: Outline | None, times: NewTimes, at: dt.datetime) -> dict[str, dict[str, str]]:
    """The fields that change, by section. Raises Incomplete with what is wrong with the times."""
    now = times_of(document, outline)
    date = outline.bound("date") if outline else None
    time = outline.bound("time") if outline else None
    if date is None:
        raise Refused(_("No line of this record says its date; change the plan instead."))
    asked = outline.asked_of(date.key) if outline else "date"
    start = start_in(times.date, times.time or ("" if asked == "moment" else "23:59"))
    wrong = [
        *([] if (start if asked == "moment" else date_in(times.date)) else [EXAMPLES[asked]]),
        *([] if time is None or clock_in(times.time) else [EXAMPLES["time"]]),
        *([_("a start that is still to come")] if start and start.at + JUST_NOW <= at else []),
    ]
    moved = _moved(now, times)
    changed = {key: text for key, text in moved.items() if text != now.windows[key]}
    if any(window_in(text) is None for text in changed.values()):
        wrong.append(EXAMPLES["window"])
    until = outline.bound("end") if outline else None
    end = _end(now, times, until)
    if end and start and end_in(start, end) is None:
        wrong.append(_("an end behind the start, such as 05:00"))
    if wrong:
        raise Incomplete(wrong)
    wanted = {date.key: times.date.strip(), **({time.key: times.time.strip()} if time else {})}
    wanted |= {f"{key}.window": text for key, text in changed.items()}
    texts = {date.key: now.date, **({time.key: now.time} if time else {})}
    if until:
        wanted[until.key], texts[until.key] = end, now.end or ""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    sections = {f"{g.key}.window": section.key for section in document.sections for g in section.groups}
    for key, text in wanted.items():
        if texts.get(key) != text:
            found[sections.get(key) or key.split("/", 1)[0]][key] = text
    if not found:
        raise Incomplete([_("another date, time or window than it has")])
    return found


def _end(now: NewTimes, times: NewTimes, line: Answer | None) -> str:
    """The end as it is to be: as written, or as long behind the start as it was where it was left alone."""
    written = (now.end if times.end is None else times.end.strip()) or ""
    old, new = start_in(now.date, now.time), start_in(times.date, times.time)
    if line is None or old is None or new is None or written != now.end:
        return written
    return moved_end(old, new, written, line.text)


def _moved(now: NewTimes, times: NewTimes) -> dict[str, str]:
    """The windows as they are to be: as written, or moved along where they were left alone."""
    minutes = minutes_between(time_of(now.date, now.time), time_of(times.date, times.time)) or 0
    moved = {}
    for key, own in now.windows.items():
        written = times.windows.get(key, own).strip()
        moved[key] = moved_window(own, minutes) if written == own and minutes and window_in(own) else written
    return moved

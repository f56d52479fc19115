"""The log of a run: what acts write into it, and what people note. When something happened, and when it was written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import audit
from records.life_cycle import Act, acting, said
from records.models import LogEntry, Operation, Person, State
from records.models.states import UNDER_WAY
from records.refusals import Incomplete, WrongOrder
from records.rights import is_team, may_work

MINUTE = dt.timedelta(minutes=1)
# What leaves nothing to call off, whatever of it was taken back since.
BEGUN = (
    *("start_step", "finish_step", "skip_step", "add_step", "tick_check", "observe_check", "skip_check", "measure"),
    Act.FINISH_WORK,
)
# Behind each of these lines another run goes on, or none does.
BOUNDS = (Act.START, Act.EMERGENCY_START, Act.RECORD_AFTERWARDS, Act.CALL_OFF)


class NoteKind(models.TextChoices):
    """What a note is about."""

    NOTE = "note", gettext_lazy("Note")
    DEVIATION = "deviation", gettext_lazy("Deviation from the plan")
    PROBLEM = "problem", gettext_lazy("Problem")
    WAIT = "wait", gettext_lazy("Problem, waited for")
    SOLVED = "solved", gettext_lazy("Problem solved")


PROBLEMS = (NoteKind.PROBLEM, NoteKind.WAIT)


def note(
    operation: Operation,
    *,
    text: str,
    by: Person,
    kind: NoteKind = NoteKind.NOTE,
    step_key: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> LogEntry:
    """Add a note, a deviation or a problem to the log, perhaps on a step. From the start until the final text.

    ``happened`` is when it was seen, if not now. The same note again within a minute is a second click, but for one of
    another time: what waited on a device arrives in one go.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        check_writable(locked, by)
        words = said(text, _("what to note"))
        newest = locked.log.filter(person=by, step_key=step_key, kind__in=NoteKind.values).order_by("-pk").first()
        is_same = newest is not None and (newest.kind, newest.text) == (kind, words) and at - newest.written_at < MINUTE
        if newest and is_same and abs(moment_of(locked, happened, at) - newest.at) < MINUTE:
            return newest
        entry = log(locked, NoteKind(kind), by=by, at=at, happened=happened, text=words, step_key=step_key)
        audit.record(NoteKind(kind), operation=locked, person=by, at=at, text=words, step=step_key)
    return entry


def looked_words(at: dt.datetime) -> str:
    """That somebody looked, with the time: else looking twice with the same result would count once."""
    return _("looked at %(time)s") % {"time": f"{at.astimezone(dt.UTC):%H:%M}"}


def looked_in(entry: LogEntry) -> str | None:
    """What was seen at a look at a trigger, in its own words if there are some; None for what is no look."""
    looked = looked_words(entry.at)
    if entry.kind not in (NoteKind.NOTE, NoteKind.PROBLEM) or not entry.step_key:
        return None
    if entry.text == looked:
        return ""
    return entry.text.removesuffix(f" ({looked})") if entry.text.endswith(f" ({looked})") else None


def check_writable(operation: Operation, by: Person) -> None:
    """Raises Refused for who isn't of the team, WrongOrder before the start and once the final text is signed."""
    is_team(by, operation).insist()
    if operation.state not in (*UNDER_WAY, State.CLOSING) or operation.final_text_id is not None:
        raise WrongOrder(_("Notes and values are written from the start until the final text is signed."))


def check_workable(operation: Operation, by: Person) -> None:
    """Raises Refused for who isn't of the team, WrongOrder where the operation isn't under way (any more)."""
    is_team(by, operation).insist()
    if not (right := may_work(by, operation)):
        raise WrongOrder(right.reason)


def log(
    operation: Operation,
    kind: str,
    *,
    by: Person,
    at: dt.datetime,
    happened: dt.datetime | None = None,
    text: str = "",
    step_key: str = "",
) -> LogEntry:
    """A line in the log, written at ``at`` about something that ``happened`` then or earlier.

    Raises Incomplete for a moment in the future or before the run.
    """
    return LogEntry.objects.create(
        operation=operation,
        at=moment_of(operation, happened, at),
        written_at=at,
        person=by,
        person_name=str(by),
        kind=kind,
        text=text,
        step_key=step_key,
    )


def moment_of(operation: Operation, happened: dt.datetime | None, at: dt.datetime) -> dt.datetime:
    """When it was, as far as somebody says so; else now. Raises Incomplete for what can't have been."""
    if happened is None:
        return at
    if happened > at + MINUTE:
        raise Incomplete([_("a time that is not in the future")])
    if operation.started_at and happened < operation.started_at - MINUTE:
        raise Incomplete([_("a time after the start of the run")])
    # In the minute of the start it was after the start: a time is written without its seconds.
    return max(happened, operation.started_at) if operation.started_at else happened


def of_this_run(lines: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    """Those of ``lines`` that no start and no calling off stands behind: what was noted before is of another run."""
    later = LogEntry.objects.filter(operation=OuterRef("operation"), kind__in=BOUNDS, pk__gt=OuterRef("pk"))
    return lines.filter(~Exists(later))


def since_its_start(lines: list[LogEntry]) -> list[LogEntry]:
    """The same of all ``lines`` of a record, which were read."""
    newest = max((line.pk for line in lines if line.kind in BOUNDS), default=0)
    return [line for line in lines if line.pk >= newest]


def notes_by_row(log: Iterable[LogEntry], kinds: Iterable[str]) -> dict[str, list[LogEntry]]:
    """What people noted to a row (the log's ``step_key``), oldest first."""
    found: dict[str, list[LogEntry]] = defaultdict(list)
    wanted = set(kinds)
    for entry in sorted(log, key=lambda one: (one.at, one.pk)):
        if entry.step_key and entry.kind in wanted and (entry.text or entry.evidence):
            found[entry.step_key].append(entry)
    return found

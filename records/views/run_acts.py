"""What the buttons of the run page do: each posted word is one act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from records import running, starting, working, working_order
from records.life_cycle import said
from records.models import Metric, Operation, Person
from records.refusals import Incomplete, WrongOrder
from records.views.run_rows import recorded
from records.working import NoteKind

KEY_LENGTH = 600
Act = Callable[[Operation, Person, QueryDict], None]


def act(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Do what the pressed button says. Raises what the acts raise, WrongOrder for a button that there is not,
    Http404 for a row that no record can have.
    """
    key = posted.get("key", "") + posted.get("trigger", "")
    if "\0" in key or len(key) > KEY_LENGTH:
        raise Http404
    if reason := posted.get("skip", ""):
        working_order.leave_out(operation, key=posted.get("key", ""), reason=reason, by=person)
        return
    if reason := posted.get("out_of_order", ""):
        working_order.begin(operation, key=posted.get("key", ""), reason=reason, by=person)
        return
    word = posted.get("do", "").partition(":")[0]
    known = {**ON_THE_RUN, **ON_STEPS}
    if word not in known:
        raise WrongOrder(_("This button isn't known any more. Look at the page again."))
    known[word](operation, person, posted)


def start(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Go."""
    running.start(operation, by=person, digest=posted.get("digest"))


def confirm(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Say what shows that a start condition holds."""
    starting.tick_condition(operation, key=posted.get("key", ""), evidence=posted.get("evidence", ""), by=person)


def allow_start(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Let it start outside its window."""
    starting.allow_start(operation, reason=posted.get("reason", ""), by=person)


def roll_back(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Take the way back, because of a trigger or of something else, said in a few words."""
    chosen = posted.get("trigger", "")
    trigger = said_as(posted.get("other", ""), _("what else it is"))[:KEY_LENGTH] if chosen == "other" else chosen
    running.roll_back(operation, trigger=trigger, sentence=posted.get("sentence", ""), by=person)


def call_off(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Before the first step."""
    running.call_off(operation, reason=posted.get("reason", ""), by=person)


def start_step(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Begin a step; what was written in its note is noted."""
    when = time_in(posted.get("time", ""))
    key = posted.get("key", "")
    working_order.begin(operation, key=key, reason=posted.get("reason", ""), by=person)
    if when:
        working_order.correct_times(operation, key=key, by=person, started=when, ended=None)
    _note(operation, person, posted)


def finish_step(operation: Operation, person: Person, posted: QueryDict) -> None:
    """A step is done; what was written in its note is noted first, so that it stands before the tick."""
    when = time_in(posted.get("time", ""))
    key = posted.get("key", "")
    _note(operation, person, posted)
    step = working_order.finish(operation, key=key, by=person)
    if when:
        begun = min(step.started_at or when, when)
        working_order.correct_times(operation, key=key, by=person, started=begun, ended=when)


def skip(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Leave a step out."""
    working_order.leave_out(operation, key=posted.get("key", ""), reason=posted.get("reason", ""), by=person)


def reopen_step(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Not done after all."""
    working.reopen_step(operation, key=posted.get("key", ""), by=person)


def correct_times(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Both times of a step."""
    started, ended = time_in(posted.get("started", "")), time_in(posted.get("ended", ""))
    working_order.correct_times(operation, key=posted.get("key", ""), by=person, started=started, ended=ended)


def problem(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Note what is wrong; whoever waits says so, whoever rolls back is taken to the page for it."""
    text = said_as(posted.get("problem", ""), _("what is wrong"))
    if posted.get("do") == "problem:wait":
        text += " " + _("(waiting)")
    working.note(operation, text=text, kind=NoteKind.PROBLEM, step_key=posted.get("key", ""), by=person)


def trigger(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Note that somebody looked at a trigger, and what they saw."""
    seen = posted.get("note", "").strip()
    close = posted.get("do") == "trigger:near"
    if close:
        said_as(seen, _("what you see"))
    # The time is in the words, else looking twice with the same result would count once.
    looked = _("looked at %(time)s") % {"time": timezone.now().astimezone(dt.UTC).strftime("%H:%M")}
    kind = NoteKind.PROBLEM if close else NoteKind.NOTE
    text = f"{seen} ({looked})" if seen else looked
    working.note(operation, text=text, kind=kind, step_key=posted.get("key", ""), by=person)


def tick_check(operation: Operation, person: Person, posted: QueryDict) -> None:
    """It was looked at, and it holds."""
    working.tick_check(operation, key=posted.get("key", ""), by=person)


def untick(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Take the tick back."""
    working.untick_check(operation, key=posted.get("key", ""), by=person)


def note(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Add to the log, perhaps to a step."""
    said_as(posted.get("note", ""), _("what to note"))
    _note(operation, person, posted)


def measure(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Save the values that differ from what stands there; a unit written behind a value is not written twice."""
    rows = {row.key: row for row in Metric.objects.filter(section__operation=operation, after__isnull=False)}
    for name in posted:
        key = name.removeprefix("after:")
        row = rows.get(key)
        if key == name or row is None:
            continue
        value = posted.get(name, "").strip()
        unit = row.unit.strip()
        value = value.removesuffix(unit).rstrip() if unit else value
        if value and value != recorded(row):
            working.measure(operation, key=key, value=value, by=person)


def finish_work(operation: Operation, person: Person, posted: QueryDict) -> None:
    """End the run: reasons for single steps and checks first, then the one for all others."""
    steps = {row.key for row in running.undone_steps(operation)}
    checks = {row.key for row in running.undone_checks(operation)}
    for name in posted:
        key, reason = name.removeprefix("reason:"), posted.get(name, "").strip()
        if key == name or not reason:
            continue
        if key in steps:
            working.skip_step(operation, key=key, reason=reason, by=person)
        elif key in checks:
            working.skip_check(operation, key=key, reason=reason, by=person)
    running.finish_work(operation, not_reached=posted.get("reason", ""), by=person)


def _note(operation: Operation, person: Person, posted: Mapping[str, str]) -> None:
    text = posted.get("note", "").replace("\r\n", "\n")
    if text.strip():
        working.note(operation, text=text, step_key=posted.get("key", ""), by=person)


def said_as(text: str, what: str) -> str:
    """What somebody wrote, without blanks around. Raises Incomplete, naming ``what``, if that is nothing."""
    if not text.strip():
        raise Incomplete([what])
    return said(text.replace("\r\n", "\n"))


def time_in(written: str) -> dt.datetime | None:
    """A clock time "03:31" as the newest such moment in UTC; None where nothing was written.

    Raises Incomplete for what is no time.
    """
    if not written.strip():
        return None
    try:
        clock = dt.time.fromisoformat(written.strip().zfill(len("03:31")))
    except ValueError:
        raise Incomplete([_("a time such as 03:31")]) from None
    now = timezone.now().astimezone(dt.UTC)
    found = now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    # Just before midnight is yesterday when it is written just after.
    return found - dt.timedelta(days=1) if found > now + dt.timedelta(hours=1) else found


ON_THE_RUN: dict[str, Act] = {
    "start": start,
    "confirm": confirm,
    "allow_start": allow_start,
    "call_off": call_off,
    "roll_back": roll_back,
    "finish_work": finish_work,
}
ON_STEPS: dict[str, Act] = {
    "start_step": start_step,
    "finish_step": finish_step,
    "skip": skip,
    "reopen_step": reopen_step,
    "correct_times": correct_times,
    "problem": problem,
    "trigger": trigger,
    "tick_check": tick_check,
    "untick": untick,
    "note": note,
    "measure": measure,
}

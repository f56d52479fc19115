"""What the buttons of the run page do: each posted word is one act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from records import logbook, running, starting, verifying, working
from records.life_cycle import said
from records.logbook import NoteKind
from records.models import Operation, Person
from records.refusals import Incomplete, WrongOrder

KEY_LENGTH = 600
Act = Callable[[Operation, Person, QueryDict], object]


def act(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Do what the pressed button says. Raises what the acts raise, WrongOrder for a button that there is not,
    Http404 for a row that no record can have.
    """
    key = posted.get("key", "") + posted.get("trigger", "")
    if "\0" in key or len(key) > KEY_LENGTH:
        raise Http404
    word = posted.get("do", "").partition(":")[0]
    # The one-tap reasons are buttons of their own, whose value is the reason.
    word = next((tapped for name, tapped in TAPPED.items() if posted.get(name)), word)
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
    trigger = said(_text(posted, "other"), _("what else it is"))[:KEY_LENGTH] if chosen == "other" else chosen
    running.roll_back(operation, trigger=trigger, sentence=posted.get("sentence", ""), by=person)


def call_off(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Before the first step."""
    running.call_off(operation, reason=posted.get("reason", ""), by=person)


def start_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Begin a step; what was written in its note is noted."""
    return working.start_step(operation, by=person, **_of_step(posted))


def finish_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """A step is done; what was written in its note stands before the tick."""
    return working.finish_step(operation, by=person, **_of_step(posted))


def skip(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Leave a step out."""
    reason = posted.get("skip") or posted.get("reason", "")
    return working.skip_step(operation, key=posted.get("key", ""), reason=reason, note=_text(posted, "note"), by=person)


def _of_step(posted: QueryDict) -> dict[str, Any]:
    """What the form of a step says, as the acts take it."""
    return {
        "key": posted.get("key", ""),
        "reason": posted.get("out_of_order") or posted.get("reason", ""),
        "asked": posted.get("asked") == "yes" or posted.get("do", "").endswith(":asked"),
        "note": _text(posted, "note"),
        "happened": time_in(posted.get("time", "")),
    }


def reopen_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Not done after all."""
    return working.reopen_step(operation, key=posted.get("key", ""), by=person)


def correct_times(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Both times of a step."""
    started, ended = time_in(posted.get("started", "")), time_in(posted.get("ended", ""))
    return working.correct_times(operation, key=posted.get("key", ""), by=person, started=started, ended=ended)


def problem(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Note what is wrong; whoever waits says so, whoever rolls back is taken to the page for it."""
    text = said(_text(posted, "problem"), _("what is wrong"))
    if posted.get("do") == "problem:wait":
        text += " " + _("(waiting)")
    if beside := _text(posted, "note").strip():
        text += "\n" + beside
    return logbook.note(operation, text=text, kind=NoteKind.PROBLEM, step_key=posted.get("key", ""), by=person)


def trigger(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Note that somebody looked at a trigger, and what they saw."""
    seen = posted.get("note", "").strip()
    close = posted.get("do") == "trigger:near"
    if close:
        said(seen, _("what you see"))
    # The time is in the words, else looking twice with the same result would count once.
    looked = _("looked at %(time)s") % {"time": timezone.now().astimezone(dt.UTC).strftime("%H:%M")}
    kind = NoteKind.PROBLEM if close else NoteKind.NOTE
    text = f"{seen} ({looked})" if seen else looked
    logbook.note(operation, text=text, kind=kind, step_key=posted.get("key", ""), by=person)


def tick_check(operation: Operation, person: Person, posted: QueryDict) -> object:
    """It was looked at, and it holds."""
    return verifying.tick_check(operation, key=posted.get("key", ""), evidence=_text(posted, "evidence"), by=person)


def skip_check(operation: Operation, person: Person, posted: QueryDict) -> object:
    """It isn't made, for a reason."""
    reason = said(_text(posted, "evidence"), _("why it is not made"))
    return verifying.skip_check(operation, key=posted.get("key", ""), reason=reason, by=person)


def untick(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Take the tick back."""
    return verifying.untick_check(operation, key=posted.get("key", ""), by=person)


def note(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Add to the log, perhaps to a step."""
    return logbook.note(operation, text=_text(posted, "note"), step_key=posted.get("key", ""), by=person)


def measure(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Save the values that differ from what stands there."""
    return verifying.measure(operation, values=_named(posted, "after:"), by=person)


def finish_work(operation: Operation, person: Person, posted: QueryDict) -> None:
    """End the run, with reasons for single steps and checks, and one for all others."""
    reasons = _named(posted, "reason:")
    running.finish_work(operation, not_reached=posted.get("reason", ""), reasons=reasons, by=person)


def _named(posted: QueryDict, prefix: str) -> dict[str, str]:
    """The fields of rows, by the key that follows ``prefix`` in their names."""
    return {name.removeprefix(prefix): posted.get(name, "") for name in posted if name.startswith(prefix)}


def _text(posted: QueryDict, name: str) -> str:
    return posted.get(name, "").replace("\r\n", "\n")


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
    "skip_check": skip_check,
    "untick": untick,
    "note": note,
    "measure": measure,
}
TAPPED = {"skip": "skip", "out_of_order": "start_step"}

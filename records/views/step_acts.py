"""What the buttons at steps, checks and values do: each posted word is one act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from records.life_cycle import said
from records.models import Operation, Person
from records.run import logbook, unplanned, verifying, witnessing, working
from records.run.logbook import NoteKind
from records.views.run_posted import happened_in, named_in, text_in, time_in, until_in

Act = Callable[[Operation, Person, QueryDict], object]


def start_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Begin a step; what was written in its note is noted."""
    return working.start_step(operation, by=person, **_of_step(posted))


def finish_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """A step is done; what was written in its note stands before the tick."""
    return working.finish_step(operation, by=person, **_of_step(posted))


def skip(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Leave a step out."""
    reason = posted.get("skip") or posted.get("reason", "")
    return working.skip_step(
        operation,
        key=posted.get("key", ""),
        reason=reason,
        note=text_in(posted, "note"),
        happened=happened_in(posted),
        by=person,
    )


def _of_step(posted: QueryDict) -> dict[str, Any]:
    """What the form of a step says, as the acts take it."""
    return {
        "key": posted.get("key", ""),
        "reason": posted.get("out_of_order") or posted.get("reason", ""),
        "asked": posted.get("asked") == "yes" or posted.get("do", "").endswith(":asked"),
        "note": text_in(posted, "note"),
        "happened": happened_in(posted),
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
    text = said(text_in(posted, "problem"), _("what is wrong"))
    if beside := text_in(posted, "note").strip():
        text += "\n" + beside
    return logbook.note(
        operation,
        text=text,
        kind=NoteKind.WAIT if posted.get("do") == "problem:wait" else NoteKind.PROBLEM,
        step_key=posted.get("key", ""),
        by=person,
        happened=happened_in(posted),
    )


def solved(operation: Operation, person: Person, posted: QueryDict) -> object:
    """What was wrong at a step is over, and why."""
    text = said(text_in(posted, "words"), _("what solved it"))
    when = happened_in(posted)
    return logbook.note(
        operation, text=text, kind=NoteKind.SOLVED, step_key=posted.get("key", ""), by=person, happened=when
    )


def trigger(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Note that somebody looked at a trigger, and what they saw."""
    seen = posted.get("note", "").strip()
    close = posted.get("do") == "trigger:near"
    if close:
        said(seen, _("what you see"))
    when = happened_in(posted)
    looked = logbook.looked_words(when or timezone.now())
    kind = NoteKind.PROBLEM if close else NoteKind.NOTE
    text = f"{seen} ({looked})" if seen else looked
    logbook.note(operation, text=text, kind=kind, step_key=posted.get("key", ""), by=person, happened=when)


def add_step(operation: Operation, person: Person, posted: QueryDict) -> object:
    """A step that nobody planned."""
    title, reason, commands = (text_in(posted, name) for name in ("title", "reason", "commands"))
    return unplanned.add_step(
        operation, title=title, reason=reason, commands=commands, by=person, happened=happened_in(posted)
    )


def witness(operation: Operation, person: Person, posted: QueryDict) -> object:
    """I looked on."""
    return witnessing.witness_step(
        operation, key=posted.get("key", ""), words=text_in(posted, "words"), by=person, happened=happened_in(posted)
    )


def tick_check(operation: Operation, person: Person, posted: QueryDict) -> object:
    """It was looked at, and it holds."""
    return verifying.tick_check(
        operation,
        key=posted.get("key", ""),
        evidence=text_in(posted, "evidence"),
        by=person,
        happened=happened_in(posted),
    )


def skip_check(operation: Operation, person: Person, posted: QueryDict) -> object:
    """It isn't made, for a reason."""
    reason = said(text_in(posted, "evidence"), _("why it is not made"))
    when = happened_in(posted)
    return verifying.skip_check(operation, key=posted.get("key", ""), reason=reason, by=person, happened=when)


def observe_check(operation: Operation, person: Person, posted: QueryDict) -> object:
    """It takes longer than the night."""
    until = until_in(posted.get("until", ""))
    when = happened_in(posted)
    seen = text_in(posted, "evidence")
    return verifying.observe_check(
        operation, key=posted.get("key", ""), until=until, evidence=seen, by=person, happened=when
    )


def untick(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Take the tick back."""
    return verifying.untick_check(operation, key=posted.get("key", ""), by=person)


def note(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Add to the log, perhaps to a step."""
    kind = NoteKind.DEVIATION if posted.get("do") == "note:deviation" else NoteKind.NOTE
    text, when = text_in(posted, "note"), happened_in(posted)
    return logbook.note(operation, text=text, kind=kind, step_key=posted.get("key", ""), by=person, happened=when)


def measure(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Save the values that differ from what stands there; whoever goes on to closing may have typed none."""
    if posted.get("do") == "measure:close":
        return save_typed(operation, person, posted)
    typed = _typed(posted)
    nothing_new = not typed and any(text.strip() for text in named_in(posted, "after:").values())
    return None if nothing_new else _measure(operation, person, posted, typed)


def save_typed(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Save the values that came with another press, if somebody typed one."""
    typed = {key: text for key, text in _typed(posted).items() if text.strip()}
    return _measure(operation, person, posted, typed) if typed else None


def _typed(posted: QueryDict) -> dict[str, str]:
    """The values that aren't what the page showed: a form sends them all, and its page may be older than another's."""
    shown = named_in(posted, "shown:")
    return {key: text for key, text in named_in(posted, "after:").items() if text != shown.get(key, "")}


def _measure(operation: Operation, person: Person, posted: QueryDict, values: dict[str, str]) -> object:
    shown = named_in(posted, "shown:")
    return verifying.measure(operation, values=values, shown=shown, by=person, happened=happened_in(posted))


ON_STEPS: dict[str, Act] = {
    "start_step": start_step,
    "finish_step": finish_step,
    "skip": skip,
    "add_step": add_step,
    "witness": witness,
    "reopen_step": reopen_step,
    "correct_times": correct_times,
    "problem": problem,
    "solved": solved,
    "trigger": trigger,
    "tick_check": tick_check,
    "skip_check": skip_check,
    "observe_check": observe_check,
    "untick": untick,
    "note": note,
    "measure": measure,
}
# The one-tap reasons are buttons of their own, whose value is the reason.
TAPPED = {"skip": "skip", "out_of_order": "start_step"}

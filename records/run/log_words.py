"""The lines of a run's log in words, which stand behind a name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from records.models import LogEntry
from records.run.logbook import NoteKind, looked_in

_NUMBER = re.compile(r"U\d+|\d+\.\d+")


def log_words(entry: LogEntry, numbers: Mapping[str, str]) -> str:
    """A line of the log in words, beginning with a verb; a step is called by its number, a trigger by its title."""
    row = _row(numbers.get(entry.step_key, ""))
    place, text = _(" at %(row)s") % {"row": row} if row else "", entry.text
    # When somebody looked stands before the line.
    if (seen := looked_in(entry)) is not None:
        if entry.kind == NoteKind.NOTE:
            return ", ".join(filter(None, [_("looked at %(row)s: ok") % {"row": row}, seen]))
        text = seen
    # Whoever is in charge from then on stands before the words.
    own = entry.person_name
    is_taken = entry.kind == "hand_over" and (text == own or text.startswith(f"{own}: "))
    text = text.removeprefix(own).removeprefix(": ") if is_taken else text
    words = {
        "ask_for_start": _("asked to start outside the window: %(text)s"),
        "allow_start": _("allowed a start outside the window: %(text)s"),
        "start": _("started the run"),
        "emergency_start": _("started it as an emergency, which nobody approved: %(text)s"),
        "complete_plan": _("completed the plan"),
        "call_off": _("called it off: %(text)s"),
        "start_step": _("started %(step)s"),
        "finish_step": _("finished %(step)s"),
        "skip_step": _("skipped %(step)s: %(text)s"),
        "reopen_step": _("took %(step)s back"),
        "correct_times": _("corrected the times of %(step)s: %(text)s"),
        "tick_check": _("ticked: %(text)s"),
        "untick_check": _("took the tick back: %(text)s"),
        "skip_check": _("left a check out: %(text)s"),
        "observe_check": _("goes on observing: %(text)s"),
        "measure": _("measured %(text)s"),
        "problem": _("noted a problem%(place)s: %(text)s"),
        "wait": _("noted a problem%(place)s, and waits: %(text)s"),
        "solved": _("solved the problem%(place)s: %(text)s"),
        "deviation": _("noted a deviation%(place)s: %(text)s"),
        "evidence": _("kept evidence%(place)s: %(text)s"),
        "roll_back": _("started the rollback because of %(text)s"),
        "add_step": _("added %(step)s, which nobody planned: %(text)s"),
        "witness_step": _("looked on at %(step)s: %(text)s"),
        "hand_over": _("took over: %(text)s") if is_taken else _("handed over to %(text)s"),
        "stop_at_phase_end": _("stopped at the end of a phase: %(text)s"),
        "confirm_window": _("confirmed the next window: %(text)s"),
        "go_on": _("went on"),
        "finish_work": _("finished the work; what was open was left out: %(text)s") if text else _("finished the work"),
        "reopen_run": _("reopened the run: %(text)s"),
    }.get(entry.kind, _("noted%(place)s: %(text)s"))
    told = words % {"step": row or _("a step"), "place": place, "text": text}
    # Acts that ask for no words end without what would have announced them.
    return told.strip().removesuffix(":")


def _row(called: str) -> str:
    """A row as a sentence names it: steps have numbers, "2.1", "U1", or on the way back "3"; the others titles."""
    if called.isdecimal():
        return _("rollback step %(number)s") % {"number": called}
    if _NUMBER.fullmatch(called):
        return _("step %(number)s") % {"number": called}
    return f"“{called}”" if called else ""

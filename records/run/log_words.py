"""The lines of a run's log in words, which stand behind a name."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from records.models import LogEntry
from records.run.logbook import NoteKind


def log_words(entry: LogEntry, numbers: Mapping[str, str]) -> str:
    """A line of the log in words; a step is called by its number."""
    step = numbers.get(entry.step_key, "")
    is_row = bool(step) and not step[0].isdigit()
    words = {
        "ask_for_start": _("asked to start outside the window: %(text)s"),
        "allow_start": _("allowed a start outside the window: %(text)s"),
        "start": _("started the run"),
        "emergency_start": _("started it as an emergency, which nobody approved: %(text)s"),
        "complete_plan": _("completed the plan"),
        "call_off": _("called it off: %(text)s"),
        "start_step": _("started %(step)s"),
        "finish_step": _("%(step)s done"),
        "skip_step": _("skipped %(step)s: %(text)s"),
        "reopen_step": _("took %(step)s back"),
        "correct_times": _("corrected the times of %(step)s: %(text)s"),
        "tick_check": _("ticked: %(text)s"),
        "untick_check": _("took the tick back: %(text)s"),
        "skip_check": _("check not made: %(text)s"),
        "observe_check": _("check goes on: %(text)s"),
        "measure": _("measured %(text)s"),
        "problem": _("problem: %(text)s"),
        "deviation": _("deviation: %(text)s"),
        "evidence": _("kept evidence. %(text)s"),
        "roll_back": _("started the rollback, %(text)s"),
        "add_step": _("added %(step)s, which nobody planned: %(text)s"),
        "witness_step": _("looked on at %(step)s %(text)s"),
        "hand_over": _("handed over to %(text)s"),
        "stop_at_phase_end": _("stopped for this night: %(text)s"),
        "confirm_window": _("confirmed the next window"),
        "go_on": _("went on"),
        "finish_work": _("finished the work. %(text)s"),
        "reopen_run": _("reopened the run: %(text)s"),
    }.get(entry.kind, "%(text)s")
    told = words % {"step": _("step %(number)s") % {"number": step} if step else _("a step"), "text": entry.text}
    if step and entry.kind in (NoteKind.NOTE, NoteKind.PROBLEM, NoteKind.DEVIATION):
        told = f"{step}: {told}" if is_row else f"{step} {told}"
    return told.strip()

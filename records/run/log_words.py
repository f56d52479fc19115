"""The lines of a run's log in words, which stand behind a name."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from records.models import LogEntry


def log_words(entry: LogEntry, numbers: Mapping[str, str]) -> str:
    """A line of the log in words, beginning with a verb; a step is called by its number, a trigger by its title."""
    step = numbers.get(entry.step_key, "")
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
        "observe_check": _("let a check go on: %(text)s"),
        "measure": _("measured %(text)s"),
        "problem": _("noted a problem%(place)s: %(text)s"),
        "deviation": _("noted a deviation%(place)s: %(text)s"),
        "evidence": _("kept evidence%(place)s: %(text)s"),
        "roll_back": _("started the rollback, %(text)s"),
        "add_step": _("added %(step)s, which nobody planned: %(text)s"),
        "witness_step": _("looked on at %(step)s: %(text)s"),
        "hand_over": _("handed over to %(text)s"),
        "stop_at_phase_end": _("stopped for this night: %(text)s"),
        "confirm_window": _("confirmed the next window"),
        "go_on": _("went on"),
        "finish_work": _("finished the work: %(text)s"),
        "reopen_run": _("reopened the run: %(text)s"),
    }.get(entry.kind, _("noted%(place)s: %(text)s"))
    is_number = step[:1].isdigit()
    row = (_("step %(number)s") if is_number else "“%(number)s”") % {"number": step} if step else ""
    place = _(" at %(row)s") % {"row": row} if row else ""
    told = words % {"step": row or _("a step"), "place": place, "text": entry.text}
    # Acts that ask for no words end without what would have announced them.
    return told.strip().removesuffix(":")

"""What of a run speaks of a word: its steps, and what was noted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from records.models import LogEntry, StepStatus
from records.run.loaded import Run
from records.run.logbook import NoteKind
from records.run.short_words import around, begins_with, listed, short, step_named


def speaking_of(run: Run, word: str) -> str:
    """The steps that were done and the notes in which ``word`` stands, or a word that begins with it.

    What was done before a rollback says so: it was taken back. A step whose title doesn't say it is quoted: its name
    alone would claim what it may deny ("no alert fires").
    """
    speaks = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE).search
    every = [*run.plan.steps, *run.plan.procedures, *run.unplanned]
    done = [step for step in every if step.key in run.steps and run.steps[step.key].status == StepStatus.DONE]
    back = {step.key for step in run.plan.procedures}
    told, back_at = [], run.operation.rolled_back_at
    for step in done:
        name = (_("rollback step %(step)s") if step.key in back else _("step %(step)s")) % {"step": step_named(step)}
        lines = "\n".join([step.item.text, *(part.text for part in step.item.parts)]).split("\n")
        said = next((around(line, found) for line in lines if (found := speaks(line))), "")
        if speaks(step.title):
            words = name
        elif said:
            words = _("%(step)s says “%(words)s”") % {"step": name, "words": said}
        else:
            continue
        ended = run.steps[step.key].ended_at
        if ended and back_at and ended <= back_at and step.key not in back:
            words = _("%(words)s (before the rollback)") % {"words": words}
        told.append(words)
    notes = [entry for entry in reversed(run.log) if entry.kind in NoteKind.values and speaks(entry.text)]
    return listed([*told, *(noted(entry, run.number_of) for entry in notes)])


def noted(entry: LogEntry, number_of: Mapping[str, str]) -> str:
    """A line of the log with the number of its step, unless it says that itself; what solved a problem says so."""
    place, words = number_of.get(entry.step_key, ""), short(entry.text)
    if entry.kind == NoteKind.SOLVED:
        words = _("solved: %(words)s") % {"words": words}
    return f"{place}: {words}" if place and not begins_with(entry.text, place) else words

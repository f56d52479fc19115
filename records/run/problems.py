"""The problems that were noted at the steps of a run: which of them are open, and which step waits for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from records.models import LogEntry
from records.models.states import StepStatus
from records.run.loaded import Run
from records.run.logbook import PROBLEMS, NoteKind, notes_by_row


def open_problems(notes: Iterable[LogEntry]) -> list[LogEntry]:
    """Of the notes of one step, oldest first, the problems that nobody has marked as solved since."""
    found: list[LogEntry] = []
    for entry in notes:
        if entry.kind in PROBLEMS:
            found.append(entry)
        elif entry.kind == NoteKind.SOLVED:
            found = []
    return found


def waits_for(notes: Sequence[LogEntry]) -> LogEntry | None:
    """The newest open problem for which whoever noted it waits."""
    return next((one for one in reversed(open_problems(notes)) if one.kind == NoteKind.WAIT), None)


def waiting_steps(run: Run) -> list[tuple[str, LogEntry]]:
    """The steps that are still open and wait, by number, each with what it waits for."""
    noted = notes_by_row(run.log, (*PROBLEMS, NoteKind.SOLVED))
    found = []
    for key, number in run.number_of.items():
        row = run.steps.get(key)
        if row is not None and row.status in (StepStatus.TODO, StepStatus.STARTED):
            entry = waits_for(noted.get(key, []))
            found += [(number, entry)] if entry else []
    return found

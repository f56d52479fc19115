"""Every line of a run's log is a sentence behind a name: who did what, at which step."""

from __future__ import annotations

import pytest

from records.act_words import WORDS
from records.models import LogEntry
from records.run.log_words import log_words
from records.run.logbook import NoteKind

NUMBERS = {"s": "1.2", "t": "Replication lag"}


@pytest.mark.parametrize(
    ("kind", "key", "text", "said"),
    [
        ("finish_step", "s", "", "finished step 1.2"),
        ("start_step", "s", "", "started step 1.2"),
        (NoteKind.NOTE, "s", "Checked twice", "noted at step 1.2: Checked twice"),
        (NoteKind.NOTE, "t", "ok: 3 s", "noted at “Replication lag”: ok: 3 s"),
        (NoteKind.NOTE, "", "Quiet", "noted: Quiet"),
        (NoteKind.PROBLEM, "s", "Disk full", "noted a problem at step 1.2: Disk full"),
        (NoteKind.DEVIATION, "", "Two racks", "noted a deviation: Two racks"),
        ("evidence", "s", "The lag", "kept evidence at step 1.2: The lag"),
        ("witness_step", "s", "", "looked on at step 1.2"),
        ("finish_work", "", "", "finished the work"),
        ("something_new", "", "Said", "noted: Said"),
    ],
)
def test_a_line_says_what_somebody_did(kind: str, key: str, text: str, said: str) -> None:
    assert log_words(LogEntry(kind=kind, step_key=key, text=text), NUMBERS) == said


def test_no_line_begins_with_a_place_or_a_colon() -> None:
    for kind in WORDS:
        told = log_words(LogEntry(kind=kind, step_key="s", text="why"), NUMBERS)
        assert told[0].isalpha() and not told.startswith("step"), kind

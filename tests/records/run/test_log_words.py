"""Every line of a run's log is a sentence behind a name: who did what, at which step."""

from __future__ import annotations

import pytest

from records.act_words import WORDS
from records.models import LogEntry
from records.run.log_words import log_words
from records.run.logbook import NoteKind
from tests.make import NIGHT

# Every act that a trail may tell of: a name is added here and never taken away, for trails are for ever.
EVER = """
create import clone name_people name_team restore_revision restore_field submit withdraw ask_for_changes
reject approve send_comments answer_comment settle_comment reopen_comment take_back_approval change_plan
reschedule cancel tick_condition ask_for_start allow_start start emergency_start call_off stop_at_phase_end
confirm_window go_on hand_over add_step witness_step roll_back record_afterwards finish_work complete_plan
reopen_run sign_as_operator ratify sign_off amend sign_off_addendum turn_down_addendum start_step finish_step
skip_step reopen_step correct_times tick_check untick_check skip_check observe_check measure take_over_values
take_over note evidence deviation problem wait solved approvalrule_added approvalrule_changed approvalrule_deleted
delegate end_delegation name_changed password_changed wrong_password token_made token_ended token_used
import_template begin_template change_template offer_template discard_template return_template
publish_template move_to_version archive bring_back mail_sent_again mails_sent_again
freezewindow_added freezewindow_changed restored write_plan
"""
NUMBERS = {"s": "1.2", "t": "Replication lag", "u": "U1", "r": "2"}


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
        (NoteKind.WAIT, "s", "Disk full", "noted a problem at step 1.2, and waits: Disk full"),
        (NoteKind.SOLVED, "s", "Freed 3 GB", "solved the problem at step 1.2: Freed 3 GB"),
        ("evidence", "s", "The lag", "kept evidence at step 1.2: The lag"),
        ("witness_step", "s", "", "looked on at step 1.2"),
        ("finish_work", "", "", "finished the work"),
        ("finish_work", "", "Rolled back", "finished the work; what was open was left out: Rolled back"),
        (NoteKind.NOTE, "t", "looked at 02:00", "looked at “Replication lag”: ok"),
        (NoteKind.NOTE, "t", "2 s (looked at 02:00)", "looked at “Replication lag”: ok, 2 s"),
        (NoteKind.PROBLEM, "t", "9 s (looked at 02:00)", "noted a problem at “Replication lag”: 9 s"),
        ("finish_step", "u", "", "finished step U1"),
        ("skip_step", "r", "Not needed", "skipped rollback step 2: Not needed"),
        ("roll_back", "", "Replication lag: 9 s", "started the rollback because of Replication lag: 9 s"),
        ("something_new", "", "Said", "noted: Said"),
    ],
)
def test_a_line_says_what_somebody_did(kind: str, key: str, text: str, said: str) -> None:
    assert log_words(LogEntry(kind=kind, step_key=key, text=text, at=NIGHT), NUMBERS) == said


def test_who_took_over_is_not_said_to_have_handed_over() -> None:
    entry = LogEntry(kind="hand_over", text="Ines Duarte: 2.1 is next", person_name="Jun Park", at=NIGHT)
    assert log_words(entry, NUMBERS) == "handed over to Ines Duarte: 2.1 is next"
    entry.person_name = "Ines Duarte"
    assert log_words(entry, NUMBERS) == "took over: 2.1 is next"


def test_every_act_that_ever_stood_in_a_trail_has_its_words() -> None:
    assert sorted(str(act) for act in WORDS) == sorted(EVER.split())


def test_no_line_begins_with_a_place_or_a_colon() -> None:
    for kind in WORDS:
        told = log_words(LogEntry(kind=kind, step_key="s", text="why", at=NIGHT), NUMBERS)
        assert told[0].isalpha() and not told.startswith("step"), kind

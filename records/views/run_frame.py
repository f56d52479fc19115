"""What the run page and the rollback page have in common: head, clock, log, and where to go on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from records.life_cycle import Act
from records.models import Person, State
from records.run.clock import Clock, clock_words, passed
from records.run.handing_over import last_handover
from records.run.keeping import PICTURE_BYTES
from records.run.loaded import Run
from records.run.logbook import NoteKind
from records.run.moved import counted_words
from records.run.witnessing import worked_in
from records.views.head import crumbs
from records.views.run_charge import in_others_hands
from records.views.run_clock import clock_shown
from records.views.run_rows import RowList, entry_shown

LOG_SHOWN = 40
# Where the lines stand that tell whether the way back has worked.
VALIDATION = "validation"
# The lines of the log that are shown at their row too.
SHOWN_AT_ROWS = (*NoteKind.values, "evidence", "witness_step")


def frame(run: Run, person: Person, told: Clock, *, name: str, to_rollback: bool) -> dict[str, Any]:
    """What run and rollback page have in common: clock, head, log. ``to_rollback``: the clock leads to the way back."""
    operation, in_charge = run.operation, in_others_hands(run, person)
    return {
        "operation": operation,
        "here": "records",
        "revision": run.revision,
        "crumbs": crumbs(operation, name),
        "action": reverse("run", args=[operation.pk]),
        "most_bytes": PICTURE_BYTES,
        "under_way": run.is_under_way,
        "approved": operation.state == State.APPROVED,
        "closing": operation.state in (State.CLOSING, State.FINALIZED),
        # Which evidence is missing: that is what the run was opened again for.
        "reopened": next((one for one in run.log if one.kind == Act.REOPEN_RUN), None) if run.is_under_way else None,
        "handover": last_handover(operation, run.log) if run.is_under_way else None,
        "now_words": clock_words(run.now),
        "counted": counted_words(run.plan),
        "witness_id": person.pk if run.is_under_way else 0,
        "worked_keys": worked_in(run.log, person),
        "approved_words": approved_words(run),
        "clock": clock_shown(run, told, to_rollback=to_rollback, in_charge=in_charge),
        "in_others_hands": bool(in_charge),
        # An emergency's plan mostly has none yet, and some templates ask for none.
        "no_way_back": not run.plan.procedures,
        "version": f"{operation.state}-{run.newest}-{run.now:%H%M}",
        "log_mark": f"{operation.state}-{run.newest}",
        "skip_reasons": [_("Already so"), _("Not needed here"), _("Replaced by another step"), _("No time left")],
        "order_reasons": [_("In parallel with the step before"), _("The step before waits"), _("Agreed on the call")],
        "log": [entry_shown(entry, run.number_of) for entry in run.whole_log[:LOG_SHOWN]],
        "log_more": max(len(run.whole_log) - LOG_SHOWN, 0),
    }


def onward(
    checks: Sequence[RowList], *, values: Sequence[RowList] = (), passed: Collection[str] = ()
) -> tuple[str, str]:
    """What comes once no step is left: the first open check that isn't ``passed`` by (keys), on the way back a
    validation, the first value that nobody measured, then the end.
    """
    if found := next((one for one in checks if any(row.is_open and row.key not in passed for row in one.rows)), None):
        is_validation = found.anchor == VALIDATION
        return found.anchor, _("Go to the recovery validation") if is_validation else _("Go to the checks")
    if found := next((one for one in values if not all(row.after for row in one.rows)), None):
        return found.anchor, _("Go to the values")
    return "finish", _("Go to the end of the work")


def jumps(step: str, *parts: tuple[str, str, Sequence[Any]]) -> list[tuple[str, str]]:
    """Where the step at hand, those ``parts`` that have rows, and the log stand: for the clock of a narrow screen."""
    at_hand = [(f"#step-{step}", _("Step %(number)s") % {"number": step})] if step else []
    return [*at_hand, *((address, words) for address, words, rows in parts if rows), ("#log", _("Log"))]


def approved_words(run: Run) -> str:
    """ "Approved revision 4 by …"; who took an approval back isn't named. That nobody did is said above."""
    if run.operation.was_unapproved:
        return ""
    names = [one.person for one in run.approvals]
    if not names:
        return _("Revision %(number)s.") % {"number": run.revision.number}
    facts = {"number": run.revision.number, "names": _(" and ").join(names)}
    return _("Approved revision %(number)s by %(names)s.") % facts


def no_return_words(run: Run) -> str:
    """That the point of no return was passed, when, and what rolling back means from then on; empty before it."""
    point = passed(run.plan, run.steps)
    row = run.steps[point.key] if point else None
    if point is None or row is None:
        return ""
    facts = {"step": f"{point.number} {point.title}", "time": clock_words(row.started_at or run.now)}
    words = _("%(step)s, the point of no return, was begun at %(time)s UTC.") % facts
    return f"{words} {_('The procedures no longer lead to where you were; what they still save is yours to judge.')}"

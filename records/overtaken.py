"""Messages that later events overtook: what they asked for is decided, withdrawn or over. They count as read.

Computed from the state, never stored: a record that comes back into review asks again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from records.models import Addendum, Delivery, Operation, Person, State, Step
from records.models.states import EDITABLE, UNDER_WAY
from records.models.work import UNWITNESSED

# By event: while the record is in one of these states, what the message says is still to be done or known.
_REVIEW, _RUNNING, _CLOSING = (frozenset({state}) for state in (State.IN_REVIEW, State.RUNNING, State.CLOSING))
OPEN_IN: Mapping[str, frozenset[State]] = {
    "named": frozenset({*EDITABLE, State.IN_REVIEW, State.APPROVED, *UNDER_WAY, State.CLOSING}),
    "review_asked": _REVIEW,
    "review_waits": _REVIEW,
    "review_undecided": _REVIEW,
    "rescheduled": _REVIEW,
    "signed": _REVIEW,
    "changes_asked": frozenset({State.CHANGES_REQUESTED}),
    "window_near": frozenset({State.APPROVED}),
    "start_asked": frozenset({State.APPROVED}),
    "start_allowed": frozenset({State.APPROVED}),
    "witness_asked": frozenset(UNDER_WAY),
    "window_asked": _RUNNING,
    "window_confirmed": _RUNNING,
    "handed_over": frozenset(UNDER_WAY),
    "sign_off_asked": _CLOSING,
    "addendum_written": frozenset({State.FINALIZED}),
    "closing_due": _CLOSING,
    "observation_over": _CLOSING,
    "plan_owed": _CLOSING,
}

# What settles it before the record's state says so. The signed ones ask who signs it off only after that.
_SIGNED_SINCE = Q(operation__final_text__frozen_at__gt=F("created_at"))
SETTLED_BY: Mapping[str, Q] = {
    # Nobody can ask while a start is allowed: what was asked for after that ran out asks again.
    "start_asked": Q(operation__start_allowed_until__gte=F("created_at")),
    # Opened again there is nothing to sign off, and signed again those are asked anew who may by then.
    "sign_off_asked": Q(operation__final_text=None) | _SIGNED_SINCE,
    "addendum_written": ~Q(Exists(Addendum.objects.filter(operation=OuterRef("operation"), decisions=None))),
    "closing_due": _SIGNED_SINCE,
    "observation_over": _SIGNED_SINCE,
    "plan_owed": Q(operation__plan_due_at=None),
    "witness_asked": ~Q(Exists(Step.objects.filter(UNWITNESSED, section__operation=OuterRef("operation")))),
}


def overtaken() -> Q:
    """The messages that their record has overtaken: by its state, or by what was asked for being done."""
    found = Q(pk__in=())
    for event, settled in SETTLED_BY.items():
        found |= Q(event=event) & settled
    for states in set(OPEN_IN.values()):
        events = [event for event, own in OPEN_IN.items() if own == states]
        found |= Q(event__in=events) & ~Q(operation__state__in=states)
    return found


def needs_no_mail() -> Q:
    """The messages that ask for nothing any more, or not their reader: who gave their word, or read it in the inbox."""
    return overtaken() | Q(event__in=OPEN_IN, read_at__isnull=False)


def answered(operation: Operation, *, by: Person, at: dt.datetime, asked_in: State = State.IN_REVIEW) -> None:
    """Mark as read what asked ``by`` for the word that they have given, in that state: it may wait for others."""
    asked = [event for event, states in OPEN_IN.items() if states == {asked_in}]
    rows = Delivery.objects.filter(channel="mail", operation=operation, person=by, event__in=asked, read_at=None)
    rows.update(read_at=at)


def overtaken_words(message: Delivery) -> str:
    """Why a message that was overtaken asks for nothing any more."""
    operation = message.operation
    assert operation is not None, "a message about no record is never overtaken"
    if operation.state in OPEN_IN[message.event]:
        return _("overtaken: it is done by now")
    return _("overtaken: the record is “%(state)s” by now") % {"state": operation.get_state_display().lower()}

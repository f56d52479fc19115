"""Messages that later events overtook: what they asked for is decided, withdrawn or over. They count as read.

Computed from the state, never stored: a record that comes back into review asks again.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from records.models import Delivery, Operation, Person, State

# By event: while the record is in one of these states, what the message says is still to be done or known.
_REVIEW, _CLOSING = frozenset({State.IN_REVIEW}), frozenset({State.CLOSING})
OPEN_IN: Mapping[str, frozenset[State]] = {
    "review_asked": _REVIEW,
    "review_waits": _REVIEW,
    "review_undecided": _REVIEW,
    "rescheduled": _REVIEW,
    "signed": _REVIEW,
    "changes_asked": frozenset({State.CHANGES_REQUESTED}),
    "window_near": frozenset({State.APPROVED}),
    "start_asked": frozenset({State.APPROVED}),
    "start_allowed": frozenset({State.APPROVED}),
    "sign_off_asked": _CLOSING,
    "closing_due": _CLOSING,
    "observation_over": _CLOSING,
    "plan_owed": _CLOSING,
}


def overtaken() -> Q:
    """The messages that the state of their record has overtaken."""
    found = Q(pk__in=())
    for states in set(OPEN_IN.values()):
        events = [event for event, own in OPEN_IN.items() if own == states]
        found |= Q(event__in=events) & ~Q(operation__state__in=states)
    return found


def answered(operation: Operation, *, by: Person) -> None:
    """Mark as read what asked ``by`` for the review that they have given: it may wait for others."""
    asked = [event for event, states in OPEN_IN.items() if states == _REVIEW]
    rows = Delivery.objects.filter(channel="mail", operation=operation, person=by, event__in=asked, read_at=None)
    rows.update(read_at=timezone.now())


def overtaken_words(message: Delivery) -> str:
    """Why a message asks for nothing any more; empty while it does, or never did."""
    operation = message.operation
    states = OPEN_IN.get(message.event)
    if operation is None or states is None or operation.state in states:
        return ""
    return _("overtaken: the record is “%(state)s” by now") % {"state": operation.get_state_display().lower()}

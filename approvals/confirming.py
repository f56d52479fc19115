"""The next window of a run that stopped, confirmed like a plan that was moved: signed again, by who approved the plan
and still could, each person once and nobody's right twice.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import capacities_now
from approvals.refused import deciding
from approvals.signing import sign_again
from records import outbox
from records.models import Operation, Person
from records.refusals import Refused, WrongOrder
from records.run.stopping import CONFIRM, asked_now, still_asked, stop_now, take_word
from records.run.stops import Stop


def confirm_window(
    operation: Operation, *, seen: str, password: str, by: Person, at: dt.datetime | None = None
) -> Stop:
    """Confirm the window in which a stopped run goes on, whose ``interval`` was ``seen``; signed again.

    By those who approved the plan, or in their place once they couldn't any more. Raises Refused for others, NotSigned
    for the password, WrongOrder where another window was named meanwhile.
    """
    at = at or timezone.now()
    signed = sign_again(by, password, act=CONFIRM, digest=seen, operation=operation, at=at)
    with deciding(CONFIRM, operation, by, at) as locked:
        # Locked first: what is read of them below stays as it is.
        capacities_now(by, at.date())
        asked = asked_now(locked, at)
        if not any(by.pk in one.people for one in asked):
            raise Refused(_("The next window is confirmed by those who approved the plan, while they still could."))
        stop = stop_now(locked)
        if seen != stop.interval:
            words = _("Another window was named since you looked: %(start)s to %(end)s. Look at it, then confirm it.")
            raise WrongOrder(words % dict(zip(("start", "end"), map(outbox.moment, stop.window), strict=True)))
        if by.pk in stop.confirmed_by:
            return stop
        places = [place for place in still_asked(stop, asked) if by.pk in place.people]
        if not places:
            words = _("Somebody was faster: it is confirmed by %s.")
            raise WrongOrder(words % ", ".join(one["name"] for one in stop.confirmed))
        # Where few others could.
        place = min(places, key=lambda one: len(one.people))
        own = next(one for one in place.able if one.person_id == by.pk)
        signed.redeem(by, CONFIRM, stop.interval)
        return take_word(locked, place, own, asked=asked, by=by, at=at)

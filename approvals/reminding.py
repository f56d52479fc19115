"""What nobody did: reminders before the window and of old reviews, of closing and what was observed,
of the plan that an emergency owes, and of the day of the next review.

The worker's beat asks for them every few minutes. Each person is reminded once of each thing; a plan that is sent
anew or moved begins anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import eligible_for, signing_off
from approvals.rules import need_in
from approvals.standing import standing
from records import outbox
from records.life_cycle import acting
from records.models import SUPERVISING, Delivery, Operation, Person, RoleHolding, State
from records.models.person import holding_on
from records.outbox import Event, Message
from records.run.due_later import CLOSING_IS_DUE, closing_due, observations_over, reviews_due

BEFORE_WINDOW = dt.timedelta(hours=24)
REVIEW_IS_OLD, REVIEW_IS_VERY_OLD = dt.timedelta(hours=24), dt.timedelta(hours=72)
MOST = 100  # records at a time


def remind(*, at: dt.datetime | None = None) -> int:
    """Remind of everything that is due at ``at``; of how many records."""
    at = at or timezone.now()
    kinds = (_windows, _old_reviews, _undecided, _closings, _observations, _owed_plans, _review_dates)
    return sum(kind(at) for kind in kinds)


def _windows(at: dt.datetime) -> int:
    near = Operation.objects.filter(state=State.APPROVED, window_start__gt=at, window_start__lte=at + BEFORE_WINDOW)
    todo = _("The window opens within a day. Look at the start conditions; the plan is in the mail of its approval.")
    return _each(near, Event.WINDOW_NEAR, "submitted_at", lambda _one: Message(Event.WINDOW_NEAR, todo), _team, at)


def _old_reviews(at: dt.datetime) -> int:
    old = Operation.objects.filter(state=State.IN_REVIEW, submitted_at__lte=at - REVIEW_IS_OLD)
    todo = _("It waits for a decision since yesterday: approve it, or ask for changes.")
    return _each(old, Event.REVIEW_WAITS, "submitted_at", lambda _one: Message(Event.REVIEW_WAITS, todo), _missing, at)


def _undecided(at: dt.datetime) -> int:
    """Escalation: after three days, or where the window is near, whoever supervises anything and the writers know."""
    old = Q(submitted_at__lte=at - REVIEW_IS_VERY_OLD) | Q(
        submitted_at__lte=at - REVIEW_IS_OLD, window_start__gt=at, window_start__lte=at + BEFORE_WINDOW
    )
    todo = _("Nobody has decided on it, and time runs out. Find somebody who can, or move it.")

    def everybody(operation: Operation, day: dt.date) -> Iterable[Person]:
        holders = RoleHolding.objects.filter(holding_on(day), role__in=SUPERVISING).values("person")
        return [*_missing(operation, day), *_writers(operation), *Person.objects.filter(pk__in=holders)]

    rows = Operation.objects.filter(old, state=State.IN_REVIEW)
    message = Message(Event.REVIEW_UNDECIDED, todo)
    return _each(rows, Event.REVIEW_UNDECIDED, "submitted_at", lambda _one: message, everybody, at)


def _closings(at: dt.datetime) -> int:
    """The operator until they signed, then those who may sign it off; not while something is still observed."""
    own = _("The work is over for a day. Fill what is due after the run, then sign.")
    others = _("Who ran it has signed. Compare plan and actual, then sign it off.")

    def message(operation: Operation) -> Message:
        return Message(Event.CLOSING_DUE, others if operation.final_text_id else own)

    def whose(operation: Operation, day: dt.date) -> Iterable[Person]:
        if operation.final_text:
            return signing_off(operation, day)
        signs = operation.runs_it or operation.author
        # Where they have left, a deputy can take it over.
        deputies = Person.objects.filter(pk__in=operation.named.deputies)
        return [signs] if signs.is_active else [operation.author, *deputies]

    unsigned = Operation.objects.filter(closing_due(at))
    signed = Operation.objects.filter(state=State.CLOSING, final_text__frozen_at__lte=at - CLOSING_IS_DUE)
    return _each(unsigned, Event.CLOSING_DUE, "finished_at", message, whose, at) + _each(
        signed, Event.CLOSING_DUE, "final_text__frozen_at", message, whose, at
    )


def _observations(at: dt.datetime) -> int:
    todo = _("What was to be observed for longer is over: say how each of these checks turned out.")
    message = Message(Event.OBSERVATION_OVER, todo)
    return _each(observations_over(at), Event.OBSERVATION_OVER, "over_since", lambda _one: message, _team, at)


def _owed_plans(at: dt.datetime) -> int:
    """The rest of an emergency's plan, which is written once the work is over."""
    message = Message(Event.PLAN_OWED, _("It was started as an emergency. Write the rest of its plan."))

    def whose(operation: Operation, day: dt.date) -> Iterable[Person]:
        return [*_writers(operation), *([operation.runs_it] if operation.runs_it else [])]

    rows = Operation.objects.filter(state=State.CLOSING, plan_due_at__lte=at)
    return _each(rows, Event.PLAN_OWED, "plan_due_at", lambda _one: message, whose, at)


def _review_dates(at: dt.datetime) -> int:
    message = Message(
        Event.REVIEW_DATE_DUE, _("Look whether what it says about risk, recovery and procedures still holds.")
    )
    rows = reviews_due(at.date())
    return _each(rows, Event.REVIEW_DATE_DUE, "created_at", lambda _one: message, _named, at)


# ---------------------------------------------------------------- who


def _writers(operation: Operation) -> Iterable[Person]:
    return [operation.author, *Person.objects.filter(pk__in=operation.named.co_authors)]


def _named(operation: Operation, day: dt.date) -> Iterable[Person]:
    return operation.people()


def _team(operation: Operation, day: dt.date) -> Iterable[Person]:
    named = operation.named
    return [*operation.people(), *Person.objects.filter(pk__in=named.co_authors | named.deputies | named.team)]


def _missing(operation: Operation, day: dt.date) -> Iterable[Person]:
    """Whoever can still give an approval that is needed."""
    now = standing(operation)
    if now.revision is None:
        return []
    signed = {decision.person_id for _role, decision in now.counted}
    able = eligible_for(operation, need_in(bytes(now.revision.rule)), day=day).people
    return Person.objects.filter(pk__in=set(able) - signed)


# ---------------------------------------------------------------- once


def _each(
    rows: QuerySet[Operation],
    event: Event,
    since: str,
    message: Callable[[Operation], Message],
    whom: Callable[[Operation, dt.date], Iterable[Person]],
    at: dt.datetime,
) -> int:
    """Remind of each of ``rows`` that nobody was reminded of since the moment in column ``since``; of how many."""
    told = Delivery.objects.filter(operation=OuterRef("pk"), event=event, created_at__gte=OuterRef(since))
    due = rows.filter(~Exists(told), archived_at=None).order_by("pk")
    count = after = 0
    # Where nobody is left to tell, nothing is written, and it is found again each time: the others come behind it.
    while count < MOST and (page := due.filter(pk__gt=after)[:MOST]):
        for found in page:
            after = found.pk
            with acting(found) as locked:
                # Asked once more under the lock: it may have moved on, or another worker was faster.
                if rows.filter(~Exists(told), pk=locked.pk).exists():
                    count += bool(outbox.put(message(locked), locked, to=whom(locked, at.date()), by=None, at=at))
    return count

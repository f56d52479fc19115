"""What a record promised for later: its next review, and checks that were observed for longer than the work took."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from records.models import Check, Operation, RecoveryValidation, State

CLOSING_IS_DUE = dt.timedelta(hours=24)


def reviews_due(day: dt.date) -> QuerySet[Operation]:
    """The finalized records whose next review was to be on ``day`` or before, the longest due first."""
    return Operation.objects.filter(state=State.FINALIZED, review_on__lte=day).order_by("review_on", "pk")


def observations_over(at: dt.datetime) -> QuerySet[Operation]:
    """The closing records with a check that was to be observed until ``at`` or before, and is neither ticked nor
    given up: somebody has to say how it turned out. ``over_since`` is when the latest of them was over.
    """
    checks, validations = (
        Subquery(rows.order_by().values("section__operation").annotate(last=Max("observe_until")).values("last"))
        for rows in _observed(observe_until__lte=at)
    )
    # The greatest of a time and nothing is the time on PostgreSQL, and nothing on SQLite.
    since = Coalesce(Greatest(checks, validations), checks, validations)
    over = Operation.objects.filter(state=State.CLOSING, final_text=None).alias(over_since=since)
    return over.filter(over_since__isnull=False).order_by("finished_at", "pk")


def still_observed(at: dt.datetime) -> Q:
    """Whether a record has a check that is to be observed for longer than ``at``."""
    checks, validations = _observed(observe_until__gt=at)
    return Q(Exists(checks)) | Q(Exists(validations))


def closing_due(at: dt.datetime) -> Q:
    """Whether a closing record waits for its operator for longer than a day, with nothing left to observe."""
    return ~still_observed(at) & Q(state=State.CLOSING, final_text=None, finished_at__lte=at - CLOSING_IS_DUE)


def _observed(**until: dt.datetime) -> tuple[QuerySet[Check], QuerySet[RecoveryValidation]]:
    """Of the record around: what is observed, and neither ticked nor given up."""
    own = Q(section__operation=OuterRef("pk"), ticked=False, loose=False, unticked_because="", **until)
    return Check.objects.filter(own), RecoveryValidation.objects.filter(own)

"""What a record promised for later: its next review, and checks that were observed for longer than the work took."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from records.models import Check, Operation, RecoveryValidation, State


def reviews_due(day: dt.date) -> QuerySet[Operation]:
    """The finalized records whose next review was to be on ``day`` or before, the longest due first."""
    return Operation.objects.filter(state=State.FINALIZED, review_on__lte=day).order_by("review_on", "pk")


def observations_over(at: dt.datetime) -> QuerySet[Operation]:
    """The closing records with a check that was to be observed until ``at`` or before, and is neither ticked nor
    given up: somebody has to say how it turned out.
    """
    lasting = {"section__operation": OuterRef("pk"), "observe_until__lte": at, "ticked": False, "loose": False}
    lasting["unticked_because"] = ""
    over = Q(Exists(Check.objects.filter(**lasting))) | Q(Exists(RecoveryValidation.objects.filter(**lasting)))
    return Operation.objects.filter(over, state=State.CLOSING, final_text=None).order_by("finished_at", "pk")

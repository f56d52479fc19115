"""Handover: somebody else of those who may run the operation takes charge of it, and the log says so."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.life_cycle import acting, said
from records.models import Operation, Person
from records.models.states import UNDER_WAY
from records.refusals import WrongOrder
from records.rights import Right
from records.run.logbook import log


def hand_over(operation: Operation, *, to: Person, words: str, by: Person, at: dt.datetime | None = None) -> Operation:
    """``to``, the operator or a deputy, is in charge from now on; ``words`` are what they have to know.

    Handed over by whoever is in charge, or taken over by ``to`` alone. What is begun stays begun under its own names.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_run = {locked.operator_id, *locked.named.deputies}
        if by.pk not in may_run:
            Right(_("Only the operator and the deputies hand the operation over.")).insist()
        if to.pk not in may_run:
            Right(_("%s is neither the operator nor a deputy of this record.") % to).insist()
        if locked.state not in UNDER_WAY:
            raise WrongOrder(_("There is nothing to hand over: the operation isn't under way."))
        now = locked.runs_it
        if now and now.pk == to.pk:
            return locked
        if by.pk != to.pk and (now is None or by.pk != now.pk):
            raise WrongOrder(_("%s is in charge now, and hands it over, or you take it over yourself.") % now)
        known = said(words, _("what the next person has to know"))
        Operation.objects.filter(pk=locked.pk).update(in_charge=to, updated_at=at)
        locked.in_charge = to
        log(locked, "hand_over", by=by, at=at, text=f"{to}: {known}")
        audit.record("hand_over", operation=locked, person=by, at=at, to=to.pk, to_name=str(to), words=known)
    return locked

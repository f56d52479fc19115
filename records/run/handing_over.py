"""Handover: another of those who may run the operation takes charge of it; both hear of it, and the log says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.life_cycle import acting, said
from records.models import LogEntry, Operation, Person, State
from records.models.states import UNDER_WAY
from records.outbox import Event, Message
from records.refusals import WrongOrder
from records.rights import Right
from records.run.logbook import log

HAND_OVER = "hand_over"


def hand_over(operation: Operation, *, to: Person, words: str, by: Person, at: dt.datetime | None = None) -> Operation:
    """``to``, the operator or a deputy, is in charge from now on; ``words`` are what they have to know.

    Handed over by whoever is in charge, or taken over by ``to`` alone, who may have nothing to say. What is begun stays
    begun under its own names.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_run = {locked.operator_id, *locked.named.deputies}
        if by.pk not in may_run:
            Right(_("Only the operator and the deputies hand the operation over.")).insist()
        if to.pk not in may_run:
            Right(_("%s is neither the operator nor a deputy of this record.") % to).insist()
        if not is_in_hand(locked):
            raise WrongOrder(_("There is nothing to hand over: it isn't under way, nor to be signed by its operator."))
        now = locked.runs_it
        if now and now.pk == to.pk:
            last = last_handover(locked)
            if words.strip() in ("", last.words if last else ""):
                return locked
            raise WrongOrder(_("%s is in charge already: these words went to nobody. Note them in the log.") % to)
        if by.pk != to.pk and (now is None or by.pk != now.pk):
            raise WrongOrder(_("%s is in charge now, and hands it over, or you take it over yourself.") % now)
        known = ""
        if words.strip() or by.pk != to.pk:
            known = said(words, _("what the next person has to know"))
        Operation.objects.filter(pk=locked.pk).update(in_charge=to, updated_at=at)
        locked.in_charge = to
        log(locked, HAND_OVER, by=by, at=at, text=f"{to}: {known}" if known else str(to))
        audit.record(HAND_OVER, operation=locked, person=by, at=at, to=to.pk, to_name=str(to), words=known)
        yours = Message(Event.HANDED_OVER, _("You are in charge of the operation from now on."), known)
        outbox.put(yours, locked, to=[to], by=by, at=at)
        theirs = Message(Event.HANDED_OVER, _("%s has taken the operation over and is in charge now.") % to, known)
        outbox.put(theirs, locked, to=[now] if now else [], by=by, at=at)
    return locked


def is_in_hand(operation: Operation) -> bool:
    """Whether somebody is in charge of it now: while it is under way, and until whoever is has signed."""
    return operation.state in UNDER_WAY or (operation.state == State.CLOSING and operation.final_text_id is None)


@dataclass(frozen=True, slots=True)
class Handover:
    """The last handover: who is in charge since when, who said so, and what there was to know."""

    to: Person
    by: int | None
    by_name: str
    at: dt.datetime
    words: str

    @property
    def is_taken(self) -> bool:
        """Whether whoever is in charge took it over alone."""
        return self.by == self.to.pk


def last_handover(operation: Operation, log: Iterable[LogEntry] | None = None) -> Handover | None:
    """The last handover of ``operation``; ``log`` are its lines, newest first, where they were read. Else one query."""
    to = operation.in_charge
    if to is None:
        return None
    entries = operation.log.filter(kind=HAND_OVER).order_by("-pk")[:1] if log is None else log
    entry = next((one for one in entries if one.kind == HAND_OVER), None)
    if entry is None:
        return None
    words = "" if entry.text == str(to) else entry.text.removeprefix(f"{to}: ")
    return Handover(to, entry.person_id, entry.person_name, entry.at, words)

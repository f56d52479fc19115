"""That a start outside the window was asked for, and stands until somebody allows it or half a day has passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.life_cycle import Act, acting, check_state, repeated, said
from records.models import SUPERVISING, LogEntry, Operation, Person, RoleHolding, State
from records.models.person import holding_on
from records.outbox import Event, Message
from records.refusals import WrongOrder
from records.rights import may, visible_to
from records.run.logbook import log
from records.run.starting import ALLOWED_FOR, lacks_window, late_or_early
from records.who import is_supervisor, supervisor_of

ASK, ALLOW = "ask_for_start", "allow_start"


def ask_for_start(operation: Operation, *, reason: str, by: Person, at: dt.datetime | None = None) -> None:
    """Ask the supervisor to allow a start that the window doesn't; they are told by mail and on their home.

    Raises WrongOrder where the window allows it anyway.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.START, on=at.date()).insist()
        check_state(locked, Act.START)
        why = said(reason)
        if repeated(locked, ASK, by, reason=why):
            return
        if late_or_early(locked, at):
            raise WrongOrder(_("Nobody has to be asked: the operation can start now."))
        log(locked, ASK, by=by, at=at, text=why)
        audit.record(ASK, operation=locked, person=by, at=at, reason=why)
        todo = _("A start outside its window waits for your word.")
        if lacks_window(locked):
            todo = _("No window can be read in its plan: the start waits for your word.")
        message = Message(Event.START_ASKED, todo, why)
        outbox.put(message, locked, to=_who_can_allow(locked, at), by=by, at=at)


def _who_can_allow(operation: Operation, at: dt.datetime) -> Iterable[Person | None]:
    """The named supervisor; where none can act, whoever holds a supervising role and doesn't run or write it."""
    if named := supervisor_of(operation):
        return [named]
    own = {pk for pk in (operation.author_id, operation.operator_id, operation.in_charge_id) if pk}
    own |= operation.named.co_authors | operation.named.deputies
    holding = RoleHolding.objects.filter(holding_on(at.date()), role__in=SUPERVISING)
    return Person.objects.filter(pk__in=holding.values("person")).exclude(pk__in=own)


def _without_supervisor() -> Q:
    """Requests in records of which ``supervisor_of`` names nobody."""
    unable = Q(operation__supervisor=None) | Q(operation__supervisor__is_active=False)
    for one in ("author", "operator"):
        unable |= Q(operation__supervisor=F(f"operation__{one}"))
    for people in (Operation.co_authors.through, Operation.deputies.through):
        hands_in = people.objects.filter(operation=OuterRef("operation"), person=OuterRef("operation__supervisor"))
        unable |= Q(Exists(hands_in))
    return unable


def asked_in(entries: Iterable[LogEntry], at: dt.datetime) -> LogEntry | None:
    """The request among the lines of a log, newest first, that nobody has answered at ``at``."""
    newest = next((entry for entry in entries if entry.kind in (ASK, ALLOW)), None)
    return newest if newest and newest.kind == ASK and newest.written_at + ALLOWED_FOR > at else None


def starts_asked_of(person: Person, *, at: dt.datetime) -> list[LogEntry]:
    """The requests that ``person`` can answer, each with its record, the oldest first; one per record. One query."""
    named = Q(operation__supervisor=person)
    if is_supervisor(person, on=at.date()):
        named |= _without_supervisor()
    later = LogEntry.objects.filter(operation=OuterRef("operation"), kind__in=(ASK, ALLOW), pk__gt=OuterRef("pk"))
    own = Q(operation__author=person) | Q(operation__operator=person) | Q(operation__in_charge=person)
    own |= Q(operation__co_authors=person) | Q(operation__deputies=person)
    found = LogEntry.objects.filter(
        named,
        ~Exists(later),
        kind=ASK,
        written_at__gt=at - ALLOWED_FOR,
        operation__state=State.APPROVED,
        operation__in=visible_to(person),
    )
    people = ("operation__author", "operation__operator", "operation__supervisor")
    return list(found.exclude(own).select_related(*people).order_by("pk"))

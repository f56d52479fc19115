"""Stopping at a phase's end and going on another night, in a window that those who approved the plan confirm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.decided import Able, Given, approvals_on, deciding, one_of
from records.life_cycle import Act, acting, check_state, move, said
from records.models import AuditEntry, Operation, Person, Phase, Role, State, Step, StepStatus
from records.outbox import Event, Message
from records.overtaken import answered
from records.refusals import Incomplete, WrongOrder
from records.rights import may
from records.run.emergency import refuse_in_emergency
from records.run.logbook import log
from records.run.running import tell
from records.run.starting import EARLY, remaining_minutes
from records.run.step_order import in_order
from records.run.stops import Stop, open_stop

CONFIRM = "confirm_window"


@dataclass(frozen=True, slots=True)
class Confirmer:
    """Who approved the plan, and so confirms the next window: they are the one who is ``able`` to, while they still
    could approve it, else those who may in their place.
    """

    given: Given
    able: Sequence[Able]

    @property
    def people(self) -> set[int]:
        """Who may confirm for this approval."""
        return {one.person_id for one in self.able}

    @property
    def gone(self) -> str:
        """Whom another confirms for, and why, in words."""
        if self.given.is_here:
            return _("%s, who could not approve it any more") % self.given.person
        return _("%s, whose account is disabled") % self.given.person

    @property
    def words(self) -> str:
        """Who is asked to confirm, as pages name them."""
        if self.given.person_id in self.people:
            return one_of(self.able)
        facts = {"person": self.gone, "others": one_of(self.able)}
        if self.able:
            return _("%(others)s in the place of %(person)s") % facts
        role = self.given.role
        facts["role"] = str(Role(role).label) if role in Role.values else role
        words = _(
            "nobody at present in the place of %(person)s: it takes somebody in the role %(role)s who neither wrote "
            "nor runs this"
        )
        return words % facts


def phase_that_ended(operation: Operation) -> int | None:
    """The phase after which the run can stop now: nothing is begun, and the next step is the first of its phase."""
    steps = in_order(operation)
    if Step.in_run.filter(section__operation=operation, status=StepStatus.STARTED).exists():
        return None
    next_up = next((at for at, step in enumerate(steps) if step.status == StepStatus.TODO), None)
    if not next_up or steps[next_up - 1].phase_id == steps[next_up].phase_id:
        return None
    return steps[next_up - 1].phase_id


def stop_at_phase_end(
    operation: Operation,
    *,
    reason: str,
    start: dt.datetime,
    end: dt.datetime,
    by: Person,
    at: dt.datetime | None = None,
) -> Stop:
    """Stop behind a phase, and go on in the window from ``start`` to ``end`` once it is confirmed.

    A run that stands already gets another window, to be confirmed anew. Raises WrongOrder in the middle of a phase,
    Incomplete for a window that is over or backwards, or for no reason.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.STOP_AT_PHASE_END, on=at.date()).insist()
        check_state(locked, Act.STOP_AT_PHASE_END)
        refuse_in_emergency(locked, _("An emergency goes on to its end: another night takes a plan that is approved."))
        standing = open_stop(locked)
        phase = phase_that_ended(locked)
        if phase is None:
            raise WrongOrder(_("The run can stop at the end of a phase, while no step is begun."))
        if start <= at or end <= start:
            raise Incomplete([_("a next window that is in the future and ends after its start")])
        why = said(reason)
        if standing and (standing.window, standing.reason) == ((start, end), why):
            return standing
        key = Phase.objects.get(pk=phase).key
        fresh = Stop(key, why, str(by), _iso(at), _iso(start), _iso(end))
        _store(locked, [*locked.stops[: -1 if standing else None], asdict(fresh)])
        move(locked, Act.STOP_AT_PHASE_END, by=by, at=at, reason=why, phase=key, start=fresh.start, end=fresh.end)
        facts = {"start": outbox.moment(start), "end": outbox.moment(end), "why": why}
        words = _("%(why)s (goes on %(start)s, until %(end)s)") % facts
        log(locked, Act.STOP_AT_PHASE_END, by=by, at=at, text=words)
        message = Message(Event.WINDOW_ASKED, _("Confirm the window in which the operation goes on."), words)
        asked = {pk for one in asked_now(locked, at) for pk in one.people}
        outbox.put(message, locked, to=Person.objects.filter(pk__in=asked), by=by, at=at)
    return fresh


def confirmers(operation: Operation, approvals: Sequence[Given], on: dt.date) -> list[Confirmer]:
    """Those who have to confirm the next window: who gave the ``approvals`` of the plan, and still could on a day, or
    who may in their place.
    """
    able = deciding().confirming(operation, approvals, on)
    return [Confirmer(given, own) for given, own in zip(approvals, able, strict=True)]


def asked_now(operation: Operation, at: dt.datetime) -> list[Confirmer]:
    """Those who have to confirm the next window, as the database knows them."""
    approvals = approvals_on(operation.revisions.order_by("-number").first())
    return confirmers(operation, approvals, at.date())


def still_asked(stop: Stop, asked: Iterable[Confirmer]) -> list[Confirmer]:
    """Those of ``asked`` whose word on the next window is still to be given, by whom and whose right gave none yet."""
    return [
        replace(one, able=[o for o in one.able if o.person_id not in stop.confirmed_by and o.right not in stop.rights])
        for one in asked
        if one.given.person_id not in stop.confirmed_for
    ]


def windows_to_confirm(
    person: Person, operations: Iterable[Operation], at: dt.datetime
) -> list[tuple[Operation, Stop]]:
    """Those of ``operations`` that stand until another night whose window ``person`` is asked to confirm; a few queries
    for each that stands and that they haven't confirmed.
    """
    standing = [(one, stop) for one in operations if (stop := open_stop(one)) and person.pk not in stop.confirmed_by]
    return [(one, stop) for one, stop in standing if may_confirm(person.pk, stop, asked_now(one, at))]


def may_confirm(person: int, stop: Stop, asked: Iterable[Confirmer]) -> bool:
    """Whether the next window waits for the word of a ``person``."""
    return any(person in one.people for one in still_asked(stop, asked))


def take_word(
    operation: Operation, place: Confirmer, one: Able, *, asked: Sequence[Confirmer], by: Person, at: dt.datetime
) -> Stop:
    """Write down that the next window is confirmed by ``one`` for the approval at ``place``, and tell whoever waits for
    it, if nobody else is ``asked``. Part of an act's transaction: ``approvals.confirming`` says who may.
    """
    stop = stop_now(operation)
    is_instead = by.pk != place.given.person_id
    whose = {"for": place.given.person_id} if is_instead else {}
    whose |= {"right": one.right} if one.right != by.pk else {}
    name = _("%(name)s for %(other)s") % {"name": one, "other": place.given.person} if is_instead else str(one)
    told = {"person": by.pk, "name": name, "at": _iso(at), **whose}
    confirmed = replace(stop, confirmed=[*stop.confirmed, told])
    _store(operation, [*operation.stops[:-1], asdict(confirmed)])
    log(operation, CONFIRM, by=by, at=at, text=_("for %s") % place.gone if is_instead else "")
    audit.record(CONFIRM, operation=operation, person=by, at=at, start=stop.start, end=stop.end, **whose)
    for person in Person.objects.filter(pk__in={by.pk, *place.people}):
        if not may_confirm(person.pk, confirmed, asked):
            answered(operation, by=person, at=at, asked_in=State.RUNNING)
    if not {one.given.person_id for one in asked} - confirmed.confirmed_for:
        facts = {"start": outbox.moment(stop.window[0]), "end": outbox.moment(stop.window[1])}
        words = _("The operation goes on %(start)s, until %(end)s.") % facts
        tell(operation, Message(Event.WINDOW_CONFIRMED, words), by=by, at=at)
    return confirmed


def go_on(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> Stop:
    """Go on after a stop, in its window and once everybody confirmed it; by who may start the operation."""
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.START, on=at.date()).insist()
        stop = stop_now(locked)
        asked = {one.given.person_id for one in asked_now(locked, at)}
        if asked - (stop.confirmed_for & _told_to_confirm(locked, stop)):
            raise WrongOrder(_("The next window is not confirmed yet by everybody who approved the plan."))
        start, end = stop.window
        if at < start - EARLY:
            raise WrongOrder(_("It is too early: the operation can go on from %s.") % outbox.moment(start - EARLY))
        if at + dt.timedelta(minutes=remaining_minutes(locked)) > end:
            words = _("It is too late for this window: steps and way back no longer fit. Stop again, with another one.")
            raise WrongOrder(words)
        went = replace(stop, went_on=_iso(at))
        _store(locked, [*locked.stops[:-1], asdict(went)])
        log(locked, "go_on", by=by, at=at)
        audit.record("go_on", operation=locked, person=by, at=at)
    return went


def _told_to_confirm(operation: Operation, stop: Stop) -> set[int]:
    """Whose word on this very window was given, as the trail has it: the column is for pages, a script may have written
    it.
    """
    entries = AuditEntry.objects.filter(operation=operation, act=CONFIRM)
    told = ((one.person_id or 0, audit.facts_in(one)) for one in entries)
    return {facts.get("for", pk) for pk, facts in told if (facts["start"], facts["end"]) == (stop.start, stop.end)}


def stop_now(operation: Operation) -> Stop:
    """The stop at which the run stands. Raises WrongOrder while it goes on."""
    stop = open_stop(operation)
    if stop is None:
        raise WrongOrder(_("The run isn't stopped."))
    return stop


def _store(operation: Operation, stops: list[dict[str, Any]]) -> None:
    Operation.objects.filter(pk=operation.pk).update(stops=stops)
    operation.stops = stops


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()

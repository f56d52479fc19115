"""What a start needs: the conditions that "To confirm by" answers have become, and a window that allows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from records import audit, outbox
from records.content.facts import text_now
from records.document.outline import Document
from records.freeze_windows import next_hard_freeze
from records.life_cycle import Act, Who, acting, check_state, repeated, said
from records.models import AuditEntry, Operation, Outline, Person, Revision, State, Step
from records.models.states import EDITABLE, OPEN_STEPS
from records.one_line import one_line
from records.refusals import Changed, WrongOrder
from records.rights import WORDS, YES, Right, is_team
from records.run.logbook import log
from records.run.set_aside import is_left_aside
from records.who import is_supervisor, who_is
from records.writing.readiness import to_be_confirmed

EARLY = dt.timedelta(minutes=15)
ALLOWED_FOR = dt.timedelta(hours=12)
# How long a window is taken to last whose end nobody can read.
A_DAY = dt.timedelta(hours=24)
# As much of the lines of date and time as a reason quotes.
MOST = 160
TICK = "tick_condition"


@dataclass(frozen=True, slots=True)
class Condition:
    """A "To confirm by" answer of the plan, to be ticked with evidence before the start."""

    key: str
    label: str
    by: str
    reason: str
    evidence: str = ""
    ticked_by: int | None = None
    ticked_by_name: str = ""
    ticked_at: str = ""

    @property
    def is_ticked(self) -> bool:
        """Whether somebody said what shows it."""
        return bool(self.evidence)

    @property
    def moment(self) -> dt.datetime | None:
        """When it was ticked."""
        return dt.datetime.fromisoformat(self.ticked_at) if self.ticked_at else None


def conditions_in(document: Document, outline: Outline | None) -> list[dict[str, Any]]:
    """The start conditions that a submission makes of "To confirm by" answers, as ``start_conditions`` keeps them."""
    found = to_be_confirmed(document, outline)
    return [asdict(Condition(one.key, one.label, one.by, one.reason)) for one in found]


def conditions_of(operation: Operation) -> list[Condition]:
    """The start conditions of the record."""
    return [Condition(**data) for data in operation.start_conditions]


def unticked(operation: Operation) -> list[Condition]:
    """The start conditions that nobody ticked, as the trail has it: a script may have written the column."""
    conditions = conditions_of(operation)
    entries = AuditEntry.objects.filter(operation=operation, act=TICK) if conditions else ()
    facts = ((one.person_id, audit.facts_in(one)) for one in entries)
    told = {(person, own["key"], own["evidence"]) for person, own in facts}
    return [one for one in conditions if (one.ticked_by, one.key, one.evidence) not in told]


def confirmed(operation: Operation) -> list[Condition]:
    """The start conditions that were ticked; none while the plan is written anew, which asks for them again."""
    if operation.state in EDITABLE:
        return []
    return [one for one in conditions_of(operation) if one.is_ticked]


def confirmed_of(key: str, conditions: Iterable[Condition]) -> list[Condition]:
    """Those of ``conditions`` that belong to the row ``key``: a field of its own, or a line under it."""
    return [one for one in conditions if one.key == key or one.key.startswith((f"{key}/", f"{key}."))]


def tick_condition(
    operation: Operation,
    *,
    key: str,
    evidence: str,
    by: Person,
    digest: str | None = None,
    at: dt.datetime | None = None,
) -> None:
    """Say what shows that a start condition holds. By the team or the supervisor, from submission to the start.

    ``digest``: as in ``allow_start``. Raises Http404 for a key that is none, WrongOrder where somebody else ticked it,
    Changed for another revision than was shown: it may ask for something else under that key.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        if Who.SUPERVISOR not in who_is(by, locked, on=at.date()):
            is_team(by, locked).insist()
        if locked.state not in (State.IN_REVIEW, State.APPROVED):
            raise WrongOrder(_("Start conditions are ticked between submission and start."))
        refuse_another(locked.revisions.order_by("-number").first(), digest)
        conditions = conditions_of(locked)
        own = next((one for one in conditions if one.key == key), None)
        if own is None:
            raise Http404
        if own.is_ticked and (own.ticked_by, own.evidence) == (by.pk, evidence.strip()):
            return
        if own.is_ticked:
            raise WrongOrder(_("%s has ticked this already.") % own.ticked_by_name)
        ticked = Condition(
            own.key,
            own.label,
            own.by,
            own.reason,
            said(evidence, _("what shows that it holds")),
            by.pk,
            str(by),
            at.astimezone(dt.UTC).isoformat(),
        )
        stored = [asdict(ticked if one is own else one) for one in conditions]
        Operation.objects.filter(pk=locked.pk).update(start_conditions=stored, updated_at=at)
        audit.record(TICK, operation=locked, person=by, at=at, key=key, evidence=ticked.evidence)


def may_allow_start(person: Person, operation: Operation, *, on: dt.date) -> Right:
    """The record's supervisor, as long as they hold a role that supervises: a name in a line gives nobody that."""
    if Who.SUPERVISOR in who_is(person, operation, on=on) and is_supervisor(person, on=on):
        return YES
    return Right(_("Only %s can allow a start outside the window.") % WORDS[Who.SUPERVISOR]())


def allow_start(
    operation: Operation, *, reason: str, by: Person, digest: str | None = None, at: dt.datetime | None = None
) -> None:
    """The one act of a supervisor that lets an operation start outside its window, in the next twelve hours.

    ``digest`` is that of the revision which a page showed; who showed none passes None. Raises Changed for another one:
    it may be planned for another night.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_allow_start(by, locked, on=at.date()).insist()
        check_state(locked, Act.START)
        refuse_another(locked.revisions.order_by("-number").first(), digest)
        if repeated(locked, "allow_start", by, reason=reason.strip()) and allowed_start(locked, at):
            return
        Operation.objects.filter(pk=locked.pk).update(start_allowed_until=at + ALLOWED_FOR, updated_at=at)
        why = said(reason)
        log(locked, "allow_start", by=by, at=at, text=why)
        audit.record("allow_start", operation=locked, person=by, at=at, reason=why)
        message = outbox.Message(outbox.Event.START_ALLOWED, _("It can be started in the next twelve hours."), why)
        starters = Person.objects.filter(pk__in=[locked.operator_id or 0, *locked.named.deputies])
        outbox.put(message, locked, to=starters, by=by, at=at)


def refuse_another(revision: Revision | None, digest: str | None) -> None:
    """Raises Changed where ``revision``, the newest, is not the one whose ``digest`` a page showed, if one did."""
    if revision and digest is not None and digest != revision.digest:
        words = _("Another revision was sent meanwhile. Look at the plan again before it starts.")
        raise Changed(words, revision)


def remaining_minutes(operation: Operation) -> int:
    """The minutes that the steps still to be done and the way back are estimated at; what has no estimate counts 0."""
    steps = Step.objects.filter(section__operation=operation, loose=False)
    left = (step for step in steps if step.plan_id or step.status in OPEN_STEPS)
    return sum(step.minutes or 0 for step in left if not is_left_aside(step))


@dataclass(frozen=True, slots=True)
class Allowed:
    """That a start outside the window was allowed: by whom, when and why."""

    name: str
    at: dt.datetime
    reason: str


def allowed_start(operation: Operation, at: dt.datetime) -> Allowed | None:
    """Who allowed a start outside the window, if that holds at ``at``; as the trail has it. At most one query."""
    if not operation.start_allowed_until or at > operation.start_allowed_until:
        return None
    entry = AuditEntry.objects.filter(operation=operation, act="allow_start").order_by("-number").first()
    if entry is None or at > entry.at + ALLOWED_FOR:
        return None
    return Allowed(entry.person_name, entry.at, str(audit.facts_in(entry).get("reason", "")))


def late_or_early(operation: Operation, at: dt.datetime) -> Right:
    """Whether a start is possible at ``at``: the window allows it, or a supervisor does."""
    if operation.start_allowed_until and at <= operation.start_allowed_until:
        return Right()
    return in_window(operation, at)


def is_too_late(operation: Operation, at: dt.datetime) -> bool:
    """Whether work and way back no longer fit the window, whatever a supervisor allowed."""
    end = latest_end(operation)
    if operation.window_start is None or end is None or at < operation.window_start - EARLY:
        return False
    return at + dt.timedelta(minutes=remaining_minutes(operation)) > end


def lacks_window(operation: Operation) -> bool:
    """Whether a line of its template says when it is, and nobody can read a start there: no time is the planned one."""
    return operation.window_start is None and _says_when(operation)


def latest_end(operation: Operation) -> dt.datetime | None:
    """The end that a start has to fit before: the window's, or a day after its start where none could be read.

    None where no line of the template says when.
    """
    if operation.window_start is None or operation.window_end or not _says_when(operation):
        return operation.window_end
    return operation.window_start + A_DAY


def _says_when(operation: Operation) -> bool:
    return bool(operation.outline and operation.outline.bound("date"))


def in_window(operation: Operation, at: dt.datetime) -> Right:
    """Whether the window allows a start at ``at``: 15 minutes early, or late while work and way back still fit.

    A window that is asked for and can't be read allows none.
    """
    if lacks_window(operation):
        return Right(f"{_unread_words(operation)} {_('The supervisor can allow the start nevertheless.')}")
    if operation.window_start is None:
        return Right()
    if at < operation.window_start - EARLY:
        opens = outbox.moment(operation.window_start - EARLY)
        return Right(_("It is too early: the operation can start from %s.") % opens)
    end, minutes = latest_end(operation), remaining_minutes(operation)
    if end is None or at + dt.timedelta(minutes=minutes) <= end:
        return Right()
    words = _("It is too late: the window ends %(end)s, and steps and way back take %(minutes)s minutes.")
    if operation.window_end is None:
        words = _(
            "It is too late: no end of the window could be read, so that is a day after its start, %(end)s, and steps"
            " and way back take %(minutes)s minutes."
        )
    told = words % {"end": outbox.moment(end), "minutes": minutes}
    return Right(f"{told} {_('The supervisor can allow the start nevertheless.')}")


def no_hard_freeze(operation: Operation, at: dt.datetime) -> Right:
    """Whether no hard freeze forbids a start at ``at``: one in force, or that begins before work and way back are done.

    No supervisor lifts it (the life cycle of product.md names it beside what they may allow): an administrator ends it,
    or it is an emergency. One query, two if there is one.
    """
    freeze = next_hard_freeze(at)
    if freeze is None:
        return Right()
    facts = {"name": freeze.name, "start": outbox.moment(freeze.starts_at), "end": outbox.moment(freeze.ends_at)}
    if freeze.starts_at <= at:
        return Right(_("Nothing is started before %(end)s: “%(name)s” is a hard freeze.") % facts)
    minutes = remaining_minutes(operation)
    if at + dt.timedelta(minutes=minutes) <= freeze.starts_at:
        return Right()
    words = _("“%(name)s”, a hard freeze, begins %(start)s, and steps and way back take %(minutes)s minutes.")
    return Right(words % {**facts, "minutes": minutes})


def no_freeze_ahead(operation: Operation, at: dt.datetime, *, is_open: bool) -> Right:
    """The same of the next moment at which its window lets it start, for pages: a freeze that is over by then says
    nothing, one that begins by then is known in time. ``is_open`` is what ``late_or_early`` answered. As many queries.
    """
    if operation.window_start and not is_open:
        at = max(at, operation.window_start - EARLY)
    return no_hard_freeze(operation, at)


def _unread_words(operation: Operation) -> str:
    """What stands where the window should. Two queries."""
    found = ", ".join(text for fact in ("date", "time") if (text := one_line(text_now(operation, fact))))
    if not found:
        return _("No window is written, so nobody can tell whether this is its time.")
    words = _("No window can be read from “%(text)s”, so nobody can tell whether this is its time.")
    return words % {"text": Truncator(found).chars(MOST)}

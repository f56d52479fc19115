"""What waits for a person: their own records by what is next, plans to decide on, final texts to sign off.

A handful of queries for all of it, however many records there are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.between import changes_between
from approvals.eligibility import capacities_of
from approvals.involvement import WRITING
from approvals.models import Comment, Decision
from approvals.rules import SIGNING, Candidate, Involved, assigned, may_decide
from approvals.standing import Standing, standing_of
from records.decided import DecisionKind
from records.document.differences import count
from records.forms.record_filter import concerns
from records.models import Addendum, AuditEntry, FieldChange, Operation, Person, Revision, State
from records.models.states import EDITABLE, ENDED, UNDER_WAY
from records.rights import visible_to
from records.run.due_later import closing_due
from records.who import is_supervisor
from records.writing.who_wrote import OPENING

MOST = 100
DAY = dt.timedelta(days=1)
LATELY = 14 * DAY
PEOPLE = ("author", "operator", "supervisor", "in_charge")


def decide_by(operation: Operation) -> dt.datetime | None:
    """When a decision is wanted: a day before the window starts, so that there is time to tell everybody.

    A plan that was sent later than that is wanted by the start itself.
    """
    start = operation.window_start
    if start is None:
        return None
    early = start - DAY
    return early if operation.submitted_at is None or operation.submitted_at < early else start


def was_sent_late(operation: Operation) -> bool:
    """Whether it was sent when the time for its decision had passed already: no fault of who decides."""
    wanted, sent = decide_by(operation), operation.submitted_at
    return wanted is not None and sent is not None and wanted <= sent


# ---------------------------------------------------------------- one's own


@dataclass(frozen=True, slots=True)
class Own:
    """A person's open records by what they wait for."""

    under_way: tuple[Operation, ...] = ()
    asked: tuple[Operation, ...] = ()
    drafts: tuple[Operation, ...] = ()
    waiting: tuple[Operation, ...] = ()
    approved: tuple[Operation, ...] = ()
    closing: tuple[Operation, ...] = ()
    late_closing: tuple[Operation, ...] = ()
    finalized: tuple[Operation, ...] = ()


def own_records(person: Person, *, at: dt.datetime) -> Own:
    """The records that ``person`` wrote or is named in; supervising alone doesn't make them theirs. One query.

    ``late_closing`` are those of ``closing`` whose results and signature were due before ``at``; ``finalized``, newest
    first, those that were signed off in the ``LATELY`` before it. Whatever else has ended is left out.
    """
    supervising = Q(supervisor=person) & ~Q(author=person) & ~Q(operator=person)
    signed = Decision.objects.filter(final_text=OuterRef("final_text"), kind=DecisionKind.SIGN_OFF, at__gte=at - LATELY)
    records = visible_to(person).filter(concerns(person)).exclude(supervising).select_related(*PEOPLE)
    records = records.annotate(signed_off=Subquery(signed.values("at")))
    lately = Q(state=State.FINALIZED, archived_at=None, signed_off__isnull=False)
    records = records.filter(~Q(state__in=ENDED) | lately).order_by(F("window_start").asc(nulls_last=True), "-pk")
    deputy = Operation.deputies.through.objects.filter(operation=OuterRef("pk"), person=person)
    records = records.annotate(is_late=Case(When(closing_due(at), then=True), default=False), deputises=Exists(deputy))
    by_state: dict[str, list[Operation]] = defaultdict(list)
    for operation in records[:MOST]:
        by_state[operation.state].append(operation)
    closing = tuple(one for one in by_state[State.CLOSING] if one.final_text_id is None)
    return Own(
        under_way=tuple(one for state in UNDER_WAY for one in by_state[state]),
        asked=tuple(by_state[State.CHANGES_REQUESTED]),
        drafts=tuple(sorted(by_state[State.DRAFT], key=lambda one: one.updated_at, reverse=True)),
        waiting=tuple(by_state[State.IN_REVIEW]),
        approved=tuple(by_state[State.APPROVED]),
        closing=closing,
        finalized=tuple(sorted(by_state[State.FINALIZED], key=_signed_off, reverse=True)),
        late_closing=tuple(one for one in closing if one.is_late),  # type: ignore[attr-defined]
    )


def _signed_off(operation: Operation) -> dt.datetime:
    at: dt.datetime = operation.signed_off  # type: ignore[attr-defined]
    return at


def asked_for(operations: Iterable[Operation]) -> dict[int, Decision]:
    """What was asked for last on each of ``operations``, by their number. One query."""
    decisions = Decision.objects.filter(
        revision__operation__in=[one.pk for one in operations], kind=DecisionKind.ASK_FOR_CHANGES
    ).select_related("revision")
    return {one.revision.operation_id: one for one in decisions.order_by("at") if one.revision}


# ---------------------------------------------------------------- to decide


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A plan that waits for this person: where it stands, and how much of it they have not seen.

    ``changed`` counts the fields that changed since their last review, as the review page does; None if there was none.
    """

    operation: Operation
    standing: Standing
    decide_by: dt.datetime | None
    changed: int | None = None

    def is_late(self, at: dt.datetime) -> bool:
        """Whether the decision was wanted before ``at``, and could have been given in time."""
        return self.decide_by is not None and self.decide_by < at and not was_sent_late(self.operation)

    @property
    def unseen(self) -> str:
        """How much of the plan its reader has not seen; where several sign, who has."""
        if self.changed is None:
            told = _("New to you")
        elif self.changed == 0:
            told = _("Nothing changed since your last review")
        else:
            words = ngettext(
                "%(number)s field changed since your last review",
                "%(number)s fields changed since your last review",
                self.changed,
            )
            told = words % {"number": self.changed}
        need = self.standing.need
        return f"{told}; {self.standing.words}" if need and len(need.roles) > 1 else told


def to_decide(person: Person, *, at: dt.datetime | None = None) -> list[ToDecide]:
    """The plans in review that ``person`` could approve and whose approvals lack them, the soonest window first."""
    day = (at or timezone.now()).date()
    mine = [one for one in capacities_of(person, day) if SIGNING & one.roles and one.can_sign]
    if not mine:
        return []
    records = _not_theirs(person, plan_only=True).filter(state=State.IN_REVIEW)
    found = list(records.order_by(F("window_start").asc(nulls_last=True), "pk")[:MOST])
    revisions = _newest_revisions(found)
    decisions = _decisions(found)
    waiting = []
    for operation in found:
        revision = revisions.get(operation.pk)
        if revision is None:
            continue
        told = decisions[operation.pk]
        involved = Involved(operation.author_id, operator=operation.operator_id)
        stands = standing_of(operation, revision, told, involved)
        if any(_adds(one, stands, involved) for one in mine):
            waiting.append(ToDecide(operation, stands, decide_by(operation)))
    return _with_changes(waiting, revisions, _reviewed(person, [one.operation for one in waiting], decisions))


def _adds(me: Candidate, stands: Standing, involved: Involved) -> bool:
    """Whether an approval in this capacity is still needed, as far as that can be told without asking who wrote."""
    if stands.need is None or not may_decide(me, stands.need, involved):
        return False
    signers = stands.signers()
    return len(assigned(stands.need, [*signers, me])) > len(signers)


def _not_theirs(person: Person, *, plan_only: bool) -> QuerySet[Operation]:
    """Records that the person neither opened, nor wrote, nor runs, as far as that can be said in one query."""
    changes = FieldChange.objects.filter(person=person)
    if plan_only:
        changes = changes.filter(is_plan=True)
    records = visible_to(person).exclude(author=person).exclude(Q(operator__isnull=False, operator=person))
    records = records.exclude(co_authors=person).exclude(deputies=person)
    if not plan_only:
        records = records.exclude(team=person)
    acts = (*OPENING, *WRITING)
    opened = AuditEntry.objects.filter(operation=OuterRef("pk"), person=person, act__in=acts)
    records = records.exclude(Exists(opened)).exclude(pk__in=changes.values("operation_id"))
    return records.select_related(*PEOPLE)


def _newest_revisions(operations: Sequence[Operation]) -> dict[int, Revision]:
    revisions = Revision.objects.filter(operation__in=[one.pk for one in operations]).order_by("number")
    return {one.operation_id: one for one in revisions.defer("plan_text", "content", "annex")}


def _decisions(operations: Sequence[Operation]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    decisions = Decision.objects.filter(revision__operation__in=[one.pk for one in operations])
    for decision in decisions.order_by("at", "pk").annotate(of=F("revision__operation_id")):
        found[decision.of].append(decision)
    return found


def _reviewed(
    person: Person, found: Sequence[Operation], told: Mapping[int, Sequence[Decision]]
) -> dict[int, set[int]]:
    """The revisions of each of ``found`` that ``person`` decided on or commented on."""
    comments = Comment.objects.filter(operation__in=[one.pk for one in found], person=person, sent_at__isnull=False)
    comments = comments.filter(revision__isnull=False)
    seen: dict[int, set[int]] = defaultdict(set)
    for operation_id, revision_id in comments.order_by().values_list("operation_id", "revision_id").distinct():
        seen[operation_id].add(revision_id)
    for one in found:
        seen[one.pk] |= {own.revision_id for own in told[one.pk] if own.person_id == person.pk and own.revision_id}
    return seen


def _with_changes(
    waiting: Sequence[ToDecide], newest: Mapping[int, Revision], seen: Mapping[int, set[int]]
) -> list[ToDecide]:
    """How many fields differ from the plan that the person reviewed last. One query for all that they reviewed."""
    last = {pk: max(earlier) for pk, own in seen.items() if (earlier := own - {newest[pk].pk})}
    if not last:
        return list(waiting)
    wanted = [*last.values(), *(newest[pk].pk for pk in last)]
    revisions = Revision.objects.only("content", "annex", "submitted_at").in_bulk(wanted)
    changed = {
        one.operation.pk: count(
            changes_between(
                revisions[last[one.operation.pk]], revisions[newest[one.operation.pk].pk], {}, one.operation
            )
        )
        for one in waiting
        if one.operation.pk in last
    }
    return [replace(one, changed=changed.get(one.operation.pk)) for one in waiting]


# ---------------------------------------------------------------- to sign off, under way, coming up


def to_sign_off(person: Person) -> list[Operation]:
    """The records that their operator signed and that ``person`` may sign off."""
    if not is_supervisor(person):
        return []
    records = _not_theirs(person, plan_only=False).filter(state=State.CLOSING, final_text__isnull=False)
    return list(records.order_by("finished_at", "pk")[:MOST])


def addenda_to_sign_off(person: Person) -> list[Operation]:
    """The finalized records with an addendum that waits, and that ``person`` may sign off."""
    if not is_supervisor(person):
        return []
    waiting = Addendum.objects.filter(operation=OuterRef("pk"), decisions__isnull=True)
    records = _not_theirs(person, plan_only=False).filter(Exists(waiting), state=State.FINALIZED)
    return list(records.order_by("updated_at", "pk")[:MOST])


def now_and_soon(person: Person, *, at: dt.datetime, days: int = 14) -> tuple[list[Operation], list[Operation]]:
    """What runs now, by its end; and what has its window in the next ``days`` and isn't over: approved, in review, or
    still being written; each that is said to be "in" so many whole days or fewer. One query.
    """
    soon = {"window_start__gte": at, "window_start__lt": at + (days + 1) * DAY}
    planned = Q(state__in=(*EDITABLE, State.IN_REVIEW, State.APPROVED), **soon)
    records = visible_to(person).filter(Q(state__in=UNDER_WAY) | planned).select_related(*PEOPLE)
    found = list(records.order_by("window_start", "pk")[: 2 * MOST])
    running = [one for one in found if one.state in UNDER_WAY]
    running.sort(key=lambda one: (one.window_end is None, one.window_end, one.pk))
    return running, [one for one in found if one.state not in UNDER_WAY]

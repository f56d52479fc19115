"""A plan as its reviewer reads it: which revision, against which, what differs, where the approvals stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.bases import Base, Reviewed, bases_of, chosen, reviews_of, revisions_for
from approvals.between import changes_between
from approvals.eligibility import capacities_of
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.rules import Candidate, may_decide
from approvals.standing import Standing, standing_of
from approvals.threads import Thread, threads_on
from records.content.frozen import Frozen, frozen, text_of
from records.decided import DecisionKind
from records.document.differences import SectionChanges
from records.models import Operation, Outline, Person, Revision, State
from records.numbers import number_in
from records.refusals import WrongOrder
from records.rights import Right
from records.run.plan import RunPlan, run_plan


@dataclass(frozen=True)
class Reading:
    """One person's reading of the newest revision. ``base`` is what it is compared with, None for nothing.

    ``right`` is the right to decide now, ``may_ask`` whether the person is one of its approvers at all,
    ``viewed`` are the sections that they marked as read, ``acting_as`` says "A for B" if they would stand in.
    """

    operation: Operation
    person: Person
    revision: Revision
    base: Base | None
    bases: Sequence[Base]
    revisions: Sequence[Revision]
    decisions: Sequence[Decision]
    standing: Standing
    right: Right
    may_ask: bool = False
    acting_as: str = ""
    threads: Sequence[Thread] = ()
    viewed: frozenset[str] = frozenset()
    reviewed: Reviewed | None = None
    names: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def frozen(self) -> Frozen:
        """What the revision holds."""
        return frozen(self.revision)

    @cached_property
    def text(self) -> str:
        """The plan text, as frozen."""
        return text_of(self.revision)

    @cached_property
    def outline(self) -> Outline | None:
        """The outline of the record's template."""
        return self.operation.template.outline if self.operation.template else None

    @cached_property
    def run(self) -> RunPlan:
        """The plan as a run works along it."""
        return run_plan(self.revision, self.operation.template)

    @cached_property
    def changes(self) -> list[SectionChanges]:
        """What differs from ``base``: plan text, plan facts and the people named."""
        if self.base is None:
            return []
        return changes_between(self.base.revision, self.revision, self.names, self.operation)

    @property
    def to_read(self) -> list[str]:
        """The sections that this reader has to read: those that changed since ``base``, without one all of them."""
        if self.base:
            return [one.key for one in self.changes]
        return [one.key for one in self.frozen.document.sections if one.kind != "guidance"]

    @property
    def my_approval(self) -> Decision | None:
        """The person's own approval of this revision, if it counts."""
        return next((one for _role, one in self.standing.counted if one.person_id == self.person.pk), None)


def read(operation: Operation, person: Person, base: str = "") -> Reading:
    """The reading of ``operation`` by ``person``, against ``base``: a revision's number as written, "source", "0".

    Without ``base`` it is what the person reviewed last, for a first review of a clone the plan that it came from, if
    that was approved. Raises WrongOrder before the first submission. Eight queries.
    """
    decisions = list(
        Decision.objects.filter(revision__operation=operation)
        .annotate(number=F("revision__number"))
        .order_by("at", "pk")
    )
    threads = threads_on(operation, person)
    reviews = reviews_of(person, decisions, threads)
    asked = number_in(base, digits=9) or 0
    known = revisions_for(operation, person, [asked, *sorted(reviews)[-2:]])
    if not known.own:
        raise WrongOrder(_("There is nothing to review yet: this record was never sent for review."))
    newest = known.own[0]
    reviewed = reviews.get(max((number for number in reviews if number < newest.number), default=0))
    bases = bases_of(operation, known, decisions, reviewed)
    against = chosen(bases, base, reviewed, from_source=not reviews)
    involved = involved_in(operation)
    kinds = (DecisionKind.APPROVE, DecisionKind.TAKE_BACK)
    stands = standing_of(operation, newest, [one for one in decisions if one.kind in kinds], involved)
    assert stands.need is not None
    mine = capacities_of(person, timezone.now().date())
    own = next(mine)
    me = next((one for one in chain([own], mine) if may_decide(one, stands.need, involved)), own)
    may = may_decide(me, stands.need, involved)
    return Reading(
        operation=operation,
        person=person,
        revision=newest,
        base=against,
        bases=bases,
        revisions=known.own,
        decisions=decisions,
        standing=stands,
        right=_right(operation, me, stands, may),
        may_ask=bool(may),
        acting_as=me.name if me.acts_for else "",
        threads=threads,
        viewed=frozenset(newest.marked or ()),  # type: ignore[attr-defined]
        reviewed=reviewed,
        names=_names(operation, [newest, *([against.revision] if against else [])]),
    )


def _right(operation: Operation, me: Candidate, stands: Standing, right: Right) -> Right:
    """Whether this person can decide now, with the reason why not."""
    if operation.state != State.IN_REVIEW:
        return Right(_("There is nothing to decide while the record is “%s”.") % operation.get_state_display().lower())
    if any(decision.person_id == me.pk for _role, decision in stands.counted):
        return Right(_("You have approved this revision. It waits for somebody else."))
    if any(
        one.person_id == me.pk for one in stands.taken_back if stands.revision and one.revision_id == stands.revision.pk
    ):
        return Right(_("You took your approval of this revision back. The author can submit the plan anew."))
    return right


def decided_on(reading: Reading) -> list[tuple[Decision, int]]:
    """Every decision with the number of its revision, the newest first."""
    numbers = {revision.pk: revision.number for revision in reading.revisions}
    return [(one, numbers[one.revision_id or 0]) for one in reversed(reading.decisions)]


# ---------------------------------------------------------------- people


def _names(operation: Operation, revisions: Iterable[Revision]) -> dict[int, str]:
    """The names of everybody whom the revisions name; the record's own people are known already."""
    known = {**operation.named.names, **{person.pk: str(person) for person in operation.people()}}
    wanted = {pk for revision in revisions for people in frozen(revision).people.values() for pk in people}
    if unknown := wanted - set(known):
        known |= {person.pk: str(person) for person in Person.objects.filter(pk__in=unknown)}
    return known

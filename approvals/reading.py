"""A plan as its reviewer reads it: which revision, against which, what differs, where the approvals stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import candidate_of, involved_in
from approvals.models import Decision
from approvals.places import roles_named
from approvals.rules import Candidate, may_decide
from approvals.standing import Standing, standing_of
from approvals.threads import Thread, threads_on
from records.decided import DecisionKind
from records.document.differences import Change, SectionChanges, differences
from records.document.text_difference import Piece, words
from records.frozen import Frozen, frozen, text_of
from records.models import Operation, Outline, Person, Revision, State
from records.refusals import WrongOrder
from records.rights import Right
from records.run_plan import RunPlan, run_plan

BINARY = ("plan_text", "annex", "rule", "content")
PEOPLE = "people"


@dataclass(frozen=True)
class Reading:
    """One person's reading of the newest revision. ``base`` is what it is compared with, None for nothing.

    ``right`` is the right to decide now, ``may_ask`` whether the person is one of its approvers at all,
    ``viewed`` are the sections that they marked as read.
    """

    operation: Operation
    person: Person
    revision: Revision
    base: Revision | None
    revisions: Sequence[Revision]
    decisions: Sequence[Decision]
    standing: Standing
    right: Right
    may_ask: bool = False
    threads: Sequence[Thread] = ()
    viewed: frozenset[str] = frozenset()
    reviewed: Decision | None = None
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
        old, new = frozen(self.base), self.frozen
        found = differences(old.document, new.document, old.facts, new.facts)
        people = self.people_changes
        return [SectionChanges(PEOPLE, _("People named"), "section", people), *found] if people else found

    @cached_property
    def people_changes(self) -> tuple[Change, ...]:
        """Who is named otherwise than in ``base``."""
        return tuple(_people_changes(frozen(self.base), self.frozen, self.names)) if self.base else ()

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
    """The reading of ``operation`` by ``person``, against revision ``base`` (a number as written; "0" for nothing).

    Without ``base`` it is the revision that the person decided on last. Raises WrongOrder before the first
    submission. Eight queries.
    """
    mine = FilteredRelation("viewed", condition=Q(viewed__person=person))
    known = operation.revisions.annotate(mine=mine, marked=F("mine__sections")).select_related("submitted_by")
    revisions = list(known.order_by("-number").defer(*BINARY))
    if not revisions:
        raise WrongOrder(_("There is nothing to review yet: this record was never sent for review."))
    decisions = list(Decision.objects.filter(revision__operation=operation).order_by("at", "pk"))
    reviewed = _reviewed(revisions, decisions, person)
    wanted = _wanted(revisions, base, reviewed)
    newest, against = _with_bytes(revisions[0], wanted)
    involved = involved_in(operation)
    kinds = (DecisionKind.APPROVE, DecisionKind.TAKE_BACK)
    stands = standing_of(operation, newest, [one for one in decisions if one.kind in kinds], involved)
    assert stands.need is not None
    me = candidate_of(person, timezone.now().date())
    may = may_decide(me, stands.need, involved)
    return Reading(
        operation=operation,
        person=person,
        revision=newest,
        base=against,
        revisions=revisions,
        decisions=decisions,
        standing=stands,
        right=_right(operation, me, stands, may),
        may_ask=bool(may),
        threads=threads_on(operation, person),
        viewed=frozenset(revisions[0].marked or ()),
        reviewed=reviewed,
        names=_names(operation, [newest, *([against] if against else [])]),
    )


def _reviewed(revisions: Sequence[Revision], decisions: Sequence[Decision], person: Person) -> Decision | None:
    """The person's last decision on a revision before the newest."""
    mine = [one for one in decisions if one.person_id == person.pk and one.revision_id != revisions[0].pk]
    return mine[-1] if mine else None


def _wanted(revisions: Sequence[Revision], base: str, reviewed: Decision | None) -> Revision | None:
    older = revisions[1:]
    if base.isascii() and base.isdigit():
        return next((one for one in older if str(one.number) == base), None)
    return next((one for one in older if reviewed and one.pk == reviewed.revision_id), None)


def _with_bytes(newest: Revision, against: Revision | None) -> tuple[Revision, Revision | None]:
    """Both with their bytes, in one query."""
    wanted = [newest.pk, *([against.pk] if against else [])]
    found = Revision.objects.select_related("submitted_by").in_bulk(wanted)
    return found[newest.pk], found[against.pk] if against else None


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
    known = {person.pk: str(person) for person in operation.people()}
    wanted = {pk for revision in revisions for people in frozen(revision).people.values() for pk in people}
    if unknown := wanted - set(known):
        known |= {person.pk: str(person) for person in Person.objects.filter(pk__in=unknown)}
    return known


def people_named(plan: Frozen, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Who is named for what, in words."""
    return [
        (label, _list(plan.people.get(role, ()), names))
        for role, label in roles_named().items()
        if plan.people.get(role)
    ]


def _list(people: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(pk, f"#{pk}") for pk in people)


def _people_changes(old: Frozen, new: Frozen, names: Mapping[int, str]) -> Iterable[Change]:
    for role, label in roles_named().items():
        before, after = (side.people.get(role, ()) for side in (old, new))
        if before != after:
            texts = _list(before, names), _list(after, names)
            pieces: tuple[Piece, ...] = tuple(words(*texts))
            yield Change(f"{PEOPLE}.{role}", label, *texts, False, pieces)

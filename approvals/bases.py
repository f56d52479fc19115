"""What a plan can be compared with: earlier revisions, the reader's last review among them; the record it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, FilteredRelation, Q, Subquery, When
from django.utils.translation import gettext as _

from approvals.models import Decision
from approvals.rules import asks_as_much, need_in
from approvals.threads import Thread
from records.decided import DecisionKind
from records.models import Operation, Person, Revision, State
from records.models.states import UNDER_WAY

# In these states the newest revision is an approved plan, but for what was begun before anybody was asked.
APPROVED = (State.APPROVED, *UNDER_WAY, State.CLOSING, State.FINALIZED)
BYTES = ("plan_text", "annex", "rule", "content")
SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier plan: how the address names it (a number, or "source"), what it is called, and its revision.

    ``lacking`` says of a source why not only the difference to it is to be read.
    """

    name: str
    words: str
    revision: Revision
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reader's last review before the newest revision: its number, and what they did (None: only comments)."""

    number: int
    kind: DecisionKind | None = None


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of a record, the newest first, and the newest one of the record it was cloned from."""

    own: Sequence[Revision]
    source: Revision | None = None


def revisions_for(operation: Operation, person: Person, numbers: Iterable[int]) -> Revisions:
    """Every revision with the reader's marks (``marked``) and who submitted it. One query.

    Bytes come only with the newest, the source's, and those of ``numbers``: the others are many, and nobody reads them.
    """
    newest = operation.revisions.order_by("-number").values("pk")[:1]
    source = Revision.objects.filter(operation=operation.cloned_from_id).order_by("-number").values("pk")[:1]
    wanted = Q(pk__in=Subquery(newest)) | Q(pk__in=Subquery(source)) | Q(number__in=list(numbers))
    told = Revision.objects.filter(Q(operation=operation) | Q(pk__in=Subquery(source))).order_by("-number")
    told = told.defer(*BYTES).annotate(**{f"of_{name}": Case(When(wanted, then=F(name))) for name in BYTES})
    mine = FilteredRelation("viewed", condition=Q(viewed__person=person))
    found = list(told.annotate(mine=mine, marked=F("mine__sections")).select_related("submitted_by"))
    for one in found:
        for name in BYTES:
            if (value := getattr(one, f"of_{name}")) is not None:
                setattr(one, name, value)
    own = [one for one in found if one.operation_id == operation.pk]
    return Revisions(own, next((one for one in found if one.operation_id != operation.pk), None))


def reviews_of(person: Person, decisions: Sequence[Decision], threads: Sequence[Thread]) -> dict[int, Reviewed]:
    """Which revisions ``person`` decided on, or sent comments on, by number; ``decisions`` carry their ``number``."""
    said = [one for thread in threads for one in thread.comments if one.person_id == person.pk and one.revision_id]
    found = {one.number: Reviewed(one.number) for one in said if one.sent_at}  # type: ignore[attr-defined]
    mine = [one for one in decisions if one.person_id == person.pk]
    return found | {one.number: Reviewed(one.number, DecisionKind(one.kind)) for one in mine}  # type: ignore[attr-defined]


def lacking_in(source: Operation | None, revision: Revision | None, newest: Revision) -> str:
    """What speaks against reading only how ``newest`` differs from the ``revision`` of its ``source``; else nothing.

    The rest was seen by nobody, or by fewer than the clone's rule asks to see it.
    """
    if source is None or revision is None or source.state not in APPROVED or source.was_unapproved:
        return _("isn't approved")
    earlier = need_in(bytes(revision.rule))
    if not asks_as_much(earlier, need_in(bytes(newest.rule))):
        return _("was approved by fewer, at the risk level %s") % (earlier.level or "–")
    return ""


def bases_of(
    operation: Operation, known: Revisions, decisions: Sequence[Decision], reviewed: Reviewed | None
) -> list[Base]:
    """Everything that the newest revision of ``operation`` can be compared with."""
    bases = [Base(str(one.number), _words(one, decisions, reviewed), one) for one in known.own[1:]]
    if known.source is not None:
        lacking = lacking_in(operation.cloned_from, known.source, known.own[0])
        words = _("the record it was cloned from, which %s") % lacking if lacking else ""
        words = words or _("the record it was cloned from")
        bases.append(Base(SOURCE, words, known.source, lacking))
    return bases


def _words(revision: Revision, decisions: Sequence[Decision], reviewed: Reviewed | None) -> str:
    told = _("revision %(number)s") % {"number": revision.number}
    if reviewed and reviewed.number == revision.number:
        return _("%(revision)s (your last review)") % {"revision": told}
    given = [one for one in decisions if one.revision_id == revision.pk]
    back = {one.person_id for one in given if one.kind == DecisionKind.TAKE_BACK}
    names = [one.person_name for one in given if one.kind == DecisionKind.APPROVE and one.person_id not in back]
    if not names:
        return told
    return _("%(revision)s (approved by %(people)s)") % {"revision": told, "people": _(" and ").join(names)}


def chosen(bases: Sequence[Base], asked: str, reviewed: Reviewed | None, *, from_source: bool) -> Base | None:
    """The base that the address asks for ("0": none); else the reader's last review, or a clone's source, unless
    something is lacking there.
    """
    if asked:
        return next((one for one in bases if one.name == asked), None)
    wanted = str(reviewed.number) if reviewed else SOURCE if from_source else ""
    return next((one for one in bases if one.name == wanted and not one.lacking), None)

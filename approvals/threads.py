"""Comments as a reader sees them: threads by field, pending ones only to who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from approvals.models import Comment, CommentKind
from records.composed import Asked, Kept
from records.decided import Said
from records.models import Operation, Person


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its answers. ``may_settle`` says whether its reader may settle it and open it again."""

    first: Comment
    answers: Sequence[Comment] = ()
    is_mine: bool = False
    may_settle: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether it was not sent yet; only its writer sees it then."""
        return self.first.sent_at is None

    @property
    def is_settled(self) -> bool:
        """Whether who asked has settled it."""
        return self.first.settled_at is not None

    @property
    def blocks(self) -> bool:
        """Whether nobody can approve while it stands."""
        return not self.is_settled and self.first.kind == CommentKind.MUST_SETTLE

    @property
    def comments(self) -> list[Comment]:
        """The comment and its answers."""
        return [self.first, *self.answers]


def threads_on(operation: Operation, person: Person, *, section: str = "") -> list[Thread]:
    """The threads that ``person`` sees on a record, or on one of its sections, in the order they began. One query."""
    asked = _in_section if section else _on_record
    comments = asked(operation=operation.pk, person=person.pk, section=section)
    for one in comments:
        one.operation = operation
    return [
        Thread(
            first,
            [one for one in comments if one.thread_id == first.pk],
            is_mine=first.person_id == person.pk,
            may_settle=first.person_id == person.pk or not first.person.is_active,
        )
        for first in comments
        if first.thread_id is None
    ]


def said_on(operation: Operation) -> list[Said]:
    """All that was sent, in the order the threads began, each comment before its answers. One query."""
    threads: dict[int, list[Said]] = {}
    sent = operation.comments.filter(sent_at__isnull=False).select_related("person", "revision")
    for one in sent.defer(*(f"revision__{name}" for name in ("plan_text", "annex", "rule", "content"))).order_by("pk"):
        threads.setdefault(one.thread_id or one.pk, []).append(_said(one))
    return [one for own in sorted(threads.values(), key=lambda own: (own[0].at, own[0].number)) for one in own]


def _said(one: Comment) -> Said:
    assert one.sent_at is not None
    return Said(
        number=one.pk,
        thread=one.thread_id or 0,
        revision=one.revision.number if one.revision else None,
        key=one.key,
        label=one.label,
        must_settle=not one.thread_id and one.kind == CommentKind.MUST_SETTLE,
        user=one.person.username,
        person=one.person_name,
        text=one.text,
        at=one.sent_at,
        settled_at=one.settled_at,
    )


def _seen() -> QuerySet[Comment]:
    seen = Comment.objects.filter(Q(sent_at__isnull=False) | Q(person=Asked("person")), operation=Asked("operation"))
    return seen.select_related("person").annotate(number=F("revision__number"))


_on_record = Kept(_seen)
_in_section = Kept(lambda: _seen().filter(section_key=Asked("section")))

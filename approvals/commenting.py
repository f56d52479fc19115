"""Comments on a plan: written for oneself first, sent with a decision or alone, answered, settled by whoever asked.

Each act is one transaction with the record locked. Raises ``records.refusals``, and Unusable in words for a text
that can't be stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import capacities_now, need_for
from approvals.involvement import involved_in
from approvals.models import Comment, CommentKind
from approvals.places import place_of
from approvals.rules import Candidate, may_decide, need_in
from approvals.said_told import ANSWER, REOPEN, SETTLE, said_digest
from approvals.sending import in_words, pending_of, send
from approvals.standing import newest_revision
from records import audit, outbox
from records.content.freezing import plan_now
from records.content.frozen import frozen
from records.document.escape import refuse_unstorable
from records.life_cycle import acting
from records.models import Operation, Person, Revision
from records.models.states import ENDED
from records.outbox import Event, Message
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import is_for_everybody, may_see
from records.run.running import tell

LENGTH = 10_000


def comment(
    operation: Operation, *, key: str, text: str, kind: str, by: Person, at: dt.datetime | None = None
) -> Comment:
    """Write a comment on the field or section ``key`` of the newest revision, or of a draft; it waits until it is sent.

    Only who may decide on the plan can ask for something that must be settled. Raises Refused for a key that the
    plan doesn't have.
    """
    at = at or timezone.now()
    with _talking(operation, by) as (locked, revision):
        place = place_of(frozen(revision) if revision else plan_now(locked), key)
        if place is None:
            told = _("There is no such field in revision %s.") % revision.number if revision else ""
            raise Refused(told or _("There is no such field in this draft."))
        _may_ask(locked, revision, CommentKind(kind), by, at)
        return Comment.objects.create(
            operation=locked,
            revision=revision,
            section_key=place.section,
            key=place.key,
            label=place.label[:300],
            kind=kind,
            person=by,
            person_name=str(by),
            text=_text(text),
            written_at=at,
        )


def change_comment(
    operation: Operation, *, number: int, text: str, kind: str, by: Person, at: dt.datetime | None = None
) -> Comment:
    """Put one's own comment in other words, as long as it was not sent."""
    with _talking(operation, by) as (locked, revision):
        own = _pending(locked, number, by)
        _may_ask(locked, revision, CommentKind(kind), by, at or timezone.now())
        own.text, own.kind = _text(text), kind
        own.save(update_fields=["text", "kind"])
        return own


def delete_comment(operation: Operation, *, number: int, by: Person) -> Comment:
    """Drop one's own comment, as long as it was not sent. Returns what it was."""
    with _talking(operation, by) as (locked, _revision):
        own = _pending(locked, number, by)
        own.delete()
        return own


def send_comments(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> list[Comment]:
    """Send what one has written and decide nothing; those whom the record concerns get it by mail.

    Of a draft these are its writers: the others are asked once there is something to review.
    """
    at = at or timezone.now()
    with _talking(operation, by) as (locked, revision):
        sent = pending_of(locked, by)
        for one in sent:  # written while they could still decide, perhaps
            _may_ask(locked, revision, CommentKind(one.kind), by, at)
        send(sent, locked, by=by, at=at)
        if sent:
            todo = _("Read the comments; change the plan or answer them.")
            message = Message(Event.COMMENTED, todo, in_words(sent))
            if is_for_everybody(locked):
                tell(locked, message, by=by, at=at)
            else:
                outbox.put(message, locked, to=_writers(locked), by=by, at=at)
        return sent


def answer(operation: Operation, *, number: int, text: str, by: Person, at: dt.datetime | None = None) -> Comment:
    """Answer a comment that was sent; the answer is sent at once, to everybody of the thread and to the author."""
    at = at or timezone.now()
    with _talking(operation, by) as (locked, revision):
        first = _sent(locked, number)
        said_now = Comment.objects.create(
            operation=locked,
            revision=revision,
            thread=first,
            section_key=first.section_key,
            key=first.key,
            label=first.label,
            person=by,
            person_name=str(by),
            text=_text(text),
            written_at=at,
            sent_at=at,
        )
        facts = {"comment": first.pk, "answer": said_now.pk, "said": said_digest(said_now)}
        audit.record(ANSWER, operation=locked, person=by, at=at, about=first.label, **facts)
        people = Person.objects.filter(Q(comments__thread=first) | Q(comments=first) | Q(pk=locked.author_id))
        message = Message(Event.ANSWERED, _("Read the answer."), in_words([first, said_now]))
        # Who is no longer named in a draft hears no more of it.
        outbox.put(message, locked, to=[one for one in people.distinct() if may_see(one, locked)], by=by, at=at)
        return said_now


def settle(operation: Operation, *, number: int, by: Person, at: dt.datetime | None = None) -> None:
    """Settle what one has asked. Of somebody whose account is disabled, an approver may settle it."""
    _set_settled(operation, number, by, at or timezone.now(), is_settled=True)


def reopen(operation: Operation, *, number: int, by: Person, at: dt.datetime | None = None) -> None:
    """Open again what one has settled."""
    _set_settled(operation, number, by, at or timezone.now(), is_settled=False)


def _set_settled(operation: Operation, number: int, by: Person, at: dt.datetime, *, is_settled: bool) -> None:
    with _talking(operation, by) as (locked, revision):
        first = _sent(locked, number)
        if first.person_id != by.pk and not _stands_in(locked, revision, first, by, at):
            raise Refused(_("Only %s, who asked, can settle it.") % first.person_name)
        if (first.settled_at is not None) == is_settled:
            return
        first.settled_at = at if is_settled else None
        first.save(update_fields=["settled_at"])
        act = SETTLE if is_settled else REOPEN
        audit.record(act, operation=locked, person=by, at=at, about=first.label, comment=first.pk)


def _stands_in(operation: Operation, revision: Revision | None, first: Comment, by: Person, at: dt.datetime) -> bool:
    """Else somebody who has left would keep a plan from being approved for ever."""
    if Person.objects.get(pk=first.person_id).is_active:
        return False
    return could_decide(operation, revision, capacities_now(by, at.date()))


def could_decide(operation: Operation, revision: Revision | None, capacities: Iterable[Candidate]) -> bool:
    """Whether somebody with these ``capacities`` could approve the revision; of a draft, what it would need if it were
    sent now.
    """
    need = need_in(bytes(revision.rule)) if revision else need_for(operation, operation.risk_level)
    involved = involved_in(operation)
    return any(may_decide(one, need, involved) for one in capacities)


# ---------------------------------------------------------------- what they have in common


@contextmanager
def _talking(operation: Operation, by: Person) -> Iterator[tuple[Operation, Revision | None]]:
    """The record locked, and its newest revision (None of a draft that was never sent), for somebody who may see both
    while anything can still be said.
    """
    with acting(operation) as locked:
        may_see(by, locked).insist()
        if locked.state in ENDED:
            raise WrongOrder(_("This record has ended; nothing is said about its plan any more."))
        yield locked, newest_revision(locked)


def _writers(operation: Operation) -> Iterable[Person]:
    return Person.objects.filter(pk__in={operation.author_id, *operation.named.co_authors})


def _may_ask(operation: Operation, revision: Revision | None, kind: CommentKind, by: Person, at: dt.datetime) -> None:
    if kind == CommentKind.MUST_SETTLE and not could_decide(operation, revision, capacities_now(by, at.date())):
        raise Refused(_("Only who may decide on this plan can ask for something that must be settled."))


def _text(text: str) -> str:
    refuse_unstorable(text)
    words = text.strip()
    if not words:
        raise Unusable(_("Write what you want to say"))
    if len(words) > LENGTH:
        raise Unusable(_("A comment has at most %s characters.") % LENGTH)
    return words


def _pending(operation: Operation, number: int, by: Person) -> Comment:
    own = operation.comments.filter(pk=number, person=by).first()
    if own is None:
        raise Refused(_("That is not a comment of yours."))
    if own.sent_at is not None:
        raise WrongOrder(_("It was sent already. Answer it to say more."))
    return own


def _sent(operation: Operation, number: int) -> Comment:
    first = operation.comments.filter(pk=number, thread=None, sent_at__isnull=False).first()
    if first is None:
        raise Refused(_("There is no such comment."))
    return first

"""Comments on their way: sent with an act, told in its mail; and what must be settled before anybody approves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Comment, CommentKind
from approvals.said_told import SEND, said_digest
from records import audit
from records.models import Operation, Person
from records.refusals import WrongOrder

OPEN = Q(thread=None, settled_at=None, sent_at__isnull=False)
ASKED = OPEN & Q(kind=CommentKind.MUST_SETTLE)


def pending_of(operation: Operation, by: Person) -> list[Comment]:
    """What ``by`` has written and not sent yet."""
    return list(operation.comments.filter(person=by, sent_at=None))


def pending_once_settled(operation: Operation, by: Person) -> list[Comment]:
    """What ``by`` has not sent yet, if nothing that must be settled is open: neither sent nor about to be. One query.

    Raises WrongOrder, naming the first question.
    """
    found = list(operation.comments.filter(ASKED | Q(person=by, sent_at=None)))
    if unsettled := [one for one in found if one.kind == CommentKind.MUST_SETTLE]:
        raise WrongOrder(_unsettled_words(unsettled, by))
    return found


@cache
def unsettled() -> Combinable:
    """How many comments must be settled and aren't, or None; to be asked ``also`` with the record."""
    return _number(Comment.objects.filter(ASKED, operation=OuterRef("pk")))


def unsettled_in() -> Combinable:
    """The same of a section: what must be settled in it."""
    return _number(Comment.objects.filter(ASKED, operation=OuterRef("operation"), section_key=OuterRef("key")))


def open_in() -> Combinable:
    """How many comments on a section are not settled, whatever they ask for."""
    return _number(Comment.objects.filter(OPEN, operation=OuterRef("operation"), section_key=OuterRef("key")))


def _number(asked: QuerySet[Comment]) -> Combinable:
    return Subquery(asked.order_by().values("operation").annotate(number=Count("pk")).values("number"))


def send(pending: list[Comment], operation: Operation, *, by: Person, at: dt.datetime) -> None:
    """Send comments inside the transaction of an act on the locked record, before its own audit entry."""
    if pending:
        operation.comments.filter(pk__in=[one.pk for one in pending]).update(sent_at=at)
        facts: dict[str, Any] = {"about": [one.label for one in pending], "comments": [one.pk for one in pending]}
        facts["said"] = [said_digest(one) for one in pending]
        audit.record(SEND, operation=operation, person=by, at=at, **facts)


def _unsettled_words(unsettled: list[Comment], by: Person) -> str:
    first = unsettled[0]
    if first.person_id == by.pk:
        words = _("You asked about “%(label)s”, which must be settled: settle it first, or ask for changes.")
    else:
        words = _("What %(person)s asked about “%(label)s” must be settled first; only who asked can settle it.")
    told = words % {"person": first.person_name, "label": first.label}
    if more := len(unsettled) - 1:
        told += " " + ngettext("And %s more question.", "And %s more questions.", more) % more
    return told


def in_words(comments: Iterable[Comment], before: str = "") -> str:
    """Comments as a mail tells them, behind the words ``before``."""
    told = [f"{one.label} ({one.person_name}, {_kind(one)}):\n{one.text}" for one in comments]
    return "\n\n".join([before, *told] if before else told)


def _kind(one: Comment) -> str:
    return _("answer") if one.thread_id else str(one.get_kind_display())

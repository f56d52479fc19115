"""The comments that wait for somebody: at what they write, or answers to what they asked."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from approvals.models import Comment
from records.models import Operation, Person, State
from records.models.states import EDITABLE
from records.rights import visible_to

# Once a plan is approved nothing in it is talked about any more.
TALKED_OF = frozenset({*EDITABLE, State.IN_REVIEW})


def waiting_comments(person: Person) -> QuerySet[Comment]:
    """The first comments of threads that aren't settled and in which somebody else spoke last, the oldest word first.

    Their records are written by ``person``, or it was ``person`` who began the thread. ``last`` is when it was said and
    ``last_name`` who said it. One query, its records included.
    """
    written = Operation.co_authors.through.objects.filter(person_id=person.pk).values("operation_id")
    said = Comment.objects.filter(Q(pk=OuterRef("pk")) | Q(thread=OuterRef("pk")), sent_at__isnull=False)
    newest = said.order_by("-sent_at", "-pk")
    return (
        Comment.objects.filter(thread=None, sent_at__isnull=False, settled_at=None)
        .filter(operation__state__in=TALKED_OF, operation__in=visible_to(person))
        .filter(Q(person=person) | Q(operation__author=person) | Q(operation__in=written))
        .annotate(
            last_by=Subquery(newest.values("person")[:1]),
            last_name=Subquery(newest.values("person_name")[:1]),
            last=Subquery(newest.values("sent_at")[:1]),
            number=F("revision__number"),
        )
        .exclude(last_by=person.pk)
        .select_related("operation")
        .order_by("last", "pk")
    )

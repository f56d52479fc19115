"""A person's inbox: every message to them, whatever they wish by mail; read, or muted by record."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from records.models import Delivery, Operation, Person
from records.outbox import PAGES, Event
from records.rights import operation_for


def inbox_of(person: Person) -> QuerySet[Delivery]:
    """The messages to a person."""
    return Delivery.objects.filter(channel="mail", person=person)


# Where a message leads that is about no record.
ELSEWHERE = {
    Event.PASSWORD_SET: "account",
    Event.STANDS_IN: "delegations",
    Event.TEMPLATE_OFFERED: "template_list",
    Event.TEMPLATE_RETURNED: "template_list",
    Event.TEMPLATE_PUBLISHED: "template_list",
}


def address_of(message: Delivery) -> str:
    """The page that a message is about; the inbox itself where none is known."""
    known = Event(message.event) if message.event in Event.values else None
    if message.operation_id is None:
        return reverse(ELSEWHERE.get(known, "inbox") if known else "inbox")
    return reverse(PAGES.get(known, "record") if known else "record", args=[message.operation_id])


def open_message(number: int, *, by: Person) -> Delivery:
    """Mark one's own message as read, and give it. Raises Http404 for what is no message to the person."""
    mark(number, read=True, by=by)
    return inbox_of(by).get(pk=number)


def mark(number: int, *, read: bool, by: Person) -> None:
    """Mark one's own message as read, or as unread. Raises Http404 for what is no message to the person."""
    at = timezone.now() if read else None
    if not inbox_of(by).filter(pk=number).update(read_at=at):
        raise Http404


def read_all(*, up_to: int, by: Person) -> None:
    """Mark what was shown as read: one's messages up to number ``up_to``; what came since stays unread."""
    inbox_of(by).filter(read_at=None, pk__lte=up_to).update(read_at=timezone.now())


@transaction.atomic
def mute(reference: int, *, by: Person, muted: bool) -> Operation:
    """Mute a record, or end that: from then on only what asks the person or alarms goes by mail. Raises Http404."""
    operation = operation_for(by, reference)
    if muted:
        operation.muted_by.add(by)
        inbox_of(by).filter(operation=operation, read_at=None).update(read_at=timezone.now())
    else:
        operation.muted_by.remove(by)
    return operation

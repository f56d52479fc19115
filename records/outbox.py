"""What must leave: mail as rows, written in the transaction of the act, to those concerned (I4)."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from celery import current_app
from django.db import models, transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import webhooks
from records.from_now import window_from_now
from records.models import Delivery, Operation, Person, Revision
from records.one_line import one_line
from records.site_address import whole_address

logger = logging.getLogger(__name__)
SWEEP = "opsrecords.deliveries.sweep"


class Event(models.TextChoices):
    """What a mail is about; the label opens its subject."""

    NAMED = "named", gettext_lazy("You are named")
    REVIEW_ASKED = "review_asked", gettext_lazy("Review asked")
    APPROVED = "approved", gettext_lazy("Approved")
    SIGNED = "signed", gettext_lazy("One approval given, another needed")
    CHANGES_ASKED = "changes_asked", gettext_lazy("Changes asked")
    REJECTED = "rejected", gettext_lazy("Rejected")
    COMMENTED = "commented", gettext_lazy("Comments")
    ANSWERED = "answered", gettext_lazy("Answer to a comment")
    TAKEN_BACK = "taken_back", gettext_lazy("Approval taken back")
    WITHDRAWN = "withdrawn", gettext_lazy("Review withdrawn")
    PLAN_OPENED = "plan_opened", gettext_lazy("Plan is changed, approvals are void")
    RESCHEDULED = "rescheduled", gettext_lazy("Moved to another date, to be confirmed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")
    START_ASKED = "start_asked", gettext_lazy("Asked to allow a start outside the window")
    START_ALLOWED = "start_allowed", gettext_lazy("Start outside the window allowed")
    STARTED = "started", gettext_lazy("Started")
    WITNESS_ASKED = "witness_asked", gettext_lazy("A witness is wanted")
    WINDOW_ASKED = "window_asked", gettext_lazy("Next window to be confirmed")
    WINDOW_CONFIRMED = "window_confirmed", gettext_lazy("Next window confirmed")
    HANDED_OVER = "handed_over", gettext_lazy("Handed over")
    CALLED_OFF = "called_off", gettext_lazy("Called off")
    ROLLBACK = "rollback", gettext_lazy("Rolling back")
    RECORDED_AFTERWARDS = "recorded_afterwards", gettext_lazy("Recorded afterwards, nobody approved it")
    EMERGENCY = "emergency", gettext_lazy("Emergency start, nobody approved it")
    WORK_FINISHED = "work_finished", gettext_lazy("Work finished")
    REOPENED = "reopened", gettext_lazy("Run reopened")
    SIGN_OFF_ASKED = "sign_off_asked", gettext_lazy("Sign-off asked")
    FINALIZED = "finalized", gettext_lazy("Finalized")
    STANDS_IN = "stands_in", gettext_lazy("Deciding for somebody")
    PASSWORD_SET = "password_set", gettext_lazy("Your password was set")
    ADDENDUM_WRITTEN = "addendum_written", gettext_lazy("Addendum to sign off")
    ADDENDUM_SIGNED = "addendum_signed", gettext_lazy("Addendum signed off")
    ADDENDUM_TURNED_DOWN = "addendum_turned_down", gettext_lazy("Addendum turned down")
    TEMPLATE_OFFERED = "template_offered", gettext_lazy("Template to publish")
    TEMPLATE_RETURNED = "template_returned", gettext_lazy("Template given back")
    TEMPLATE_PUBLISHED = "template_published", gettext_lazy("Template published")
    WINDOW_NEAR = "window_near", gettext_lazy("Starts soon")
    REVIEW_WAITS = "review_waits", gettext_lazy("Review waits")
    REVIEW_UNDECIDED = "review_undecided", gettext_lazy("Still to be decided, for days")
    CLOSING_DUE = "closing_due", gettext_lazy("Closing is due")
    OBSERVATION_OVER = "observation_over", gettext_lazy("An observation is over")
    PLAN_OWED = "plan_owed", gettext_lazy("The rest of the plan is due")
    REVIEW_DATE_DUE = "review_date_due", gettext_lazy("The day of its next review has come")


# The page that a mail links to; the record's own where it isn't said.
PAGES = {
    Event.REVIEW_ASKED: "review",
    Event.COMMENTED: "comments",
    Event.ANSWERED: "comments",
    Event.RESCHEDULED: "review",
    Event.SIGN_OFF_ASKED: "sign_off",
    Event.START_ASKED: "run",
    Event.START_ALLOWED: "run",
    Event.STARTED: "run",
    Event.WITNESS_ASKED: "run",
    Event.WINDOW_ASKED: "run",
    Event.WINDOW_CONFIRMED: "run",
    Event.HANDED_OVER: "run",
    Event.EMERGENCY: "run",
    Event.ROLLBACK: "run",
    Event.REOPENED: "run",
    Event.WINDOW_NEAR: "run",
    Event.REVIEW_WAITS: "review",
    Event.REVIEW_UNDECIDED: "review",
    Event.CLOSING_DUE: "close",
    Event.OBSERVATION_OVER: "close",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is addressed: one line of what to do, perhaps the words that somebody gave, and the
    revision whose plan goes along: when the network is changed, this site may be what goes down. ``own`` is what
    is told to one of its readers alone, by person; ``called`` is who did it where that is more than their name
    ("A for B")."""

    event: Event
    todo: str
    words: str = ""
    revision: Revision | None = None
    own: Mapping[int, str] = field(default_factory=dict)
    called: str = ""


def put(
    message: Message, operation: Operation, *, to: Iterable[Person | None], by: Person | None, at: dt.datetime
) -> int:
    """Queue ``message`` for each of ``to`` once, but not for ``by``, who did it; and for the webhooks that want it.

    It stands in their inbox from now on; how and when it goes by mail, the worker settles as they wish.

    The worker is nudged on commit. Returns how many rows were queued: none where nobody active is left to tell.
    """
    people = {person.pk: person for person in to if person and person.is_active and person != by}
    subject = subject_of(message, operation)
    bodies = {own: body_of(message, operation, by, at, own) for own in {"", *message.own.values()}}
    rows = [
        Delivery(
            event=message.event,
            operation=operation,
            person=person,
            revision=message.revision,
            subject=subject,
            body=bodies[message.own.get(person.pk, "")],
            next_at=timezone.now(),
            created_at=at,
        )
        for person in people.values()
    ]
    link = address_of(operation, PAGES.get(message.event, "record"))
    who = message.called or (str(by) if by else "")
    rows += webhooks.rows_for(operation, event=message.event, label=str(message.event.label), link=link, by=who, at=at)
    if rows:
        Delivery.objects.bulk_create(rows)
        transaction.on_commit(nudge)
    return len(rows)


def put_about_account(
    subject: str,
    todo: str,
    *,
    event: str,
    to: Person,
    by: Person,
    at: dt.datetime,
    page: str = "account",
    address: str = "",
) -> None:
    """Queue a mail to ``to`` about their account, which is about no record, with a link to ``page``, by its name.

    With ``address`` it goes there, and not to where the person is written to by now.

    The worker is nudged on commit.
    """
    told = _("%(subject)s by %(person)s, %(at)s") % {"subject": subject, "person": by, "at": moment(at)}
    body = "\n\n".join([todo, told, whole_address(page)]) + "\n"
    Delivery.objects.create(
        event=event,
        person=to,
        address=address,
        subject=subject,
        body=body,
        next_at=timezone.now(),
        created_at=at,
    )
    transaction.on_commit(nudge)


def subject_of(message: Message, operation: Operation) -> str:
    """ "[High, 6 Dec 02:00 UTC] Review asked: …", in one line."""
    facts = [operation.risk_level, moment(operation.window_start)]
    told = ", ".join(fact for fact in facts if fact)
    text = f"[{told}] " if told else ""
    return one_line(f"{text}{message.event.label}: {operation}")[:300]


def body_of(message: Message, operation: Operation, by: Person | None, at: dt.datetime, own: str = "") -> str:
    """What to do, who did what, what is told to this reader alone, one link, and one line to copy for a chat."""
    link = address_of(operation, PAGES.get(message.event, "record"))
    chat = f"{message.event.label}: {operation} ({operation.reference}) {link}"
    facts = {"event": message.event.label, "person": message.called or by, "at": moment(at)}
    told = (_("%(event)s by %(person)s, %(at)s") if by else _("%(event)s, %(at)s")) % facts
    known = [str(operation), operation.reference, told, *_window_words(operation, at)]
    parts = [message.todo, "\n".join(known), message.words, own, link]
    copied = _("To copy for a chat:") + "\n" + one_line(chat)
    return "\n\n".join(part for part in [*parts, copied] if part) + "\n"


def _window_words(operation: Operation, at: dt.datetime) -> list[str]:
    """The window, and how it stands to the moment of the message: it may be read much later."""
    start, end = operation.window_start, operation.window_end
    if start is None:
        return []
    facts = {"start": moment(start), "end": moment(end), "told": window_from_now(start, end, at)}
    if end is None:
        return [_("Window from %(start)s (when this was written: %(told)s)") % facts]
    return [_("Window %(start)s to %(end)s (when this was written: %(told)s)") % facts]


def address_of(operation: Operation, page: str = "record") -> str:
    """The full address of the record, or of another page of it by its URL name."""
    return whole_address(page, operation.pk)


def moment(at: dt.datetime | None) -> str:
    """A time as mails write it: "6 Dec 02:00 UTC"; empty for none."""
    if at is None:
        return ""
    with translation.override("en"):
        return formats.date_format(at.astimezone(dt.UTC), "j M H:i") + " UTC"


def nudge() -> None:
    """Wake the worker. The rows are the promise: with the broker down, the next sweep finds them."""
    try:
        current_app.send_task(SWEEP, ignore_result=True)
    except Exception as error:  # whatever a broker's client raises, the act was done
        logger.warning("The worker could not be woken, the next sweep sends: %s", type(error).__name__)

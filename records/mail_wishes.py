"""What of all that happens a person wants by mail, and when. Everything stands in the inbox, whatever they wish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy

from records.models import Person
from records.outbox import Event
from records.times import zone_in


class Group(models.TextChoices):
    """Events that are wished for together."""

    ASKED = "asked", gettext_lazy("What I am asked to do")
    DECIDED = "decided", gettext_lazy("What was decided")
    COMMENTS = "comments", gettext_lazy("Comments and answers")
    RUN = "run", gettext_lazy("The operation itself: start, rollback, end")
    REMINDERS = "reminders", gettext_lazy("Reminders")


class Wish(models.TextChoices):
    """When a mail is wanted."""

    AT_ONCE = "at_once", gettext_lazy("At once")
    DAILY = "daily", gettext_lazy("Once a day, in one mail")
    NEVER = "never", gettext_lazy("Not by mail")


IN_GROUP: Mapping[Group, tuple[Event, ...]] = {
    Group.ASKED: (
        *(Event.REVIEW_ASKED, Event.CHANGES_ASKED, Event.RESCHEDULED, Event.START_ASKED, Event.SIGN_OFF_ASKED),
        *(Event.WINDOW_ASKED, Event.REOPENED, Event.ADDENDUM_WRITTEN, Event.TEMPLATE_OFFERED, Event.TEMPLATE_RETURNED),
        *(Event.NAMED, Event.STANDS_IN, Event.HANDED_OVER, Event.WITNESS_ASKED),
    ),
    Group.DECIDED: (
        *(Event.APPROVED, Event.SIGNED, Event.REJECTED, Event.TAKEN_BACK, Event.WITHDRAWN, Event.PLAN_OPENED),
        *(Event.CANCELLED, Event.START_ALLOWED, Event.FINALIZED, Event.ADDENDUM_SIGNED, Event.ADDENDUM_TURNED_DOWN),
        *(Event.WINDOW_CONFIRMED, Event.TEMPLATE_PUBLISHED),
    ),
    Group.COMMENTS: (Event.COMMENTED, Event.ANSWERED),
    Group.RUN: (
        *(Event.STARTED, Event.CALLED_OFF, Event.ROLLBACK, Event.WORK_FINISHED, Event.RECORDED_AFTERWARDS),
        Event.EMERGENCY,
    ),
    Group.REMINDERS: (
        *(Event.WINDOW_NEAR, Event.REVIEW_WAITS, Event.REVIEW_UNDECIDED, Event.CLOSING_DUE),
        *(Event.OBSERVATION_OVER, Event.PLAN_OWED, Event.REVIEW_DATE_DUE),
    ),
}
GROUP_OF: Mapping[str, Group] = {event.value: group for group, events in IN_GROUP.items() for event in events}
# Nobody chooses whether they hear of it: it may be the first sign of something wrong.
ALWAYS = frozenset({Event.PASSWORD_SET.value})
# A rollback reaches also whoever muted the record.
ALARMS = frozenset({Event.ROLLBACK.value, Event.EMERGENCY.value})
DECISIONS = frozenset(
    event.value
    for event in (
        Event.APPROVED,
        Event.SIGNED,
        Event.CHANGES_ASKED,
        Event.REJECTED,
        Event.TAKEN_BACK,
        Event.START_ALLOWED,
        Event.WINDOW_CONFIRMED,
    )
)
# Somebody stands at night and waits for whoever reads them, or goes by them.
HOLDS_UP = frozenset(
    event.value
    for event in (
        *(Event.START_ASKED, Event.STARTED, Event.WITNESS_ASKED, Event.WINDOW_ASKED, Event.HANDED_OVER),
        *(Event.CALLED_OFF, Event.REOPENED, Event.SIGN_OFF_ASKED),
    )
)
# Each of these is a mail of its own, under its own subject.
PROMPT = DECISIONS | ALARMS | HOLDS_UP
MORNING = dt.time(7)


def wish_of(person: Person, event: str, *, muted: bool = False) -> Wish:
    """When the person wants a mail of ``event``. A muted record is told of where they are asked, or where it alarms."""
    if event in ALWAYS:
        return Wish.AT_ONCE
    group = GROUP_OF.get(event, Group.RUN)
    if muted and group != Group.ASKED and event not in ALARMS:
        return Wish.NEVER
    told = person.mail_wishes.get(group.value, "")
    wish = Wish(told) if told in Wish.values else Wish.AT_ONCE
    return Wish.AT_ONCE if event in ALARMS and wish == Wish.DAILY else wish


def morning_after(at: dt.datetime, person: Person) -> dt.datetime:
    """The next seven o'clock after ``at`` where the person is."""
    local = at.astimezone(zone_in(person.time_zone) or dt.UTC)
    day = local.date() if local.time() < MORNING else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, MORNING, local.tzinfo).astimezone(dt.UTC)

"""Load the demo: templates, people, and records that come to where they are by the acts themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from opsrecords.demo.acts import perform
from opsrecords.demo.drafts import create, tale_of
from opsrecords.demo.people import make_people, signing_quickly
from opsrecords.demo.stories import freezes, moment, stories
from records.library.templates_in import take_shipped
from records.models import Delivery, FreezeWindow, Operation


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: how many records there are, and whether they are new."""

    records: int
    fresh: bool


@transaction.atomic
def load(now: dt.datetime | None = None) -> Loaded:
    """Load the demo around ``now``, once: all of it or nothing."""
    now = now or timezone.now()
    if there := Operation.objects.filter(is_demo=True).count():
        return Loaded(there, fresh=False)
    template = take_shipped()[0]
    FreezeWindow.objects.bulk_create(freezes(now))
    tales = [tale_of(story, template, now) for story in stories()]
    # In the order of time, as the trail would have it.
    plan = [(moment(act.at, tale.start, now), tale, act) for tale in tales for act in tale.story.acts]
    with signing_quickly():
        people = make_people(now.date() - dt.timedelta(days=365))
        for at, tale, act in sorted(plan, key=lambda one: one[0]):
            if act.do == "create":
                create(tale, people, template, at)
            else:
                perform(tale, act.do, people[act.by], at, act.needs)
    # Who worked here all along has read what is older than a few days.
    Delivery.objects.filter(created_at__lt=now - dt.timedelta(days=4)).update(read_at=F("created_at"))
    return Loaded(len(tales), fresh=True)

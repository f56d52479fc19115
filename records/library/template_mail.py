"""Who hears of a version of a template: keepers when it waits for them, its writers when it was looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records.models import Delivery, Person, Role, RoleHolding, TemplateDraft, holding_on
from records.one_line import one_line
from records.outbox import Event, moment, nudge
from records.site_address import whole_address


def tell_keepers(draft: TemplateDraft, *, by: Person, at: dt.datetime) -> None:
    """It is offered: those are told who may publish it, which none of its writers may."""
    todo = _("Look at it as a form, its lines and what is new, then publish it or give it back.")
    _put(Event.TEMPLATE_OFFERED, draft, todo, to=keepers_for(draft, at.date()), by=by, at=at, page="publish")


def keepers_for(draft: TemplateDraft, on: dt.date) -> QuerySet[Person]:
    """Who may publish the draft: the keepers who wrote none of it, by name."""
    held = RoleHolding.objects.filter(holding_on(on), role=Role.TEMPLATE_KEEPER).values("person")
    keepers = Person.objects.filter(pk__in=held, is_active=True)
    return keepers.exclude(pk__in=draft.editors.all()).exclude(pk=draft.author_id).order_by("name", "pk")


def tell_writers(
    event: Event, draft: TemplateDraft, todo: str, *, words: str = "", by: Person, at: dt.datetime
) -> None:
    """It was published, or given back with ``words``: everybody who wrote any of it is told."""
    page = "publish" if event == Event.TEMPLATE_PUBLISHED else "template_draft"
    writers = Person.objects.filter(pk__in={draft.author_id, *draft.editors.values_list("pk", flat=True)})
    _put(event, draft, todo, words, to=writers, by=by, at=at, page=page)


def _put(
    event: Event,
    draft: TemplateDraft,
    todo: str,
    words: str = "",
    *,
    to: Iterable[Person],
    by: Person,
    at: dt.datetime,
    page: str,
) -> None:
    subject = one_line(f"{event.label}: {draft}")[:300]
    link = whole_address(page, draft.pk)
    told = _("%(event)s by %(person)s, %(at)s") % {"event": event.label, "person": by, "at": moment(at)}
    body = "\n\n".join(part for part in (todo, f"{draft}\n{told}", words, link) if part) + "\n"
    people = [person for person in to if person.is_active and person != by]
    Delivery.objects.bulk_create(
        Delivery(event=event, person=one, subject=subject, body=body, next_at=timezone.now(), created_at=at)
        for one in people
    )
    if people:
        transaction.on_commit(nudge)

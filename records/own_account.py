"""What people set for themselves: the acts of the account page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from records import audit
from records.models import Person
from records.tokens import end_what_another_password_opened

SETTINGS = ("name", "phone", "time_zone", "theme", "is_dense", "keys", "away_until", "mail_wishes")


@transaction.atomic
def change_settings(person: Person, *, settings: Mapping[str, object], at: dt.datetime | None = None) -> None:
    """Set ``settings`` (some of SETTINGS, cleaned) of one's own account; a new name is written into the trail."""
    own = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    before = own.name
    changed = [name for name in SETTINGS if name in settings and getattr(own, name) != settings[name]]
    for name in changed:
        setattr(own, name, settings[name])
    own.save(update_fields=changed)
    if "name" in changed:
        at = at or timezone.now()
        audit.record("name_changed", operation=None, person=own, at=at, before=before, after=own.name)


@transaction.atomic
def change_password(person: Person, *, password: str, at: dt.datetime | None = None) -> None:
    """A new password of one's own, which was checked; what the old one opened ends: sessions, tokens, the feed."""
    at = at or timezone.now()
    person.set_password(password)
    person.password_set_by = None
    person.save(update_fields=["password", "password_set_by"])
    audit.record("password_changed", operation=None, person=person, at=at)
    end_what_another_password_opened(person, by=person, at=at)

"""What people set for themselves: the acts of the account page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
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
    """A new password of one's own, which was checked; what the old one opened ends: sessions, tokens, the feed.

    The person is told, wherever they read it: who had set the one before knew it, and could have chosen this one.
    """
    at, known_to = at or timezone.now(), person.password_set_by
    person.set_password(password)
    person.password_set_by = None
    person.save(update_fields=["password", "password_set_by"])
    facts = {"instead_of_one_set_by": str(known_to)} if known_to else {}
    audit.record("password_changed", operation=None, person=person, at=at, **facts)
    end_what_another_password_opened(person, by=person, at=at)
    todo = _("If you didn't change it, tell somebody at once: what is signed with it counts as yours.")
    if known_to:
        todo = _("It was chosen instead of the one that %s had set.") % known_to + " " + todo
    subject = _("Your password was changed")
    outbox.put_about_account(subject, todo, event=outbox.Event.PASSWORD_SET, to=person, by=person, at=at)

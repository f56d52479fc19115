"""Sign again: the password, once more, for the act that is signed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.life_cycle import lock
from records.models import AuditEntry, Operation, Person
from records.refusals import Refused

WRONG = "wrong_password"
LIMIT, WINDOW = 5, dt.timedelta(minutes=15)


class NotSigned(Refused):
    """The password was wrong, missing or tried too often; the form can be sent again."""


def sign_again(
    person: Person, password: str, *, operation: Operation | None = None, at: dt.datetime | None = None
) -> None:
    """Raises NotSigned, in words, unless ``password`` is the person's. Wrong ones stand in the trail and are counted.

    To be called before the transaction of the act: a password takes long to check, and a failure has to stay.
    """
    at = at or timezone.now()
    account = Person.objects.get(pk=person.pk)
    if not account.is_active:
        raise NotSigned(_("This account is disabled."))
    if not account.has_usable_password():
        raise NotSigned(_("You can't sign: your account has no password to sign with."))
    wrong = AuditEntry.objects.filter(person=account, act=WRONG, at__gt=at - WINDOW).count()
    if wrong >= LIMIT:
        raise NotSigned(_("Too many wrong passwords. Wait a quarter of an hour, then sign again."))
    if not account.check_password(password):
        with transaction.atomic():
            locked = lock(operation) if operation else None  # before the trail's head, like every act
            audit.record(WRONG, operation=locked, person=account, at=at)
        raise NotSigned(_("That is not your password. Nothing was signed."))

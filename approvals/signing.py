"""Sign again: the password, once more, for one act of one person on exactly these bytes."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.life_cycle import lock
from records.models import Operation, Person
from records.passwords import WrongPassword, confirm
from records.refusals import Refused

WRONG = "wrong_password"
GOOD_FOR = 5 * 60.0


class NotSigned(Refused):
    """The password was wrong, missing or tried too often; the form can be sent again."""


@dataclass(slots=True)
class Signed:
    """A signature that was just given: by whom, for which act, on which digest. Good once, for five minutes."""

    person_id: int
    act: str
    digest: str
    given: float = field(default_factory=time.monotonic)
    used: bool = False

    def redeem(self, by: Person, act: str, digest: str) -> None:
        """Use it up, inside the transaction of the act. Raises NotSigned for anything that it wasn't given for."""
        told, wanted = (self.person_id, self.act, self.digest), (by.pk, str(act), digest)
        if self.used or told != wanted or time.monotonic() - self.given > GOOD_FOR:
            raise NotSigned(_("This signature was given for something else, or too long ago. Sign again."))
        self.used = True


def sign_again(
    person: Person,
    password: str,
    *,
    act: str,
    digest: str,
    operation: Operation | None = None,
    at: dt.datetime | None = None,
) -> Signed:
    """The signature of ``person`` for ``act`` on ``digest``. Raises NotSigned, in words, unless it is their password.

    To be called before the transaction of the act: a password takes long to check, and a failure has to stay.
    """
    account = Person.objects.get(pk=person.pk)
    if not account.is_active:
        raise NotSigned(_("This account is disabled."))
    if not account.has_usable_password():
        raise NotSigned(_("You can't sign: your account has no password to sign with."))
    if account.password_set_by_id:
        raise NotSigned(_("Somebody else set your password. Choose one of your own on the account page, then sign."))
    try:
        confirm(account, password)
    except WrongPassword as wrong:
        with transaction.atomic():
            locked = lock(operation) if operation else None  # before the trail's head, like every act
            facts = {"meant_for": str(act), "too_many": wrong.too_many}
            audit.record(WRONG, operation=locked, person=account, at=at or timezone.now(), **facts)
        raise NotSigned(f"{wrong} " + _("Nothing was signed.")) from wrong
    return Signed(account.pk, str(act), digest)

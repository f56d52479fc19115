"""A press counts once, however often a device with a bad network sends it."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Callable, Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from records.document.digest import sha256
from records.life_cycle import acting
from records.models import Operation, Person, Press
from records.refusals import Incomplete, WrongOrder

# What differs whenever the same press is sent again.
OF_THE_SENDING = ("press", "pressed_by", "waited", "clock", "shown", "late", "time")
KEY = re.compile(r"[\w-]{16,64}", re.ASCII)


def new_key() -> str:
    """A key for a press on a page that is shown now."""
    return secrets.token_hex(16)


def once(
    operation: Operation,
    *,
    key: str,
    by: Person,
    act: Callable[[], object],
    fields: Iterable[list[str]] = (),
    at: dt.datetime | None = None,
) -> bool:
    """Do ``act`` and remember the ``key`` of the press in one transaction; nothing at all if it was counted before.

    A press that is refused is not counted. Raises Incomplete for what is no key, WrongOrder for one that was counted
    with other ``fields``, and what ``act`` raises.
    """
    if not KEY.fullmatch(key):
        raise Incomplete([_("a press that can be told from others")])
    own = sorted([name, text] for name, text in fields if name not in OF_THE_SENDING)
    sent = sha256(json.dumps(own).encode())
    with acting(operation) as locked:
        press, is_new = Press.objects.get_or_create(
            operation=locked, person=by, key=key, defaults={"at": at or timezone.now(), "sent": sent}
        )
        if is_new:
            act()
        elif press.sent not in ("", sent):
            raise WrongOrder(_("This press was counted before, with other words. Nothing of these was taken over."))
    return is_new

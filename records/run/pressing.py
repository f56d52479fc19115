"""A press counts once, however often a device with a bad network sends it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _

from records.life_cycle import acting
from records.models import Operation, Person, Press
from records.refusals import Incomplete

KEY = re.compile(r"[\w-]{16,64}", re.ASCII)


def once(
    operation: Operation, *, key: str, by: Person, act: Callable[[], object], at: dt.datetime | None = None
) -> bool:
    """Do ``act`` and remember the ``key`` of the press in one transaction; nothing at all if it was counted before.

    A press that is refused is not counted. Raises Incomplete for what is no key, and what ``act`` raises.
    """
    if not KEY.fullmatch(key):
        raise Incomplete([_("a press that can be told from others")])
    with acting(operation) as locked:
        _press, is_new = Press.objects.get_or_create(
            operation=locked, person=by, key=key, defaults={"at": at or timezone.now()}
        )
        if is_new:
            act()
    return is_new

"""Archiving: a record that ended leaves the lists and stays whole; nothing is ever deleted."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.life_cycle import acting
from records.models import Operation, Person
from records.models.states import ENDED
from records.refusals import WrongOrder
from records.rights import may_archive


def archive(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take the record out of the lists; a second click changes nothing.

    Raises Refused for somebody who may not, WrongOrder for a record that hasn't ended.
    """
    _put(operation, "archive", by=by, at=at or timezone.now())


def bring_back(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> None:
    """Put the record into the lists again; a second click changes nothing. Raises Refused as ``archive`` does."""
    _put(operation, "bring_back", by=by, at=at or timezone.now())


def _put(operation: Operation, act: str, *, by: Person, at: dt.datetime) -> None:
    with acting(operation) as locked:
        may_archive(by, locked).insist()
        if locked.state not in ENDED:
            state = locked.get_state_display().lower()
            raise WrongOrder(_("This record is “%(state)s”. Only what has ended is archived.") % {"state": state})
        if (locked.archived_at is not None) == (act == "archive"):
            return
        locked.archived_at = at if act == "archive" else None
        locked.save(update_fields=["archived_at"])
        audit.record(act, operation=locked, person=by, at=at)

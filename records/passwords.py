"""The password of whoever is signed in, asked for again: to sign, to choose another one. One throttle for all pages.

Wrong ones are counted with those of the sign-in page, by person and origin (``opsrecords.devices``): whoever guesses,
guesses against one limit, and locks nobody else out.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from records.models import Person

# The request that is being answered; None in a script, where nobody guesses.
asking: ContextVar[HttpRequest | None] = ContextVar("asking", default=None)


class WrongPassword(Exception):
    """That isn't the person's password, in words; ``too_many`` says that even the right one isn't looked at now."""

    def __init__(self, words: str, *, too_many: bool = False) -> None:
        super().__init__(words)
        self.too_many = too_many


def confirm(person: Person, password: str) -> Person:
    """The person, active, with the very password that ``password`` was held against.

    Raises WrongPassword for any other password. Not to be called in an act.
    """
    request = asking.get()
    known: Any = person
    if request is None:
        right = person.check_password(password)
    else:
        known = authenticate(request, username=person.get_username(), password=password)
        right = known is not None and known.pk == person.pk
        if getattr(request, "axes_locked_out", False):
            # The page that asked answers, with what was typed in it; not the page of the sign-in.
            request.axes_locked_out = False  # type: ignore[attr-defined]
            raise WrongPassword(
                _("Too many wrong passwords. Wait a quarter of an hour, then try again."), too_many=True
            )
    if not (isinstance(known, Person) and right):
        raise WrongPassword(_("That is not your password."))
    return known

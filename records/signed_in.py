"""Whoever is signed in: read once a request, together with what the bar on top of every page tells them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from records.bar import with_bar
from records.models import Person
from records.tokens import end_what_another_password_opened


class PersonBackend(ModelBackend):
    """Django's, with the bar in the query for the person: no page asks for it once more."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:  # type: ignore[override]
        """The person with that password; what another one of theirs had opened has ended then."""
        person = super().authenticate(request, **credentials)
        if not isinstance(person, Person):
            return None
        if not person.opens_still:
            end_what_another_password_opened(person, by=person, at=timezone.now())
        return person

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session; None for one who left."""
        person = with_bar(user_id)
        return person if person and self.user_can_authenticate(person) else None


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in, for a page that asks for signing in first."""
    assert isinstance(request.user, Person)
    return request.user

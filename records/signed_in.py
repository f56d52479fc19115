"""Whoever is signed in, read once a request, together with what the bar on top of every page tells them."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from records.bar import with_bar
from records.models import Person


class PersonBackend(ModelBackend):
    """Django's, with the bar in the query for the person: no page asks for it once more."""

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session; None for one who left."""
        person = with_bar(Person.objects.all()).filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None

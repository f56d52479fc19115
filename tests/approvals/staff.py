"""Somebody who may look into the administrator's pages."""

from __future__ import annotations

from django.test import Client

from records.models import (
    Person,
)


def client_of(person: Person) -> Client:
    person.is_staff = True
    person.save()
    client = Client()
    client.force_login(person, backend="records.signed_in.PersonBackend")
    return client

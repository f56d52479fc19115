"""Somebody who may look into the administrator's pages, and what a rule is told there."""

from __future__ import annotations

from django.test import Client

from records.models import OperationTemplate, Person


def client_of(person: Person) -> Client:
    person.is_staff = True
    person.save()
    client = Client()
    client.force_login(person, backend="records.signed_in.PersonBackend")
    return client


def rule(template: OperationTemplate, **more: str) -> dict[str, object]:
    return {"template": template.pk, "risk_level": "Low", "first": "supervisor", "second": "", "third": "", **more}

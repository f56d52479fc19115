"""The pages of closing, as tests ask for them."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from records.models import Operation, Person
from tests.people import PASSWORD, signed_in

WHEN = "2026-12-06 02:30"


def get(person: Person, operation: Operation, name: str, **query: str) -> HttpResponse:
    """A page of the record, by its URL name."""
    return signed_in(person).get(reverse(name, args=[operation.pk]), query)


def to_sign(person: Person, operation: Operation, **more: str):
    """The page that shows the final text, and what it would post."""
    answer = get(person, operation, "sign", outcome="completed", completed=WHEN, **more)
    assert answer.status_code == 200
    digest = answer.context["digest"]
    return answer, {"outcome": "completed", "completed": WHEN, "digest": digest, "password": PASSWORD}

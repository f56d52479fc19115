"""Comments as people write them, and what they read of them."""

from __future__ import annotations

from django.urls import reverse

from approvals import actions
from approvals.comments_waiting import waiting_comments
from records.models import Operation, Person
from tests.approvals.acts import AT, USERS
from tests.browserless import Page, look
from tests.people import signed_in


def ask(operation: Operation, by: Person, text: str = "How long?", kind: str = "must_settle", key: str = USERS) -> int:
    return actions.comment(operation, key=key, text=text, kind=kind, by=by, at=AT).pk


def review(operation: Operation, view: str = "comments") -> str:
    return reverse("review", args=[operation.pk]) + f"?view={view}"


def opened(person: Person, url: str) -> Page:
    return look(signed_in(person), url)


def waiting(person: Person) -> list[str]:
    return [f"{one.label}: {one.last_name}" for one in waiting_comments(person)]

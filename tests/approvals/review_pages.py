"""A plan that was changed and sent again, and the page of its review."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from approvals import actions
from records.models import Operation, Person
from records.writing.saving import save_section
from tests import make
from tests.approvals.acts import USERS
from tests.people import PASSWORD, Cast, signed_in

SUMMARY = "operation-summary"
STEPS = "infrastructure-operation-steps"
HOUR = dt.timedelta(hours=1)


def save(operation: Operation, key: str, values: dict[str, str], by: Person) -> None:
    """Save fields of a section, a minute later than it was saved before."""
    version = operation.sections.get(key=key).version
    at = make.PLANNED + dt.timedelta(minutes=version)
    save_section(operation=operation, key=key, version=version, values=values, by=by, at=at)


def page(person: Person, operation: Operation, query: str = "") -> str:
    """The page of its review, as HTML."""
    response = signed_in(person).get(reverse("review", args=[operation.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def sent_again(cast: Cast, operation: Operation, text: str, hours: int) -> Operation:
    """Withdrawn, changed and sent once more."""
    actions.withdraw(operation, by=cast.mara, at=make.PLANNED + hours * HOUR)
    operation = make.fresh(operation)
    save(operation, SUMMARY, {USERS: text}, cast.mara)
    return make.submit(cast, operation, at=make.PLANNED + hours * HOUR)


def decide(person: Person, operation: Operation, **fields: str):
    newest = operation.revisions.first()
    assert newest is not None
    posted = {"digest": newest.digest, "decision": "approve", "reason": "", "password": PASSWORD} | fields
    return signed_in(person).post(reverse("decide", args=[operation.pk]), posted)

"""The acts of writing and deciding as tests do them, on a plan that is in review."""

from __future__ import annotations

import datetime as dt

from approvals import actions
from approvals.delegating import delegate
from approvals.models import Decision, Delegation
from records.decided import DecisionKind
from records.models import Operation, Person
from records.writing.saving import save_section
from tests import make
from tests.people import PASSWORD

USERS = "operation-summary/business-impact/user-experience"
AT = make.PLANNED


def digest(operation: Operation) -> str:
    """What its newest revision is known by."""
    return operation.revisions.order_by("-number")[0].digest


def approve(operation: Operation, by: Person, seen: str = "", password: str = PASSWORD) -> object:
    """Approve what was ``seen``; by default what is there."""
    return actions.approve(operation, digest=seen or digest(operation), password=password, by=by, at=AT)


def write(operation: Operation, by: Person, text: str, key: str = USERS) -> None:
    """Write a text into one field of the plan."""
    section = operation.sections.get(key=key.split("/")[0])
    save_section(operation=operation, key=section.key, version=section.version, values={key: text}, by=by, at=AT)


def approvals(operation: Operation) -> list[tuple[str, int | None]]:
    """Who approved which revision, in their order."""
    found = Decision.objects.filter(revision__operation=operation, kind=DecisionKind.APPROVE).order_by("pk")
    return [(one.person.username, one.revision.number if one.revision else None) for one in found]


TODAY = AT.date()
SOON = TODAY + dt.timedelta(days=10)


def hand_on(by: Person, to: Person, until: dt.date = SOON) -> Delegation:
    return delegate(to=to, until=until, password=PASSWORD, by=by, at=AT)

"""A process that does acts at a word: ``python -m tests.lives.racer``, told by lines of JSON (see ``races.Two``).

Nothing of the test's process is inherited: two children of a fork that shared its pool of connections spoke into one.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable

import django

if __name__ == "__main__":
    django.setup()

from django.db import transaction

from approvals import actions
from records import audit
from records.models import Operation, Person, RoleHolding
from records.writing.saving import save_section
from tests import make
from tests.lives.by_acts import REFUSALS
from tests.people import PASSWORD

AT = make.PLANNED
FIELD = "operation-summary/business-impact/user-experience"


def approve(pk: int, by: str, digest: str) -> None:
    actions.approve(Operation.objects.get(pk=pk), digest=digest, password=PASSWORD, by=_person(by), at=AT)


def withdraw(pk: int, by: str) -> None:
    actions.withdraw(Operation.objects.get(pk=pk), by=_person(by), at=AT)


def submit(pk: int, by: str) -> None:
    actions.submit(Operation.objects.get(pk=pk), by=_person(by), at=AT)


def save(pk: int, by: str, version: int, text: str) -> None:
    values = {FIELD: text}
    operation = Operation.objects.get(pk=pk)
    section = FIELD.split("/")[0]
    save_section(operation=operation, key=section, version=version, values=values, by=_person(by), at=AT)


def demote(pk: int, who: str) -> None:
    """The role goes, and the trail says when."""
    with transaction.atomic():
        RoleHolding.objects.filter(person=_person(who)).delete()
        audit.record("demoted", operation=None, person=_person(who), at=AT)


def _person(name: str) -> Person:
    return Person.objects.get(username=name)


DEEDS: dict[str, Callable[..., None]] = {one.__name__: one for one in (approve, withdraw, submit, save, demote)}


def main() -> None:
    """Each order is a line, answered "ready"; a line with how many seconds later starts it; what became of it is a
    line.
    """
    while order := sys.stdin.readline():
        name, facts = json.loads(order)
        print(json.dumps("ready"), flush=True)
        time.sleep(float(sys.stdin.readline()))
        try:
            DEEDS[name](**facts)
            answer = ("done", "")
        except REFUSALS as refusal:
            answer = ("refused", f"{type(refusal).__name__}: {refusal}")
        except Exception:
            answer = ("broke", traceback.format_exc())
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

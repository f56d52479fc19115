"""What the tests of emergencies do over and over: finish, sign off, ask for a page."""

from __future__ import annotations

from approvals import actions
from records.models import (
    Operation,
    Person,
)
from records.run import running
from tests import make
from tests.people import PASSWORD

AT = make.NIGHT


def finish(operation: Operation, by: Person) -> Operation:
    running.finish_work(operation, by=by, not_reached="It holds", at=AT)
    return make.fresh(operation)


def sign_off(operation: Operation, by: Person, note: str = "Orders were being lost") -> None:
    assert operation.final_text
    digest = operation.final_text.digest
    actions.sign_off(operation, digest=digest, actual_seen=True, password=PASSWORD, by=by, note=note, at=AT)

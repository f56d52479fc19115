"""Who may press what, state by state: the addresses that act, for whoever could have a part in the record."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate, State
from tests import make
from tests.approvals.access_table import address, answer, signed_in
from tests.people import Cast

WHO = ("author", "operator", "supervisor", "approver", "stranger", "administrator", "superuser", "auditor")
NAMES = ("mara", "jun", "tomas", "ada", "olga", "leo", "root", "vera")
# What a POST of nothing but a reason and a wrong digest is answered, to WHO: of an approved record, and where the other
# states differ from it. 400 and 409: they have the right, or the form is asked first, and it isn't so.
APPROVED = """
check          409 403 403 403 403 403 403 403
decide         400 400 400 400 400 400 400 400
act:withdraw   409 403 403 403 403 403 403 403
act:take-back  403 403 302 302 403 403 403 403
act:cancel     302 403 302 403 403 403 403 403
change_plan    409 403 403 403 403 403 403 403
reschedule     400 403 403 403 403 403 403 403
afterwards     409 403 403 403 403 403 403 403
emergency      403 409 403 403 403 403 403 403
complete_plan  409 403 403 403 403 403 403 403
run            409 409 409 409 409 409 409 409
close          403 403 409 403 403 403 403 403
sign           403 409 403 403 403 403 403 403
sign_off       409 409 409 409 409 409 409 409
section        303 303 403 403 403 403 403 403
record_people  302 302 403 403 403 403 403 403
restore        403 403 403 403 403 403 403 403
"""
STARTED = """
act:take-back  403 403 409 409 403 403 403 403
act:cancel     409 403 409 403 403 403 403 403
reschedule     409 403 403 403 403 403 403 403
"""
WORK_DONE = "close          403 403 400 403 403 403 403 403\n"
FROZEN = """
sign_off       400 400 400 400 400 400 400 400
section        403 403 403 403 403 403 403 403
record_people  403 403 403 403 403 403 403 403
"""
TABLES = {
    "approved": "",
    "running": STARTED,
    # Nobody gave an approval that could be taken back.
    "emergency": STARTED + "act:take-back  403 403 403 403 403 403 403 403\n",
    "closing": STARTED + WORK_DONE + "sign           403 400 403 403 403 403 403 403\n",
    "signed closing": STARTED + WORK_DONE + FROZEN + "sign           403 303 403 403 403 403 403 403\n",
    "finalized": STARTED + FROZEN,
}


def rows(table: str) -> dict[str, list[int]]:
    lines = (line.split() for line in table.splitlines() if line)
    return {name: [int(one) for one in answers] for name, *answers in lines}


def in_state(name: str, cast: Cast, template: OperationTemplate) -> Operation:
    if name == "emergency":
        return make.begin_emergency(cast, make.make_in(State.DRAFT, cast, template))
    operation = make.make_in(State(name.removeprefix("signed ")), cast, template)
    return make.sign(cast, operation) if name.startswith("signed") else operation


@pytest.mark.parametrize("state", TABLES)
def test_everybody_is_answered_as_the_table_says(state: str, cast: Cast, template: OperationTemplate) -> None:
    operation, wanted = in_state(state, cast, template), rows(APPROVED) | rows(TABLES[state])
    browsers = [signed_in(getattr(cast, who)) for who in NAMES]
    facts = {"reason": "Because", "digest": "0" * 64}
    urls = {name: address(name, operation) for name in wanted}
    got = {name: [answer(browser, "post", url, facts) for browser in browsers] for name, url in urls.items()}
    assert got == wanted

"""Messages ask for what can still be done, and are overtaken once it was; a withdrawal reaches all who were asked."""

from __future__ import annotations

import datetime as dt

from approvals import actions
from approvals.models import ApprovalRule
from approvals.waiting import to_sign_off
from records.models import Delivery, Operation, OperationTemplate, Person, State
from records.outbox import Event
from records.overtaken import needs_no_mail
from records.run.running import reopen_run
from tests import make
from tests.people import PASSWORD, Cast

MINUTE = dt.timedelta(minutes=1)


def asked(event: Event, person: Person) -> int:
    """How many messages still ask ``person``."""
    return Delivery.objects.filter(event=event, person=person).exclude(needs_no_mail()).count()


def test_of_a_run_that_was_opened_again_there_is_nothing_to_sign_off(cast: Cast, template: OperationTemplate) -> None:
    record = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    assert asked(Event.SIGN_OFF_ASKED, cast.sam) == 1
    reopen_run(record, evidence="the graph", by=cast.tomas, at=make.NIGHT)
    record = make.finish_work(cast, make.fresh(record))
    assert record.final_text is None and to_sign_off(cast.sam) == []
    assert asked(Event.SIGN_OFF_ASKED, cast.sam) == 0


def test_an_addendum_that_was_decided_asks_nobody_any_more(cast: Cast, template: OperationTemplate) -> None:
    record = make.make_in(State.FINALIZED, cast, template)
    one = actions.amend(record, text="More", by=cast.mara, at=make.NIGHT)
    assert asked(Event.ADDENDUM_WRITTEN, cast.sam) == asked(Event.ADDENDUM_WRITTEN, cast.tomas) == 1
    actions.sign_off_addendum(
        record, number=one.number, digest=one.digest, password=PASSWORD, by=cast.sam, at=make.NIGHT + MINUTE
    )
    assert asked(Event.ADDENDUM_WRITTEN, cast.tomas) == 0


def test_a_withdrawal_reaches_those_whom_the_copied_rule_asked(cast: Cast, in_review: Operation) -> None:
    ApprovalRule.objects.create(template=in_review.template, risk_level="High", roles=["supervisor"])
    actions.withdraw(in_review, by=cast.mara, at=make.PLANNED)
    told = {one.person for one in Delivery.objects.filter(event=Event.WITHDRAWN)}
    assert {cast.ada, cast.tomas} <= told and cast.sam not in told

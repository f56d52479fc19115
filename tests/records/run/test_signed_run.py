"""What a run left behind is bound by its operator's signature: whoever tells it otherwise afterwards is found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F

from records import triggers
from records.audit import Fault, verify
from records.document.digest import canonical_json
from records.models import (
    AuditEntry,
    Check,
    LogEntry,
    Metric,
    Operation,
    OperationTemplate,
    Outcome,
    Person,
    State,
    Step,
)
from records.run import running
from records.run.keeping import Brought, keep_evidence
from records.run.logbook import NoteKind, note
from tests import make
from tests.people import Cast
from tests.records.forgers import rechain

EARLIER = dt.timedelta(minutes=7)


@pytest.fixture
def finalized(cast: Cast, template: OperationTemplate) -> Operation:
    run = make.make_in(State.RUNNING, cast, template)
    note(run, text="The lag grew to 40 s", kind=NoteKind.DEVIATION, by=cast.jun, at=make.NIGHT)
    keep_evidence(run, files=[Brought(b"lag 40 s\n")], by=cast.jun, at=make.NIGHT)
    return make.sign_off(cast, make.sign(cast, make.work(cast, run)))


def signature(nth: int = 0) -> int:
    return AuditEntry.objects.filter(act="sign_as_operator").order_by("number")[nth].number


def record(**columns: Any) -> None:
    Operation.objects.update(**columns)


def steps(**columns: Any) -> None:
    Step.objects.filter(status="done").update(**columns)


def lines(**columns: Any) -> None:
    LogEntry.objects.filter(kind="deviation").update(**columns)


def sam() -> Person:
    return Person.objects.get(username="sam")


TOLD: dict[str, Callable[[], object]] = {
    "when it started": lambda: record(started_at=F("started_at") - EARLIER),
    "when it ended": lambda: record(finished_at=F("finished_at") - EARLIER),
    "that it was rolled back": lambda: record(rolled_back_at=make.NIGHT, rollback_reason="Too slow"),
    "what nobody approved": lambda: record(afterwards_reason="The site was down"),
    "who wrote it": lambda: record(author=sam()),
    "who ran it": lambda: record(operator=sam()),
    "who supervised it": lambda: record(supervisor=None),
    "what it risked": lambda: record(risk_level="Low"),
    "along which template": lambda: record(template=None),
    "what was to be confirmed": lambda: record(start_conditions=[{"key": "x"}]),
    "who wrote with them": lambda: Operation.objects.get().co_authors.clear(),
    "when a step was done": lambda: steps(ended_at=F("ended_at") - EARLIER),
    "who did a step": lambda: steps(worked_by=sam()),
    "that a step was done": lambda: steps(status="skipped", run_reason="Not needed"),
    "that a check was made": lambda: Check.objects.filter(ticked=True).update(ticked=False),
    "what shows a check": lambda: Check.objects.update(evidence="Looked at"),
    "a value": lambda: Metric.objects.filter(measured_by__isnull=False).update(after="1"),
    "who measured": lambda: Metric.objects.filter(measured_by__isnull=False).update(measured_by=sam()),
    "what deviated": lambda: lines(text="Nothing to speak of"),
    "that it deviated": lambda: lines(kind="note"),
    "when it deviated": lambda: lines(at=F("at") - EARLIER),
    "who said so": lambda: lines(person_name="Sam Roth"),
    "a line": lambda: LogEntry.objects.filter(kind="deviation").delete(),
    "what evidence shows": lambda: LogEntry.objects.filter(kind="evidence").update(evidence=None),
}


@pytest.mark.parametrize("what", TOLD)
def test_what_was_signed_of_a_run_is_not_told_otherwise_afterwards(what: str, finalized: Operation) -> None:
    assert verify() is None
    TOLD[what]()
    words = f"what the run of record {finalized.pk} left behind is no longer what its operator signed"
    assert verify() == Fault(signature(), words)


def test_a_run_that_was_opened_again_is_bound_by_the_signature_that_follows(
    cast: Cast, template: OperationTemplate
) -> None:
    record = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    running.reopen_run(record, evidence="A picture of the lag", by=cast.tomas, at=make.NIGHT)
    note(record, text="The lag, as a picture", by=cast.jun, at=make.NIGHT)
    assert verify() is None
    running.finish_work(record, by=cast.jun, at=make.NIGHT)
    make.sign(cast, make.fresh(record))
    assert verify() is None
    LogEntry.objects.filter(text="The lag, as a picture").delete()
    fault = verify()
    assert fault is not None
    assert fault.number == signature(1)


def test_what_was_rolled_back_is_bound_with_the_reason_for_it(cast: Cast, template: OperationTemplate) -> None:
    rolled_back = make.roll_back(cast, make.make_in(State.RUNNING, cast, template))
    make.sign_off(cast, make.sign(cast, make.finish_work(cast, rolled_back), Outcome.ROLLED_BACK))
    assert verify() is None
    record(rollback_reason="Nobody knows")
    fault = verify()
    assert fault is not None
    assert fault.number == signature()


def test_a_signature_of_the_first_release_bound_no_run(finalized: Operation) -> None:
    triggers.remove()
    told = json.loads(AuditEntry.objects.get(number=signature()).entry)
    assert len(told["facts"].pop("run")) == 64
    rechain(signature(), canonical_json(told).decode())
    record(in_charge=sam())
    assert verify() is None

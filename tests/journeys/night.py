"""A night in browsers: how it begins and ends, and what must have come of it."""

from __future__ import annotations

import datetime as dt
import json

from django.utils import timezone

from records.models import Check, LogEntry, Operation, OperationTemplate, State
from records.run import running
from records.run.starting import allow_start, conditions_of, tick_condition
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from records.transfer.records_out import markdown_of
from tests import make
from tests.people import Cast


def begun(cast: Cast, template: OperationTemplate) -> Operation:
    """Begun half an hour ago, because the supervisor allowed it."""
    operation = make.make_in(State.APPROVED, cast, template)
    begun = timezone.now() - dt.timedelta(minutes=30)
    for condition in conditions_of(operation):
        tick_condition(operation, key=condition.key, evidence="Seen", by=cast.noor, at=begun)
    allow_start(operation, reason="The shop is closed", by=cast.tomas, at=begun)
    running.start(operation, by=cast.jun, at=begun)
    return make.fresh(operation)


def finish(cast: Cast, run: Operation) -> None:
    """Procedures, validations and values by their people, closing and sign-off."""
    now = timezone.now()
    record = make.work(cast, make.fresh(run), at=now)
    make.sign_off(cast, make.sign(cast, record, outcome="rolled_back", at=now), at=now)


def assert_everything_once(record: Operation) -> None:
    """Markdown, log and JSON hold each tick once, with its person and its time."""
    entries = list(LogEntry.objects.filter(operation=record).order_by("at", "pk"))
    log = companion_of(record).decode().partition("\n## Log\n\n")[2].partition("\n## ")[0]
    told = json.loads(json_of(record))["account"]["log"]
    assert [one["text"] for one in told] == [entry.text for entry in entries]
    assert len([line for line in log.split("\n") if line.startswith("- **")]) == len(entries)
    for entry in entries:
        assert f"- **{entry.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC**: {entry.person_name} " in log
    assert log.count("Jun Park noted at step 1.1: Lag 0 at the mast") == 1
    ticks = [(entry.kind, entry.step_key) for entry in entries if entry.kind in ("finish_step", "tick_check")]
    assert len(ticks) == len(set(ticks))
    checks = Check.objects.filter(section__operation=record, ticked=True)
    assert markdown_of(record).decode().count("- [x] ") == checks.count() == 5

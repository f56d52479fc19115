"""Records in every state, made by the acts themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from approvals import actions
from approvals.afterwards import Happened
from approvals.closing import final_text_shown
from approvals.emergency import Went
from records.composed import Asked, Kept
from records.content.facts import answer_now
from records.document.answers import Filled
from records.document.fields import table_of
from records.document.outline import Document
from records.document.with_fields import with_fields
from records.models import (
    Check,
    Delivery,
    Metric,
    Operation,
    OperationTemplate,
    Outcome,
    Person,
    RollbackTrigger,
    State,
    Step,
)
from records.outbox import Event
from records.run import left_undone, logbook, running, stopping, verifying, working
from records.run.starting import conditions_of, tick_condition
from records.run.step_order import in_order
from records.run.stops import stops_of
from records.transfer.bringing_in import bring_in, markdown_arrival
from records.writing.drafting import store_document
from records.writing.people import name_people
from tests.kept import made_once
from tests.people import PASSWORD, Cast

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "records" / "operation_templates"
RECORD = ROOT / "tests" / "data" / "records" / "postgresql-16-orders.md"
FINAL = ROOT / "tests" / "data" / "records" / "postgresql-16-orders.finalized.md"

PLANNED = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 12, 6, 2, 0, tzinfo=dt.UTC)


def make_template() -> OperationTemplate:
    """The shipped template. Those that come after it get higher keys, as in every site: so the newest is known."""
    name = "infrastructure-operation"
    made = OperationTemplate.objects.create(
        pk=1001,
        name="Infrastructure Operations Template",
        version="1.0.0",
        text=(TEMPLATES / f"{name}.md").read_bytes().decode(),
        toml=(TEMPLATES / f"{name}.toml").read_text(),
    )
    with connection.cursor() as cursor:
        # A key of one's own moves no sequence.
        for statement in connection.ops.sequence_reset_sql(no_style(), [OperationTemplate]):
            cursor.execute(statement)
    return made


def start_record(
    *, author: Person, template: OperationTemplate, at: dt.datetime, values: Mapping[str, str]
) -> Operation:
    """A draft that is the template, but for ``values`` in its header, by key."""
    header, *rest = template.outline.document.sections
    document = Document((with_fields(header, values, table_of(header)), *rest), template.outline.document.front)
    return store_document(author=author, template=template, document=document, at=at)


def import_text(*, author: Person, text: str, template: OperationTemplate | None, at: dt.datetime) -> Operation:
    """A draft that was brought in."""
    operation, _hints = bring_in(markdown_arrival(text, template), author=author, at=at)
    return operation


def make_draft(cast: Cast, template: OperationTemplate, *, level: str = "High") -> Operation:
    """A complete plan of Mara's, with its close parts written early; ready for review. Everybody has their part."""
    of = (template.pk, template.text, template.toml, level)
    return made_once(("draft", *of), lambda: _made_draft(cast, template, level))


def _made_draft(cast: Cast, template: OperationTemplate, level: str) -> Operation:
    text = FINAL.read_bytes().decode()
    text = text.replace("**Risk Level**: High", f"**Risk Level**: {level}")
    text = text.replace("**Operator**: Mara Lindqvist", "**Operator**: Jun Park")
    draft = import_text(author=cast.mara, text=text, template=template, at=PLANNED)
    named = name_people(
        draft,
        by=cast.mara,
        operator=cast.jun,
        supervisor=cast.tomas,
        co_authors=[cast.carl],
        deputies=[cast.ines],
        team=[cast.noor],
        at=PLANNED,
    )
    # They have heard of it long ago: what the acts after it tell begins with an empty outbox.
    Delivery.objects.filter(operation=named, event=Event.NAMED).delete()
    return named


def fresh(operation: Operation) -> Operation:
    """The record as the database has it."""
    return _fresh.get(pk=operation.pk)


_fresh = Kept(lambda: Operation.objects.filter(pk=Asked("pk")))


def submit(cast: Cast, operation: Operation, at: dt.datetime = PLANNED) -> Operation:
    actions.submit(operation, carried_hold=True, by=cast.mara, at=at)
    return fresh(operation)


def approve_by(cast: Cast, operation: Operation, *names: str, at: dt.datetime = PLANNED) -> Operation:
    digest = operation.revisions.order_by("-number")[0].digest
    for name in names:
        actions.approve(operation, digest=digest, password=PASSWORD, by=getattr(cast, name), at=at)
    return fresh(operation)


def start(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    for condition in conditions_of(operation):
        tick_condition(operation, key=condition.key, evidence="Seen in the ticket", by=cast.noor, at=at)
    running.start(operation, by=cast.jun, at=at)
    return fresh(operation)


def roll_back(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    trigger = RollbackTrigger.objects.filter(section__operation=operation).first()
    assert trigger is not None
    running.roll_back(operation, trigger=trigger.key, sentence="p95 at 900 ms for 6 min", by=cast.jun, at=at)
    return fresh(operation)


def work(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    """Every step done, every check ticked, every trigger looked at, every value measured, and the work finished."""
    for step in in_order(operation):
        working.finish_step(operation, key=step.key, asked=True, by=cast.jun, at=at)
    return finish_work(cast, operation, at)


def finish_work(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    """What is open beside the steps is seen to, and the work finished."""
    procedures = operation.state == State.ROLLING_BACK
    for check in left_undone.undone_checks(operation):
        verifying.tick_check(operation, key=check.key, by=cast.ines, at=at)
    for trigger in left_undone.unwatched(operation):
        logbook.note(operation, text="ok", step_key=trigger.key, by=cast.noor, at=at)
    metrics = Metric.objects.filter(section__operation=operation, after__isnull=False, loose=False)
    values = {metric.key: metric.after or "" for metric in metrics}
    if values:
        verifying.measure(operation, values=values, by=cast.noor, at=at)
    running.finish_work(operation, by=cast.jun, not_reached="Rolled back" if procedures else "", at=at)
    return fresh(operation)


ANSWERS = {
    "doing": "Fail over the orders database to the standby",
    "where": "db1.example.net, orders only",
    "way_back": "pg_ctl promote on db1 after a base backup",
    "awake": "Ines looks on, Tomas by phone",
    "why": "The disk of db1 fails; orders are lost until then",
}


def begin_emergency(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    """Started by the operator on five answers, before anybody approved it."""
    actions.emergency_start(operation, answers=ANSWERS, by=cast.jun, at=at)
    return fresh(operation)


def complete_plan(cast: Cast, operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    """The rest of an emergency's plan, frozen by its author; what was not worked was left out."""
    actions.complete_plan(operation, Went(left_out="Not needed"), by=cast.mara, at=at)
    return fresh(operation)


def end_phase(operation: Operation, at: dt.datetime = NIGHT) -> Operation:
    """The first phase, worked to its end by the operator, while the operation runs."""
    if operation.state == State.RUNNING and operation.operator:
        steps = in_order(operation)
        for step in (one for one in steps if one.phase_id == steps[0].phase_id):
            working.finish_step(operation, key=step.key, asked=True, by=operation.operator, at=at)
    return fresh(operation)


def stop(operation: Operation, *, by: Person, at: dt.datetime = NIGHT) -> Operation:
    """Stopped at the end of a phase, until the same hours of the next night."""
    start, end = at + dt.timedelta(hours=24), at + dt.timedelta(hours=27)
    stopping.stop_at_phase_end(operation, reason="The backup is slow", start=start, end=end, by=by, at=at)
    return fresh(operation)


def seen(operation: Operation) -> str:
    """The window in which a stopped run is to go on, as the run page shows and posts it."""
    return stops_of(fresh(operation))[-1].interval


def confirm_window(operation: Operation, *people: Person, at: dt.datetime = NIGHT) -> None:
    """Each of ``people`` confirms the window that the page shows."""
    for one in people:
        actions.confirm_window(operation, seen=seen(operation), password=PASSWORD, by=one, at=at)


def sign(cast: Cast, operation: Operation, outcome: str = Outcome.COMPLETED, at: dt.datetime = NIGHT) -> Operation:
    actions.sign_as_operator(operation, **ending(operation, outcome), password=PASSWORD, by=cast.jun, at=at)
    return fresh(operation)


def ending(operation: Operation, outcome: str = Outcome.COMPLETED) -> dict[str, Any]:
    """What the operator's page showed: the end, and the digest of the final text."""
    told: dict[str, Any] = {"outcome": outcome, "completed_at": operation.finished_at or NIGHT}
    return {**told, "digest": final_text_shown(operation, **told).digest}


def sign_off(cast: Cast, operation: Operation, by: str = "tomas", note: str = "", at: dt.datetime = NIGHT) -> Operation:
    assert operation.final_text is not None
    actions.sign_off(
        operation,
        digest=operation.final_text.digest,
        actual_seen=True,
        password=PASSWORD,
        by=getattr(cast, by),
        note=note,
        at=at,
    )
    return fresh(operation)


def happened(operation: Operation, **more: Any) -> Happened:
    """All of the plan, done in the hour before the night."""
    of = {"section__operation": operation, "loose": False}
    said: dict[str, Any] = {
        "started": NIGHT - dt.timedelta(hours=1),
        "ended": NIGHT,
        "reason": "The array was losing disks",
        "done": list(Step.objects.filter(**of, phase__isnull=False).values_list("key", flat=True)),
        "held": list(Check.objects.filter(**of).values_list("key", flat=True)),
    }
    return Happened(**{**said, **more})


def make_in(state: State, cast: Cast, template: OperationTemplate) -> Operation:
    """A record in ``state``, come there by the acts that lead to it (an imported one by its column)."""
    return made_once(state, lambda: _made_in(state, cast, template))


def _made_in(state: State, cast: Cast, template: OperationTemplate) -> Operation:
    draft = _made_draft(cast, template, "High")
    if state == State.DRAFT:
        return draft
    if state == State.IMPORTED:
        Operation.objects.filter(pk=draft.pk).update(state=state)
        return fresh(draft)
    if state == State.CANCELLED:
        actions.cancel(draft, reason="Not needed", by=cast.mara, at=PLANNED)
        return fresh(draft)
    operation = submit(cast, draft)
    digest = operation.revisions.get().digest
    if state == State.CHANGES_REQUESTED:
        actions.ask_for_changes(operation, digest=digest, reason="Say how long", by=cast.tomas, at=PLANNED)
    elif state == State.REJECTED:
        actions.reject(operation, digest=digest, reason="Too early", by=cast.tomas, at=PLANNED)
    elif state != State.IN_REVIEW:
        _make_on(state, cast, approve_by(cast, operation, "tomas", "ada"))
    return fresh(operation)


def _make_on(state: State, cast: Cast, operation: Operation) -> None:
    if state == State.APPROVED:
        return
    operation = start(cast, operation)
    if state == State.ROLLING_BACK:
        roll_back(cast, operation)
    elif state in (State.CLOSING, State.FINALIZED):
        operation = work(cast, operation)
        if state == State.FINALIZED:
            sign_off(cast, sign(cast, operation))


def written_now(operation: Operation, fact: str) -> str:
    """What somebody wrote in the line bound to ``fact``; empty for any other answer."""
    answer = answer_now(operation, fact)
    return answer.text if isinstance(answer, Filled) else ""

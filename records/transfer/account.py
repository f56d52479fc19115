"""What a site knows of a record beside its text: state, times, run, revisions, decisions, comments, log, as data."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from records.content.addenda import Added, addenda_of
from records.content.assembly import Loaded
from records.decided import Given, Said, given_on, said_on
from records.models import (
    Check,
    Evidence,
    FinalText,
    LogEntry,
    Metric,
    Operation,
    Person,
    RecoveryValidation,
    Revision,
    Step,
)
from records.models.row import Row, TitledRow
from records.run.emergency import QUESTIONS
from records.run.logbook import NoteKind, looked_in

TICKED = ("ticked_at", "ticked_by", "evidence", "unticked_because", "observe_until")
# What the run wrote into the rows: who did what, and when.
RUN: dict[type[Row], tuple[str, ...]] = {
    Step: ("status", "started_at", "ended_at", "worked_by", "run_reason", "witnessed_by", "witnessed_at"),
    Check: TICKED,
    RecoveryValidation: ("ticked", *TICKED),
    Metric: ("measured_at", "measured_by"),
}
UNTOUCHED = (None, "", "todo", False)
TIMES = ("created_at", "updated_at", "submitted_at", "started_at", "finished_at", "rolled_back_at")


def account_of(operation: Operation, sections: Iterable[Loaded]) -> dict[str, Any]:
    """The account of ``operation``, whose sections are ``sections``."""
    titles = {row.key: row.title for own in sections for row in own.rows.values() if isinstance(row, TitledRow)}
    return {
        "number": operation.pk,
        "reference": operation.reference,
        "state": operation.state,
        "outcome": operation.outcome,
        "times": {name: moment(getattr(operation, name)) for name in TIMES},
        "afterwards": operation.afterwards_reason,
        "emergency": _emergency(operation),
        "rollback": {"trigger": operation.rollback_trigger, "reason": operation.rollback_reason},
        "start_conditions": operation.start_conditions,
        "run": _run(sections),
        "in_charge": named(operation.in_charge),
        "stops": operation.stops,
        "unplanned": [_unplanned(step) for step in _added(operation)],
        "revisions": _revisions(list(operation.revisions.order_by("number").select_related("submitted_by"))),
        "final_texts": _final_texts(list(operation.final_texts.order_by("number").select_related("frozen_by"))),
        "addenda": [_addendum(one) for one in addenda_of(operation)],
        "comments": [said_as_json(one) for one in said_on(operation)],
        "log": [
            {
                "at": moment(entry.at),
                "written_at": moment(entry.written_at),
                "person": named(entry.person),
                "kind": entry.kind,
                "text": entry.text,
                "step": entry.step_key,
                "title": titles.get(entry.step_key, ""),
                "looked": _looked(entry),
                "evidence": _evidence(entry.evidence),
            }
            for entry in operation.log.select_related("person", "evidence")
            .defer("evidence__content")
            .order_by("at", "pk")
        ],
    }


def _looked(entry: LogEntry) -> str | None:
    """What a look at a trigger came to, "ok" or "close"; None for what is no look."""
    if looked_in(entry) is None:
        return None
    return "ok" if entry.kind == NoteKind.NOTE else "close"


def said_as_json(one: Said) -> dict[str, Any]:
    """A comment that was sent, or an answer to one."""
    return {
        "number": one.number,
        "answers": one.thread or None,
        "revision": one.revision,
        "key": one.key,
        "label": one.label,
        "must_settle": one.must_settle,
        "person": {"user": one.user, "name": one.person},
        "at": moment(one.at),
        "text": one.text,
        "settled_at": moment(one.settled_at),
    }


def _emergency(operation: Operation) -> dict[str, str | None] | None:
    """What was said at an emergency start, and until when the rest of the plan is due."""
    if not operation.emergency:
        return None
    told = {name: operation.emergency[name] for name in QUESTIONS}
    return {**told, "plan_due_at": moment(operation.plan_due_at)}


def moment(at: dt.datetime | None) -> str | None:
    """A time as text, always in UTC."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if at else None


def named(person: Person | None) -> dict[str, str] | None:
    """A person as other sites may know them: by user name and name."""
    return {"user": person.username, "name": person.name} if person else None


def _run(sections: Iterable[Loaded]) -> dict[str, dict[str, Any]]:
    run = {}
    for row in (row for own in sections for row in own.rows.values()):
        values = {name: getattr(row, name) for name in RUN.get(type(row), ())}
        if facts := {name: _plain(value) for name, value in values.items() if value not in UNTOUCHED}:
            run[row.key] = facts
    return run


def _added(operation: Operation) -> Iterable[Step]:
    steps = Step.in_run.filter(section__operation=operation, unplanned=True)
    return steps.select_related("worked_by", "witnessed_by").order_by("position")


def _unplanned(step: Step) -> dict[str, Any]:
    """A step that was added during the run: what it was, and what became of it."""
    facts = {name: _plain(getattr(step, name)) for name in RUN[Step]}
    told = {"key": step.key, "title": step.title, "reason": step.text, "parts": step.parts, **facts}
    return told | ({"written_as": step.written_as} if step.written_as else {})


def _evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    """A kept file by its name and digest; its bytes leave beside the record."""
    names = ("name", "media_type", "size", "sha256")
    return {name: getattr(evidence, name) for name in names} if evidence else None


def _plain(value: object) -> Any:
    if isinstance(value, Person):
        return named(value)
    return moment(value) if isinstance(value, dt.datetime) else value


def _revisions(revisions: Sequence[Revision]) -> list[dict[str, Any]]:
    told = given_on(revisions)
    return [_revision(revision, told.get(revision.pk, ())) for revision in revisions]


def _final_texts(finals: Sequence[FinalText]) -> list[dict[str, Any]]:
    told = given_on(finals)
    return [_final_text(final, told.get(final.pk, ())) for final in finals]


def _revision(revision: Revision, told: Iterable[Given]) -> dict[str, Any]:
    return {
        "number": revision.number,
        "digest": revision.digest,
        "template_digest": revision.template_digest,
        "plan_text": _base64(revision.plan_text),
        "annex": _base64(revision.annex),
        "rule": _base64(revision.rule),
        "content": _base64(revision.content),
        "submitted_at": moment(revision.submitted_at),
        "submitted_by": named(revision.submitted_by),
        "note": revision.note,
        "decisions": [_decision(one) for one in told],
    }


def _final_text(final: FinalText, told: Iterable[Given]) -> dict[str, Any]:
    return {
        "number": final.number,
        "digest": final.digest,
        "text": _base64(final.text),
        "content": _base64(final.content),
        "frozen_at": moment(final.frozen_at),
        "frozen_by": named(final.frozen_by),
        "decisions": [_decision(one) for one in told],
    }


def _addendum(one: Added) -> dict[str, Any]:
    """What was added after the end: the text as it was written, and what became of it."""
    return {
        "number": one.addendum.number,
        "text": one.text,
        "final_text": one.addendum.final_text.digest,
        "digest": one.addendum.digest,
        "written_at": moment(one.addendum.written_at),
        "written_by": named(one.addendum.written_by),
        "decisions": [_decision(one.decision)] if one.decision else [],
    }


def _decision(one: Given) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "person": {"user": one.user, "name": one.person},
        "role": one.role,
        "roles": list(one.roles),
        "at": moment(one.at),
        "reason": one.words,
        "digest": one.digest,
    }


def _base64(data: bytes | memoryview) -> str:
    return base64.b64encode(data).decode()

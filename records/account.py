"""What this site knows of a record beside its text: state, times, run, revisions, decisions, log, as plain data."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable
from typing import Any

from records.assembly import Loaded
from records.models import Check, FinalText, Metric, Operation, Person, Revision, Step
from records.models.row import Row

# What the run wrote into the rows: who did what, and when.
RUN: dict[type[Row], tuple[str, ...]] = {
    Step: ("status", "started_at", "ended_at", "worked_by", "run_reason"),
    Check: ("ticked_at", "ticked_by", "unticked_because"),
    Metric: ("measured_at", "measured_by"),
}
UNTOUCHED = (None, "", "todo")
TIMES = ("created_at", "updated_at", "submitted_at", "started_at", "finished_at", "rolled_back_at")


def account_of(operation: Operation, sections: Iterable[Loaded]) -> dict[str, Any]:
    """The account of ``operation``, whose sections are ``sections``."""
    return {
        "number": operation.pk,
        "reference": operation.reference,
        "state": operation.state,
        "outcome": operation.outcome,
        "times": {name: moment(getattr(operation, name)) for name in TIMES},
        "rollback": {"trigger": operation.rollback_trigger, "reason": operation.rollback_reason},
        "start_conditions": operation.start_conditions,
        "run": _run(sections),
        "revisions": [_revision(revision) for revision in _frozen(operation.revisions)],
        "final_texts": [_final_text(final) for final in _frozen(operation.final_texts)],
        "log": [
            {
                "at": moment(entry.at),
                "person": named(entry.person),
                "kind": entry.kind,
                "text": entry.text,
                "step": entry.step_key,
            }
            for entry in operation.log.select_related("person").order_by("at", "pk")
        ],
    }


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


def _plain(value: object) -> Any:
    if isinstance(value, Person):
        return named(value)
    return moment(value) if isinstance(value, dt.datetime) else value


def _frozen(manager: Any) -> list[Any]:
    """Revisions or final texts, oldest first. Their decisions are asked for by name: who decides is above this app."""
    return list(manager.order_by("number").prefetch_related("decisions__person"))


def _revision(revision: Revision) -> dict[str, Any]:
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
        "decisions": _decisions(revision),
    }


def _final_text(final: FinalText) -> dict[str, Any]:
    return {
        "number": final.number,
        "digest": final.digest,
        "text": _base64(final.text),
        "content": _base64(final.content),
        "frozen_at": moment(final.frozen_at),
        "frozen_by": named(final.frozen_by),
        "decisions": _decisions(final),
    }


def _decisions(frozen: Any) -> list[dict[str, Any]]:
    return [
        {
            "kind": decision.kind,
            "person": {"user": decision.person.username, "name": decision.person_name},
            "role": decision.role,
            "roles": decision.roles,
            "at": moment(decision.at),
            "reason": decision.reason,
            "digest": decision.digest,
        }
        for decision in frozen.decisions.all()
    ]


def _base64(data: bytes | memoryview) -> str:
    return base64.b64encode(data).decode()

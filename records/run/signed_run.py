"""What a run left behind beside the final text, as one digest: the operator's signature binds it, and it is made anew
whenever the trail is checked. Times, ticks, values, the log, and who was who: nobody changes them once that is signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Manager

from records.audit import Fault, facts_in, reading
from records.document.digest import canonical_json, sha256
from records.life_cycle import Act
from records.models import AuditEntry, Check, LogEntry, Metric, Operation, RecoveryValidation, Step

SCHEMA = 1
RECORD = (
    *("template_id", "title", "risk_level", "service_impact", "window_start", "window_end"),
    *("author_id", "operator_id", "supervisor_id", "in_charge_id"),
    *("started_at", "finished_at", "rolled_back_at", "rollback_trigger", "rollback_reason"),
    *("afterwards_reason", "emergency", "start_conditions", "stops"),
)
LISTS = ("co_authors", "deputies", "team")
TICKED = ("ticked", "ticked_at", "ticked_by_id", "evidence", "unticked_because", "observe_until")
WORKED = ("status", "started_at", "ended_at", "worked_by_id", "run_reason", "witnessed_by_id", "witnessed_at")
ROWS: tuple[tuple[str, Manager[Any], tuple[str, ...]], ...] = (
    ("steps", Step.in_run, ("title", "text", "parts", "unplanned", "written_as", *WORKED)),
    ("checks", Check.objects, ("text", *TICKED)),
    ("validations", RecoveryValidation.objects, ("title", *TICKED)),
    ("values", Metric.objects, ("name", "unit", "before", "after", "measured_at", "measured_by_id")),
)
EVIDENCE = ("evidence__name", "evidence__media_type", "evidence__size", "evidence__sha256")
LINE = ("at", "written_at", "person_id", "person_name", "kind", "text", "step_key", *EVIDENCE)
CHUNK = 200


def run_digest(operation: Operation) -> str:
    """The digest of what the run of ``operation`` left behind, as the database has it now."""
    return _digests([operation.pk])[operation.pk]


def _digests(records: Collection[int]) -> Mapping[int, str]:
    """The digest of each of ``records`` by its key. Nine queries for all of them."""
    told: dict[int, dict[str, Any]] = {pk: {"schema": SCHEMA} for pk in records}
    for pk, *values in Operation.objects.filter(pk__in=records).values_list("pk", *RECORD):
        told[pk]["record"] = dict(zip(RECORD, map(_plain, values), strict=True))
    for name in LISTS:
        named = Operation.objects.filter(pk__in=records, **{f"{name}__isnull": False}).order_by()
        for pk, person in sorted(named.values_list("pk", name)):
            told[pk].setdefault(name, []).append(person)
    for name, rows, columns in ROWS:
        found = rows.filter(section__operation__in=records).order_by("key", "pk")
        for pk, *values in found.values_list("section__operation", "key", *columns):
            told[pk].setdefault(name, []).append([_plain(value) for value in values])
    lines = LogEntry.objects.filter(operation__in=records).order_by("pk")
    for pk, *values in lines.values_list("operation", *LINE):
        told[pk].setdefault("log", []).append([_plain(value) for value in values])
    return {pk: sha256(canonical_json(own)) for pk, own in told.items()}


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value


def first_rewritten() -> Fault | None:
    """The first signature of an operator over a run that is told otherwise now. The first release's bound no run."""
    signed: dict[int, tuple[int, Any]] = {}
    acts = AuditEntry.objects.filter(act__in=[Act.SIGN_AS_OPERATOR, Act.REOPEN_RUN]).order_by("number")
    for entry in acts.iterator(chunk_size=2000):
        with reading(entry):
            signed[entry.operation_id or 0] = entry.number, facts_in(entry).get("run")
    # A run that was opened again goes on, until it is signed anew.
    bound = sorted((number, pk, digest) for pk, (number, digest) in signed.items() if digest is not None)
    for start in range(0, len(bound), CHUNK):
        some = bound[start : start + CHUNK]
        now = _digests([pk for _number, pk, _digest in some])
        for number, pk, digest in some:
            if now.get(pk) != digest:
                return Fault(number, f"what the run of record {pk} left behind is no longer what its operator signed")
    return None

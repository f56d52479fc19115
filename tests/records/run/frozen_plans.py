"""The frozen plan of the PostgreSQL record, and its steps as a night has written them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from records.document.exchange import to_json
from records.document.read import read_record, read_template
from records.models import OperationTemplate, Revision, StepStatus
from records.run.plan import RunPlan, run_plan
from tests.make import RECORD, TEMPLATES

NIGHT = dt.datetime(2026, 12, 6, tzinfo=dt.UTC)


@dataclass
class Row:
    """A step as the run has written it so far."""

    status: str
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


def at(clock_time: str) -> dt.datetime:
    hours, minutes = clock_time.split(":")
    return NIGHT + dt.timedelta(hours=int(hours), minutes=int(minutes))


def done(began: str, ended: str) -> Row:
    return Row(StepStatus.DONE, at(began), at(ended))


def template() -> OperationTemplate:
    name = "infrastructure-operation"
    toml = (TEMPLATES / f"{name}.toml").read_text()
    return OperationTemplate(text=(TEMPLATES / f"{name}.md").read_bytes().decode(), toml=toml)


def frozen(facts: dict[str, dict[str, object]]) -> RunPlan:
    """The PostgreSQL plan as a revision holds it, with plan facts by row."""
    own = template()
    document = read_record(RECORD.read_bytes().decode(), read_template(own.text))
    annex = {"schema": 1, "people": {}, "rows": {"any": facts}}
    content = json.dumps(to_json(document)).encode()
    return run_plan(Revision(content=content, annex=json.dumps(annex).encode()), own)

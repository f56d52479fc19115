"""The columns of a record that are read off its text, so that lists need not read it."""

from __future__ import annotations

from records.facts import Facts
from records.models import Operation, Outline
from records.models.operation import is_operation_id

# Which line tells a column; where the template binds none, the column is the record's own (``records.opening``).
TOLD_BY = {
    "risk_level": "risk",
    "risk_rank": "risk",
    "service_impact": "impact",
    "window_start": "date",
    "window_end": "date",
    "operation_id": "id",
}


def apply_facts(operation: Operation, facts: Facts, outline: Outline | None, *, title_only: bool) -> list[str]:
    """Set the columns that are read off the text; the ID only while nothing was submitted. Returns their names."""
    columns = {
        "title": facts.title[:300],
        "risk_level": facts.risk_level[:60],
        "risk_rank": facts.risk_rank,
        "service_impact": facts.service_impact[:60],
        "window_start": facts.window_start,
        "window_end": facts.window_end,
    }
    if not title_only:
        # Another form stays in the text, and is mended before submission.
        columns["operation_id"] = facts.operation_id if is_operation_id(facts.operation_id) else None
    told = [name for name in columns if name == "title" or (outline and outline.bound(TOLD_BY[name]))]
    for name in told:
        setattr(operation, name, columns[name])
    return told

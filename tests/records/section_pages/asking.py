"""A section's page as its people ask for it, the keys of its fields, and what the database has of them."""

from __future__ import annotations

import json
from pathlib import Path

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, Person
from tests.browserless import Page, look
from tests.people import signed_in

ROOT = Path(__file__).parents[3]
STEPS, RECOVERY, RISKS = "infrastructure-operation-steps", "disaster-recovery-plan", "infrastructure-risk-assessment"
SUMMARY, VERIFY, STATE = (
    "operation-summary",
    "post-operation-infrastructure-verification",
    "pre-operation-infrastructure-state",
)
PHASE = f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm"
COST = f"{SUMMARY}/infrastructure-rationale/cost-optimization"
USERS = f"{SUMMARY}/business-impact/user-experience"


def page(person: Person, operation: Operation, key: str, query: str = "") -> Page:
    found = look(signed_in(person), f"/records/{operation.pk}/sections/{key}/{query}")
    assert found.status == 200
    return found


def table(operation: Operation, key: str) -> dict[str, str]:
    return table_of(document_of(operation).section(key))


def rows(operation: Operation, key: str, block: str) -> list[str]:
    return list(json.loads(table(operation, key)[f"{block}.rows"]))

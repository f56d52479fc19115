"""Names in the given template, what another version calls them, and a record as its text."""

from __future__ import annotations

from records.content.assembly import document_of
from records.document.write import write
from records.models import Operation
from tests import make

SUMMARY = "operation-summary"
COMPLIANCE = f"{SUMMARY}/infrastructure-rationale/compliance"
RISKS, RENAMED_RISKS = "infrastructure-risk-assessment", "risks-and-mitigations"
IMPACT, RENAMED_IMPACT = f"{SUMMARY}/business-impact", f"{SUMMARY}/what-it-means-for-the-business"
RULES = f"{SUMMARY}/infrastructure-rationale/rules-to-follow"
OUTAGE = "high-infrastructure-risks-mitigated/service-outage"


def text_of(operation: Operation) -> str:
    return write(document_of(make.fresh(operation)))

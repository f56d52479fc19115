"""Who decides is told from the first page on: where the risk is chosen, above the draft, in review, by the rule."""

from __future__ import annotations

import pytest

from approvals.models import ApprovalRule
from records.models import Operation, OperationTemplate, Role
from records.writing.saving import save_section
from tests import make
from tests.browserless import seen
from tests.people import Cast

pytestmark = pytest.mark.django_db
TWO = "a DevOps supervisor and an infrastructure approver"


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


def test_choosing_the_risk_shows_who_approves_then(cast: Cast, draft: Operation, template: OperationTemplate) -> None:
    assert f"Low, Medium: a supervisor. High, Critical: {TWO}." in seen(cast.mara, "record_new", template=template.pk)
    page = seen(cast.mara, "section", draft.pk, "header")
    assert "Low approved by a supervisor" in page and f"Critical approved by {TWO}" in page
    assert page.count("approved by") == 4, "only the risk level, no other choice"
    ApprovalRule.objects.create(template=template, risk_level="Low", roles=[Role.INFRASTRUCTURE_APPROVER.value])
    assert "Low approved by an infrastructure approver" in seen(cast.mara, "section", draft.pk, "header")


def test_a_draft_says_who_decides_by_the_level_as_it_is_now(cast: Cast, draft: Operation) -> None:
    assert f"Decides {TWO}" in seen(cast.mara, "record", draft.pk)
    for level, who in (("Medium", "Tomas Okafor (supervisor)"), ("", "known once a risk level is chosen")):
        own = draft.sections.get(key="header")
        values = {"header/risk-level": level}
        save_section(operation=draft, key="header", version=own.version, values=values, by=cast.mara, at=make.PLANNED)
        assert f"Decides {who}" in seen(cast.mara, "record", draft.pk)


def test_in_review_the_rail_counts_and_the_rule_is_the_copied_one(cast: Cast, draft: Operation) -> None:
    operation = make.submit(cast, draft)
    ApprovalRule.objects.create(template=operation.template, risk_level="High", roles=[Role.SUPERVISOR.value])
    page = seen(cast.mara, "record", operation.pk)
    assert f"Decides {TWO}" in page and "In review 0 of 2 signed" in page
    assert f"Approved by 2: {TWO}" in page
    make.approve_by(cast, operation, "tomas")
    assert "In review 1 of 2 signed" in seen(cast.mara, "record", operation.pk)
    make.approve_by(cast, operation, "ada")
    assert "Decides" not in seen(cast.mara, "record", operation.pk)

"""The night of an emergency: begun with a draft, from nothing, and with its plan complete."""

from __future__ import annotations

import pytest
from django.utils import timezone

from approvals.emergency import start_from_nothing
from records.models import (
    Operation,
    OperationTemplate,
)
from tests import make
from tests.approvals.emergencies.asking import AT, finish
from tests.people import Cast


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def begun(cast: Cast, template: OperationTemplate) -> Operation:
    return make.begin_emergency(cast, make.make_draft(cast, template))


@pytest.fixture
def bare(cast: Cast, template: OperationTemplate) -> Operation:
    """Jun had nothing but his phone."""
    return make.fresh(start_from_nothing(template, answers=make.ANSWERS, by=cast.jun, at=AT))


@pytest.fixture
def complete(cast: Cast, begun: Operation) -> Operation:
    return make.complete_plan(cast, finish(begun, cast.jun))

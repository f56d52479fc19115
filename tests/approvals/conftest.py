"""What the tests of deciding begin with."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate, State
from tests.make import make_in
from tests.people import Cast


@pytest.fixture
def in_review(cast: Cast, template: OperationTemplate) -> Operation:
    """A plan of Mara's that waits for its approvals."""
    return make_in(State.IN_REVIEW, cast, template)

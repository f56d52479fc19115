"""What the tests of records begin with."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate
from tests.make import make_draft
from tests.people import Cast


@pytest.fixture
def full(cast: Cast, template: OperationTemplate) -> Operation:
    """A complete plan of Mara's, ready for review."""
    return make_draft(cast, template)

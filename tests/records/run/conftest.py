"""What the tests of a run begin with."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate, State
from tests import make
from tests.people import Cast


@pytest.fixture
def run(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.RUNNING, cast, template)


@pytest.fixture
def stopped(cast: Cast, run: Operation) -> Operation:
    return make.stop(make.end_phase(run), by=cast.jun)

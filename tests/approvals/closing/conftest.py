"""A record that is closed, in the morning after its night."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from records.models import Operation, OperationTemplate, State
from tests.make import NIGHT, make_in, sign
from tests.people import Cast


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT + dt.timedelta(hours=4))


@pytest.fixture
def closing(cast: Cast, template: OperationTemplate) -> Operation:
    """The work is finished, and nobody has signed."""
    return make_in(State.CLOSING, cast, template)


@pytest.fixture
def signed(cast: Cast, closing: Operation) -> Operation:
    """Its operator has signed."""
    return sign(cast, closing)

"""A night whose clock the tests move, and an operation of it that is approved, or runs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from records.models import (
    Operation,
    State,
)
from tests import make
from tests.make import NIGHT, make_in
from tests.people import Cast
from tests.records.run_pages.asking import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The night of the operation; ``clock(minutes=31)`` is that much later."""

    def at(**later: int) -> dt.datetime:
        moment = NIGHT + dt.timedelta(**later)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    at()
    return at


@pytest.fixture
def approved(cast: Cast, template, clock: Clock) -> Operation:
    return make_in(State.APPROVED, cast, template)


@pytest.fixture
def running(cast: Cast, approved: Operation) -> Operation:
    return make.start(cast, approved)

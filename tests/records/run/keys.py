"""The keys of a record's rows as tests of a run name them, and its night."""

from __future__ import annotations

import datetime as dt

from records.models import (
    Operation,
    Step,
)
from records.models.row import Row
from tests import make

NIGHT = make.NIGHT
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def key_of(model: type[Row], operation: Operation, **of: object) -> str:
    keys = model._default_manager.filter(section__operation=operation, loose=False, **of).order_by("pk")
    return str(keys.values_list("key", flat=True)[0])


def step_of(operation: Operation) -> str:
    return key_of(Step, operation, phase__isnull=False)


def procedure_of(operation: Operation) -> str:
    return key_of(Step, operation, phase__isnull=True)

"""The transaction around every act of deciding: the record locked, and a refusal kept in the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from records import audit
from records.life_cycle import acting
from records.models import Operation, Person
from records.refusals import Refused


@contextmanager
def deciding(act: str, operation: Operation, by: Person, at: dt.datetime) -> Iterator[Operation]:
    """One transaction with the record locked, as it is now. What the person may not do is refused and audited."""
    try:
        with acting(operation) as locked:
            yield locked
    except Refused as refusal:
        # The record first, then the trail's head, like every act: two that wait for each other would be a deadlock.
        with acting(operation) as locked:
            audit.record(f"{act}_refused", operation=locked, person=by, at=at, reason=str(refusal))
        raise

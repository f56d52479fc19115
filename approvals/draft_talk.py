"""A draft that was never sent for review, as those read it who may comment on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone

from approvals.commenting import could_decide
from approvals.eligibility import capacities_of
from approvals.threads import Thread, threads_on
from records.content.freezing import plan_now
from records.content.frozen import Frozen
from records.models import Operation, Person

if TYPE_CHECKING:
    from approvals.bases import Base


@dataclass(frozen=True)
class DraftReading:
    """One person's reading of a draft. ``may_ask`` is whether they could approve it, were it sent now."""

    operation: Operation
    person: Person
    threads: Sequence[Thread]
    may_ask: bool
    base: Base | None = None

    @cached_property
    def frozen(self) -> Frozen:
        """The plan as it stands."""
        return plan_now(self.operation)


def read_draft(operation: Operation, person: Person) -> DraftReading:
    """The reading of a draft by ``person``, who may see it."""
    may_ask = could_decide(operation, None, capacities_of(person, timezone.now().date()))
    return DraftReading(operation, person, threads_on(operation, person), may_ask)

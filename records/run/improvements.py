"""What the values before and after say became better: proposed to whoever closes, taken over by them alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.content.facts import written_now
from records.document.outline import Answer
from records.document.shapes import with_unit
from records.life_cycle import acting
from records.models import Metric, Operation, Person
from records.refusals import Incomplete
from records.rights import may_edit_close
from records.run.comparison import compared, number_in
from records.run.verifying import recorded
from records.writing.section_writing import write_fields


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence that a measured quantity offers: its key, the words, what the difference is, and whether it stands
    in the text already. Only what is better, within its limit, is ``likely``.
    """

    key: str
    words: str
    difference: str
    likely: bool
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """The proposals, and the line that they are for, with what it says so far."""

    line: Answer
    written: str
    proposals: tuple[Proposal, ...]


def proposed(operation: Operation) -> Proposed | None:
    """What the measured values propose; None for a template without a line for it. At most two queries."""
    line = operation.outline.bound("improvements") if operation.outline else None
    if line is None:
        return None
    written = written_now(operation, "improvements")
    metrics = Metric.objects.filter(section__operation=operation, loose=False, after__isnull=False)
    rows = metrics.order_by("section__position", "position")
    return Proposed(line, written, tuple(_proposals(rows, written)))


def _proposals(rows: Iterable[Metric], written: str) -> Iterable[Proposal]:
    for row in rows:
        after = recorded(row)
        told = compared(row.before, after, row.unit, row.limit, row.lower_is_better)
        if told.x is None or number_in(row.before) == number_in(after):
            continue
        words = f"{row.name}: {with_unit(row.before, row.unit)} → {with_unit(after, row.unit)}"
        yield Proposal(row.key, words, told.words, bool(told.better) and not told.beyond_limit, words in written)


def take_over_values(
    operation: Operation, *, keys: Collection[str], by: Person, at: dt.datetime | None = None
) -> tuple[str, ...]:
    """Add the proposals of these metrics to the line for them, behind what somebody wrote; those that are new there.

    Raises Incomplete if none is chosen, Refused once the final text is signed.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_edit_close(by, locked).insist()
        found = proposed(locked)
        chosen = [one for one in (found.proposals if found else ()) if one.key in keys]
        if found is None or not chosen:
            raise Incomplete([_("which values to take over")])
        fresh = tuple(one.words for one in chosen if not one.is_taken)
        if fresh:
            text = "; ".join(filter(None, (found.written, *fresh)))
            key = found.line.key
            write_fields(locked, key.partition("/")[0], {key: text}, by=by, at=at)
            audit.record("take_over_values", operation=locked, person=by, at=at, values=list(fresh))
    return fresh

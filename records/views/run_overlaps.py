"""Steps whose corrected times don't fit those of the steps beside them, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from records.models import LogEntry
from records.run.clock import clock_words
from records.views.run_steps import StepShown


def tell_overlaps(steps: Sequence[StepShown], log: Iterable[LogEntry]) -> None:
    """Say at each step whose times were corrected, while they still can be, which other it overlaps.

    ``steps`` are in the order of the plan. Times are written to the minute: within the same one nothing overlaps.
    """
    corrected = {entry.step_key for entry in log if entry.kind == "correct_times"}
    for at, step in enumerate(steps):
        if step.is_correctable and step.key in corrected:
            step.overlaps = [*_begun_before(step, steps[:at]), *_ended_after(step, steps[at + 1 :])]


def _begun_before(step: StepShown, earlier: Sequence[StepShown]) -> Iterator[str]:
    words = _("Begun at %(time)s, before step %(step)s had ended at %(other)s.")
    for one in earlier:
        if one.row and step.row and _is_before(step.row.begun_at, one.row.ended_at if one.row.begun_at else None):
            yield words % _told(step.row.begun_at, one, one.row.ended_at)


def _ended_after(step: StepShown, later: Sequence[StepShown]) -> Iterator[str]:
    words = _("Ended at %(time)s, after step %(step)s was begun at %(other)s.")
    for one in later:
        if one.row and step.row and _is_before(one.row.begun_at, step.row.ended_at):
            yield words % _told(step.row.ended_at, one, one.row.begun_at)


def _told(own: dt.datetime | None, other: StepShown, its: dt.datetime | None) -> dict[str, str]:
    assert own and its
    return {"time": clock_words(own), "step": other.number, "other": clock_words(its)}


def _is_before(one: dt.datetime | None, other: dt.datetime | None) -> bool:
    return bool(one and other and one.replace(second=0, microsecond=0) < other.replace(second=0, microsecond=0))

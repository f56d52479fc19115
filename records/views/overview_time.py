"""The time plan of a record as it is written now, with its way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from records.document.answers import Filled, answer_in
from records.models import Operation, Phase, Section, Step
from records.run.time_plan import Span, TimePlan, duration, rollback_deadline, time_plan
from records.times import Start, phase_moments, start_in


def time_of(
    operation: Operation, sections: Sequence[Section], phases: Sequence[Phase], steps: Sequence[Step]
) -> dict[str, Any]:
    """The picture of the time plan, with the way back."""
    start = _start(operation, sections)
    if start is None or not phases:
        return {"plan": TimePlan()}
    windows = [(p.start, p.end) if p.start is not None and p.end is not None else None for p in phases]
    moments = phase_moments(start, windows)
    spans = [_span(phase, pair) for phase, pair in zip(phases, moments, strict=True)]
    back = [step.minutes for step in steps if step.plan_id]
    deadline = rollback_deadline(operation.window_end, back)
    total = sum(one for one in back if one is not None) if deadline else None
    length = (operation.window_end - start.at).total_seconds() / 60 if operation.window_end else 0
    note = _("%(length)s, all times UTC") % {"length": duration(length)} if length > 0 else ""
    return {"plan": time_plan(spans, rollback=total, deadline=deadline), "plan_note": note}


def _span(phase: Phase, moments: tuple[dt.datetime, dt.datetime] | None) -> Span:
    start, end = moments or (None, None)
    return Span(phase.title, start, end, written=_window_of(phase))


def _window_of(phase: Phase) -> str:
    """The window as written, "" where the template's placeholder still stands."""
    return phase.window if isinstance(answer_in(phase.window, "HH:MM-HH:MM"), Filled) else ""


def _start(operation: Operation, sections: Sequence[Section]) -> Start | None:
    """When it starts, on the clock of its own lines; a record without such lines has it in UTC."""
    outline = operation.outline
    lines = [outline.bound(fact) if outline else None for fact in ("date", "time")]
    texts = [next((s.answers[line.key] for s in sections if line and line.key in s.answers), "") for line in lines]
    if lines[0]:
        return start_in(*texts)
    return Start(operation.window_start, "UTC") if operation.window_start else None

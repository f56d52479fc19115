"""What a record's text says of itself: title, ID, risk level, window. Read off it, never stored instead of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from records.document.answers import Answer, Empty, Filled, answer_in
from records.document.outline import Document
from records.document.shapes import without_break
from records.models import Operation, Outline
from records.times import phase_moments, start_in, window_in
from records.window_end import end_of


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a record, each empty or None where it isn't said or can't be understood."""

    title: str = ""
    operation_id: str = ""
    risk_level: str = ""
    risk_rank: int | None = None
    service_impact: str = ""
    window_start: dt.datetime | None = None
    window_end: dt.datetime | None = None
    zone: str = ""


def bound_text(document: Document, outline: Outline | None, fact: str) -> str:
    """What stands in the line bound to ``fact``; empty where it is unanswered or there is no such line."""
    line = outline.bound(fact) if outline else None
    if line is None:
        return ""
    text = next((a.text for s in document.sections for a in s.answers() if a.key == line.key), "")
    answer = answer_in(without_break(text), without_break(line.text))
    return answer.text if isinstance(answer, Filled) else ""


def answer_now(operation: Operation, fact: str) -> Answer:
    """What stands in the record's line bound to ``fact``, Empty where it has none; one query."""
    return _now(operation, fact)[1]


def text_now(operation: Operation, fact: str) -> str:
    """The words of ``answer_now``, whatever they answer; empty where nobody did."""
    text, answer = _now(operation, fact)
    return "" if isinstance(answer, Empty) else text


def _now(operation: Operation, fact: str) -> tuple[str, Answer]:
    line = operation.outline.bound(fact) if operation.outline else None
    if line is None:
        return "", Empty()
    answers = operation.sections.filter(key=line.key.partition("/")[0]).values_list("answers", flat=True).first()
    text = without_break((answers or {}).get(line.key, ""))
    return text, answer_in(text, without_break(line.text))


def facts_of(document: Document, outline: Outline | None) -> Facts:
    """The facts in ``document``."""
    title = document.title
    placeholder = outline.texts.get("title", "") if outline else ""
    answered = isinstance(answer_in(title, placeholder), Filled)
    level = bound_text(document, outline, "risk")
    levels = outline.settings.levels if outline else ()
    start, end, zone = window_of(document, outline)
    return Facts(
        title=title if answered else "",
        operation_id=bound_text(document, outline, "id").strip("`"),
        risk_level=level,
        risk_rank=levels.index(level) + 1 if level in levels else None,
        service_impact=bound_text(document, outline, "impact"),
        window_start=start,
        window_end=end,
        zone=zone,
    )


def window_of(document: Document, outline: Outline | None) -> tuple[dt.datetime | None, dt.datetime | None, str]:
    """From the header's date and time to the line of the end, else the end of the last phase; the zone as written."""
    start = start_in(bound_text(document, outline, "date"), bound_text(document, outline, "time"))
    if start is None:
        return None, None, ""
    windows = [window_in(group.phase.window) for s in document.sections for group in s.groups if group.phase]
    end = end_of(start, bound_text(document, outline, "end"), phase_moments(start, windows))
    return start.at, end, start.zone

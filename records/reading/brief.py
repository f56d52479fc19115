"""The brief that a first review opens on: what, where, when, what could go wrong, how to get back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from records.content.facts import bound_text
from records.content.frozen import Frozen
from records.document.answers import Filled, NotApplicable, ToConfirm, answer_in
from records.document.blocks import in_free
from records.document.fields import fields_of
from records.document.outline import FREE, Answer, Document, Item, Rows
from records.models import Outline
from records.run.plan import PlannedStep, RunPlan
from records.writing.readiness import is_left_out, is_set_aside, said_in

MOST_RISKS = 5


@dataclass(frozen=True, slots=True)
class BriefRisk:
    """A risk, the title of the list it stands in, and its text."""

    level: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """A field that holds no answer of its own: not applicable, or to be confirmed by a date, because of a reason."""

    label: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a reader has to know first. ``what`` is Markdown, as it stands in the plan; ``unasked`` counts the fields
    that the risk level doesn't ask for.
    """

    what: str
    hosts: tuple[str, ...]
    phases: int
    steps: int
    start: dt.datetime | None
    end: dt.datetime | None
    risks: tuple[BriefRisk, ...]
    more_risks: int
    procedures: tuple[PlannedStep, ...]
    rollback_minutes: int | None
    rollback_deadline: dt.datetime | None
    points_of_no_return: tuple[PlannedStep, ...]
    not_applicable: tuple[Open, ...]
    to_confirm: tuple[Open, ...]
    unasked: int


def brief_of(plan: Frozen, run: RunPlan, outline: Outline | None) -> Brief:
    """The brief of a frozen plan."""
    levels = outline.settings.levels if outline else ()
    texts = outline.texts if outline else {}
    risks = sorted(_risks(plan.document, texts), key=lambda risk: -_rank(risk.level, levels))
    away, confirm, unasked = _opens(plan.document, outline)
    every = (*run.steps, *run.procedures)
    return Brief(
        what=_what(plan.document, texts),
        hosts=tuple(dict.fromkeys(host for step in run.steps for host in _split(step.host))),
        phases=len(run.phases),
        steps=len(run.steps),
        start=run.start,
        end=run.end,
        risks=tuple(risks[:MOST_RISKS]),
        more_risks=max(len(risks) - MOST_RISKS, 0),
        procedures=run.procedures,
        rollback_minutes=run.rollback_minutes,
        rollback_deadline=run.rollback_deadline,
        points_of_no_return=tuple(step for step in every if step.point_of_no_return),
        not_applicable=tuple(away),
        to_confirm=tuple(confirm),
        unasked=unasked,
    )


def _what(document: Document, texts: Mapping[str, str]) -> str:
    """The first free text after the header that somebody wrote, spelled as the plan spells it: what stands there as
    text is no heading or list of the brief.
    """
    free = (
        in_free(answer.text, answer.shape)
        for section in document.sections
        if section.kind == "section"
        for answer in section.answers()
        if answer.shape in FREE
        and answer.text != texts.get(answer.key, "")
        and _is_said(answer.text, texts.get(answer.key, ""))
    )
    return next(free, "")


def _split(hosts: str) -> Iterable[str]:
    return (host.strip() for host in hosts.split(",") if host.strip())


def _risks(document: Document, texts: Mapping[str, str]) -> Iterator[BriefRisk]:
    """The risks of which something is said, a placeholder being nothing."""
    for section in document.sections:
        for group in section.groups:
            for block in group.blocks:
                if isinstance(block, Rows) and block.kind == "risks":
                    items = (row for row in block.rows if isinstance(row, Item) and not is_set_aside(row))
                    found = ((item, _risk_text(item, texts)) for item in items)
                    yield from (
                        BriefRisk(group.title, *((item.title, text) if _is_said(item.title, "") else (text, "")))
                        for item, text in found
                        if text or (_is_said(item.title, "") and item.title != texts.get(f"{item.key}.title"))
                    )


def _risk_text(item: Item, texts: Mapping[str, str]) -> str:
    """The risk's own words, else its first measure; what nobody answered is none."""
    own = [item.text] if _is_said(item.text, texts.get(f"{item.key}.text", "")) else []
    parts = (part for part in item.parts if isinstance(part, Answer))
    measures = (f"{part.label}: {part.text}" for part in parts if _is_said(part.text, texts.get(part.key, "")))
    return next((text for text in (*own, *measures)), "")


def _is_said(text: str, template: str) -> bool:
    return isinstance(answer_in(text, template), Filled)


def _rank(title: str, levels: Sequence[str]) -> int:
    """How high a list of risks is; one that names no level comes first: it may hold anything."""
    words = title.lower().split()
    return next((at for at, level in enumerate(levels, 1) if level.lower() in words), len(levels) + 1)


def _opens(document: Document, outline: Outline | None) -> tuple[list[Open], list[Open], int]:
    texts, level = outline.texts if outline else {}, bound_text(document, outline, "risk")
    away, confirm, unasked = [], [], 0
    for section in document.sections:
        for field in fields_of(section):
            label = f"{section.title}: {field.label}" if section.title else field.label
            match said_in(field, texts.get(field.key, "")):
                case NotApplicable() if outline and is_left_out(field, outline, level):
                    unasked += 1
                case NotApplicable(reason):
                    away.append(Open(label, reason))
                case ToConfirm(by, reason):
                    confirm.append(Open(label, reason, by))
    return away, confirm, unasked

"""What kind a block is of: in a template by its shape and place, in a record by what the template wants there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from records.document.leaves import (
    metrics_in_fence,
)
from records.document.outline import (
    Answer,
    Block,
    Document,
    Group,
    Phase,
    Rows,
    Section,
)
from records.document.shapes import TREATMENT, Keys
from records.document.spans import Span


def recovery_kinds(document: Document) -> dict[str, str]:
    """The groups around numbered work without a window: what triggers it before, what validates it after.

    A section that holds such procedures is a way back; its labelled bullets are rows, since people add some.
    """
    kinds: dict[str, str] = {}
    for section in document.sections:
        seen = False
        for group in section.groups if _has_procedures(section) else ():
            if any(isinstance(b, Rows) for b in group.blocks):
                seen = True
            elif group.blocks and all(isinstance(b, Answer) and b.shape == "bullet" for b in group.blocks):
                kinds[group.key] = "validations" if seen else "triggers"
    return kinds


def _has_procedures(section: Section) -> bool:
    rows = [b for g in section.groups if not g.phase for b in g.blocks if isinstance(b, Rows)]
    return any(row.kind == "steps" for row in rows) and not any(group.phase for group in section.groups)


@dataclass(frozen=True, slots=True)
class Guide:
    """What the template says of one group: the kinds of its blocks in order, and the rows it knows."""

    wants: list[str]
    rows: dict[str, Rows]
    answers: frozenset[str]
    sole_text: bool


def guide_of(group: Group | None, phase: Phase | None) -> Guide:
    """What the template says of ``group``; a phase that it does not know holds steps, any other group nothing."""
    if group is None and not phase:
        return Guide([], {}, frozenset(), False)
    if group is None:
        return Guide(["steps"], {}, frozenset(), False)
    wants: list[str] = []
    for block in group.blocks:
        want = _want(block)
        if want and (want in ("fence",) or wants[-1:] != [want]):
            wants.append(want)
    rows: dict[str, Rows] = {b.kind: b for b in group.blocks if isinstance(b, Rows)}
    answers = [b for b in group.blocks if isinstance(b, Answer)]
    sole = [b.shape for b in answers] == ["text"]
    return Guide(wants, rows, frozenset(b.key for b in answers), sole)


def _want(block: Block) -> str | None:
    if isinstance(block, Rows):
        return block.kind
    if isinstance(block, Answer):
        return {"bullet": "fields", "paragraph": "text"}.get(block.shape, block.shape)
    return None


def wanted_kind(span: Span, waiting: Sequence[str]) -> str | None:
    """The first wanted kind that ``span`` can be; rows and fields need at least one item of their shape."""
    for kind in waiting:
        if span.kind == "fence":
            fits = kind == "fence" or (kind == "metrics" and metrics_in_fence(span, Keys("")) is not None)
        elif span.kind in ("bullets", "numbered"):
            if kind == "checks":
                fits = span.ticks()
            elif kind == "fields":
                fits = span.kind == "bullets" and span.labelled()
            else:
                fits = kind in ("steps", "risks", "triggers", "validations") and (
                    any(span.titled()) or (kind == "steps" and span.kind == "numbered")
                )
        else:
            fits = kind == "text" and span.kind not in ("heading", "rule")
        if fits:
            return kind
    return None


def kind_in_template(span: Span, told: str | None, head: Span | None, phase: Phase | None) -> str | None:
    """The kind of a template's block: what the settings say, else its shape and its place."""
    if told == "text":
        return "fence" if span.kind == "fence" else "text"
    if span.kind == "fence":
        return "metrics" if metrics_in_fence(span, Keys(""), template=True) else "fence"
    if span.kind == "paragraph":
        return "text"
    if span.kind not in ("bullets", "numbered"):
        return None
    if told and told != "metrics":
        return told
    if span.ticks() and not span.untitled_besides_ticks():
        return "checks"
    if not all(span.titled()):
        return None
    if head and not phase and TREATMENT.fullmatch(head.content):
        return "risks"
    if span.kind == "numbered":
        return "steps"
    return "fields" if span.labelled_throughout() else None

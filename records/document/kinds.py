"""What kind a block is of: in a template by its shape and place, in a record by what the template wants there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from records.document.leaves import (
    metrics_in_fence,
)
from records.document.outline import (
    FREE,
    Answer,
    Block,
    Document,
    Group,
    Phase,
    Rows,
    Section,
)
from records.document.shapes import TREATMENT, Keys, slug
from records.document.spans import Span
from records.document.tree import read_tree


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
class Want:
    """A block that the template has at this place; of what fits no shape, its text and the kind of its block.

    Fields that stand side by side are wanted together, in however many lists: ``labels`` are what they are called.
    """

    kind: str
    text: str = ""
    block: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """What the template says of one group: its blocks in order, and by their keys the rows and answers it knows.

    ``elsewhere`` are the kinds of rows in all phases of the section: which of them a phase is, is only a guess.
    """

    wants: tuple[Want, ...] = ()
    rows: Mapping[str, Rows] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()
    sole_text: bool = False
    elsewhere: frozenset[str] = frozenset()
    phase: Phase | None = None


def guide_of(group: Group | None, phase: Phase | None, section: Section | None) -> Guide:
    """What the template's ``section`` says of ``group``, which it knows or not."""
    if group is None:
        return Guide()
    phases = [one for one in section.groups if one.phase] if section and phase else []
    elsewhere = frozenset(block.kind for one in phases for block in one.blocks if isinstance(block, Rows))
    rows = {b.key: b for b in group.blocks if isinstance(b, Rows)}
    answers = [b for b in group.blocks if isinstance(b, Answer)]
    sole = [b.shape for b in answers] == ["text"]
    return Guide(tuple(_wants(group)), rows, frozenset(b.key for b in answers), sole, elsewhere, phase)


def guide_of_new(spans: Sequence[Span], phase: Phase, section: Section, taken: Collection[str]) -> Guide:
    """What a phase holds that the template's ``section`` does not know, beside those ``taken``: steps, as a new one.

    Or it is one of the template's under another title: that which its blocks ``spans`` fit best.
    """
    free = [one for one in section.groups if one.phase and one.key not in taken]
    others = [one for one in section.groups if one.phase]
    best = max((guide_of(one, phase, section) for one in free or others), key=lambda guide: fitting(spans, guide))
    steps = [Want("steps")] if Want("steps") not in best.wants else []
    return Guide((*best.wants, *steps), elsewhere=best.elsewhere, phase=phase)


def fitting(spans: Sequence[Span], guide: Guide) -> int:
    """How many of ``spans`` are wanted, in their order."""
    waiting, found = list(guide.wants), 0
    for span in spans:
        if (at := wanted_at(span, waiting)) is not None:
            found += 1
            del waiting[: at + 1]
    return found


def _wants(group: Group) -> list[Want]:
    wants: list[Want] = []
    for block in group.blocks:
        want = _want(block)
        if want.kind == "fields" and wants and wants[-1].kind == "fields":
            want = replace(want, labels=wants.pop().labels + want.labels)
        wants.append(want)
    return wants


def _want(block: Block) -> Want:
    if isinstance(block, Rows):
        return Want(block.kind)
    if isinstance(block, Answer):
        return Want("fields", labels=(slug(block.label),)) if block.shape == "bullet" else Want(block.shape)
    first = next((child for child in read_tree(block.text).children if child.kind != "blank"), None)
    return Want("loose", block.text, first.kind if first else "")


def wanted_at(span: Span, waiting: Sequence[Want]) -> int | None:
    """The place of the first want that ``span`` can be; rows and fields need at least one item of their shape.

    What fits no shape in the template is known again by its text; where somebody changed that, by its kind.
    """
    text = "\n".join(span.texts())
    known = (at for at, want in enumerate(waiting) if want.kind == "loose" and want.text == text)
    if (at := next(known, None)) is not None:
        return at
    if waiting and waiting[0].block == span.kind and _may_be_text(span):
        return 0
    return next((at for at, want in enumerate(waiting) if _fits(span, want.kind)), None)


def _may_be_text(span: Span) -> bool:
    return span.kind not in ("fence", "bullets", "numbered", "heading", "rule")


def _fits(span: Span, kind: str) -> bool:
    if span.kind == "fence":
        return kind == "fence" or (kind == "metrics" and metrics_in_fence(span, Keys("")) is not None)
    if span.kind not in ("bullets", "numbered"):
        return kind in FREE and _may_be_text(span)
    if kind == "checks":
        return span.ticks()
    if kind == "fields":
        return span.kind == "bullets" and span.labelled()
    return kind in ("steps", "risks", "triggers", "validations") and (
        any(span.titled()) or (kind == "steps" and span.kind == "numbered")
    )


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

"""What stands under one heading, to blocks: by shape in a template, along the template's own blocks in a record."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from records.document.kinds import Guide, kind_in_template, wanted_kind
from records.document.leaves import (
    answer_fence,
    answer_text,
    loose,
    metrics_in_fence,
)
from records.document.lists import rows_in_list
from records.document.matching import known_rows
from records.document.outline import (
    Block,
    Phase,
    Rows,
)
from records.document.shapes import Keys
from records.document.spans import Span


def blocks_in_template(
    key: str, spans: Sequence[Span], lines: Sequence[str], told: str | None, head: Span | None, phase: Phase | None
) -> list[Block]:
    """The blocks of a template's group under ``head``; ``told`` is the kind that its settings say."""
    keys, blocks = Keys(key), list[Block]()
    for span in spans:
        kind = kind_in_template(span, told, head, phase)
        blocks += _read_as(kind, [span], keys, lines, None, strict=len(spans) > 1)
    return blocks


def blocks_in_record(key: str, spans: Sequence[Span], lines: Sequence[str], guide: Guide) -> list[Block]:
    """The blocks of a record's group: those that the template wants there, in its order; the rest is kept."""
    if guide.sole_text and spans:
        return [answer_text(f"{key}/text", Span.joined(spans), strict=False)]
    keys, blocks = Keys(key), list[Block]()
    waiting, rest = list(guide.wants), deque(spans)
    while rest:
        run = [rest.popleft()]
        kind = wanted_kind(run[0], waiting)
        if kind:
            del waiting[: waiting.index(kind) + 1]
        while kind == "text" and rest and wanted_kind(rest[0], waiting) is None:
            run.append(rest.popleft())
        blocks += _read_as(kind, run, keys, lines, guide.answers, strict=True)
    return [known_rows(block, guide.rows.get(block.kind)) if isinstance(block, Rows) else block for block in blocks]


def _read_as(
    kind: str | None, run: list[Span], keys: Keys, lines: Sequence[str], known: Collection[str] | None, *, strict: bool
) -> list[Block]:
    span = run[0]
    match kind:
        case None:
            return [loose(keys.parent, keys, span)]
        case "text":
            return [answer_text(keys.give("text"), Span.joined(run), strict=strict)]
        case "fence":
            return [answer_fence(keys.give("text"), span)]
        case "metrics":
            return [metrics_in_fence(span, keys) or loose(keys.parent, keys, span)]
    return rows_in_list(span, kind, keys, lines, known)

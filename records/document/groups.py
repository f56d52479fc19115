"""What stands under one heading, to blocks: by shape in a template, along the template's own blocks in a record."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import count
from typing import get_args

from records.document.apart import apart_from_fields
from records.document.kinds import Guide, kind_in_template
from records.document.leaves import (
    answer_fence,
    answer_text,
    compared,
    loose,
    metrics_in_fence,
)
from records.document.lists import rows_in_list
from records.document.matching import known_rows
from records.document.outline import (
    FREE,
    Block,
    Phase,
    RowKind,
    Rows,
)
from records.document.shapes import Keys, slug
from records.document.spans import Span
from records.document.wants import Wants


def blocks_in_template(
    key: str, spans: Sequence[Span], lines: Sequence[str], told: str | None, head: Span | None, phase: Phase | None
) -> list[Block]:
    """The blocks of a template's group under ``head``; ``told`` is the kind that its settings say."""
    if told == "text" and any(span.kind not in ("paragraph", "fence") for span in spans):
        return [answer_text(f"{key}/text", Span.joined(spans), "text")]
    keys, taken, blocks = Keys(key), set[str](), list[Block]()
    kinds = [kind_in_template(span, told, head, phase) for span in spans]
    for at, (span, kind) in enumerate(zip(spans, kinds, strict=True)):
        if kind == "text":
            # Nothing but a blank line tells where a paragraph ends and another one, or code, begins; what stands
            # between them may all be taken out.
            rest = zip(kinds[at + 1 :], spans[at + 1 :], strict=True)
            following = next((pair for pair in rest if not _may_go(*pair)), (None, None))
            goes_on = following[0] == "text" or (following[1] is not None and following[1].kind == "indented_code")
            kind = "stanza" if goes_on else "paragraph" if len(spans) > 1 else "text"
        blocks += _named(_read_as(kind, [span], keys, lines, None), key, "", taken)
    read = [compared(block) if isinstance(block, Rows) else block for block in blocks]
    return apart_from_fields(read)


def blocks_in_record(key: str, spans: Sequence[Span], lines: Sequence[str], guide: Guide) -> list[Block]:
    """The blocks of a record's group: those that the template wants there, in its order; the rest is kept."""
    if guide.sole_text and spans:
        return [answer_text(f"{key}/text", Span.joined(spans), "text")]
    keys, blocks = Keys(key), list[Block]()
    wants, start, rest, kind = guide.wants, 0, deque(spans), ""
    taken = {want.name for want in wants.all}
    left: Counter[str] = Counter()
    while rest:
        run = [rest.popleft()]
        called = _called(run[0])
        is_more = kind == "fields" and any(left[label] > 0 for label in called)
        at = None if is_more else wants.best_place_of(run[0], start, rest)
        if at is not None:
            kind, left, start = wants.all[at].kind, Counter(wants.all[at].labels), at + 1
        elif not (kind == "fields" and _has_more_fields(run[0], guide, key)):
            by_shape = kind_in_template(run[0], None, None, guide.phase)
            kind = by_shape if by_shape and by_shape in guide.elsewhere else "loose"
        while rest and _goes_on(kind, run[-1], rest[0], wants, start):
            run.append(rest.popleft())
        left.subtract(called)
        name = "" if at is None else wants.all[at].name
        blocks += _named(_read_as(kind, run, keys, lines, guide.answers), key, name, taken)
    read = [known_rows(block, guide.rows.get(block.key)) if isinstance(block, Rows) else block for block in blocks]
    return apart_from_fields(read)


def _may_go(kind: str | None, span: Span) -> bool:
    """Whether people may take out all of a block: rows of a list, and Markdown that fits no shape."""
    return (kind in get_args(RowKind) and kind != "metrics") or (kind is None and span.kind != "indented_code")


def _goes_on(kind: str, last: Span, span: Span, wants: Wants, start: int) -> bool:
    """Whether a free text goes on with ``span``: a stanza to the next blank line, a paragraph to what can't be in it.

    What the template has below either as a block of its own is that. What it has after a paragraph is no further
    paragraph, else that would be a stanza.
    """
    if kind not in ("paragraph", "stanza") or (kind == "stanza" and last.gap):
        return False
    if span.kind in ("paragraph", "indented_code"):
        return True
    at = wants.place_of(span, start)
    return at is None or (kind == "stanza" and wants.all[at].kind in FREE)


def _called(span: Span) -> list[str]:
    """What the fields of a list are called."""
    return [slug(label) for label in span.labels()] if span.kind == "bullets" else []


def _has_more_fields(span: Span, guide: Guide, key: str) -> bool:
    """Whether a list that follows a list of fields has some of the template's own: there, too, it was a second one."""
    return span.kind == "bullets" and any(Keys(key).give(label) in guide.answers for label in span.labels())


def _named(read: Sequence[Block], parent: str, name: str, taken: set[str]) -> list[Block]:
    """``read``, of which rows are called as the template calls them there; else as no others of their kind are."""
    return [
        replace(block, key=f"{parent}/{name or _own_name(block.kind, taken)}") if isinstance(block, Rows) else block
        for block in read
    ]


def _own_name(kind: str, taken: set[str]) -> str:
    name = next(name for n in count(1) if (name := f"{kind}~{n}" if n > 1 else kind) not in taken)
    taken.add(name)
    return name


def _read_as(
    kind: str | None, run: list[Span], keys: Keys, lines: Sequence[str], known: Collection[str] | None
) -> list[Block]:
    span = run[0]
    match kind:
        case None | "loose":
            return [loose(keys.parent, keys, span)]
        case "text" | "paragraph" | "stanza":
            return [answer_text(keys.give("text"), Span.joined(run), kind)]
        case "fence":
            return [answer_fence(keys.give("text"), span)]
        case "metrics":
            return [metrics_in_fence(span, keys) or loose(keys.parent, keys, span)]
    return rows_in_list(span, kind, keys, lines, known)

"""A list to its leaves: labelled fields, or rows with their parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

from records.document.apart import apart_from_fields
from records.document.blocks import from_bullet
from records.document.fingerprints import read_fingerprint
from records.document.inline import from_line
from records.document.lines import split_lines
from records.document.outline import (
    Answer,
    Block,
    Check,
    Commands,
    Item,
    Loose,
    Part,
    Row,
    RowKind,
    Rows,
)
from records.document.shapes import (
    BULLET,
    LEAD,
    TICK,
    TITLED,
    Keys,
    closes_fence,
)
from records.document.spans import Span, columns, dedented, trimmed, without_ends
from records.document.tree import Block as TreeBlock
from records.document.tree import read_tree


def rows_in_list(
    span: Span, kind: str, keys: Keys, lines: Sequence[str], known: Collection[str] | None = None
) -> list[Block]:
    """A list as labelled answers (``fields``) or as one block of rows; items of another shape stay loose.

    ``known`` are the keys of the template's own fields: bullets nested under a field are fields themselves
    where the template has them (and in a template, where ``known`` is None), else part of its value.
    """
    items = span.items()
    starts = [item.first for item in items]
    ends = [*starts[1:], span.block.first + len(span.lines)]
    if kind == "fields":
        fields = [
            field
            for item, start, end in zip(items, starts, ends, strict=True)
            for field in _fields(item, lines, start, end, keys, known)
        ]
        return [*fields[:-1], replace(fields[-1], gap=fields[-1].gap + span.gap)]
    own = [
        _row(kind, item, lines[start:end], keys.beside) for item, start, end in zip(items, starts, ends, strict=True)
    ]
    order = tuple(row.key for row in own)
    return [Rows(f"{keys.parent}/{kind}", cast(RowKind, kind), tuple(own), order, span.gap)]


def _fields(
    item: TreeBlock, lines: Sequence[str], start: int, end: int, keys: Keys, known: Collection[str] | None
) -> list[Answer | Loose]:
    own, gap = trimmed(lines[start:end])
    nested = next((child for child in item.children[1:] if child.kind == "bullets"), None)
    if nested:
        head, head_gap = trimmed(lines[start : nested.first])
        parent = bullet(head, head_gap, Keys(keys.parent, keys.used))
        labels = [m for i in nested.children if (m := BULLET.fullmatch(i.source.rstrip("\r\n")))]
        inner = [Keys(parent.key).give(from_line(m["label"])) for m in labels] if parent else []
        if parent and inner and (known is None or any(key in known for key in inner)):
            keys.give(parent.label)
            return [parent, *_details(nested, 0, end, lines, Keys(parent.key))]
    return [bullet(own, gap, keys) or _loose_row(own, gap, keys.beside)]


def _row(kind: str, item: TreeBlock, lines: Sequence[str], keys: Keys) -> Row:
    own, gap = trimmed(lines)
    row = _check(item, own, gap, keys) if kind == "checks" else _item(item, own, gap, keys)
    return row if row is not None else _loose_row(own, gap, keys)


def _loose_row(lines: Sequence[str], gap: str, keys: Keys) -> Loose:
    return read_fingerprint(Loose(keys.give("markdown"), "\n".join(without_ends(lines)), "".join(lines), gap))


def _check(item: TreeBlock, lines: Sequence[str], gap: str, keys: Keys) -> Check | None:
    first, *rest = without_ends(lines)
    m = TICK.fullmatch(first)
    if not m:
        return None
    width = columns(m["prefix"])
    content = [m["text"], *(dedented(line, width) for line in rest)]
    text = from_bullet(content, m["prefix"].expandtabs(4), "[ ] ")
    key = keys.give(text.split("\n")[0])
    return read_fingerprint(Check(key, text, m["tick"] != " ", "".join(lines), gap))


def _item(item: TreeBlock, lines: list[str], gap: str, keys: Keys) -> Item | None:
    """A step, procedure, risk, trigger: its title and text up to the first fence or list, then its parts."""
    m = TITLED.fullmatch(lines[0].rstrip("\r\n"))
    if not m or not item.children or item.children[0].kind not in ("paragraph", "heading"):
        return None
    title = from_line(m["label"])
    key = keys.give(title)
    structural = [child for child in item.children[1:] if child.kind in _STRUCTURAL]
    head_end = (structural[0].first - item.first) if structural else len(lines)
    head, head_gap = trimmed(lines[:head_end])
    width = columns(m["lead"])
    content = [m["value"].removeprefix(" ") if not m["colon"] else m["value"]]
    content += [dedented(line, width) for line in without_ends(head[1:])]
    text = from_bullet(content, m["lead"].expandtabs(4), "x")
    number = re.match(r"[ \t]*(\d+)", m["lead"])
    parts = _parts(key, item, structural[0] if structural else None, lines, width)
    found = Item(key, title, text, parts, int(number[1]) if number else None, "".join(head), head_gap, gap)
    return read_fingerprint(found)


# What ends the text of an item: from there on it has parts.
_STRUCTURAL = ("fence", "bullets", "numbered", "html")


def text_before_parts(markdown: str) -> tuple[str, str]:
    """What of ``markdown``, where it comes first under an item, is read as the item's text; and the rest."""
    lines = split_lines(markdown)
    first = next((child.first for child in read_tree(markdown).children if child.kind in _STRUCTURAL), len(lines))
    return "".join(trimmed(lines[:first])[0]).rstrip("\n"), "".join(lines[first:])


def _parts(key: str, item: TreeBlock, first: TreeBlock | None, lines: Sequence[str], width: int) -> tuple[Part, ...]:
    if first is None:
        return ()
    children = [c for c in item.children if c.first >= first.first and c.kind != "blank"]
    ends = [child.first - item.first for child in children[1:]] + [len(lines)]
    keys = Keys(key)
    parts: list[Part] = []
    for child, end in zip(children, ends, strict=True):
        own = lines[child.first - item.first : end]
        if child.kind == "fence":
            parts.append(_commands(child, own, keys.beside))
        elif child.kind == "bullets" and any(BULLET.fullmatch(i.source.rstrip("\r\n")) for i in child.children):
            parts += _details(child, item.first, end, lines, keys)
        else:
            kept, gap = trimmed(own)
            text = "\n".join(dedented(line, width) for line in without_ends(kept))
            parts.append(read_fingerprint(Loose(keys.beside.give("note"), text, "".join(kept), gap)))
    return tuple(apart_from_fields(parts))


def _commands(fence: TreeBlock, lines: Sequence[str], keys: Keys) -> Commands:
    closed = closes_fence(fence.source)
    own, gap = trimmed(lines) if closed else (list(lines), "")
    text = fence.content.removesuffix("\n")
    return read_fingerprint(Commands(keys.give("commands"), fence.info, text, "".join(own), gap))


def _details(list_: TreeBlock, offset: int, end: int, lines: Sequence[str], keys: Keys) -> list[Answer | Loose]:
    """The labelled bullets of a list; those without a label between them are one piece of Markdown."""
    starts = [child.first - offset for child in list_.children if child.kind == "item"]
    pieces: list[tuple[int, int]] = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        if pieces and not _has_label(lines[start]) and not _has_label(lines[pieces[-1][0]]):
            start = pieces.pop()[0]
        pieces.append((start, stop))
    cut = [trimmed(lines[start:stop]) for start, stop in pieces]
    return [bullet(own, gap, keys) or _note(own, gap, keys.beside) for own, gap in cut]


def _has_label(line: str) -> bool:
    return BULLET.fullmatch(line.rstrip("\r\n")) is not None


def _note(lines: Sequence[str], gap: str, keys: Keys) -> Loose:
    m = LEAD.match(lines[0])
    indent = len(m["lead"]) - len(m["lead"].lstrip()) if m else 0
    text = "\n".join(dedented(line, indent) for line in without_ends(lines))
    return read_fingerprint(Loose(keys.give("note"), text, "".join(lines), gap))


def bullet(lines: Sequence[str], gap: str, keys: Keys) -> Answer | None:
    """The labelled bullet on ``lines``, whatever its value holds; None if it has no label."""
    first, *rest = without_ends(lines)
    m = BULLET.fullmatch(first)
    if not m:
        return None
    width = columns(m["lead"])
    content = [m["value"], *(dedented(line, width) for line in rest)]
    text = from_bullet(content, m["lead"].expandtabs(4), m["prefix"][len(m["lead"]) :])
    label = from_line(m["label"])
    return read_fingerprint(Answer(keys.give(label), label, text, "bullet", "".join(lines), gap))

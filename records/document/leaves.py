"""One block of a text to its leaves: lines, bullets, items, checks, metrics, fences, free text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import cast

from records.document.blocks import from_bullet, from_free
from records.document.inline import from_heading, from_line
from records.document.lines import is_blank, split_lines
from records.document.outline import (
    Answer,
    Block,
    Check,
    Commands,
    Heading,
    Item,
    Loose,
    Metric,
    Part,
    Phase,
    Row,
    RowKind,
    Rows,
)
from records.document.shapes import (
    BULLET,
    LEAD,
    LINE,
    TICK,
    TITLED,
    Keys,
    metric_in,
    phase_heading,
    with_unit,
    without_unit,
)
from records.document.tree import Block as TreeBlock
from records.document.write import read_fingerprint


def without_ends(lines: Sequence[str]) -> list[str]:
    """``lines`` without their line ends."""
    return [line.rstrip("\r\n") for line in lines]


def tail_of(lines: Sequence[str]) -> int:
    """How many blank lines end ``lines``."""
    count = 0
    while count < len(lines) and is_blank(lines[len(lines) - 1 - count]):
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Span:
    """A block with the lines it stands on and the blank lines after it."""

    block: TreeBlock
    lines: tuple[str, ...]
    gap: str

    @classmethod
    def cut(cls, block: TreeBlock, lines: Sequence[str], first: int, end: int) -> Span:
        """The lines ``first`` to ``end`` of a text as a span; blank ones at their end are its gap."""
        own = lines[first:end]
        # A fence that nobody closed, or an HTML block, may end in blank lines that are its own.
        count = 0 if block.kind in ("fence", "html") and block.end >= end else tail_of(own)
        return cls(block, tuple(own[: len(own) - count]), "".join(own[len(own) - count :]))

    @classmethod
    def joined(cls, spans: Sequence[Span]) -> Span:
        """Neighbouring spans as one."""
        pieces = [line for span in spans[:-1] for line in (*span.lines, *split_lines(span.gap))]
        return cls(spans[0].block, (*pieces, *spans[-1].lines), spans[-1].gap)

    @property
    def source(self) -> str:
        return "".join(self.lines)

    @property
    def kind(self) -> str:
        return self.block.kind

    @property
    def level(self) -> int:
        return self.block.level

    @property
    def content(self) -> str:
        return self.block.content

    def texts(self) -> list[str]:
        """The lines without their ends."""
        return without_ends(self.lines)

    def items(self) -> list[TreeBlock]:
        return [child for child in self.block.children if child.kind == "item"]

    def _heads(self) -> list[str]:
        return [item.source.rstrip("\r\n") for item in self.items()]

    def titled(self) -> list[bool]:
        return [TITLED.fullmatch(head) is not None for head in self._heads()]

    def labelled(self) -> bool:
        return any(BULLET.fullmatch(head) for head in self._heads())

    def ticks(self) -> bool:
        return any(TICK.fullmatch(head) for head in self._heads())

    def untitled_besides_ticks(self) -> bool:
        return not all(TICK.fullmatch(head) for head in self._heads())

    def labelled_throughout(self) -> bool:
        """Whether the list holds labelled bullets and nothing else, at most nested once."""
        nested = [child for item in self.items() for child in item.children[1:] if child.kind != "blank"]
        inner = [item for child in nested for item in child.children if item.kind == "item"]
        return (
            all(child.kind == "bullets" for child in nested)
            and all(BULLET.fullmatch(item.source.rstrip("\r\n")) for item in [*self.items(), *inner])
            and not any(child.kind != "blank" for item in inner for child in item.children[1:])
        )


def heading(span: Span) -> Heading:
    """A heading or rule, kept as it is."""
    return Heading(span.source, span.content if span.kind == "heading" else "", span.gap)


def title_of(span: Span, label: str) -> Answer:
    """The first heading of all: its text after the template's own words."""
    text = span.content.replace("\n", " ")
    value = text.removeprefix(f"{label}:").removeprefix(" ") if label and text.startswith(f"{label}:") else text
    return _read(Answer("title", label, from_heading(value), "title", span.source, span.gap))


def phase_of(span: Span, words: Sequence[str] | None) -> Phase | None:
    """The phase a heading names, if any: by shape where ``words`` is None, else by one of the template's words."""
    found = phase_heading(from_heading(span.content), words)
    return read_fingerprint(Phase(*found)) if found else None


def loose(parent: str, keys: Keys, span: Span) -> Loose:
    """A block that fits no shape."""
    text = "\n".join(span.texts())
    return read_fingerprint(Loose(keys.give("markdown") if parent else "markdown", text, span.source, span.gap))


def _read(answer: Answer) -> Answer:
    return read_fingerprint(answer)


def labelled_lines(span: Span, keys: Keys) -> list[Block]:
    """A paragraph of ``**Label**: value`` lines; lines without a label are loose. The last has the gap."""
    found: list[Answer | Loose] = []
    for source in span.lines:
        line = source.rstrip("\r\n")
        m = LINE.fullmatch(line)
        if m:
            value = m["value"].rstrip(" \t")
            label = from_line(m["label"])
            found.append(_read(Answer(keys.give(label), label, from_line(value), "line", source)))
        else:
            found.append(read_fingerprint(Loose(keys.give("markdown"), line, source)))
    return [*found[:-1], replace(found[-1], gap=span.gap)]


def answer_text(key: str, span: Span, *, strict: bool) -> Answer:
    """Free text: one or more blocks under a heading."""
    text = from_free("\n".join(span.texts()))
    return _read(Answer(key, "", text, "paragraph" if strict else "text", span.source, span.gap))


def answer_fence(key: str, span: Span) -> Answer:
    """A plain fence that is filled as text; its info string stays with its source."""
    return _read(Answer(key, "", span.content.removesuffix("\n"), "fence", span.source, span.gap))


def metrics_in_fence(span: Span, keys: Keys, *, template: bool = False) -> Rows | None:
    """A fence whose first line is a caption ending in a colon and whose other lines are all metrics.

    In a template a name in brackets means text to be written freely ("- [Component 1]: …").
    """
    lines = list(span.lines)
    body = lines[1:-1]
    if len(lines) < 3 or span.kind != "fence" or not body or not body[0].rstrip().endswith(":"):
        return None
    if not re.fullmatch(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*", lines[-1].rstrip("\r\n")):
        return None  # nobody closed it
    rows: list[Metric] = []
    for source in body[1:]:
        found = metric_in(source.rstrip("\r\n"))
        if found is None or (template and "[" in found[0]):
            return None
        rows.append(read_fingerprint(Metric(keys.give(found[0]), *found, source=source)))
    if (template and not rows) or len({row.after is None for row in rows}) > 1:
        return None
    order = tuple(row.key for row in rows)
    return Rows(f"{keys.parent}/metrics", "metrics", tuple(rows), order, span.gap, "".join(lines[:2]), lines[-1])


def in_unit(metric: Metric, unit: str) -> Metric:
    """``metric`` with its values told apart from ``unit``, the template's, where its line allows it."""
    if metric.after is None or not unit or metric.unit == unit:
        return metric
    sides = [with_unit(value, metric.unit) for value in (metric.before, metric.after)]
    before, after = (without_unit(side, unit) for side in sides)
    if [with_unit(value, unit) for value in (before, after)] != sides:
        return metric
    return read_fingerprint(replace(metric, before=before, after=after, unit=unit))


# ---------------------------------------------------------------- lists


def _columns(text: str) -> int:
    return len(text.expandtabs(4))


def dedented(line: str, width: int) -> str:
    """``line`` without up to ``width`` columns of indentation; a lazy line keeps what it has."""
    column = 0
    for at, char in enumerate(line):
        if column >= width or char not in " \t":
            return " " * (column - width) + line[at:]
        column += 4 - column % 4 if char == "\t" else 1
    return ""


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
    own = [_row(kind, item, lines[start:end], keys) for item, start, end in zip(items, starts, ends, strict=True)]
    order = tuple(row.key for row in own)
    return [Rows(f"{keys.parent}/{kind}", cast(RowKind, kind), tuple(own), order, span.gap)]


def _fields(
    item: TreeBlock, lines: Sequence[str], start: int, end: int, keys: Keys, known: Collection[str] | None
) -> list[Answer | Loose]:
    own, gap = _trimmed(lines[start:end])
    nested = next((child for child in item.children[1:] if child.kind == "bullets"), None)
    if nested:
        head, head_gap = _trimmed(lines[start : nested.first])
        parent = bullet(head, head_gap, Keys(keys.parent))
        inner = Keys(parent.key) if parent else keys
        labels = [m for i in nested.children if (m := BULLET.fullmatch(i.source.rstrip("\r\n")))]
        wanted = [Keys(inner.parent).give(from_line(m["label"])) for m in labels]
        if parent and labels and (known is None or any(key in known for key in wanted)):
            parent = bullet(head, head_gap, keys)
            assert parent is not None
            return [parent, *_details(nested, 0, end, lines, Keys(parent.key))]
    return [bullet(own, gap, keys) or _loose_row(own, gap, keys)]


def _row(kind: str, item: TreeBlock, lines: Sequence[str], keys: Keys) -> Row:
    own, gap = _trimmed(lines)
    row = _check(item, own, gap, keys) if kind == "checks" else _item(item, own, gap, keys)
    return row if row is not None else _loose_row(own, gap, keys)


def _loose_row(lines: Sequence[str], gap: str, keys: Keys) -> Loose:
    return read_fingerprint(Loose(keys.give("markdown"), "\n".join(without_ends(lines)), "".join(lines), gap))


def bullet(lines: Sequence[str], gap: str, keys: Keys) -> Answer | None:
    """The labelled bullet on ``lines``, whatever its value holds; None if it has no label."""
    first, *rest = without_ends(lines)
    m = BULLET.fullmatch(first)
    if not m:
        return None
    width = _columns(m["lead"])
    content = [m["value"], *(dedented(line, width) for line in rest)]
    text = from_bullet(content, m["lead"].expandtabs(4), m["prefix"][len(m["lead"]) :])
    label = from_line(m["label"])
    return _read(Answer(keys.give(label), label, text, "bullet", "".join(lines), gap))


def _check(item: TreeBlock, lines: Sequence[str], gap: str, keys: Keys) -> Check | None:
    first, *rest = without_ends(lines)
    m = TICK.fullmatch(first)
    if not m:
        return None
    width = _columns(m["prefix"])
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
    structural = [child for child in item.children[1:] if child.kind in ("fence", "bullets", "numbered", "html")]
    head_end = (structural[0].first - item.first) if structural else len(lines)
    head, head_gap = _trimmed(lines[:head_end])
    width = _columns(m["lead"])
    content = [m["value"].removeprefix(" ") if not m["colon"] else m["value"]]
    content += [dedented(line, width) for line in without_ends(head[1:])]
    text = from_bullet(content, m["lead"].expandtabs(4), "x")
    number = re.match(r"[ \t]*(\d+)", m["lead"])
    parts = _parts(key, item, structural[0] if structural else None, lines, width)
    found = Item(key, title, text, parts, int(number[1]) if number else None, "".join(head), head_gap, gap)
    return read_fingerprint(found)


def _trimmed(lines: Sequence[str]) -> tuple[list[str], str]:
    count = tail_of(lines)
    return list(lines[: len(lines) - count]), "".join(lines[len(lines) - count :])


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
            parts.append(_commands(child, own, keys))
        elif child.kind == "bullets" and any(BULLET.fullmatch(i.source.rstrip("\r\n")) for i in child.children):
            parts += _details(child, item.first, end, lines, keys)
        else:
            trimmed, gap = _trimmed(own)
            text = "\n".join(dedented(line, width) for line in without_ends(trimmed))
            parts.append(read_fingerprint(Loose(keys.give("note"), text, "".join(trimmed), gap)))
    return tuple(parts)


def _commands(fence: TreeBlock, lines: Sequence[str], keys: Keys) -> Commands:
    closed = is_closed(fence)
    own, gap = _trimmed(lines) if closed else (list(lines), "")
    text = fence.content.removesuffix("\n")
    return read_fingerprint(Commands(keys.give("commands"), fence.info, text, "".join(own), gap))


def is_closed(fence: TreeBlock) -> bool:
    """Whether the fence has a line of its own that ends it."""
    lines = split_lines(fence.source)
    return len(lines) > 1 and re.fullmatch(r"[ \t>]*(`{3,}|~{3,})[ \t]*[\r\n]*", lines[-1]) is not None


def _details(list_: TreeBlock, offset: int, end: int, lines: Sequence[str], keys: Keys) -> list[Answer | Loose]:
    """The labelled bullets of a list; those without a label between them are one piece of Markdown."""
    starts = [child.first - offset for child in list_.children if child.kind == "item"]
    pieces: list[tuple[int, int]] = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        if pieces and not _has_label(lines[start]) and not _has_label(lines[pieces[-1][0]]):
            start = pieces.pop()[0]
        pieces.append((start, stop))
    trimmed = [_trimmed(lines[start:stop]) for start, stop in pieces]
    return [bullet(own, gap, keys) or _note(own, gap, keys) for own, gap in trimmed]


def _has_label(line: str) -> bool:
    return BULLET.fullmatch(line.rstrip("\r\n")) is not None


def _note(lines: Sequence[str], gap: str, keys: Keys) -> Loose:
    m = LEAD.match(lines[0])
    indent = len(m["lead"]) - len(m["lead"].lstrip()) if m else 0
    text = "\n".join(dedented(line, indent) for line in without_ends(lines))
    return read_fingerprint(Loose(keys.give("note"), text, "".join(lines), gap))

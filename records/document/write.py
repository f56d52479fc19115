"""Document to text: what was not changed is written as it was read, the rest in the template's own spacing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest
from typing import TypeVar

from records.document.blocks import fence_for, fenced, in_bullet, in_free
from records.document.digest import fingerprint
from records.document.inline import in_bold, in_heading, in_line
from records.document.lines import is_blank, split_lines
from records.document.outline import (
    Answer,
    Block,
    Check,
    Commands,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Phase,
    Row,
    Rows,
    Section,
)
from records.document.shapes import BULLET, LEAD, LINE, TICK, TITLED, metric_line, phase_words

Leaf = TypeVar("Leaf", Answer, Loose, Commands, Item, Check, Metric, Phase)


def content_of(leaf: Answer | Loose | Commands | Item | Check | Metric | Phase) -> tuple[object, ...]:
    """What decides whether a leaf's own slice still says what it holds (its parts and its tick aside)."""
    match leaf:
        case Commands(language=language, text=text):
            return language, text
        case Item(title=title, text=text):
            return title, text
        case Metric(name=name, before=before, after=after, unit=unit):
            return name, before, after, unit
        case Phase(title=title, window=window):
            return title, window
    return (leaf.text,)


def read_fingerprint(leaf: Leaf) -> Leaf:
    """``leaf`` as just read: its slice stands for the content it holds now."""
    return replace(leaf, read_as=fingerprint(*content_of(leaf)))


def is_as_read(leaf: Answer | Loose | Commands | Item | Check | Metric | Phase) -> bool:
    """Whether the leaf holds what it was read as; never true for a new one."""
    return bool(leaf.read_as) and leaf.read_as == fingerprint(*content_of(leaf))


def write(document: Document) -> str:
    """The text of ``document``; a document that was only read gives its text back, byte for byte."""
    pieces = [document.front]
    for section in document.sections:
        pieces += _section(section)
    return _joined(pieces)


def write_section(section: Section) -> str:
    """The text of one section alone, as it stands in the whole: a page's preview."""
    return _joined(_section(section))


def _ends_blank(pieces: list[str]) -> bool:
    """Whether the text so far ends with a blank line."""
    return is_blank(split_lines("".join(pieces[-8:]) or "\n")[-1])


def _joined(pieces: list[str]) -> str:
    """The pieces in a row; one that lost its line end (the last of a file, before) gets one if more follows."""
    text: list[str] = []
    for piece in pieces:
        if not piece:
            continue
        if text and text[-1][-1] not in "\r\n\ufeff":  # a byte order mark stands before the first line, not on one
            text.append("\n")
        text.append(piece)
    return "".join(text)


def _section(section: Section) -> list[str]:
    pieces = [section.heading.source, section.heading.gap] if section.heading else []
    renumber = _is_reordered(section)
    number = 0
    for group in section.groups:
        if group.phase:
            number += 1
            if renumber and pieces and not _ends_blank(pieces):
                pieces.append("\n")
        pieces += _group(group, number if renumber else None)
    return pieces


def _is_reordered(section: Section) -> bool:
    """Whether phases came, went or moved; where their order is not known, whether they count wrongly."""
    phases = [group for group in section.groups if group.phase]
    if section.order:
        return section.order != tuple(group.key for group in phases)
    numbers = [group.phase.number for group in phases if group.phase]
    return numbers != [numbers[0] + n for n in range(len(numbers))] or not all(
        group.phase.read_as for group in phases if group.phase
    )


def _group(group: Group, number: int | None) -> list[str]:
    pieces: list[str] = []
    if group.phase:
        pieces += _phase_heading(group, number)
    elif group.heading:
        pieces += [group.heading.source, group.heading.gap]
    for block, following in zip_longest(group.blocks, group.blocks[1:]):
        pieces += _block(block, nests=following is not None and following.key.startswith(f"{block.key}/"))
    return pieces


def _phase_heading(group: Group, number: int | None) -> list[str]:
    phase, heading = group.phase, group.heading
    assert phase is not None
    if heading and heading.source and is_as_read(phase) and number in (None, phase.number):
        return [heading.source, heading.gap]
    words = f"{phase.word} {phase.number if number is None else number}: {phase_words(phase.title, phase.window)}"
    return [f"### {in_heading(words)}\n", heading.gap if heading and heading.source else "\n"]


def _block(block: Block, *, nests: bool) -> list[str]:
    match block:
        case Answer():
            return [block.source if is_as_read(block) else fresh_answer(block, strict=nests), block.gap]
        case Loose():
            return [_loose(block), block.gap]
    return _metrics(block) if block.kind == "metrics" else _list(block)


def _loose(block: Loose, indent: str = "") -> str:
    if is_as_read(block):
        return block.source
    return "".join(f"{indent}{line}\n" if line else "\n" for line in block.text.split("\n")) if block.text else ""


# ---------------------------------------------------------------- answers


def fresh_answer(answer: Answer, indent: str = "", *, strict: bool = False) -> str:
    """The lines of a changed or new answer, keeping what its own slice shows of how it is written.

    ``strict`` says that other fields are nested under this bullet.
    """
    match answer.shape:
        case "title":
            return _title(answer)
        case "line":
            return _line(answer)
        case "bullet":
            return _bullet(answer, indent, strict)
        case "fence":
            return _fence(answer)
    return f"{in_free(answer.text, strict=answer.shape == 'paragraph')}\n" if answer.text else ""


def _title(answer: Answer) -> str:
    start = f"{answer.label}:" if answer.label else ""
    known = not answer.source or start in answer.source or answer.text.startswith(start)
    return f"# {start + ' ' if start and known else ''}{in_heading(answer.text)}\n"


def _line(answer: Answer) -> str:
    m = LINE.fullmatch(answer.source.rstrip("\r\n"))
    if not m:
        return f"**{in_bold(answer.label)}**: {in_line(answer.text)}\n"
    value = m["value"]
    blanks = value[len(value.rstrip(" \t")) :] if value.strip() else ""
    return f"{m['prefix']}{'' if m['sep'] else ' '}{in_line(answer.text)}{blanks}\n"


def _bullet(answer: Answer, indent: str, strict: bool) -> str:
    m = BULLET.fullmatch(answer.source.rstrip("\r\n").split("\n")[0].rstrip("\r"))
    if not m or indent:
        return in_bullet(answer.text, f"{indent}- ", f"**{in_bold(answer.label)}**: ", strict=strict)
    label = m["prefix"][len(m["lead"]) :] + ("" if m["sep"] else " ")
    return in_bullet(answer.text, m["lead"].expandtabs(4), label, strict=strict)


def _fence(answer: Answer) -> str:
    m = re.match(r"[ ]{0,3}(?:`{3,}|~{3,})[ \t]*([^`\r\n]*)", answer.source)
    return fenced(answer.text, m[1].strip() if m else "")


# ---------------------------------------------------------------- lists


def _list(block: Rows) -> list[str]:
    same = tuple(row.key for row in block.rows) == block.order
    lead = _lead(block)
    pieces: list[str] = []
    last = len(block.rows) - 1
    for at, (row, number) in enumerate(zip(block.rows, _numbers(block, lead, same), strict=True)):
        match row:
            case Item():
                pieces += _item(row, number, lead)
            case Check():
                pieces.append(_check(row, lead))
            case Loose():
                pieces.append(_loose(row))
        if at < last:
            pieces.append(row.gap if same else row.gap or _default_gap(row, block.kind))
    # The last row's own gap is the block's tail; a row that was moved to the end leaves its gap behind.
    own = block.rows[-1].gap if block.rows and same else ""
    return [*pieces, own, block.tail]


def _lead(block: Rows) -> str:
    """How the rows of this list begin: as the first one that was read in it; else as is usual for its kind."""
    for row in block.rows:
        if row.key in block.order and (m := LEAD.match(row.source)):
            return m["lead"]
    measures = any(isinstance(part, Answer) for row in block.rows if isinstance(row, Item) for part in row.parts)
    return "1. " if block.kind == "steps" or (block.kind == "risks" and measures) else "- "


def _numbers(block: Rows, lead: str, same: bool) -> list[int | None]:
    """The numbers to write: as read while the rows are the same ones in their order, else counted anew."""
    numbers = [row.number if isinstance(row, Item) else None for row in block.rows]
    if same:
        return numbers
    if not lead.strip()[0].isdigit():
        return [None] * len(numbers)
    start = min((n for n in numbers if n is not None), default=1)
    count = iter(range(min(start, 1), len(numbers) + 2))
    return [next(count) if isinstance(row, Item) else None for row in block.rows]


def _default_gap(row: Row, kind: str) -> str:
    if not isinstance(row, Item):
        return ""
    spaced = any(isinstance(part, Commands) for part in row.parts) or (kind == "risks" and row.parts)
    return "\n" if spaced else ""


def _own_lead(own: str, lead: str, number: int | None = None) -> str:
    """The lead of a row that had ``own``, in a list whose rows begin like ``lead``: another marker splits a list."""
    written = own if own and own.strip()[-1] == lead.strip()[-1] else lead
    # "01." keeps its spelling.
    digits = re.search(r"\d+", written)
    if number is None or not digits or int(digits[0]) == number:
        return written
    return written.replace(digits[0], str(number), 1)


def _item(item: Item, number: int | None, lead: str) -> list[str]:
    m = TITLED.fullmatch(item.source.rstrip("\r\n"))
    written = _own_lead(m["lead"] if m else "", lead, number)
    width = len(written.expandtabs(4))
    moved = not m or width != len(m["lead"].expandtabs(4))
    if m and is_as_read(item) and not moved:
        head = written + item.source[len(m["lead"]) :]
    else:
        head = _head(item, written.expandtabs(4), m)
    pieces = [head]
    for at, part in enumerate(item.parts):
        before = item.head_gap if at == 0 else item.parts[at - 1].gap
        fresh = not part.source or (at > 0 and not item.parts[at - 1].source) or not item.source
        pieces.append(before or ("\n" if fresh and _wants_space(item.parts, at) else ""))
        pieces.append(_part(part, " " * width, moved))
    return [*pieces, item.parts[-1].gap if item.parts else item.head_gap]


def _wants_space(parts: tuple[Part, ...], at: int) -> bool:
    return not isinstance(parts[at], Answer) or (at > 0 and not isinstance(parts[at - 1], Answer))


def _head(item: Item, lead: str, m: re.Match[str] | None) -> str:
    end = m["colon"] if m and m["colon"] else "**:" if item.text else "**"
    space = " " if item.text or (m and m["sep"]) else ""
    return in_bullet(item.text, lead, f"**{in_bold(item.title)}{end}{space}", strict=True)


def _part(part: Part, indent: str, moved: bool) -> str:
    if is_as_read(part) and not moved:
        return part.source
    own = re.match(r"[ \t]*", part.source)[0].expandtabs(4) if part.source and not moved else indent  # type: ignore[index]
    match part:
        case Commands():
            return fenced(part.text, part.language.replace("`", "'"), own)
        case Answer():
            return fresh_answer(part, "" if part.source and not moved else indent)
    return _loose(part, own) if not moved else _loose(replace(part, read_as=""), indent)


def _check(check: Check, lead: str) -> str:
    m = TICK.fullmatch(check.source.rstrip("\r\n"))
    written = _own_lead(m["prefix"] if m else "", lead)
    if m and is_as_read(check) and written == m["prefix"]:
        if check.ticked == (m["tick"] != " "):
            return check.source
        at = len(m["prefix"]) + 1
        return f"{check.source[:at]}{'x' if check.ticked else ' '}{check.source[at + 1 :]}"
    return in_bullet(check.text, written.expandtabs(4), "[x] " if check.ticked else "[ ] ")


def _metrics(block: Rows) -> list[str]:
    lines: list[str] = []
    for row in block.rows:
        if isinstance(row, Metric):
            fresh = metric_line(row.name, row.before, row.after, row.unit)
            lines += [row.source if is_as_read(row) else f"{fresh}\n", row.gap]
    opening, closing = block.opening, block.closing
    run = re.match(r"[ ]*(`+|~+)", opening)
    if run and any(line.lstrip().startswith(run[1]) for line in lines):
        longer = fence_for("".join(lines))
        opening = opening.replace(run[1], longer, 1)
        closing = closing.replace(run[1], longer, 1) if run[1] in closing else f"{longer}\n"
    return [opening, *lines, closing, block.tail]

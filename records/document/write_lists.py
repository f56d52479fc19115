"""The lines of rows: as they were read while they hold the same, else as their neighbours are written."""

from __future__ import annotations

import re
from dataclasses import replace

from records.document.blocks import fence_for, fenced, in_bullet
from records.document.fingerprints import is_as_read, read_fingerprint
from records.document.inline import in_bold
from records.document.lines import split_lines
from records.document.outline import (
    Answer,
    Check,
    Commands,
    Item,
    Loose,
    Metric,
    Part,
    Row,
    Rows,
)
from records.document.seams import begins_anew_in_row
from records.document.shapes import LEAD, OPENING, TICK, TITLED, metric_line
from records.document.spans import dedented, without_ends
from records.document.write_answers import fresh_answer, indented, spaced, written_loose


def list_pieces(block: Rows) -> list[str]:
    """The rows of a list and the blank lines between and after them."""
    # A row that was removed and came back is under the key that was read, but not as it was read.
    was_read = all(row.source for row in block.rows) or not any(row.source for row in block.rows)
    same = was_read and tuple(row.key for row in block.rows) == block.order
    lead = _lead(block)
    # The rows behind which another one was read: what stood between them is theirs.
    parted = frozenset(block.order[:-1])
    usual = next((row.gap for row in block.rows if row.key in parted), None)
    pieces: list[str] = []
    last = len(block.rows) - 1
    for at, (row, number) in enumerate(zip(block.rows, _numbers(block, lead, same), strict=True)):
        match row:
            case Item():
                pieces += _item(row, number, lead)
            case Check():
                pieces.append(_check(row, lead))
            case Loose():
                pieces.append(written_loose(row))
        if at < last:
            pieces.append(row.gap if same or row.key in parted else row.gap or _gap(row, block.kind, usual))
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


def _gap(row: Row, kind: str, usual: str | None) -> str:
    """What stands behind a row that was the last one or is new: what is ``usual`` in its list, else for its kind."""
    if usual is not None or not isinstance(row, Item):
        return usual or ""
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
    above = ""
    for at, part in enumerate(item.parts):
        before = item.head_gap if at == 0 else item.parts[at - 1].gap
        fresh = not part.source or (at > 0 and not item.parts[at - 1].source) or not item.source
        own = _part(part, " " * width, moved)
        if not before and fresh and _wants_space(item.parts, at):
            before = "\n"
        if not before and _may_run_on(item, at):
            anew = begins_anew_in_row(f"{written}x\n\n", above, own) if above else begins_anew_in_row(head, "", own)
            before = "" if anew else "\n"
        pieces += [before, own]
        above = own
    return [*pieces, item.parts[-1].gap if item.parts else item.head_gap]


def _may_run_on(item: Item, at: int) -> bool:
    """Whether what stands before a part may take it along: only Markdown that is kept as it is takes, or is taken."""
    part, before = item.parts[at], item.parts[at - 1] if at else item
    return not isinstance(before, Commands) and (isinstance(part, Loose) or isinstance(before, Loose))


def _wants_space(parts: tuple[Part, ...], at: int) -> bool:
    return not isinstance(parts[at], Answer) or (at > 0 and not isinstance(parts[at - 1], Answer))


def _head(item: Item, lead: str, m: re.Match[str] | None) -> str:
    bold = m["bold"] if m and item.title[:1].isalnum() and not set("_*\\") & set(item.title) else "**"
    end = m["colon"].replace(m["bold"], bold) if m and m["colon"] else f"{bold}:" if item.text else bold
    label = f"{bold}{in_bold(item.title)}{end}"
    if m and m["colon"]:
        label = spaced(label, m) if item.text else f"{label}{m['sep']}"
    elif item.text:
        label += " "
    return in_bullet(item.text, lead, label, strict=True)


def _part(part: Part, indent: str, moved: bool) -> str:
    if is_as_read(part) and not moved:
        return part.source
    own = re.match(r"[ \t]*", part.source)[0].expandtabs(4) if part.source and not moved else indent  # type: ignore[index]
    match part:
        case Commands():
            m = OPENING.match(part.source)
            return fenced(part.text, part.language.replace("`", "'"), own, m["fence"] if m else "```")
        case Answer():
            return fresh_answer(part, "" if part.source and not moved else indent)
    return indented(part.text.split("\n") if part.text else [], own if own == indent else _indent_of(part, own, indent))


def _indent_of(part: Loose, own: str, indent: str) -> str:
    """The indentation that was taken from a note as it was read: its ``own``, as of a list among details, or that of
    the row, of which a note that is set in deeper kept the rest.
    """
    lines = split_lines(part.source.rstrip("\r\n"))
    read = "\n".join(dedented(line, len(own)) for line in without_ends(lines))
    return own if read_fingerprint(replace(part, text=read)).read_as == part.read_as else indent


def _check(check: Check, lead: str) -> str:
    m = TICK.fullmatch(check.source.rstrip("\r\n"))
    written = _own_lead(m["prefix"] if m else "", lead)
    if m and is_as_read(check) and written == m["prefix"]:
        if check.ticked == (m["tick"] != " "):
            return check.source
        at = len(m["prefix"]) + 1
        return f"{check.source[:at]}{'x' if check.ticked else ' '}{check.source[at + 1 :]}"
    return in_bullet(check.text, written.expandtabs(4), "[x] " if check.ticked else "[ ] ")


def metrics_pieces(block: Rows) -> list[str]:
    """The lines of metrics between their fence, which grows where a line would close it."""
    lines: list[str] = []
    dashed = any(isinstance(row, Metric) and row.is_dashed for row in block.rows)
    for row in block.rows:
        if isinstance(row, Metric):
            fresh = metric_line(row.name, row.before, row.after, row.unit, dashed=dashed)
            kept = is_as_read(row) and (row.is_dashed or not dashed)
            lines += [row.source if kept else f"{fresh}\n", row.gap]
    opening, closing = block.opening, block.closing
    run = re.match(r"[ ]*(`+|~+)", opening)
    if run and any(line.lstrip().startswith(run[1]) for line in lines):
        longer = fence_for("".join(lines), run[1])
        opening = opening.replace(run[1], longer, 1)
        closing = closing.replace(run[1], longer, 1) if run[1] in closing else f"{longer}\n"
    return [opening, *lines, closing, block.tail]

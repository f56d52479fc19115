"""Text to Outline: what a block is follows from its shape and its place, never from a name written here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from records.document.outline import (
    Check,
    Checks,
    Commands,
    Field,
    Fields,
    Group,
    Item,
    Metric,
    Metrics,
    Outline,
    Part,
    Phase,
    Risks,
    Section,
    Steps,
    Text,
)
from records.document.tree import Block, read_tree

_LABELLED = re.compile(r"\*\*(?P<label>[^*\n]+)\*\*(?::[ \t]*(?P<value>.*))?", re.DOTALL)
_TICK = re.compile(r"\[(?P<tick>[ xX])\][ \t]+(?P<text>.*)", re.DOTALL)
# "HH:MM" is the template's placeholder for a time; a record has digits there.
_PHASE = re.compile(
    r"[^:]+:\s*(?P<title>.*?)\s*\((?P<start>HH:MM|\d\d?:\d\d)\s*[-–]\s*(?P<end>HH:MM|\d\d?:\d\d)\)"
)
_TREATMENT = re.compile(r".*\((?P<treatment>[^()]+)\)")
_MEASURED = re.compile(r"- (?P<name>[^:\[\]]+):[ \t]*(?P<value>.*)")
_COMPARED = re.compile(
    r"(?P<name>[^:\[\]]+):[ \t]*(?P<before>\[[^\]]*\])(?P<unit>[^→]*?) → (?P<after>\[[^\]]*\]).*"
)


class Keys:
    """Gives siblings their keys: the slug of a name, with an ordinal from its second use on."""

    def __init__(self, parent: str) -> None:
        self.parent = parent
        self.used: Counter[str] = Counter()

    def give(self, name: str) -> str:
        """The key of the next sibling called ``name``."""
        slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "part"
        self.used[slug] += 1
        if self.used[slug] > 1:
            slug = f"{slug}~{self.used[slug]}"
        return f"{self.parent}/{slug}" if self.parent else slug


def read_outline(text: str) -> Outline:
    """Read a template's text into its Outline; what fits no shape is kept as Text, so nothing is refused."""
    blocks = [block for block in read_tree(text).children if block.kind != "blank"]
    title, body = _title(blocks)
    header, body = _header(body)
    sections, rest = _until_rule(body)
    footer, guidance = _until_rule(rest)
    return Outline(
        title=title,
        header=header,
        sections=_sections(sections),
        footer=_footer(footer),
        guidance="".join(block.source for block in guidance),
    )


def _title(blocks: Sequence[Block]) -> tuple[str, Sequence[Block]]:
    if blocks and blocks[0].kind == "heading" and blocks[0].level == 1:
        return blocks[0].content, blocks[1:]
    return "", blocks


def _header(blocks: Sequence[Block]) -> tuple[tuple[Field, ...], Sequence[Block]]:
    keys = Keys("header")
    fields: list[Field] = []
    for position, block in enumerate(blocks):
        lines = _labelled_lines(block, keys)
        if not lines:
            return tuple(fields), blocks[position:]
        fields += lines
    return tuple(fields), ()


def _until_rule(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    for position, block in enumerate(blocks):
        if block.kind == "rule":
            return blocks[:position], blocks[position + 1 :]
    return blocks, ()


def _footer(blocks: Iterable[Block]) -> tuple[tuple[Field, ...], ...]:
    keys = Keys("footer")
    return tuple(lines for block in blocks if (lines := _labelled_lines(block, keys)))


def _labelled_lines(block: Block, keys: Keys) -> tuple[Field, ...]:
    """The lines of a paragraph in which every line is ``**Label**: value``; else none."""
    if block.kind != "paragraph":
        return ()
    found = [_LABELLED.fullmatch(line.rstrip(" \t")) for line in block.content.split("\n")]
    fields = tuple(
        Field(keys.give(m["label"]), m["label"], m["value"], choices_of(m["value"]))
        for m in found
        if m and m["value"] is not None
    )
    return fields if len(fields) == len(found) else ()


def choices_of(value: str) -> tuple[str, ...]:
    """The options of ``[A/B/C]``: three or more, each beginning with a capital or a sign before one."""
    if not (value.startswith("[") and value.endswith("]")):
        return ()
    options = tuple(option.strip() for option in value[1:-1].split("/"))
    initials = [next((c for c in option if c.isalnum()), "") for option in options]
    return options if len(options) >= 3 and all(initial.isupper() for initial in initials) else ()


def _sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    keys = Keys("")
    sections = []
    for heading, body in _by_heading(blocks, 2):
        title = heading.content if heading else ""
        key = keys.give(title)
        group_keys = Keys(key)
        groups = tuple(
            _group(group_keys.give(sub.content if sub else ""), sub.content if sub else "", parts)
            for sub, parts in _by_heading(body, 3)
        )
        sections.append(Section(key, title, groups))
    return tuple(sections)


def _by_heading(blocks: Sequence[Block], level: int) -> list[tuple[Block | None, list[Block]]]:
    """Cut at the headings of ``level``; what stands before the first goes under None, if there is any."""
    cut: list[tuple[Block | None, list[Block]]] = []
    for block in blocks:
        if block.kind == "heading" and block.level == level:
            cut.append((block, []))
        elif cut:
            cut[-1][1].append(block)
        else:
            cut.append((None, [block]))
    return cut


def _group(key: str, title: str, blocks: Sequence[Block]) -> Group:
    keys = Keys(key)
    return Group(key, title, tuple(_part(title, block, keys) for block in blocks))


def _part(heading: str, block: Block, keys: Keys) -> Part:
    if block.kind == "fence":
        return _metrics(block, keys) or Text(block.source)
    if block.kind not in ("bullets", "numbered"):
        return Text(block.source)
    phase, treatment = _PHASE.fullmatch(heading), _TREATMENT.fullmatch(heading)
    if block.kind == "bullets" and (checks := _checks(block, keys)):
        return checks
    items = _items(block, keys)
    if items is None:
        return Text(block.source)
    if phase and block.kind == "numbered":
        return Phase(phase["title"], phase["start"], phase["end"], items)
    if treatment and not phase:
        return Risks(treatment["treatment"], items)
    if block.kind == "numbered":
        return Steps(items)
    if any(item.commands or item.details or item.notes for item in items):
        return Text(block.source)  # a field has no room for what is nested under it
    return Fields(tuple(Field(item.key, item.title, item.text) for item in items))


def _list_items(block: Block) -> list[Block]:
    return [child for child in block.children if child.kind == "item"]


def _first_paragraph(item: Block) -> str:
    return item.children[0].content if item.children and item.children[0].kind == "paragraph" else ""


def _checks(block: Block, keys: Keys) -> Checks | None:
    items = _list_items(block)
    found = [_TICK.fullmatch(_first_paragraph(item)) for item in items]
    checks = tuple(Check(keys.give(m["text"]), m["text"], m["tick"] != " ") for m in found if m)
    return Checks(checks) if len(checks) == len(items) else None


def _items(block: Block, keys: Keys) -> tuple[Item, ...] | None:
    """The items of a list of which each begins with a bold title; else None."""
    items = _list_items(block)
    found = [_LABELLED.fullmatch(_first_paragraph(item)) for item in items]
    made = tuple(
        _item(keys.give(m["label"]), m["label"], m["value"] or "", item)
        for item, m in zip(items, found, strict=True)
        if m
    )
    return made if len(made) == len(items) else None


def _item(key: str, title: str, text: str, item: Block) -> Item:
    keys = Keys(key)
    commands: list[Commands] = []
    details: list[Field] = []
    notes: list[str] = []
    for child in item.children[1:]:
        if child.kind == "fence":
            commands.append(Commands(child.info, child.content))
        elif child.kind == "bullets":
            for bullet in _list_items(child):
                m = _LABELLED.fullmatch(_first_paragraph(bullet))
                if m and m["value"] is not None:
                    details.append(Field(keys.give(m["label"]), m["label"], m["value"]))
                else:
                    notes.append(bullet.source)
        elif child.kind != "blank":
            notes.append(child.source)
    return Item(key, title, text, tuple(commands), tuple(details), tuple(notes))


def _metrics(fence: Block, keys: Keys) -> Metrics | None:
    """A fence whose first line is a caption ending in a colon and whose other lines are all metrics."""
    lines = fence.content.rstrip("\n").split("\n")
    if len(lines) < 2 or not lines[0].endswith(":"):
        return None
    metrics = []
    for line in lines[1:]:
        if m := _COMPARED.fullmatch(line):
            metric = Metric(keys.give(m["name"]), m["name"], m["before"], m["after"], m["unit"].strip())
        elif m := _MEASURED.fullmatch(line):
            metric = Metric(keys.give(m["name"]), m["name"], m["value"], None, "")
        else:
            return None
        metrics.append(metric)
    return Metrics(lines[0], tuple(metrics))

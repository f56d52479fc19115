"""What a piece of a template that fits no shape, or another than was meant, nearly is, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from records.document.answers import is_constant
from records.document.front_matter import is_front_matter
from records.document.kinds import is_way_back
from records.document.outline import FREE, Answer, Check, Commands, Document, Group, Item, Loose, Metric, Rows, Section
from records.document.shapes import BULLET, LABEL_WITHIN, LINE, TICK, choices_of, is_rule, is_table
from records.document.tree import Block, read_tree
from records.library.blanks import blanks_in

_ARROW = "→"
# "Result: OK / not OK", as a form on paper asks for something.
_PLAIN_LABEL = re.compile(r"[^\W_][^:*|`<\[\n]{0,60}:(?:\s.*)?")

_COLON = re.compile("[:\uff1a]")
_ASKING = re.compile(r"\[|\w ?/ ?\w")
_ADDRESS = re.compile(r"\b\w+://\S+")


def nearly(loose: Loose, section: Section, document: Document) -> tuple[str, int]:
    """What the lines of ``loose`` are taken for, and what they could be instead; and by which of them, from 0."""
    block = next((block for block in read_tree(loose.text).children if block.kind == "bullets"), None)
    if block and section.kind == "section" and (odd := _odd_among_fields(block)):
        return odd
    return _nearly(loose, section, document), 0


def _odd_among_fields(block: Block) -> tuple[str, int] | None:
    """The point that keeps a list from being fields, in words, and its line; None where none of it is a field."""
    items = _items_of(block)
    if not any(map(_is_field, items)) or any(TICK.fullmatch(_head(item)) for item in items):
        return None
    for item in items:
        below = [child for child in item.children[1:] if child.kind != "blank"]
        inner = [one for child in below for one in (_items_of(child) or [child])]
        for one in (item, *inner):
            if not _is_field(one):
                words = _(
                    "“%(line)s” has no label, so the whole list is one piece of Markdown, and nobody is asked for it. "
                    "With one, - **Label**: [hint], each point is a field. Or say in the settings that the group holds "
                    "fields: then those with a label are."
                )
                return words % {"line": _head(one).strip()}, one.first
            deep = next((child for child in one.children[1:] if child.kind != "blank"), None) if one in inner else None
            if deep:
                words = _(
                    "“%(line)s” stands under a point that is itself under one, so the whole list is one piece of "
                    "Markdown, and nobody is asked for it. One step to the left it is a field. Or say in the settings "
                    "that the group holds fields: then it is part of the one above it."
                )
                return words % {"line": _head(deep).strip()}, deep.first
    return None


def _items_of(block: Block) -> list[Block]:
    return [child for child in block.children if child.kind == "item"]


def _head(item: Block) -> str:
    return item.source.split("\n")[0].rstrip("\r")


def _is_field(item: Block) -> bool:
    return BULLET.fullmatch(_head(item)) is not None


def _nearly(loose: Loose, section: Section, document: Document) -> str:
    kept = _("It is kept and shown, and nobody is asked for it.")
    if is_front_matter(loose.text):
        return _("Front matter: it stands as it is above every record, where its writers may change it.")
    block = next((block for block in read_tree(loose.text).children if block.kind != "blank"), None)
    kind = block.kind if block else ""
    first = loose.text.strip().split("\n")[0]
    title = first.strip("# ").strip()
    if block and block.level > 1:
        words = _(
            "Only ## and ### divide a template. “%(title)s” is kept and shown, and what stands below it belongs to the "
            "part above it."
        )
        return words % {"title": title}
    if kind == "heading":
        return _("A second title is no section: write “## %(title)s”. What follows it is kept as Markdown.") % {
            "title": title
        }
    if is_rule(loose.text):
        if _opens_no_footer(loose, document):
            return _(
                "What follows the last --- is the footer if its first lines begin with a bold label, **Label**: "
                "[hint]. They don't, so they belong to the section above, and this rule stands in every record."
            )
        return _(
            "Only the last --- means something, the footer follows it. This one stands in every record: leave it out."
        )
    lines = loose.text.strip("\n").split("\n")
    if section.kind in ("header", "footer"):
        if kind in ("bullets", "numbered"):
            words = _(
                "A list is no header or footer line: write **Label**: [hint] without a dash, or put it under a ##. "
            )
            return words + kept
        if is_table(loose.text):
            return _("A table is no header or footer: write each row as a line of its own, **Label**: [hint]. ") + kept
        if any(map(_PLAIN_LABEL.fullmatch, lines)):
            return _("A header or footer line has a bold label: **Label**: [hint], one a line. ") + kept
    if kind == "numbered":
        return _("A numbered list is steps where each begins with a bold title: 1. **Title**. ") + kept
    if kind == "bullets" and any(map(TICK.fullmatch, lines)) and any(map(BULLET.fullmatch, lines)):
        return _("Checks and fields stand in one list: put each kind under a ### of its own. ") + kept
    if kind == "bullets" and not BULLET.fullmatch(first):
        return _("A field needs a label: - **Label**: [hint]. ") + kept
    if kind == "html":
        return _("A comment or a tag asks for nothing: a paragraph with [hint] would be a field. ") + kept
    if kind == "quote":
        return _("A quotation is no field: a paragraph with [hint] would be one. ") + kept
    return _("This fits no shape of a form: it is kept and shown, and nobody is asked for it.")


def _opens_no_footer(rule: Loose, document: Document) -> bool:
    """Whether ``rule`` is the last one, with no section after it and no footer."""
    loose = [block for section in document.sections for block in section.blocks() if isinstance(block, Loose)]
    rules = [block for block in loose if is_rule(block.text)]
    last = document.sections[-1]
    return last.kind == "section" and rules[-1] is rule and any(block is rule for block in last.blocks())


def taken_otherwise(document: Document) -> Iterator[tuple[str, str]]:
    """Keys of what is read as another shape than it looks like, each with words."""
    yield from _risks_as_steps(document)
    yield from _two_on_a_line(document)
    for section in document.sections:
        for line in section.answers() if section.kind in ("header", "footer") else ():
            if "[" not in line.text and is_constant(line.text) and choices_of(f"[{line.text}]"):
                words = _("Without brackets this is fixed text, which no record changes. As a choice it is [%(text)s].")
                yield line.key, words % {"text": line.text}
        phased = any(group.phase for group in section.groups)
        for group in section.groups:
            rows = [row for block in group.blocks if isinstance(block, Rows) for row in block.rows]
            for row in rows:
                if isinstance(row, Metric) and row.after is None and _ARROW in row.before:
                    words = _(
                        "“%(name)s” is read as one value. With a [placeholder] on either side of the arrow, in each "
                        "line, they compare before and after."
                    )
                    yield row.key, words % {"name": row.name}
                if isinstance(row, Check) and any(map(TICK.fullmatch, row.text.split("\n")[1:])):
                    words = _(
                        "“%(name)s” is one check, and is ticked as one with what stands under it. Each one without "
                        "indentation is a check of its own."
                    )
                    yield row.key, words % {"name": row.text.split("\n")[0]}
            answers = [block for block in group.blocks if isinstance(block, Answer)]
            for table in (one for one in answers if is_table(one.text)):
                words = _(
                    "A table is one field: its text stands in the form, to be filled in as it is. For rows that people "
                    "add, tick or measure, write steps, checks or metrics."
                )
                yield table.key, words
            if free := next((one for one in answers if one.shape in FREE and _asks_like_a_form(one.text)), None):
                words = _(
                    "These lines are one piece of text. Written as - **Label**: [hint], each is a field of its own, "
                    "that is asked for and can hold a choice."
                )
                yield free.key, words
            for above, point in _swallowing(answers, rows):
                words = _("“%(line)s” is no field: it is part of what is asked for under “%(label)s”.")
                yield above.key, words % {"line": point, "label": above.label}
            if inner := next((one for one in answers if one.source[:1].isspace()), None):
                words = _(
                    "“%(label)s” stands under another point, and each is a field of its own. Are these risks or steps, "
                    "which people add? Then say in the settings what the group is."
                )
                yield inner.key, words % {"label": inner.label}
            if not phased and (bullet := _bullet_beside_steps(group)):
                words = _("This is a field: under a ### of its own, before the steps, it would be a trigger.")
                yield bullet.key, words


def _swallowing(answers: Iterable[Answer], rows: Iterable[object]) -> Iterator[tuple[Answer, str]]:
    """Fields whose text holds a labelled point that asks for something, and that point."""
    parts = (part for row in rows if isinstance(row, Item) for part in row.parts if isinstance(part, Answer))
    for answer in (*answers, *parts):
        points = answer.text.split("\n")[1:] if answer.label else ()
        if point := next((one for one in points if BULLET.fullmatch(one) and "[" in one), None):
            yield answer, point.strip()


def _two_on_a_line(document: Document) -> Iterator[tuple[str, str]]:
    """Keys of what has a second label on its line, in what it asks for, each with words."""
    for section in document.sections:
        rows = [row for block in section.blocks() if isinstance(block, Rows) for row in block.rows]
        items = [row for row in rows if isinstance(row, Item)]
        parts = [part for item in items for part in item.parts if isinstance(part, Answer)]
        labelled = [(one.key, one.label, one.text) for one in (*section.answers(), *parts) if one.label]
        labelled += [(item.key, item.title, item.text) for item in items]
        for key, label, text in labelled:
            if not is_constant(text) and (second := LABEL_WITHIN.search(text.split("\n")[0])):
                words = _(
                    "“%(second)s” is no field: it stands in the hint of “%(label)s”. On a line of its own, as that "
                    "one, it would be one."
                )
                yield key, words % {"second": second["label"], "label": label}


def _asks_like_a_form(text: str) -> bool:
    """Whether each line of ``text`` has a label, and one of them something to fill in or to choose from."""
    lines = text.split("\n")
    values = [_ADDRESS.sub("", _COLON.split(line, maxsplit=1)[-1]).strip() for line in lines]
    asks = any(_ASKING.search(value) or next(blanks_in(value), None) for value in values)
    labelled = all(_PLAIN_LABEL.fullmatch(line) or LINE.fullmatch(line) for line in lines)
    return labelled and (asks or (len(lines) > 1 and not all(values)))


def _risks_as_steps(document: Document) -> Iterator[tuple[str, str]]:
    """Numbered work without commands that is read as a way back, where another section has the commands for one."""
    ways = [section for section in document.sections if is_way_back(section)]
    with_commands = [section for section in ways if _has_commands(section)]
    for section in (one for one in ways if with_commands and one not in with_commands):
        group = next(group for group in section.groups if _items(group))
        words = _(
            "“%(group)s” is read as steps of a way back, as those under “%(way)s” are. Are these risks, or something "
            "else? Then say in the settings what the group is."
        )
        yield group.key, words % {"group": group.title or section.title, "way": with_commands[0].title}


def _items(group: Group) -> list[Item]:
    return [row for block in group.blocks if isinstance(block, Rows) for row in block.rows if isinstance(row, Item)]


def _has_commands(section: Section) -> bool:
    return any(isinstance(part, Commands) for group in section.groups for row in _items(group) for part in row.parts)


def _bullet_beside_steps(group: Group) -> Answer | None:
    if not any(isinstance(block, Rows) and block.kind == "steps" for block in group.blocks):
        return None
    return next((block for block in group.blocks if isinstance(block, Answer) and block.shape == "bullet"), None)

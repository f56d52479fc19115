"""What a piece of a template that fits no shape, or another than was meant, nearly is, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from records.document.outline import Answer, Check, Document, Group, Loose, Metric, Rows, Section
from records.document.shapes import BULLET, TICK, choices_of, is_rule, is_table
from records.document.tree import read_tree

_ARROW = "→"


def nearly(loose: Loose, section: Section) -> str:
    """What the lines of ``loose`` are taken for, and what they could be instead."""
    kept = _("It is kept and shown, and nobody is asked for it.")
    block = next((block for block in read_tree(loose.text).children if block.kind != "blank"), None)
    kind = block.kind if block else ""
    first = loose.text.strip().split("\n")[0]
    if kind == "heading":
        title = first.strip("# ").strip()
        return _("A second title is no section: write “## %(title)s”. What follows it is kept as Markdown.") % {
            "title": title
        }
    if is_rule(loose.text):
        return _(
            "Only the last --- means something, the footer follows it. This one stands in every record: leave it out."
        )
    if kind in ("bullets", "numbered") and section.kind in ("header", "footer"):
        return (
            _("A list is no header or footer line: write **Label**: [hint] without a dash, or put it under a ##. ")
            + kept
        )
    lines = loose.text.split("\n")
    if kind == "bullets" and any(map(TICK.fullmatch, lines)) and any(map(BULLET.fullmatch, lines)):
        return _("Checks and fields stand in one list: put each kind under a ### of its own. ") + kept
    if kind == "bullets" and not BULLET.fullmatch(first):
        return _("A field needs a label: - **Label**: [hint]. ") + kept
    if kind == "quote":
        return _("A quotation is no field: a paragraph with [hint] would be one. ") + kept
    return _("This fits no shape of a form: it is kept and shown, and nobody is asked for it.")


def taken_otherwise(document: Document) -> Iterator[tuple[str, str]]:
    """Keys of what is read as another shape than it looks like, each with words."""
    for section in document.sections:
        for line in section.answers() if section.kind in ("header", "footer") else ():
            if "[" not in line.text and choices_of(f"[{line.text}]"):
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
            for table in (one for one in group.blocks if isinstance(one, Answer) and is_table(one.text)):
                words = _(
                    "A table is one field: its text stands in the form, to be filled in as it is. For rows that people "
                    "add, tick or measure, write steps, checks or metrics."
                )
                yield table.key, words
            if inner := next(
                (one for one in group.blocks if isinstance(one, Answer) and one.source[:1].isspace()), None
            ):
                words = _(
                    "“%(label)s” stands under another point, and each is a field of its own. Are these risks or steps, "
                    "which people add? Then say in the settings what the group is."
                )
                yield inner.key, words % {"label": inner.label}
            if not phased and (bullet := _bullet_beside_steps(group)):
                words = _("This is a field: under a ### of its own, before the steps, it would be a trigger.")
                yield bullet.key, words


def _bullet_beside_steps(group: Group) -> Answer | None:
    if not any(isinstance(block, Rows) and block.kind == "steps" for block in group.blocks):
        return None
    return next((block for block in group.blocks if isinstance(block, Answer) and block.shape == "bullet"), None)

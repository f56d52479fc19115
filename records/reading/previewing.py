"""A section as it would be if what a form holds were saved. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from records.content.assembly import Loaded
from records.document.outline import Section
from records.document.with_fields import with_fields
from records.models import Outline
from records.writing.readiness import template_table
from records.writing.section_writing import changed_in, fields_in, with_absent


def in_ticks(values: Mapping[str, str], outline: Outline | None) -> dict[str, str]:
    """Posted texts, the operation ID in the backticks that the template writes around it."""
    line = outline.bound("id") if outline else None
    if line and line.text.startswith("`") and (text := values.get(line.key, "").strip().strip("`")):
        return {**values, line.key: f"`{text}`"}
    return dict(values)


def as_posted(loaded: Loaded, values: Mapping[str, str], outline: Outline | None) -> Section:
    """The document of ``loaded`` with ``values`` in it. Raises Unusable, in words, for what can't be stored."""
    document = with_absent(loaded.document, values, outline)
    changed = changed_in(values, fields_in(loaded), document, outline)
    return with_fields(document, changed, template_table(loaded.section.key, outline))

"""The next version of the given template, and a record of the one before; a template of which phases have no window."""

from __future__ import annotations

from records.document.fields import table_of
from records.document.outline import Document
from records.document.read import read_template
from records.document.with_fields import with_fields
from tests.records.document.strategies import TEMPLATE_FILES, TEMPLATES, text_in

INFRASTRUCTURE = next(path for path in TEMPLATE_FILES if path.stem == "infrastructure-operation")
TEXT = text_in(INFRASTRUCTURE)
OLD = TEMPLATES["infrastructure-operation"]
# Its phases are told by their counting alone.
COUNTED_TEXT = """# Change: [What]

## Work

### Stage 1: Prepare

1. **Look**: [how]

### Stage 2: Go

1. **Do**: [how]
   - **Watch**: [what]

## After It

- **Result**: [what]

---

**Status**: [Open / Done / Failed]
"""
COUNTED = read_template(COUNTED_TEXT)


def filled(document: Document, **texts: str) -> Document:
    """``document`` with the fields whose keys end in the given words, each found once."""
    sections = []
    for section in document.sections:
        keys = {key: text for name, text in texts.items() for key in table_of(section) if key.endswith(name)}
        sections.append(with_fields(section, keys, table_of(section)))
    return Document(tuple(sections), document.front)


def record(**texts: str) -> Document:
    return filled(OLD, **{name.replace("__", "/").replace("_", "-"): text for name, text in texts.items()})


def new_version(*changes: tuple[str, str]) -> Document:
    text = TEXT
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return read_template(text)


def tables(document: Document) -> dict[str, str]:
    return {answer.key: answer.text for section in document.sections for answer in section.answers()}

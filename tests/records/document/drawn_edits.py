"""What a form makes of a record: one field with another text, one row, part or phase more, less or elsewhere, a line of
the template that the record lacks.
"""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import strategies as st

from records.document.fields import Field, fields_of, table_of
from records.document.graft import grafted
from records.document.outline import FREE, Document, Loose, Rows, Section
from records.document.with_fields import with_fields
from tests.records.document.strategies import Draw, changed, normal_texts

# What ``normal`` makes of the text of a field, by the shape that ``fields`` gives it.
_SHAPES = {"title": "name", "name": "name", "check": "bullet", "commands": "fence"}


def edited(draw: Draw, record: Document, template: Document) -> Document:
    """``record`` after one save of a section, if it has one with a field."""
    places = [at for at, section in enumerate(record.sections) if any(f.shape != "loose" for f in fields_of(section))]
    if not places:
        return record
    # Where somebody wrote more than the template asks for, most happens.
    by_hand = [at for at in places if any(isinstance(block, Loose) for block in record.sections[at].blocks())]
    at = draw(st.sampled_from([*places, *by_hand * 3]))
    section = record.sections[at]
    own = next((one for one in template.sections if one.key == section.key), None)
    present = table_of(section)
    asked = own.answers() if own else ()
    lacking = [answer.key for answer in asked if answer.key not in present and answer.shape not in FREE]
    if own and lacking and draw(st.booleans()):
        key = draw(st.sampled_from(lacking))
        section = grafted(section, own, {key})
        values = {key: draw(normal_texts("line").filter(str.strip))}
    else:
        values = _values(draw, section)
    new = with_fields(section, values, table_of(own) if own else {})
    return replace(record, sections=(*record.sections[:at], new, *record.sections[at + 1 :]))


def _values(draw: Draw, section: Section) -> dict[str, str]:
    """The fields that a save sends, by key: those that it changes."""
    fields = [field for field in fields_of(section) if field.shape != "loose" or may_go(field, section)]
    structure = [field for field in fields if field.shape == "structure"]
    field = draw(st.sampled_from([*fields, *structure * 3]))
    if field.shape == "loose":
        return {field.key: ""}
    if field.shape != "structure":
        return {field.key: draw(_texts(field))}
    place, _dot, kind = field.key.rpartition(".")
    values: dict[str, str] = {}
    new = {"phases": _new_phase, "rows": _new_row, "parts": _new_part}[kind]
    names = changed(draw, tuple(json.loads(field.text)), lambda draw: new(draw, place, values))
    return {field.key: json.dumps(names)} | values


def may_go(field: Field, section: Section) -> bool:
    """Whether Markdown may be taken out: not where other Markdown beside it would be read as anything without it."""
    for group in section.groups:
        keys = [block.key for block in group.blocks]
        if section.kind == "section" and field.key in keys and len(keys) > 1:
            at = keys.index(field.key)
            beside = [*group.blocks[max(at - 1, 0) : at], *group.blocks[at + 1 : at + 2]]
            return not any(isinstance(block, Loose) for block in beside)
    return False


def _texts(field: Field) -> st.SearchStrategy[str]:
    return normal_texts(_SHAPES.get(field.shape, field.shape))


def _new_phase(draw: Draw, place: str, values: dict[str, str]) -> str:
    key = f"{place}/phase-new"
    values |= {f"{key}.title": draw(normal_texts("name")), f"{key}.window": "22:00-23:00"}
    if draw(st.booleans()):
        values[f"{key}/steps.rows"] = json.dumps([_new_row(draw, f"{key}/steps", values)])
    return key


def _new_row(draw: Draw, place: str, values: dict[str, str]) -> str:
    """A row of any kind: what its kind has no field for is left aside."""
    key = f"{place}/new"
    values |= {f"{key}.{name}": draw(normal_texts("name")) for name in ("title", "name", "before", "after")}
    values[f"{key}.text"] = draw(normal_texts("bullet"))
    if draw(st.booleans()):
        values[f"{key}.parts"] = json.dumps([_new_part(draw, key, values)])
    return key


def _new_part(draw: Draw, place: str, values: dict[str, str]) -> list[str]:
    kind = draw(st.sampled_from(["commands", "detail"]))
    values[f"{place}/new-part"] = draw(normal_texts("fence" if kind == "commands" else "bullet"))
    return [kind, f"{place}/new-part", draw(normal_texts("language" if kind == "commands" else "name"))]


def takes_no_other_place(record: Document) -> bool:
    """Whether no rows are all gone where another list stands: that one would be read in their place."""
    groups = [group.blocks for section in record.sections for group in section.groups]
    gone = [blocks for blocks in groups if any(isinstance(block, Rows) and not block.rows for block in blocks)]
    return not any(
        isinstance(block, Loose) or (isinstance(block, Rows) and block.rows) for blocks in gone for block in blocks
    )

"""Records as people write them: in and out byte for byte, and only what is edited changes (law 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from records.document.exchange import from_json, to_json
from records.document.outline import Answer, Check, Commands, Document, Item, Loose, Metric, Rows
from records.document.read import read_record
from records.document.write import write
from tests.records.document.judges import assert_only_slice_changed
from tests.records.document.strategies import LEAVES, MESSY_FILES, TEMPLATE_FILES, TEMPLATES, places, put, text_in

GIVEN = TEMPLATES["infrastructure-operation"]
FILES = [*MESSY_FILES, *TEMPLATE_FILES]
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@files
@pytest.mark.parametrize("template", [*TEMPLATES.values(), None], ids=[*TEMPLATES, "none"])
def test_in_and_out_byte_for_byte(path: Path, template: Document | None) -> None:
    text = text_in(path)
    record = read_record(text, template)
    assert write(record) == text
    assert write(from_json(json.loads(json.dumps(to_json(record))), Document)) == text


@files
def test_nothing_is_dropped(path: Path) -> None:
    """Every word of the file stands in a leaf, a heading or the fence around metrics."""
    record = read_record(text_in(path), GIVEN)
    shown = json.dumps(to_json(record), ensure_ascii=False)
    assert [word for word in text_in(path).split() if json.dumps(word, ensure_ascii=False)[1:-1] not in shown] == []


@files
def test_editing_one_field_changes_its_lines_only(path: Path) -> None:
    text = text_in(path)
    record = read_record(text, GIVEN)
    edited = [(spot, leaf) for spot, leaf in places(record, Answer, Check, Metric, Commands, Loose) if leaf.source]
    assert edited
    for spot, leaf in edited:
        assert_only_slice_changed(text, write(put(record, spot, edit(leaf))), leaf.source)


def edit(leaf: Answer | Check | Metric | Commands | Loose) -> object:
    """``leaf`` with one more word."""
    if isinstance(leaf, Metric):
        return replace(leaf, before=f"{leaf.before} edited")
    return replace(leaf, text=f"{leaf.text} edited")


def test_ticking_changes_one_letter() -> None:
    text = text_in(TEMPLATE_FILES[0])
    record = read_record(text, GIVEN)
    for spot, check in places(record, Check):
        new = write(put(record, spot, replace(check, ticked=True)))
        assert [(a, b) for a, b in zip(text, new, strict=True) if a != b] == [(" ", "x")]


PHASES_OUT_OF_COUNT = """# Infrastructure Operation: x

## Infrastructure Operation Steps

### Phase 1: One (08:00-08:30)
1. **A**
### Phase 1: One Again (08:30-09:00)

01. **B**
01. **C**

### Phase 7: Seven
"""


def test_phases_and_steps_may_count_as_they_like() -> None:
    assert write(read_record(PHASES_OUT_OF_COUNT, GIVEN)) == PHASES_OUT_OF_COUNT


@pytest.mark.parametrize("marker", ["*", "+", "1)"])
def test_a_new_row_begins_as_its_neighbours_do(marker: str) -> None:
    text = f"# Infrastructure Operation: x\n\n## Disaster Recovery Plan\n\n### Rollback Triggers\n\n{marker} **A**: b\n"
    if marker == "1)":
        text = text.replace("### Rollback Triggers", "### Rollback Procedures")
    record = read_record(text, GIVEN)
    ((spot, rows),) = places(record, Rows)
    more = replace(rows, rows=(*rows.rows, Item("new-1", "C", "d")))
    again = read_record(write(put(record, spot, more)), GIVEN)
    assert [len(block.rows) for _, block in places(again, Rows)] == [2]
    assert not [leaf for _, leaf in places(again, *LEAVES) if isinstance(leaf, Loose)]


def test_a_risk_that_moves_to_another_list_becomes_one_of_its_rows() -> None:
    risks = [(spot, rows) for spot, rows in places(GIVEN, Rows) if rows.kind == "risks"]
    (_, numbered), _, (spot, bulleted) = risks
    moved = replace(bulleted, rows=(numbered.rows[0], *bulleted.rows))
    again = read_record(write(put(GIVEN, spot, moved)), GIVEN)
    assert [len(rows.rows) for _, rows in places(again, Rows) if rows.kind == "risks"] == [2, 1, 3]

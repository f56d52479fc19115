"""Records as people write them: in and out byte for byte, and only what is edited changes (law 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from records.document.exchange import from_json, to_json
from records.document.fields import table_of
from records.document.graft import grafted
from records.document.outline import Answer, Check, Commands, Document, Item, Loose, Metric, Rows
from records.document.read import read_record, read_template
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.judges import assert_only_slice_changed
from tests.records.document.strategies import (
    LEAVES,
    MESSY_FILES,
    TEMPLATE_FILES,
    TEMPLATES,
    content,
    places,
    put,
    text_in,
)

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


# ---------------------------------------------------------------- what comes behind what somebody wrote by hand

PLAN = read_template(
    "# T: [x]\n\n## S\n\n[s]\n\n### G\n\n- **A**: [a]\n\n### F\n\n```\n[f]\n```\n\n"
    "## W\n\n### Phase 1: P (HH:MM-HH:MM)\n\n1. **Do**\n\n## Back\n\n1. **Undo**\n\n---\n\n**B**: [b]\n"
)
STEPS = "back/intro/steps"


def saved(text: str, section: str, values: dict[str, str]) -> str:
    """``text`` after a form sent ``values``: what its fields say is what is read back."""
    record = read_record(text, PLAN)
    assert write(record) == text
    own, template = record.section(section), PLAN.section(section)
    lacking = {answer.key for answer in template.answers()} - set(table_of(own))
    new = with_fields(grafted(own, template, lacking & set(values)), values, table_of(template))
    after = replace(record, sections=tuple(new if one is own else one for one in record.sections))
    again = read_record(write(after), PLAN)
    assert content(again) == content(after)
    assert write(again) == write(after)
    return write(after)


def with_part(text: str, kind: str) -> str:
    """With one part more in the first step."""
    step = next(item for _path, item in places(read_record(text, PLAN), Item))
    parts, new = json.loads(table_of(read_record(text, PLAN).section("back"))[f"{step.key}.parts"]), f"{step.key}/n"
    return saved(text, "back", {f"{step.key}.parts": json.dumps([*parts, [kind, new, "Check"]]), new: "all answer"})


def with_steps(text: str, *keys: str) -> str:
    return saved(text, "back", {f"{STEPS}.rows": json.dumps(keys), "back/z.title": "Z", "back/z.text": "z"})


OPEN = [
    ("```bash\n   undo\n", "```\n"),
    ("~~~~\n   ~~~\n", "~~~~\n"),
    ("<!-- todo\n", "-->\n"),
    ("<pre>\n\n   x\n", "</pre>\n"),
    ("<?php\n", "?>\n"),
    ("<![CDATA[\n", "]]>\n"),
    ("<!DOCTYPE\n", ">\n"),
]


@pytest.mark.parametrize("kind", ["detail", "commands"])
@pytest.mark.parametrize(("opened", "end"), OPEN)
def test_what_nobody_closed_in_a_step_is_closed_when_a_part_comes_behind_it(opened: str, end: str, kind: str) -> None:
    """CommonMark ends it with the step, so its page shows nothing odd."""
    above, below = f"# T: x\n\n## Back\n\n1. **Undo**\n   {opened}", "2. **Next**: n\n"
    new = "- **Check**: all answer\n" if kind == "detail" else "```Check\n   all answer\n   ```\n"
    own = "\n" if end[0] in "`~" else ""  # the blank line was one of the commands
    assert with_part(f"{above}\n{below}", kind) == f"{above}{own}   {end}\n   {new}\n{below}"


@pytest.mark.parametrize(("opened", "end"), OPEN)
def test_what_nobody_closed_at_the_end_is_closed_when_a_phase_or_group_comes_behind_it(opened: str, end: str) -> None:
    opened = opened.replace("\n   ", "\n")
    text = f"# T: x\n\n## W\n\n### Phase 1: P (10:00-11:00)\n\n1. **Do**\n\n{opened}"
    phases = json.dumps(["w/phase-1-p-hh-mm-hh-mm", "w/n"])
    new = {"w.phases": phases, "w/n.title": "N", "w/n.window": "11:00-12:00"}
    assert saved(text, "w", new).startswith(f"{text}{end}\n### Phase 2: N (11:00-12:00)\n")
    text = f"# T: x\n\n## S\n\ns\n\n### G\n\n- **A**: a\n\n{opened}"
    assert saved(text, "s", {"s/f/text": "f"}).startswith(f"{text}{end}\n### F\n\n```\nf\n```\n")


@pytest.mark.parametrize("behind", ["Then tell them.\n", "===\n", "| a |\n|---|\n", "2) x\n", "[a]: /b\n"])
@pytest.mark.parametrize("commands", ["   ```\n   x\n   ```\n", ""])
def test_what_stands_right_behind_a_list_stays_apart_when_the_list_changes(behind: str, commands: str) -> None:
    apart = "" if commands else "\n"
    text = f"# T: x\n\n## Back\n\n1. **Undo**: u\n{commands}{apart}{behind}"
    [rows] = [one for _path, one in places(read_record(text, PLAN), Rows)]
    longer = with_steps(text, *rows.order, "back/z")
    assert longer.startswith(f"# T: x\n\n## Back\n\n1. **Undo**: u\n{commands}")
    assert longer.endswith(behind)
    shorter = with_steps(longer, *rows.order)
    assert shorter.startswith(f"# T: x\n\n## Back\n\n1. **Undo**: u\n{commands}")
    assert shorter.endswith(behind)


def test_a_rule_right_behind_a_list_makes_no_heading_of_words_when_the_list_is_gone() -> None:
    text = "# T: x\n\n## Back\n\nWords.\n1. **Undo**: u\n---\n\n**B**: b\n"
    assert with_steps(text) == "# T: x\n\n## Back\n\nWords.\n\n---\n\n**B**: b\n"


def test_a_step_that_is_counted_with_one_figure_more_keeps_what_it_leaves_open() -> None:
    steps = "".join(f"{n}. **{letter}**\n" for n, letter in enumerate("ABCDEFGH", 1))
    text = f"# T: x\n\n## Back\n\n{steps}9. **I**\n   - x\n   <!-- todo\n"
    [rows] = [one for _path, one in places(read_record(text, PLAN), Rows)]
    assert with_steps(text, "back/z", *rows.order).endswith("9. **H**\n10. **I**\n    - x\n    <!-- todo\n")

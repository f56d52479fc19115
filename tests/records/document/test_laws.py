"""The laws of document.md over every template and every record that can be drawn from one.

``test_many_documents`` puts them to 100,000 records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from records.document.escape import normal
from records.document.outline import Answer, Check, Commands, Document, Item, Loose, Metric, Phase, Rows
from records.document.plan import plan_text
from records.document.read import read_record, read_template
from records.document.write import write
from tests.records.document.drawn_edits import edited, takes_no_other_place
from tests.records.document.judges import assert_only_slice_changed
from tests.records.document.laws import (
    LAWS,
    is_later,
    later_filled,
    law_2_what_is_written_is_read_back,
    law_3_no_answer_changes_the_structure,
    law_4_what_is_saved_is_read_back_and_the_rest_stays,
    law_4_whatever_comes_in_goes_out,
)
from tests.records.document.strategies import (
    LEAVES,
    NASTY,
    SETTINGS,
    TEMPLATE_FILES,
    TEMPLATES,
    Case,
    any_record,
    any_text,
    content,
    field_keys,
    filled,
    places,
    put,
    records,
    text_in,
    with_texts,
)


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.stem)
def test_law_1_a_template_read_as_a_record_is_written_byte_for_byte(path: Path) -> None:
    template = TEMPLATES[path.stem]
    assert write(template) == text_in(path)
    assert read_record(text_in(path), template) == template


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(case=any_record())
def test_law(law: Callable[[Case], None], case: Case) -> None:
    law(case)


# What could end an answer where the next one is of the same kind.
ENDING = {"blank line", "leading blank", "indented", "dash list", "other list", "check box", "labelled bullet", "lazy"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_everything_in_a_template_has_a_key_of_its_own(name: str) -> None:
    keys = [value.key for _path, value in places(TEMPLATES[name], Rows, *LEAVES) if hasattr(value, "key")]
    assert len(set(keys)) == len(keys)


# The one has a block of every kind, in the other blocks of one kind stand side by side.
@pytest.mark.parametrize(
    ("nasty", "name"),
    [
        *(pytest.param(nasty, "certificate-rotation") for nasty in NASTY),
        *(pytest.param(nasty, "firewall-cutover", marks=pytest.mark.long) for nasty in NASTY if nasty not in ENDING),
        *(pytest.param(nasty, "firewall-cutover") for nasty in sorted(ENDING)),
    ],
)
def test_every_answer_of_a_template_at_once_holds_every_nasty_class(nasty: str, name: str) -> None:
    template = TEMPLATES[name]
    text = "\n".join(["x", *NASTY[nasty], "y"])

    def own(shape: str) -> str:
        return normal(text, "bullet" if shape == "item" else shape)

    record = template
    for path, leaf in places(template, Answer, Item, Check, Metric, Commands, Phase):
        record = put(record, path, with_texts(leaf, own))
    case = Case(record, template)
    law_2_what_is_written_is_read_back(case)
    law_3_no_answer_changes_the_structure(case)


# ---------------------------------------------------------------- laws 4 and 5: one field, commands


@given(any_text())
def test_law_4_whatever_comes_in_goes_out(case: tuple[str, Document]) -> None:
    law_4_whatever_comes_in_goes_out(*case)


@pytest.mark.parametrize("head", ["1. **T**: x", "1. **T**\n   - **L**: x\n", "1. **T**\n   - **L**:\n"])
@pytest.mark.parametrize("end", ["# y", "y\n---", "> y", "```\ny\n```", "- y", "y", "", "    y", "<b>\n\n"])
@pytest.mark.parametrize("note", ["→", "a note", "    code", "# title", "- z", "10. z", "  <pre>"])
def test_law_4_whatever_a_row_ends_with_before_a_note(head: str, end: str, note: str) -> None:
    inner = "     " if "L" in head else "   "
    body = "".join(f"{inner}{line}\n" for line in end.split("\n"))
    text = f"# T: [x]\n\n## S\n\n### Way\n\n{head}\n\n{body}   {note}\n"
    template = read_template(text)
    law_4_whatever_comes_in_goes_out(text, template)


@given(st.data())
def test_law_4_editing_one_field_changes_its_lines_only(data: st.DataObject) -> None:
    case = data.draw(any_record())
    before = read_record(write(case.record), case.template)
    path, leaf = data.draw(st.sampled_from(places(before, Answer)))
    changed = filled(data.draw, leaf)
    old, new = write(before), write(put(before, path, changed))
    assert_only_slice_changed(old, new, leaf.source)


@given(any_text(), st.data())
def test_law_4_what_a_form_saves_is_read_back_and_the_rest_stays(
    case: tuple[str, Document], data: st.DataObject
) -> None:
    text, template = case
    record = read_record(text, template)
    saved = edited(data.draw, record, template)
    assume(takes_no_other_place(saved))
    law_4_what_is_saved_is_read_back_and_the_rest_stays(record, saved, template)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_is_written_into_a_file_with_crlf_has_crlf_too(name: str) -> None:
    template = read_template(write(TEMPLATES[name]).replace("\n", "\r\n"), SETTINGS[name].kind)
    record = template
    for path, leaf in places(template, Answer):
        record = put(record, path, replace(leaf, text=normal("one\ntwo", leaf.shape)))
    text = write(record)
    assert "\r\n" in text
    assert text.count("\r\n") == text.count("\n") == text.count("\r")
    assert content(read_record(text, template)) == content(record)


@given(
    any_record(),
    st.sampled_from(["```\nnever closed", "<!-- never closed", "## A section", "---\n**Fake**: x", "x\n==="]),
)
def test_law_3_markdown_that_is_edited_cuts_nothing_and_swallows_nothing(case: Case, text: str) -> None:
    for path, leaf in places(case.record, Loose):
        again = read_record(write(put(case.record, path, replace(leaf, text=text))), case.template)
        kept = [content(section) for section in case.record.sections if leaf.key not in str(section)]
        assert [section.title for section in again.sections] == [section.title for section in case.record.sections]
        assert [content(section) for section in again.sections if content(section) in kept] == kept


@given(st.data())
def test_law_5_commands_come_back_with_every_character(data: st.DataObject) -> None:
    case = data.draw(any_record())
    again = read_record(write(case.record), case.template)
    assert [c.text for c in commands(again)] == [c.text for c in commands(case.record)]


def commands(document: Document) -> list[Answer | Commands]:
    """Blocks of commands and fences that are filled as text."""
    fences = places(document, Commands, Answer)
    return [leaf for _, leaf in fences if isinstance(leaf, Commands) or leaf.shape == "fence"]


# ---------------------------------------------------------------- law 9: the plan text

names = pytest.mark.parametrize("name", TEMPLATES)


@names
@given(data=st.data())
def test_law_9_filling_open_and_close_parts_never_changes_the_plan_text(name: str, data: st.DataObject) -> None:
    template, own = TEMPLATES[name], SETTINGS[name]
    record = data.draw(records(template)).record
    plan = plan_text(record, template, own)
    later, known = record, set(field_keys(template))
    for _ in range(data.draw(st.integers(1, 4))):
        path, leaf = data.draw(st.sampled_from([p for p in places(later, *LEAVES) if is_later(p[1], known, own)]))
        later = put(later, path, later_filled(data.draw, leaf))
    assert plan_text(later, template, own) == plan
    assert plan_text(read_record(write(later), template), template, own) == plan


@names
@given(data=st.data())
def test_law_9_any_change_of_a_plan_part_changes_the_plan_text(name: str, data: st.DataObject) -> None:
    template, own = TEMPLATES[name], SETTINGS[name]
    record = data.draw(records(template)).record
    planned = [p for p in places(record, *LEAVES) if is_planned(p[1], name)]
    path, leaf = data.draw(st.sampled_from(planned))
    changed = filled(data.draw, leaf)
    if isinstance(leaf, Metric):
        changed = replace(changed, after=leaf.after)
    if isinstance(leaf, Check):
        changed = replace(changed, ticked=leaf.ticked)
    assume(content(changed) != content(leaf))
    assert plan_text(put(record, path, changed), template, own) != plan_text(record, template, own)


def is_planned(leaf: object, name: str) -> bool:
    match leaf:
        case Answer(key=key):
            return key.startswith("new-") or SETTINGS[name].asked(key).part == "plan"
    return not isinstance(leaf, Loose)


@pytest.mark.parametrize("line", ["CPU Utilization:  38% → [after]%", "CPU: 38% → [after]% ", "CPU : 5 → 6"])
def test_law_9_holds_for_lines_that_are_spelled_otherwise(line: str) -> None:
    template, own = TEMPLATES["infrastructure-operation"], SETTINGS["infrastructure-operation"]
    text = write(template).replace("CPU Utilization: [before]% → [after]%", line)
    record = read_record(text.replace("\n", "\r\n"), template)
    path, metric = next(p for p in places(record, Metric) if p[1].after is not None)
    measured = put(record, path, replace(metric, after="7"))
    plan = plan_text(record, template, own)
    assert plan_text(measured, template, own) == plan
    assert plan_text(read_record(write(measured), template), template, own) == plan


@pytest.mark.parametrize(
    ("before", "measured", "in_plan"),
    [
        ("5.9 of 8 GB", "3.1", "5.9 of 8 GB → [after]GB"),
        ("not known yet", "7", "not known yet → [after]GB"),
        ("12 000", "9 000", "12 000GB → [after]GB"),
        ("4 TB", "3", "4 TB → [after] TB"),
    ],
)
def test_law_9_the_unit_of_the_plan_is_the_one_that_the_writer_saw(before: str, measured: str, in_plan: str) -> None:
    template, own = TEMPLATES["infrastructure-operation"], SETTINGS["infrastructure-operation"]
    path, metric = next(p for p in places(template, Metric) if p[1].name == "Memory Usage" and p[1].after is not None)
    draft = put(template, path, replace(metric, before=before, read_as=""))
    plan = plan_text(draft, template, own)
    assert f"Memory Usage: {in_plan}\n" in plan
    done = put(draft, path, replace(metric, before=before, after=measured, read_as=""))
    assert plan_text(done, template, own) == plan
    assert plan_text(read_record(write(done), template), template, own) == plan


@names
@pytest.mark.parametrize("language", ["~", "~~~", "~sh", "sh~"])
def test_law_5_a_language_of_tildes_opens_no_longer_fence(name: str, language: str) -> None:
    template = TEMPLATES[name]
    path, commands = places(template, Commands)[0]
    record = put(template, path, replace(commands, language=language, text="```"))
    assert content(read_record(write(record), template)) == content(record)


@names
def test_law_9_a_value_after_changes_no_plan_where_a_row_took_the_name_of_another_one(name: str) -> None:
    template, own = TEMPLATES[name], SETTINGS[name]
    for path, block in places(template, Rows):
        metrics = [at for at, row in enumerate(block.rows) if isinstance(row, Metric) and row.after is not None]
        for at, gone in product(metrics, range(len(block.rows))):
            if at == gone:
                continue
            texts = []
            for after in (block.rows[at].after, "7 pears"):
                rows = list(block.rows)
                rows[at] = replace(rows[at], name=rows[gone].name, before="not known yet", after=after, read_as="")
                del rows[gone]
                record = put(template, path, replace(block, rows=tuple(rows)))
                texts += (
                    plan_text(record, template, own),
                    plan_text(read_record(write(record), template), template, own),
                )
            assert len(set(texts)) == 1


@names
def test_law_9_rows_added_removed_and_moved_change_the_plan_text(name: str) -> None:
    template, own = TEMPLATES[name], SETTINGS[name]
    plan = plan_text(template, template, own)
    for path, rows in places(template, Rows):
        fewer = put(template, path, replace(rows, rows=rows.rows[1:]))
        assert plan_text(fewer, template, own) != plan
        if len({content(row) for row in rows.rows}) > 1:
            turned = put(template, path, replace(rows, rows=rows.rows[::-1]))
            assert plan_text(turned, template, own) != plan


@pytest.mark.parametrize("before", ["- plain", "- **Gone**: x"])
def test_a_note_stays_a_note_when_what_parted_it_from_a_bullet_is_removed(before: str) -> None:
    text = f"# T: [x]\n\n## S\n\n### Way\n\n1. **Step**\n   - **Kept**: y\n   {before}\n\n   a note\n"
    template = read_template(text)
    [(path, item)] = places(template, Item)
    kept, _gone, note = item.parts
    record = put(template, path, replace(item, parts=(kept, note)))
    again = read_record(write(record), template)
    assert content(again) == content(record)

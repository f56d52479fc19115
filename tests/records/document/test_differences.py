"""A difference shows all that changed, by field, and both texts can be read off it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.differences import Change, count, differences
from records.document.fields import table_of
from records.document.outline import Commands, Document, Group, Item, Rows, Section
from records.document.read import read_record, read_template
from records.document.text_difference import by_word, lines, words
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.drawn_edits import edited
from tests.records.document.strategies import Draw, any_record, moved, places, put

ROOT = Path(__file__).parents[3]
TEMPLATE = (ROOT / "records/operation_templates/infrastructure-operation.md").read_bytes().decode()
RECORD = (ROOT / "records/demo/postgresql-16-orders.md").read_bytes().decode()
STEPS = "infrastructure-operation-steps"


@pytest.fixture(scope="module")
def record() -> Document:
    return read_record(RECORD, read_template(TEMPLATE, {}))


def changed(document: Document, key: str, values: dict[str, str]) -> Document:
    sections = [with_fields(s, values) if s.key == key else s for s in document.sections]
    return replace(document, sections=tuple(sections))


def only(before: Document, after: Document, *facts: dict[str, str]) -> Change:
    found = differences(before, after, *facts)
    assert count(found) == 1, [change for section in found for change in section.changes]
    return found[0].changes[0]


def test_a_document_does_not_differ_from_itself(record: Document) -> None:
    assert differences(record, record) == []


def test_a_changed_text_is_told_word_by_word(record: Document) -> None:
    key = "operation-summary/business-impact/performance"
    before = table_of(record.section("operation-summary"))[key]
    change = only(record, changed(record, "operation-summary", {key: before.replace("Same", "Worse")}))
    assert (change.label, change.lined) == ("Performance", False)
    assert change.pieces[:2] == (("del", "Same"), ("ins", "Worse"))


def test_changed_commands_are_told_line_by_line(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if "commands" in key and fields[key].count("\n") > 2)
    first, _, rest = fields[key].partition("\n")
    change = only(record, changed(record, STEPS, {key: f"{first} --dry-run\n{rest}"}))
    assert change.lined
    assert change.pieces[:3] == (
        ("del", first + "\n"),
        ("ins", f"{first} --dry-run\n"),
        ("same", rest.partition("\n")[0] + "\n"),
    )


def test_a_moved_row_is_one_change_and_names_what_moved(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if key.endswith("/steps.rows"))
    one, two, *more = json.loads(fields[key])
    change = only(record, changed(record, STEPS, {key: json.dumps([two, one, *more])}))
    title = fields[f"{one}.title"]
    assert [text for kind, text in change.pieces if kind == "del"] in ([f"{title}\n"], [fields[f"{two}.title"] + "\n"])


def test_a_step_that_moved_to_another_phase_is_told_in_both_beside_what_else_changed(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    one, other = [key for key in fields if key.endswith("/steps.rows")][:2]
    *stay, moved = json.loads(fields[one])
    orders = {one: json.dumps(stay), other: json.dumps([moved, *json.loads(fields[other])])}
    commands = f"{moved}/commands"
    after = changed(changed(record, STEPS, orders), STEPS, {commands: f"{fields[commands]}\nls"})
    [told] = differences(record, after)
    title = fields[f"{moved}.title"]
    assert [(one.label, [piece for piece in one.pieces if piece[0] != "same"]) for one in told.changes] == [
        ("Phase 1, order", [("del", f"{title}\n")]),
        ("Phase 2, order", [("ins", f"{title}\n")]),
        (f"2.1 {title}, commands", [("ins", "ls\n")]),
    ]


def test_moved_parts_of_a_step_are_called_by_their_names(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if key.endswith(".parts"))
    one, two, *more = json.loads(fields[key])
    change = only(record, changed(record, STEPS, {key: json.dumps([two, one, *more])}))
    assert [text for kind, text in change.pieces if kind == "ins"] == ["Resources\n"]


def test_what_is_known_of_a_row_beside_the_text_stands_with_its_row(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if key.endswith("/steps.rows"))
    first, *_others, last = json.loads(fields[key])
    after = changed(record, STEPS, {f"{last}.title": "Last", f"{first}.title": "First"})
    [told] = differences(record, after, {}, {f"{last}.host": "b", f"{first}.host": "a"})
    assert [one.key for one in told.changes] == [f"{first}.title", f"{first}.host", f"{last}.title", f"{last}.host"]


def test_a_new_row_is_told_by_its_own_fields(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if key.endswith("/steps.rows"))
    keys = [*json.loads(fields[key]), f"{STEPS}/new"]
    after = changed(record, STEPS, {key: json.dumps(keys), f"{STEPS}/new.title": "Look again"})
    change = only(record, after)
    assert (change.before, change.after, change.pieces) == (None, "Look again", (("ins", "Look again"),))
    assert change.label == f"1.{len(keys)} Look again, added"
    assert only(after, record).label == f"1.{len(keys)} Look again, removed"


def test_facts_without_a_line_in_the_text_are_compared(record: Document) -> None:
    row = next(key for key in table_of(record.section(STEPS)) if key.endswith(".text")).removesuffix(".text")
    change = only(record, record, {}, {f"{row}.estimate": "31 min"})
    assert change.label.endswith(", estimate")
    assert change.pieces == (("ins", "31 min"),)


def test_what_is_no_field_is_compared_too() -> None:
    before, after = read_record("# A\n\n## One\n\ntext\n", None), read_record("# A\n\n## One ##\n\ntext\n", None)
    assert only(before, after).label == "Headings and captions"


def test_sections_in_another_order_are_told_beside_all_that_changed(record: Document) -> None:
    """Also where both hold phases: what is worked first is worked last, and no field says so."""
    key = "operation-summary/business-impact/performance"
    other = changed(record, "operation-summary", {key: "Worse"})
    one, *rest = [at for at, section in enumerate(record.sections) if section.kind == "section"]
    order = [*range(one), *rest, one, *range(rest[-1] + 1, len(record.sections))]
    told = differences(record, replace(other, sections=tuple(other.sections[at] for at in order)))
    assert [(section.key, [change.label for change in section.changes]) for section in told] == [
        ("sections", ["Order of the sections"]),
        ("operation-summary", ["Performance"]),
    ]
    assert [text for kind, text in told[0].changes[0].pieces if kind == "ins"] == ["Operation Summary\n"]


def test_answers_and_groups_in_another_order_are_told_beside_all_that_changed(record: Document) -> None:
    section = record.section("operation-summary")
    intro, rationale, impact = section.groups
    turned = replace(impact, blocks=tuple(reversed(impact.blocks)))
    for groups, elsewhere in (
        ((intro, rationale, turned), "Availability"),
        ((intro, impact, rationale), "Business Impact"),
    ):
        other = replace(section, groups=groups)
        text = {next(section.answers()).key: "Another one"}
        for after in (other, with_fields(other, text)):
            sections = tuple(after if one.key == section.key else one for one in record.sections)
            [told] = differences(record, replace(record, sections=sections))
            order, *more = told.changes
            assert (order.label, len(more)) == ("Order", after is not other)
            assert elsewhere in "".join(text for kind, text in order.pieces if kind != "same")


def test_where_a_group_stands_among_phases_is_told_and_which_phase_comes_first_is_told_once() -> None:
    text = "# A\n\n## B\n\n### Phase 1: C\n\n1. **D**\n\n### E\n\n- **F**: [g]\n\n### Phase 2: C\n\n1. **D**\n"
    before = read_template(text, {})
    header, section = before.sections
    one, among, two = section.groups

    def told(*groups: Group) -> list[tuple[str, list[str]]]:
        after = replace(before, sections=(header, replace(section, groups=groups)))
        changes = [change for one in differences(before, after) for change in one.changes]
        return [(one.label, [text for kind, text in one.pieces if kind == "ins"]) for one in changes]

    assert told(two, among, one) == [("Phases", ["Phase: C (2)\n"])]
    assert told(one, two, among) == [("Order", ["Phase: C (2)\n", "steps (2)\n"])]
    assert told(among, one) == [("Order", ["E\n", "F\n"]), *told(one, among)]


def test_another_language_of_commands_is_told_beside_all_that_changed(record: Document) -> None:
    fields = table_of(record.section(STEPS))
    key = next(key for key in fields if key.endswith("/commands"))
    other = changed(record, STEPS, {key: "ls"})
    [(path, commands)] = [(path, one) for path, one in places(other, Commands) if one.key == key]
    [told] = differences(record, put(other, path, replace(commands, language="sql")))
    assert [one.after for one in told.changes] == ["ls", "sql\n"]


def test_a_section_without_anything_in_it_is_told() -> None:
    before, after = read_record("# A\n\n## One\n\ntext\n", None), read_record("# A\n\n## One\n\ntext\n\n## B\n", None)
    assert [one.pieces for one in differences(before, after)[-1].changes] == [(("ins", "## B\n"), ("ins", "\n"))]


ORDERED = {Document: "sections", Section: "groups", Group: "blocks", Rows: "rows", Item: "parts"}


@given(st.data())
def test_of_two_texts_that_differ_something_is_told_and_so_is_each_order(data: st.DataObject) -> None:
    """Law: whoever reads the difference has seen that there is one, and what stands elsewhere, whatever is new."""
    case = data.draw(any_record())
    before = after = case.record
    for _turn in range(data.draw(st.integers(0, 3))):
        after = edited(data.draw, after, case.template)
    for _turn in range(data.draw(st.integers(0, 3))):
        after = permuted(data.draw, after)
    facts = [
        {f"{row.key}.host": data.draw(st.sampled_from(["", "db-1"])) for row in items(one)} for one in (before, after)
    ]
    told = differences(before, after, *facts)
    named = {
        change.key for section in told for change in section.changes if any(k != "same" for k, _t in change.pieces)
    }
    given_facts = [{key: text for key, text in one.items() if text} for one in facts]
    if write(before) != write(after) or given_facts[0] != given_facts[1]:
        assert named
    assert orders_between(before, after) <= named


def permuted(draw: Draw, document: Document) -> Document:
    """``document`` with one of its sections, groups, blocks, rows or parts somewhere else."""
    found = [(path, one) for path, one in places(document, *ORDERED) if len(getattr(one, ORDERED[type(one)])) > 1]
    path, one = draw(st.sampled_from(found))
    name = ORDERED[type(one)]
    return put(document, path, replace(one, **{name: moved(draw, getattr(one, name))}))


def items(document: Document) -> list[Item]:
    return [one for _path, one in places(document, Item)]


def orders_between(before: Document, after: Document) -> set[str]:
    """Where what stands in both stands in another order: the keys of the changes that have to tell of it."""
    old = {(type(one), one.key): one for _path, one in places(before, Section, Group, Rows, Item)}
    found = {"sections"} if _are_reordered(before.sections, after.sections) else set()
    for path, one in places(after, Section, Group, Rows, Item):
        was, name = old.get((type(one), one.key)), ORDERED[type(one)]
        inner = getattr(one, name)
        if was is None:
            continue
        if isinstance(one, Section):
            kinds = [[group for group in side.groups if group.phase] for side in (was, one)]
            if _are_reordered(*kinds):
                found.add(f"{one.key}.phases")
            kinds = [[group for group in side.groups if not group.phase] for side in (was, one)]
            if _are_reordered(*kinds):
                found.add(f"{one.key}.order")
        elif _are_reordered(getattr(was, name), inner):
            section = after.sections[path[0][1]].key
            found.add({Group: f"{section}.order", Rows: f"{one.key}.rows", Item: f"{one.key}.parts"}[type(one)])
    return found


def _are_reordered(before: Sequence[Any], after: Sequence[Any]) -> bool:
    sides = [[one.key for one in side] for side in (before, after)]
    return [key for key in sides[0] if key in sides[1]] != [key for key in sides[1] if key in sides[0]]


def test_a_section_that_is_gone_is_told() -> None:
    before, after = read_record("# A\n\n## One\n\ntext\n", None), read_record("# A\n", None)
    told = differences(before, after)[-1]
    assert (told.title, [change.pieces for change in told.changes]) == ("One", [(("del", "text\n"),)])


@pytest.mark.parametrize(("difference", "end"), [(words, ""), (lines, "\n")])
@given(st.data())
def test_both_texts_can_be_read_off_a_difference(difference, end: str, data: st.DataObject) -> None:
    """Off lines with an end of the last one, too."""
    text = st.text(st.sampled_from("ab .\n\t"), max_size=40)
    before, after = data.draw(text), data.draw(text)
    pieces = difference(before, after)
    assert "".join(text for kind, text in pieces if kind != "ins") == (before and before + end)
    assert "".join(text for kind, text in pieces if kind != "del") == (after and after + end)


def test_a_line_behind_the_last_one_changes_none_before_it() -> None:
    assert lines("one", "one\ntwo") == [("same", "one\n"), ("ins", "two\n")]
    assert lines("one\ntwo", "one") == [("same", "one\n"), ("del", "two\n")]
    assert lines("one", "one\n") == [("same", "one\n"), ("ins", "\n")]


def test_a_time_a_version_or_an_address_is_one_word() -> None:
    assert words("01:00-01:40", "01:40-02:20") == [("del", "01:00-01:40"), ("ins", "01:40-02:20")]
    told = words("Until 02:20, on 10.0.0.1 with 16.4", "Until 02:30, on 10.0.1.1 with 16.4")
    assert [text for kind, text in told if kind != "same"] == ["02:20", "02:30", "10.0.0.1", "10.0.1.1"]
    told = words("Template v1.0.0", "Template v1.1.0")
    assert told == [("same", "Template "), ("del", "v1.0.0"), ("ins", "v1.1.0")]


def test_in_a_changed_line_its_words_are_apart_and_every_line_stays_whole() -> None:
    told = by_word(
        [
            ("same", "cd /srv"),
            ("del", "count.sh --tables 14 --sample 1000"),
            ("del", "ls"),
            ("ins", "count.sh --tables 14 --sample 10000"),
            ("ins", "reboot"),
        ]
    )
    assert [(kind, [one for one in parts if one[0] != "same"]) for kind, parts in told] == [
        ("same", []),
        ("del", [("del", "1000")]),
        ("del", []),
        ("ins", [("ins", "10000")]),
        ("ins", []),
    ]


@given(st.lists(st.tuples(st.sampled_from(["same", "ins", "del"]), st.text(st.sampled_from("ab 1"), max_size=12))))
def test_no_line_loses_a_character_by_its_words(pieces) -> None:
    assert [(kind, "".join(text for _kind, text in parts)) for kind, parts in by_word(pieces)] == pieces

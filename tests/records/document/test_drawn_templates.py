"""The laws over templates that nobody has seen, and that a reader sees in them what they ask for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.as_written import as_written
from records.document.fields import fields_of, table_of
from records.document.honest import lines_of
from records.document.outline import Answer, Item, Rows
from records.document.plan import plan_text
from records.document.read import read_record, read_template
from records.document.template_guesses import completed
from records.document.with_fields import with_fields
from records.document.write import write, write_section
from records.writing.readiness import shown
from tests import proofs
from tests.records.document import laws
from tests.records.document.drawn_templates import DrawnTemplate, drawn_settings, drawn_templates
from tests.records.document.judges import JUDGES, assert_only_slice_changed, seen
from tests.records.document.laws import is_later, later_filled
from tests.records.document.readers import reader_sees
from tests.records.document.strategies import LEAVES, Case, content, field_keys, filled, places, put, records


def law_1_a_template_is_written_as_it_was_read(drawn: DrawnTemplate) -> None:
    template = read_template(drawn.text)
    assert write(template) == drawn.text
    assert read_record(drawn.text, template) == template


def a_reader_sees_what_the_template_asks_for(drawn: DrawnTemplate) -> None:
    assert reader_sees(read_template(drawn.text)) == drawn.seen


def everything_has_a_key_of_its_own(drawn: DrawnTemplate) -> None:
    keys = [value.key for _path, value in places(read_template(drawn.text), Rows, *LEAVES) if hasattr(value, "key")]
    assert len(set(keys)) == len(keys)


def what_any_parser_sees_is_what_was_drawn(drawn: DrawnTemplate) -> None:
    """Law 3 of the template itself: its headings, labels and fences, as other parsers see them."""
    sections = [what[1] for what in drawn.seen if what[0] == "section"]
    fences = sum(what[0] in ("fence", "commands") for what in drawn.seen)
    for judge in JUDGES.values():
        page = seen(judge(drawn.text))
        assert [plain(node.text) for node in page.find("h2")][: len(sections)] == [plain(words) for words in sections]
        assert sum(node.tag == "pre" for node in page.all()) >= fences


def no_list_is_emptied_that_keeps_a_record_from_being_frozen(drawn: DrawnTemplate) -> None:
    template = read_template(drawn.text)
    for path, rows in places(template, Rows):
        record = put(template, path, replace(rows, rows=()))
        assert lines_of(record, template) == as_written(record, template)


def what_is_filled_stands_where_the_hint_stood(drawn: DrawnTemplate) -> None:
    """As near to its label as that did."""
    template = read_template(drawn.text)
    for path, leaf in places(template, Answer, Item):
        line = leaf.source.rstrip()
        if getattr(leaf, "shape", "row") in ("line", "bullet", "row") and leaf.text and line.endswith(leaf.text):
            text = write(put(template, path, replace(leaf, text="filled")))
            assert line.removesuffix(leaf.text)[-1:] + "filled" in text


def plain(words: str) -> str:
    """Words without the signs that a heading doesn't show."""
    return words.replace("`", "").replace("*", "").strip()


LAWS = [
    law_1_a_template_is_written_as_it_was_read,
    a_reader_sees_what_the_template_asks_for,
    everything_has_a_key_of_its_own,
    what_any_parser_sees_is_what_was_drawn,
    no_list_is_emptied_that_keeps_a_record_from_being_frozen,
    what_is_filled_stands_where_the_hint_stood,
]


# ---------------------------------------------------------------- and of its records


def law_4_what_is_edited_changes_alone(case: Case, data: st.DataObject) -> None:
    before = read_record(write(case.record), case.template)
    if answers := places(before, Answer):
        path, leaf = data.draw(st.sampled_from(answers))
        new = write(put(before, path, filled(data.draw, leaf)))
        assert_only_slice_changed(write(before), new, leaf.source)


def law_9_what_is_answered_later_changes_no_plan(case: Case, data: st.DataObject) -> None:
    own = completed(drawn_settings(data.draw, case.template), case.template)
    plan = plan_text(case.record, case.template, own)
    later, known = case.record, set(field_keys(case.template))
    asked = [path for path, leaf in places(case.record, *LEAVES) if is_later(leaf, known, own)]
    for path in data.draw(st.lists(st.sampled_from(asked), max_size=3)) if asked else ():
        leaf = next(leaf for at, leaf in places(later, *LEAVES) if at == path)
        later = put(later, path, later_filled(data.draw, leaf))
    assert plan_text(later, case.template, own) == plan
    assert plan_text(read_record(write(later), case.template), case.template, own) == plan


def a_form_that_is_sent_unchanged_changes_nothing(case: Case, _data: st.DataObject) -> None:
    """Whatever a browser makes of line ends; placeholders are hints beside a field, so it is sent empty."""
    own = {key: text for section in case.template.sections for key, text in table_of(section).items()}
    for document in (case.template, read_record(write(case.record), case.template)):
        for section in document.sections:
            shapes = {field.key: field.shape for field in fields_of(section)}
            posted = {
                key: shown(text, shapes[key], own.get(key, "")).replace("\n", "\r\n")
                for key, text in table_of(section).items()
            }
            assert write_section(with_fields(section, posted, own)) == write_section(section)


def what_a_form_does_to_the_parts_of_a_row_is_read_as_it_was_put(case: Case, data: st.DataObject) -> None:
    """Also where a note comes first, what stood above it being gone: it is read as the row's text."""
    items = [leaf for _path, leaf in places(case.record, Item) if leaf.source]
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    at = next(n for n, section in enumerate(case.record.sections) if item.key.startswith(f"{section.key}/"))
    section = case.record.sections[at]
    parts = json.loads(table_of(section).get(f"{item.key}.parts", "[]"))
    parts = parts[data.draw(st.integers(0, len(parts))) :]
    note = f"{item.key}/new"
    parts.insert(data.draw(st.integers(0, len(parts))), ["note", note, ""])
    text = data.draw(st.sampled_from(["Wait.", "Wait\nfor it.", "> careful", "- plain", "[a]: /b", "<br>"]))
    changed = with_fields(section, {f"{item.key}.parts": json.dumps(parts), note: text})
    record = put(case.record, (("sections", at),), changed)
    assert content(read_record(write(record), case.template)) == content(record)


LAWS_OF_RECORDS = [
    what_a_form_does_to_the_parts_of_a_row_is_read_as_it_was_put,
    law_4_what_is_edited_changes_alone,
    law_9_what_is_answered_later_changes_no_plan,
    a_form_that_is_sent_unchanged_changes_nothing,
]


@pytest.mark.parametrize("number", range(2))
def test_the_laws_hold_for_templates_that_nobody_has_seen(number: int) -> None:
    put_to_the_laws(number, 30)


PARTS, TEMPLATES = 20, 1_000


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="templates-{}".format)
def test_the_laws_hold_for_many_templates(request: pytest.FixtureRequest, number: int) -> None:
    code = ("records/document", "tests/records/document")
    counted = proofs.part(request, code, lambda: put_to_the_laws(number, TEMPLATES))
    assert counted["templates"] >= TEMPLATES


def put_to_the_laws(number: int, most: int) -> Counter[str]:
    """Put every law to ``most`` templates drawn after ``number``."""
    counted: Counter[str] = Counter()

    @proofs.drawn_after(number, most)
    @given(drawn_templates(), st.data())
    def holds(drawn: DrawnTemplate, data: st.DataObject) -> None:
        for law in LAWS:
            law(drawn)
        case = data.draw(records(read_template(drawn.text), most=5))
        for of_any in laws.LAWS:
            of_any(case)
        for of_records in LAWS_OF_RECORDS:
            of_records(case, data)
        counted["templates"] += 1

    holds()
    return counted

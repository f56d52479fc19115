"""The laws of reading and writing, as far as they are tried on more than one kind of text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from records.document.as_written import as_written
from records.document.exchange import from_json, to_json
from records.document.honest import lines_of
from records.document.outline import Answer, Check, Document, Loose, Metric
from records.document.read import read_record
from records.document.template_settings import TemplateSettings
from records.document.write import is_as_read, write
from tests.records.document.judges import JUDGES, assert_same_structure, harmless
from tests.records.document.strategies import (
    LEAVES,
    Case,
    content,
    field_keys,
    filled,
    places,
    put,
)


def law_2_what_is_written_is_read_back(case: Case) -> None:
    text = write(case.record)
    again = read_record(text, case.template)
    assert content(again) == content(case.record)
    assert field_keys(again) == field_keys(case.record)
    assert write(again) == text


def law_2_another_unit_behind_both_values_is_that_of_their_row(case: Case) -> None:
    compared = [(path, metric) for path, metric in places(case.record, Metric) if metric.after is not None]
    for unit in ("TB", " s", "/10min", " per second"):
        record = case.record
        for path, metric in compared:
            record = put(record, path, replace(metric, before="~4", after="[after]", unit=unit))
        again = read_record(write(record), case.template)
        told = [(m.before, m.after, m.unit) for _path, m in places(again, Metric) if m.after is not None]
        assert told == [("~4", "[after]", unit)] * len(compared)


def law_3_no_answer_changes_the_structure(case: Case) -> None:
    text, plain = write(case.record), write(harmless(case.record))
    for judge in JUDGES.values():
        assert_same_structure(judge(text), judge(plain))


def law_4_what_was_not_changed_is_written_as_it_was_read(case: Case) -> None:
    text = write(case.record)
    for path, leaf in places(case.record, Answer, Metric, Loose):
        # A row that is counted anew takes its parts along to another column.
        if is_as_read(leaf) and "parts" not in dict(path):
            assert leaf.source in text


def law_6_the_same_record_gives_the_same_bytes(case: Case) -> None:
    text = write(case.record)
    assert write(case.record) == text
    wire = json.dumps(to_json(case.record))
    again = from_json(json.loads(wire), Document)
    assert again == case.record
    assert write(again) == text
    assert json.dumps(to_json(again)) == wire


def what_keeps_its_lines_is_the_same_and_has_nothing_left_to_spell(case: Case) -> None:
    kept = as_written(case.record, case.template)
    assert write(kept) == write(case.record)
    assert content(kept) == content(case.record)
    assert [key_of(leaf) for _path, leaf in places(kept, *LEAVES)] == [
        key_of(leaf) for _path, leaf in places(case.record, *LEAVES)
    ]
    assert [leaf for _path, leaf in places(kept, *LEAVES) if not is_as_read(leaf)] == []
    assert as_written(kept, case.template) == kept
    assert lines_of(case.record, case.template) == kept, "no honest record is refused when it is frozen"


def key_of(leaf: object) -> str:
    return getattr(leaf, "key", "")


LAWS: list[Callable[[Case], None]] = [
    law_2_what_is_written_is_read_back,
    law_2_another_unit_behind_both_values_is_that_of_their_row,
    law_3_no_answer_changes_the_structure,
    law_4_what_was_not_changed_is_written_as_it_was_read,
    law_6_the_same_record_gives_the_same_bytes,
    what_keeps_its_lines_is_the_same_and_has_nothing_left_to_spell,
]


def law_4_whatever_comes_in_goes_out(text: str, template: Document) -> None:
    record = read_record(text, template)
    assert write(record) == text
    assert write(from_json(json.loads(json.dumps(to_json(record))), Document)) == text


def law_4_what_is_saved_is_read_back_and_the_rest_stays(record: Document, saved: Document, template: Document) -> None:
    """Of a record as somebody wrote it by hand, and one section of it as a form saved it."""
    old, text = write(record), write(saved)
    again = read_record(text, template)
    assert content(again) == content(saved)
    assert write(again) == text
    assert lines_of(saved, template) is not None
    law_4_what_was_not_changed_is_written_as_it_was_read(Case(saved, template))
    at = next((at for at, (own, new) in enumerate(zip(record.sections, saved.sections, strict=True)) if own != new), 0)
    before = write(replace(record, sections=record.sections[:at]))
    after = write(replace(record, sections=record.sections[at + 1 :], front=""))
    assert text.startswith(before) and old.startswith(before)
    assert text.endswith(after) and old.endswith(after)


def is_later(leaf: object, known: set[str], own: TemplateSettings) -> bool:
    """Whether the leaf is answered after approval, in full or in part; ``known`` are the keys of its template."""
    match leaf:
        case Check() | Metric(after=str()):
            return True
        case Answer(key=key):
            return key in known and own.asked(key).part != "plan"
    return False


def later_filled(draw: Callable[[st.SearchStrategy[object]], object], leaf: Answer | Check | Metric) -> object:
    new = filled(draw, leaf)
    match leaf:
        case Check():
            return replace(leaf, ticked=not leaf.ticked)
        case Metric():
            return replace(leaf, after=new.after)
    return new

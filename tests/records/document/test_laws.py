"""The laws of document.md over every template and every record that can be drawn from one."""

from __future__ import annotations

import json
from pathlib import Path
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.document.escape import refuse_unstorable
from records.document.exchange import from_json, to_json
from records.document.outline import Answer, Check, Document, Item, Metric, Phase, Rows
from records.document.plan import plan_text
from records.document.read import read_record
from records.document.write import write
from tests.records.document.judges import JUDGES, assert_same_structure, harmless
from tests.records.document.strategies import (
    NASTY,
    SETTINGS,
    Case,
    any_record,
    TEMPLATE_FILES,
    TEMPLATES,
    content,
    field_keys,
    filled,
    nasty_in,
    normal_texts,
    places,
    put,
    records,
    text_in,
    texts,
)

names = pytest.mark.parametrize("name", TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.stem)
def test_law_1_a_template_read_as_a_record_is_written_byte_for_byte(path: Path) -> None:
    template = TEMPLATES[path.stem]
    assert write(template) == text_in(path)
    assert read_record(text_in(path), template) == template


@given(any_record())
def test_law_2_what_is_written_is_read_back(case: Case) -> None:
    text = write(case.record)
    again = read_record(text, case.template)
    assert content(again) == content(case.record)
    assert field_keys(again) == field_keys(case.record)
    assert write(again) == text


@given(any_record())
def test_law_3_no_answer_changes_the_structure(case: Case) -> None:
    text, plain = write(case.record), write(harmless(case.record))
    for judge in JUDGES.values():
        assert_same_structure(judge(text), judge(plain))

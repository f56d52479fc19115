"""Document to JSON and back is the identity; whatever is no document is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.document import exchange
from records.document.exchange import from_json, to_json
from records.document.outline import Answer, Document, Section
from records.document.read import read_record
from records.document.unusable import Unusable
from records.document.write import write
from tests.records.document.strategies import MESSY_FILES, TEMPLATES, Case, any_record, text_in

SCHEMA = json.loads((Path(exchange.__file__).parent / "record.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def wire(value: Any) -> Any:
    """What arrives when ``value`` is sent."""
    return json.loads(json.dumps(to_json(value)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@settings(max_examples=25)  # the validator takes its time
@given(any_record())
def test_every_record_is_valid_and_comes_back(case: Case) -> None:
    sent = wire(case.record)
    VALIDATOR.validate(sent)
    assert from_json(sent, Document) == case.record


@given(any_record())
def test_markdown_by_way_of_json_is_the_same_markdown(case: Case) -> None:
    text = write(case.record)
    assert write(from_json(wire(read_record(text, case.template)), Document)) == text


@pytest.mark.parametrize("path", MESSY_FILES, ids=lambda path: path.stem)
def test_messy_records_are_valid_and_come_back(path: Path) -> None:
    for template in (*TEMPLATES.values(), None):
        record = read_record(text_in(path), template)
        VALIDATOR.validate(wire(record))
        assert from_json(wire(record), Document) == record


def test_a_part_can_be_sent_alone() -> None:
    section = TEMPLATES["quick-change"].sections[1]
    assert from_json(wire(section), Section) == section


# ---------------------------------------------------------------- what is refused

ANSWER = {"type": "answer", "key": "a", "label": "A", "text": "x", "shape": "line"}


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "loose"},
        {"type": None},
        {"text": None},
        {"text": 3},
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"shape": "poem"},
        {"shape": []},
        {"colour": "red"},
        {"key": {}},
    ],
)
def test_a_wrong_value_is_refused(changes: dict[str, Any]) -> None:
    assert from_json(ANSWER, Answer).text == "x"
    with pytest.raises(Unusable, match=r"\w \w"):
        from_json(ANSWER | changes, Answer)
    assert not jsonschema.Draft202012Validator({**SCHEMA, "$ref": "#/$defs/answer"}).is_valid(ANSWER | changes)


@pytest.mark.parametrize("name", ["key", "label", "text", "shape", "type"])
def test_a_missing_value_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match=name):
        from_json({key: value for key, value in ANSWER.items() if key != name}, Answer)


@pytest.mark.parametrize("number", [-1, 10**9, 10**400, 1.5, True, "1"])
def test_a_number_that_no_list_can_have_is_refused(number: object) -> None:
    data = {"type": "phase", "word": "Phase", "number": number, "title": "x", "window": ""}
    with pytest.raises(Unusable, match=r"\w \w"):
        from_json({"type": "group", "key": "a", "heading": None, "blocks": [], "phase": data}, exchange.Group)


def test_nesting_without_end_is_refused() -> None:
    data: Any = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(Unusable, match="document"):
        from_json({"type": "document", "sections": data}, Document)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
GOOD = wire(TEMPLATES["quick-change"])


def spots(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in ``data``."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(spot for key, value in inner for spot in spots(value, (*path, key)))]


def spoiled(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """``data`` with ``value`` at ``path``."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = spoiled(copy[path[0]], path[1:], value)
    return copy


@given(st.sampled_from(spots(GOOD)), anything)
def test_spoiled_json_is_refused_in_words_or_is_valid(path: tuple[Any, ...], value: Any) -> None:
    data = spoiled(GOOD, path, value)
    try:
        document = from_json(data, Document)
    except Unusable as error:
        assert len(str(error).split()) > 2
    else:
        VALIDATOR.validate(data)
        write(document)


@given(anything)
def test_anything_else_is_refused_in_words(data: Any) -> None:
    with pytest.raises(Unusable, match=r"\w \w"):
        from_json(data, Document)

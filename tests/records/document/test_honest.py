"""Which records say what they show, and that no honest one is held for another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from records.document.as_written import as_written
from records.document.honest import honest, lines_of
from records.document.outline import Commands, Document, Item, Metric, Rows
from records.document.read import read_record, read_template
from records.document.unusable import Unusable
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.strategies import content, places, put

HEAD = "# T: [x]\n\n## S\n\n### High (Mitigated)\n\n"


def filled(template: Document, values: dict[str, str]) -> Document:
    """A record of ``template``, a title and one section, in which somebody wrote."""
    header, section = template.sections
    return replace(template, sections=(header, with_fields(section, values)))


def read_under(record: Document) -> list[tuple[str, list[str]]]:
    """The keys of the lists that stand in ``record``, and those of their rows."""
    return [(rows.key, [row.key for row in rows.rows]) for _path, rows in places(record, Rows) if rows.rows]


def assert_honest(record: Document, template: Document) -> None:
    assert content(read_record(write(record), template)) == content(record)
    assert lines_of(record, template) == as_written(record, template)
    assert honest(record, template)


TWO_LISTS = [
    *("Before:\n\n- [ ] [a]\n\nAfter:\n\n- [ ] [b]\n", "Before:\n- [ ] [a]\n\nAfter:\n- [ ] [b]\n"),
    *("1. **A**: [a]\n   - **M**: [m]\n\n- **B**: [b]\n", "- **A**: [a]\n1. **B**: [b]\n"),
    *("#### One\n\n- [ ] [a]\n\n#### Two\n\n- [ ] [b]\n", "#### One\n\n1. **A**: [a]\n\n#### Two\n\n1. **B**: [b]\n"),
    *("- [ ] [a]\n\n```\n[f]\n```\n\n- [ ] [b]\n", "- [ ] [a]\n\n> note\n\n- [ ] [b]\n"),
    *("1. **A**: [a]\n\n- [ ] [f]\n\n2. **B**: [b]\n", "```\nX:\n- A: [a]\n```\n\n[text]\n\n```\nY:\n- B: [b]\n```\n"),
]


@pytest.mark.parametrize("lists", TWO_LISTS)
@pytest.mark.parametrize("gone", [0, 1])
def test_of_two_lists_of_a_kind_the_one_that_is_left_keeps_its_key(lists: str, gone: int) -> None:
    template = read_template(f"{HEAD}{lists}")
    found = read_under(template)
    record = filled(template, {f"{found[gone][0]}.rows": "[]"})
    assert_honest(record, template)
    del found[gone]
    assert read_under(read_record(write(record), template)) == found


@pytest.mark.parametrize("lists", ["- **A**: [a]\n\n* **B**: [b]\n", "- [ ] [a]\n\n#### Two\n\n- [ ] [b]\n"])
def test_nobody_is_refused_where_no_text_tells_which_of_two_lists_is_left(lists: str) -> None:
    """What stood between them is gone, too."""
    template = read_template(f"{HEAD}{lists}")
    [(first, _rows), _second] = read_under(template)
    between = {block.key: "" for block in template.sections[1].groups[0].blocks if not isinstance(block, Rows)}
    assert_honest(filled(template, {f"{first}.rows": "[]", **between}), template)


def test_a_list_goes_by_no_key_of_another_place() -> None:
    """Else the settings of the template would speak of other rows than its text has there."""
    template = read_template(f"{HEAD}Before:\n\n- [ ] [a]\n\nAfter:\n\n- [ ] [b]\n")
    [(path, first), (other, second)] = places(template, Rows)
    swapped = put(put(template, path, replace(first, key=second.key)), other, replace(second, key=first.key))
    with pytest.raises(Unusable):
        honest(swapped, template)
    assert lines_of(swapped, template) is None
    shifted = put(template, path, replace(second, tail="\n"))
    shifted = put(shifted, other, replace(first, rows=()))
    with pytest.raises(Unusable):
        honest(shifted, template)


def test_lists_that_an_earlier_release_counted_are_frozen_under_the_keys_they_have() -> None:
    """Of two lists, of which the first one was missing, the second went by its key."""
    template = read_template(f"{HEAD}Before:\n\n- [ ] [a]\n\nAfter:\n\n- [ ] [b]\n")
    read = read_record(f"{HEAD}Before:\n\nAfter:\n\n- [ ] b\n", template)
    [(path, rows)] = places(read, Rows)
    stored = put(read, path, replace(rows, key=rows.key.removesuffix("~2")))
    assert stored != read
    assert lines_of(stored, template) == stored


STEP = "1. **A**\n   ```\n   a\n   ```\n   - plain\n\n   > quoted\n   - **M**: [m]\n"


@pytest.mark.parametrize(
    ("parts", "texts", "said"),
    [
        (["note~2", "m"], {}, ["> quoted"]),
        (["note", "note~2", "m"], {"note": "Wait."}, ["Wait.", "> quoted"]),
        (["note", "m"], {"note": "Wait.\n\nThen go.\n2. x"}, ["Wait.", "Then go.\n2. x"]),
        (["note", "m"], {"note": "Wait.\n- plain"}, ["Wait."]),
        (["note", "commands", "m"], {"note": "Wait."}, ["Wait."]),
    ],
)
def test_a_note_that_comes_first_is_the_text_of_its_step(
    parts: list[str], texts: dict[str, str], said: list[str]
) -> None:
    """There is nothing else that it could be read as."""
    template = read_template(f"{HEAD.replace('High (Mitigated)', 'G')}{STEP}")
    [(_path, item)] = places(template, Item)
    kinds = {part.key: "commands" if isinstance(part, Commands) else "note" for part in item.parts}
    named = [[kinds[f"{item.key}/{name}"], f"{item.key}/{name}", ""] for name in parts]
    values = {f"{item.key}/{name}": text for name, text in texts.items()}
    record = filled(template, {f"{item.key}.parts": json.dumps(named), **values})
    assert_honest(record, template)
    [(_path, item)] = places(record, Item)
    assert item.text == "\n\n".join(said)


PHASES = "# T: [x]\n\n## S\n\n### Phase 1: P (HH:MM-HH:MM)\n\n{}\n### Phase 2: P (HH:MM-HH:MM)\n\n{}"


@pytest.mark.parametrize(
    ("one", "two"), [("1. **A**\n", "- **N**: [n]\n"), ("- **N**: [n]\n", "1. **A**\n"), ("1. **A**\n", "1. **B**\n")]
)
@pytest.mark.parametrize("renamed", [0, 1])
def test_of_two_phases_of_a_title_the_one_that_keeps_it_is_known_by_its_place(one: str, two: str, renamed: int) -> None:
    template = read_template(PHASES.format(one, two))
    groups = template.sections[1].groups
    record = filled(template, {f"{groups[renamed].key}.title": "Another"})
    assert_honest(record, template)
    assert [group.key for group in read_record(write(record), template).sections[1].groups] == [g.key for g in groups]


def test_of_two_phases_of_a_title_the_one_that_is_left_is_known_by_what_it_holds() -> None:
    template = read_template(PHASES.format("1. **A**\n", "- [ ] [n]\n"))
    for gone, left in zip(template.sections[1].groups, reversed(template.sections[1].groups), strict=True):
        record = filled(template, {"s.phases": f'["{left.key}"]'})
        assert_honest(record, template)
        assert [group.key for group in read_record(write(record), template).sections[1].groups] == [left.key], gone


@pytest.mark.parametrize("name", ["```", "``` x", "~~~", "````sh"])
@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_metric_may_be_called_like_the_fence_around_it(name: str, fence: str) -> None:
    template = read_template(f"{HEAD}{fence}\nLast week:\nCPU: [before]% → [after]%\n{fence}\n")
    [(path, metric)] = places(template, Metric)
    record = put(template, path, replace(metric, name=name))
    assert_honest(record, template)

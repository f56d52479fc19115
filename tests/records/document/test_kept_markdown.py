"""Markdown that is kept as it is, as people change it: whatever they write there, the record can be frozen, and says
what its Markdown does (laws 2 and 8).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.as_written import read_again
from records.document.fields import fields_of, table_of
from records.document.honest import lines_of
from records.document.outline import Document
from records.document.read import read_record, read_template
from records.document.tree import read_tree
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.strategies import MESSY_FILES, TEMPLATE_FILES, TEMPLATES, text_in, texts

TEMPLATE = """# Change: [Title]

**Date**: YYYY-MM-DD
plain words
**Team**: [team]

> quote above all

## What

- **A**: [a]

> quote among fields

- **B**: [b]

## Steps

### Phase 1: Do (HH:MM-HH:MM)

1. plain
2. steps

### Phase 2: Then (HH:MM-HH:MM)

1. **Stop it**: now
   - **Command**: [x]

   plain note

   - a list

   > quote
2. **Next**: [y]

## Checks

- [ ] one
- plain
- [ ] two

## Lessons

Own words.

---

**Version**: 1
plain footer
"""
WITHOUT_TEMPLATE = "# Notes\n\n## What\n\ntext\n\n- a\n\n## How\n\nBy hand.\n"

Case = tuple[Document, Document | None]
OWN = read_template(TEMPLATE)
RECORDS: list[Case] = [
    (read_record(TEMPLATE, OWN), OWN),
    (read_record(TEMPLATE.replace("Lessons", "What we learnt"), OWN), OWN),
    (read_record(WITHOUT_TEMPLATE, None), None),
]


def loose_fields(record: Document) -> Iterator[tuple[int, str]]:
    """Where such Markdown stands: the place of its section, and its key."""
    for at, section in enumerate(record.sections):
        yield from ((at, field.key) for field in fields_of(section) if field.shape == "loose")


def saved(case: Case, at: int, values: dict[str, str]) -> Document:
    """The record after a form sent ``values`` for its section ``at``."""
    record, template = case
    section = record.sections[at]
    own = next((one for one in template.sections if one.key == section.key), None) if template else None
    new = with_fields(section, values, table_of(own) if own else {})
    return replace(record, sections=(*record.sections[:at], new, *record.sections[at + 1 :]))


def law_it_can_be_frozen_and_is_settled(case: Case, at: int, values: dict[str, str]) -> None:
    """``values`` are those of one form, in which nobody writes into a field that isn't there yet."""
    new = saved(case, at, values)
    text = write(new)
    assert write(read_again(new, case[1])) == text
    assert lines_of(new, case[1]) is not None, "no record is refused for what somebody wrote in a form"
    table, before = table_of(new.sections[at]), table_of(case[0].sections[at])
    if all(before.get(key, "") == text for key, text in table.items() if key not in values):
        again = table_of(saved((new, case[1]), at, values).sections[at])
        assert again == table, "what a browser still shows changes nothing"


@pytest.mark.parametrize(
    "text",
    [
        *("x\n", "x\n\n", "x\n  \n", "\nx", "\n\n  x", "x\u0085\n", "\u200b\n", "\u00a0", "\u2028x"),  # blank at an end
        *("  x", "    x", "\tx", "x  ", "x\\", "a\n\n\nb", "a\n \t\nb", "a\n    b\n", "    code\n\n    more\n"),
        *("# ", "#", "# H", "# H\n\nx", "a\n\n## H\n\nx", "### G\n\nx", "#### G", "x\n===", "x\n---\nmore", "---"),
        *("a\n\n---\n\n**B**: c", "a\n\n---\n\nb", "***", "\\# H", "\\\\# H", "a\n\\===", "a\n\n\\"),
        *("```\na", "```\na\n```", "```\na\n\n```\n", "~~~\na\n\n", "<!-- a", "<!-- a -->", "<pre>\na", "<div>\n\nx"),
        *("- a\n- b", "- a\n\n\n\nb", "1. a\n2. b", "1) a", "- ", "-\n- a", "+ a\n\n- b", "- a\n-\n", "> q\nlazy"),
        *("1. **A**: b", "- **A**: b", "- [ ] a", "**B**: c", "**B**: c\nx", "[a]: b\n", "| a |\n|---|\n| b |"),
        *("## Steps", "## What\n\n- **A**: twice", "### Phase 3: X (10:00-11:00)\n\n1. **a**: b"),
    ],
)
def test_whatever_is_written_there_the_record_can_be_frozen(text: str) -> None:
    for case in RECORDS:
        for at, key in loose_fields(case[0]):
            law_it_can_be_frozen_and_is_settled(case, at, {key: text})


@pytest.mark.parametrize("text", ["Look at the log.\n", "\n- a\n", "# H", "1. a\n\n", "```\na", "> q\n"])
def test_a_new_note_on_a_step_does_not_keep_it_from_that_either(text: str) -> None:
    template = TEMPLATES["infrastructure-operation"]
    at, field = next(
        (at, field)
        for at, section in enumerate(template.sections)
        for field in fields_of(section)
        if field.key.endswith(".parts")
    )
    note = f"{field.key.removesuffix('.parts')}/own-note"
    parts = [*json.loads(field.text), ["note", note, ""]]
    law_it_can_be_frozen_and_is_settled((template, template), at, {field.key: json.dumps(parts), note: text})


@pytest.mark.parametrize("text", ["other", "  <b>\n<b>", "    set in", "> quoted"])
@pytest.mark.parametrize("set_in", ["   ", "    ", "\t"], ids=["as its row", "deeper", "by a tab"])
def test_a_note_stays_a_note_beside_the_details_however_it_was_set_in(set_in: str, text: str) -> None:
    record = read_record(TEMPLATE.replace("   plain note", f"{set_in}plain note"), OWN)
    at, key = next((at, key) for at, key in loose_fields(record) if key.endswith("stop-it/note"))
    new = saved((record, OWN), at, {key: text})
    assert table_of(read_again(new, OWN).sections[at]) == table_of(new.sections[at])
    detail = key.replace("/note", "/command")
    assert table_of(new.sections[at])[detail] == table_of(record.sections[at])[detail]


def test_a_row_stays_a_row_of_its_list_whatever_it_says() -> None:
    template = read_template("## Checks\n\n- [ ] one\n- [ ] two\n")
    record = read_record("## Checks\n\n- [ ] one\n- plain\n- [ ] two\n", template)
    ((at, key),) = loose_fields(record)
    new = saved((record, template), at, {key: "words\nof two lines"})
    assert write(new) == "## Checks\n\n- [ ] one\n- words\n  of two lines\n- [ ] two\n"
    law_it_can_be_frozen_and_is_settled((record, template), at, {key: "words\nof two lines"})


def test_what_would_cut_the_record_is_stored_as_it_is_written() -> None:
    case = RECORDS[1]
    at, key = next((at, key) for at, key in loose_fields(case[0]) if key.startswith("what-we-learnt"))
    new = saved(case, at, {key: "Own words.\n\n## More\n\nand more\n"})
    assert table_of(new.sections[at])[key] == "Own words.\n\n\\## More\n\nand more"
    assert "\n\\## More\n\nand more\n\n---\n" in write(new)


@pytest.mark.parametrize(
    "text",
    [
        *("**Date**: 2000-01-01", "a\n**Team**: M\n**Date**: x", "__Team__: M", "**Team:** M\n===", "**Team** : M"),
        *("<!-- a -->\n**Team**: M", "> q\n\n**Team**: M\n\n**Date**: x", "**Version**: 2", "---\n\n**Version**: 2"),
        *("\\**Team**: M", "```\n**Team**: M\n```", "**Other**: x"),
    ],
)
@pytest.mark.parametrize("gone", ["", "**Team**: [team]\n", "**Date**: YYYY-MM-DD\nplain words\n**Team**: [team]\n"])
def test_no_line_that_is_written_there_takes_the_place_of_one_of_the_record(text: str, gone: str) -> None:
    for above in ("", "<!-- lint off -->\n\n"):
        record = read_record(f"{above}{TEMPLATE}".replace(gone, ""), OWN)
        for at, key in loose_fields(record):
            if key.startswith(("header", "footer")):
                new = saved((record, OWN), at, {key: text})
                assert lines_in(read_again(new, OWN)) == lines_in(new)
                law_it_can_be_frozen_and_is_settled((record, OWN), at, {key: text})


def lines_in(document: Document) -> dict[str, str]:
    """What the lines of header and footer say that the template asks for."""
    lines = {line.key: line.text for section in document.sections for line in section.answers()}
    return {key: lines[key] for key in ("title", "header/date", "header/team", "footer/version") if key in lines}


def test_below_the_record_where_nothing_is_cut_a_heading_stays_one() -> None:
    template = read_template(f"{TEMPLATE}\n---\n\n## How to fill this in\n\nWords.\n")
    at, key = next((at, key) for at, key in loose_fields(template) if key.startswith("guidance"))
    new = saved((template, template), at, {key: "## What to know\n\nOther words."})
    assert write(new).endswith("\n---\n\n## What to know\n\nOther words.\n")
    law_it_can_be_frozen_and_is_settled((template, template), at, {key: "## What to know\n\nOther words."})


FOUND: list[Case] = [
    (read_record(text_in(path), template), template)
    for path in [*MESSY_FILES, *TEMPLATE_FILES]
    for template in [*TEMPLATES.values(), None]
]
WITH_LOOSE = [case for case in [*RECORDS * 5, *FOUND] if any(loose_fields(case[0]))]


@given(st.data())
def test_it_holds_of_what_people_wrote_by_hand(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(WITH_LOOSE))
    at, key = data.draw(st.sampled_from(list(loose_fields(case[0]))))
    law_it_can_be_frozen_and_is_settled(case, at, {key: data.draw(texts.filter(is_one_block))})


def is_one_block(text: str) -> bool:
    """Several right beside free paragraphs may be read as more of these: such a record is refused, in words."""
    return len([block for block in read_tree(text).children if block.kind != "blank"]) <= 1

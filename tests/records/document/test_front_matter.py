"""Front matter: what stands above a text for the site that publishes it keeps nothing of the text from being read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.document.fields import table_of
from records.document.front_matter import is_front_matter
from records.document.outline import Document
from records.document.read import read_record, read_template
from records.document.with_fields import with_fields
from records.document.write import write
from tests.make import RECORD, TEMPLATES

BODY = "# T: [x]\n\n**Date**: YYYY-MM-DD\n\n## S\n\n- **L**: [l]\n\n---\n\n**Status**: [Open/Done/Failed]\n"
MATTER = "---\ntitle: Change\nowner: ops@example.com\ntags:\n  - change\n- more\nempty:\n---\n"
WHERE = "header/markdown"


def kinds(document: Document) -> list[str]:
    return [section.kind for section in document.sections]


def with_matter(document: Document, text: str) -> Document:
    header = with_fields(document.sections[0], {WHERE: text})
    return replace(document, sections=(header, *document.sections[1:]))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("gap", ["\n", ""])
def test_it_is_one_piece_of_markdown_before_the_title(gap: str, end: str) -> None:
    text = f"{MATTER}{gap}{BODY}".replace("\n", end)
    document = read_template(text)
    assert kinds(document) == ["header", "section", "footer"]
    assert table_of(document.sections[0])[WHERE] == MATTER.rstrip("\n")
    assert [a.label for a in document.sections[0].answers()] == ["T", "Date"]
    assert write(document) == text


def test_a_record_brings_its_own_along() -> None:
    template = read_template((TEMPLATES / "infrastructure-operation.md").read_text())
    text = f"{MATTER}\n{RECORD.read_text()}"
    record, plain = read_record(text, template), read_record(RECORD.read_text(), template)
    assert write(record) == text
    assert record.title == plain.title
    assert [section.key for section in record.sections] == [section.key for section in plain.sections]


@pytest.mark.parametrize(
    "changed", ["---\ntitle: Other\n---", "---\na: b\n# no more\n---", "---\n- a\n---", "a\n---", "---\n<!--\n---", ""]
)
def test_whatever_it_is_changed_to_the_rest_stays(changed: str) -> None:
    template = read_template(MATTER + BODY)
    record = with_matter(template, changed)
    again = read_record(write(record), template)
    assert kinds(again) == ["header", "section", "footer"]
    assert again.title == template.title
    if is_front_matter(changed):
        assert table_of(again.sections[0])[WHERE] == changed
    assert write(read_record(write(again), template)) == write(again)


@pytest.mark.parametrize(
    "above",
    [
        "---\n\ntitle: x\n\n---\n",
        "---\n**A**: b\n---\n",
        "\n---\ntitle: x\n---\n",
        "---\ntitle: x\n",
        "---\na: ```\n ```\n---\n",
    ],
)
def test_what_is_none(above: str) -> None:
    text = f"{above}\n{BODY}"
    document = read_template(text)
    assert not is_front_matter(above)
    assert write(document) == text


def test_lines_that_a_change_makes_look_like_it_stay_what_they_were() -> None:
    text = "---\nkept\n- a\n---\n**Status**: done\n"
    document = read_record(text, read_template("# T\n\n---\n\n**Status**: [s]\n"))
    assert kinds(document) == ["header", "footer"]
    record = replace(
        document,
        sections=(with_fields(document.sections[0], {f"{WHERE}~2": "key: value"}), document.sections[1]),
    )
    assert kinds(read_record(write(record), document)) == ["header", "footer"]

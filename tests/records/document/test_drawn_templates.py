"""The laws over templates that nobody has seen, and that a reader sees in them what they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from records.document.outline import Answer, Block, Check, Commands, Document, Item, Loose, Metric, Rows, Section
from records.document.read import read_record, read_template
from records.document.write import write
from tests import proofs
from tests.records.document.drawn_templates import DrawnTemplate, Seen, drawn_templates


def reader_sees(document: Document) -> list[Seen]:
    """What a template asks for, in the words of ``drawn_templates``."""
    return [what for section in document.sections for what in _in_section(section)]


def _in_section(section: Section) -> Iterator[Seen]:
    if section.kind != "header":
        yield (section.kind, section.title) if section.kind == "section" else (section.kind,)
    for group in section.groups if section.kind != "guidance" else ():
        if group.phase:
            yield "phase", group.phase.word, str(group.phase.number), group.phase.title, group.phase.window
        elif group.heading:
            yield "group", group.title
        for block in group.blocks:
            yield from _in_block(block)


def _in_block(block: Block) -> Iterator[Seen]:
    match block:
        case Answer(shape="title"):
            known = block.label and f"{block.label}:" in block.source
            yield "title", f"{block.label}: {block.text}" if known else block.text
        case Answer(shape="line" | "bullet"):
            yield block.shape, block.label, block.text.rstrip()
        case Answer():
            yield "fence" if block.shape == "fence" else "text", block.text
        case Loose():
            yield "markdown", block.text
        case Rows():
            for row in block.rows:
                match row:
                    case Check():
                        yield "check", row.text
                    case Metric():
                        yield "metric", row.name, row.before, row.after or "", row.unit
                    case Loose():
                        yield "markdown", row.text
                    case Item():
                        yield from _in_item(block.kind, row)


def _in_item(kind: str, item: Item) -> Iterator[Seen]:
    yield kind, item.title, item.text
    for part in item.parts:
        match part:
            case Commands():
                yield "commands", part.language, part.text
            case Answer():
                yield "detail", part.label, part.text.rstrip()
            case Loose():
                yield "note", part.text


def law_1_a_template_is_written_as_it_was_read(drawn: DrawnTemplate) -> None:
    template = read_template(drawn.text)
    assert write(template) == drawn.text
    assert read_record(drawn.text, template) == template


def a_reader_sees_what_the_template_asks_for(drawn: DrawnTemplate) -> None:
    assert reader_sees(read_template(drawn.text)) == drawn.seen


LAWS = [law_1_a_template_is_written_as_it_was_read, a_reader_sees_what_the_template_asks_for]


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

    @seed(number)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(drawn_templates())
    def holds(drawn: DrawnTemplate) -> None:
        for law in LAWS:
            law(drawn)
        counted["templates"] += 1

    holds()
    return counted

"""A law of every text that a person writes: four times as much of it takes about four times as long, whatever it is
made of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import permutations
from random import Random

import pytest

from opsrecords.logs import message_of
from records.as_asked import ASKED, as_asked
from records.document.answers import answer_in, is_constant
from records.document.differences import differences
from records.document.fields import fields_of, table_of
from records.document.front_matter import front_matter_of
from records.document.outline import Document
from records.document.pasted import steps_in
from records.document.read import read_record
from records.document.template_settings import parse_settings
from records.document.text_difference import by_word, lines, words
from records.document.unusable import Unusable
from records.document.with_fields import with_fields
from records.document.write import write
from records.forms.controls import hint_of
from records.library.standard_lines import name_and_version
from records.library.template_drafts import TOML_BYTES
from records.library.template_problems import problems_of
from records.models import Outline, outline_of
from records.models.names import alike
from records.one_line import one_line
from records.reading.backslashes import swallowed
from records.reading.folding import folded
from records.reading.rendering import command, has_unseen, render, render_item
from records.reading.unseen import has_invisible, visible_command, visible_page
from records.run.comparison import compared
from records.run.short_words import begins_with, short
from records.time_words import unread
from records.times import (
    clocks_named,
    dates_named,
    first_date_in,
    lasting_in,
    minutes_in,
    moved_clock,
    moved_window,
    start_in,
    when_named,
)
from records.transfer.exchange import parsed, read_json
from records.units import unit_remark
from records.writing.credentials import credentials_in
from records.writing.left_times import staying
from records.writing.naming import id_words, makes_ids
from records.writing.plan_warnings import plan_warnings
from records.writing.readiness import missing
from records.writing.samples import sample_words
from tests.growth import outgrows
from tests.records.document.strategies import SHIPPED, TEMPLATES, text_in

OUTLINE = outline_of(text_in(SHIPPED), text_in(SHIPPED.with_suffix(".toml")))
GIVEN = TEMPLATES[SHIPPED.stem]
HEAD = "# Op: [x]\n\n**Date**: YYYY-MM-DD\n\n"
# Where a text may stand in a template or a record.
PLACES = {
    "free": HEAD + "## S\n\n### G\n\n{}\n",
    "point": HEAD + "## S\n\n- **A**: [a]\n- **B**: {}\n",
    "line": "# Op: [x]\n\n**ID**: {0}\n**Date**: YYYY-MM-DD\n\n## S\n\n[x]\n",
    "heading": "# {0}\n\n## {0}\n\n### Phase 1: {0} (HH:MM-HH:MM)\n\n1. **{0}**: [x]\n",
    "commands": HEAD + "## S\n\n1. **A**\n\n   ```\n   {}\n   ```\n\n   - **B**: {}\n",
}


def a_template(place: str) -> Callable[[str], object]:
    return lambda text: problems_of(PLACES[place].replace("{0}", "{}").replace("{}", text), "")


def a_record(place: str) -> Callable[[str], object]:
    def read(text: str) -> None:
        whole = PLACES[place].replace("{0}", "{}").replace("{}", text)
        for template in (GIVEN, None):
            assert write(read_record(whole, template)) == whole

    return read


def filled_in(outline: Outline, text: str) -> Document:
    """A record with ``text`` in one field of each shape that takes it."""
    done: set[str] = set()
    sections = []
    for section in outline.document.sections:
        own = table_of(section)
        for field in fields_of(section):
            if field.shape not in done and field.shape not in ("structure", "loose"):
                done.add(field.shape)
                try:
                    section = with_fields(section, own | {field.key: text}, own)
                except Unusable:
                    section = with_fields(section, own | {field.key: " ".join(text.split())}, own)
                own = table_of(section)
        sections.append(section)
    return Document(tuple(sections))


def a_plan(text: str) -> None:
    document = filled_in(OUTLINE, text)
    estimates = {f"{key}.estimate": text for key in OUTLINE.groups} | {f"{OUTLINE.commands[0][0].key}.estimate": text}
    plan_warnings(document, OUTLINE, estimates)
    missing(document, OUTLINE, "High")
    staying(document, OUTLINE)
    differences(OUTLINE.document, document)
    write(document)


def times(text: str) -> None:
    for fact in ASKED:
        for pattern in ("", text):
            unread(fact, as_asked(fact, text, pattern))
    for act in (clocks_named, dates_named, first_date_in, lasting_in, when_named):
        act(text)
    moved_clock(text, 5)
    moved_window(text, 5)
    start_in(text, text)
    start_in(f"2026-12-06 {text}", "")


def quantities(text: str) -> None:
    for one in (text, f"12 {text}"):
        unit_remark(one, text, text)
        unit_remark(one, "", text)
        compared(one, one, text, one, lower_is_better=True)


def pages(text: str) -> None:
    """What a reader sees."""
    render(text)
    render_item(text)
    command(text)
    has_unseen(text)
    visible_page(f"<p>{text}</p>")
    for shape in ("text", "line", "bullet"):
        swallowed(text, shape)


def filler(text: str) -> None:
    """What nobody was asked for, folded away beside what is shown."""
    own, one = OUTLINE.settings.filler, " ".join(text.split())
    record = write(filled_in(OUTLINE, text))
    folded(f"{record}\n### {one}\n\n- **{one}**: {own}\n- **A**: {own}\n\n{own}{one}\n", OUTLINE, "Low")
    most = 1 + len(text) // 200
    folded(record.replace("## Operation Summary", f"## {one}\n\n" + f"### A\n\n{own}\n\n" * most), OUTLINE, "Low")


def one_text(text: str) -> None:
    """What is asked of one text by itself."""
    for template in ("[x]", text):
        answer_in(text, template)
        answer_in(f"Not applicable: {text}", template)
        sample_words(f"{text}\nx", text)
    for act in (is_constant, has_invisible, visible_command, credentials_in, id_words, makes_ids, alike, one_line):
        act(text)  # type: ignore[operator]
    for act in (name_and_version, hint_of, short, front_matter_of):
        act(text)  # type: ignore[operator]
    begins_with(text, "2.1")
    front_matter_of(f"---\na: {text}\n---\n{text}\n")
    message_of(logging.LogRecord("x", logging.INFO, "x", 1, text.replace("%", ""), (), None))


def changes(text: str) -> None:
    for before, after in ((text, text[1:]), (text, text.upper()), (text, text + "x"), (text, text.replace(" ", "_"))):
        words(before, after)
        by_word(lines(before, after))


def files(text: str) -> None:
    """Settings, JSON and what was pasted from a runbook."""
    for pasted in (text, f"## {text}\n", f"1. {text}\n"):
        steps_in(pasted)
    for toml in (text, f'name = "{text}"', f'folder = "{text}"\nunasked = "{text}"', f"a = {text}"):
        try:
            parse_settings(toml[:TOML_BYTES])
        except Unusable as error:
            assert str(error)
    for json in (text, f'{{"text": "{text}"}}'):
        try:
            read_json(parsed(json))
        except Unusable as error:
            assert str(error)


ACTS: dict[str, Callable[[str], object]] = {
    **{f"a template: {place}": a_template(place) for place in PLACES},
    **{f"a record: {place}": a_record(place) for place in PLACES},
    **{
        act.__name__.replace("_", " "): act
        for act in (a_plan, times, quantities, pages, filler, one_text, changes, files)
    },
}
SIGNS = [
    *" \t\n\r1a:;.,/\\\"'`*_~#<>()[]{}|-+=&%$@!?^",
    *("\u200d", "\ufe0f", "\u202e", "\u0301", "→", "‘", "é", "一"),
    *("- ", "> ", "1. ", "a ", "ab:", "1:", "//", "](", "<a", "</", "<!--", "&#", "22:00", "a\n", "- **a**: b\n"),
    *("x\n\n", "[a]", "[a]: b\n", "**a**", "## a\n", "2026-12-06 ", "password", "eyJ", "Not applicable: "),
    *("performance improvement", '\\"', "| a "),
]
EVERY_PAIR = [one + other for one, other in permutations(SIGNS, 2)]
# What a run of them stands between, so that it opens something, or something keeps from ending.
BETWEEN = [("", ""), ("", "x"), ("a ", " \x00"), ("<a", "x"), ("[", "]x"), ('x "', "\\")]
# What once took a worker along: what is done with it, the beginning, what is repeated, and the end.
KNOWN = [
    ("a template: free", "Contact <a", ":b", ""),
    ("a template: free", "", "a", ""),
    ("a template: line", "OP-YYYY-MM-DD-", "[", ""),
    ("a template: point", "[", "performance improvement", "]x"),
    ("a plan", 'echo "', '\\"', ""),
    ("a plan", 'echo "', '\\"', "\\"),
    ("a plan", "", " ", "x"),
    ("times", "", " ", "x"),
    ("times", "", "a ", ""),
    ("files", "", "1", ""),
    ("one text", "", "a", ""),
    ("one text", "a ", "\ufe0f", ""),
]
DAILY, SIZE, SMALL = 64 * 1024, 16 * 1024, 4 * 1024
PAIRS, FEW = 100, 3


def slow(act: Callable[[str], object], texts: Iterable[tuple[str, str, str]], size: int) -> list[tuple[str, str, str]]:
    """Those of ``texts``, each a beginning, what is repeated, and an end, that take more and more time."""

    def text_of(head: str, unit: str, tail: str) -> Callable[[int], str]:
        return lambda most: head + (unit * most)[:most] + tail

    return [one for one in texts if outgrows(act, text_of(*one), size)]


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was rendered once is rendered again."""
    monkeypatch.setattr("records.reading.rendering._kept", lambda name: None)


@pytest.mark.parametrize(("name", "head", "unit", "tail"), KNOWN)
def test_what_once_took_a_worker_along_takes_as_long_as_it_is(name: str, head: str, unit: str, tail: str) -> None:
    assert slow(ACTS[name], [(head, unit, tail)], DAILY) == []


def drawn(units: Iterable[str], most: int) -> list[tuple[str, str, str]]:
    """Each of ``units`` between ``most`` of what it may stand between."""
    return [(head, unit, tail) for unit in units for head, tail in Random(unit).sample(BETWEEN, most)]


@pytest.mark.long
@pytest.mark.parametrize("name", ACTS)
def test_no_text_takes_longer_than_it_is(name: str) -> None:
    pairs = Random(name).sample(EVERY_PAIR, PAIRS)
    assert slow(ACTS[name], [*drawn(SIGNS, 2), *drawn(pairs, 1)], SIZE) == []


@pytest.mark.parametrize("name", ACTS)
def test_no_text_takes_longer_than_it_is_of_a_few(name: str) -> None:
    assert slow(ACTS[name], drawn(Random(name).sample(EVERY_PAIR, FEW), 1), SMALL) == []


def test_no_number_is_too_long_to_be_read() -> None:
    """Python makes no number of more than 4300 digits: that was an error of the server."""
    for text in ("9" * 5000, f"{'9' * 5000} h", f"{'9' * 5000} min"):
        assert minutes_in(text) is None
        a_plan(text)
        quantities(text)

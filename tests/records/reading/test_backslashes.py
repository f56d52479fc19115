"""Backslashes that Markdown takes away: what is said of them is what the page shows."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from records.reading.backslashes import LINES, MARKDOWN, swallowed
from records.reading.rendering import render

SHAPES = sorted(LINES | MARKDOWN)


@pytest.mark.parametrize(
    ("before", "word", "read", "written", "behind"),
    [
        ("Copy ", r"C:\backup\*.sql", r"C:\backup*.sql", r"C:\backup\\*.sql", " first"),
        ("from ", r"\\files\dumps", r"\files\dumps", r"\\\\files\dumps", ""),
        ("all of ", r"D:\_old,", r"D:_old,", r"D:\\_old,", " *but* no other"),
        ("**", r"C:\data\.cache", r"C:\data.cache", r"C:\data\\.cache", "**"),
        ("lines of\n", r"'a\|b'", "'a|b'", r"'a\\|b'", ""),
        (r"`C:\a\*` and ", r"C:\b\*", r"C:\b*", r"C:\b\\*", ""),
        ("", r"C:\\b\*", r"C:\b*", r"C:\\b\\*", ""),
    ],
)
def test_the_word_is_told_as_it_reads_and_as_it_has_to_be_written(
    before: str, word: str, read: str, written: str, behind: str
) -> None:
    text, mended = f"{before}{word}{behind}", f"{before}{written}{behind}"
    assert swallowed(text, "bullet") == (read, written)
    assert (read in words(render(text)), word in words(render(text))) == (True, False)
    assert word.replace(r":\\", ":\\") in words(render(mended))
    assert swallowed(mended, "bullet") is None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", [r"`C:\backup\*.sql`", r"C:\backup\today", r"^a\d+$", "no backslash *here*", ""])
def test_where_nothing_is_lost_nothing_is_said(text: str, shape: str) -> None:
    assert swallowed(text, shape) is None


@pytest.mark.parametrize("text", ["```\nC:\\a\\*\n```", "a\\\nb"])
def test_a_fence_and_a_line_break_are_no_words(text: str) -> None:
    assert swallowed(text, "text") is None


@pytest.mark.parametrize(
    "text", [r"\*not emphasised\*", r"\[no link](https://a.example)", r"\# no heading", r"2\. no list"]
)
def test_what_was_written_for_markdown_is_no_slip(text: str) -> None:
    assert swallowed(text, "bullet") is None


@pytest.mark.parametrize("shape", ["commands", "fence", "value", "structure", "window", ""])
def test_in_code_and_beside_the_text_nothing_is_swallowed(shape: str) -> None:
    assert swallowed(r"C:\backup\*.sql", shape) is None


@pytest.mark.parametrize("more", ["[" * 8000, "*a **a " * 1000, "a\\.b " * 1500], ids=["brackets", "stars", "words"])
def test_a_text_that_takes_long_to_read_is_let_be(more: str) -> None:
    begun = time.perf_counter()
    assert swallowed(f"\\. {more}", "text") is None
    assert time.perf_counter() - begun < 0.5


def test_a_line_says_it_where_its_own_writing_does_not_keep_the_sign() -> None:
    """In a line lone signs are escaped by whoever writes the file: there the path is whole."""
    assert swallowed(r"C:\backup\*.sql", "line") is None
    assert swallowed("C:\\data\\.cache\r\n", "line") == (r"C:\data.cache", r"C:\data\\.cache")


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", str(html)))

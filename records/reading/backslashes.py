"""Backslashes that Markdown takes away: ``C:\\backup\\*.sql`` reads without its second one. Pure.

A backslash before a sign stands for the bare sign, outside of code. Whoever writes it to keep Markdown from reading a
sign as its own wants that; whoever writes a path doesn't.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from records.document.escape import in_line, normal
from records.document.outline import FREE

LINES = frozenset({"line", "title", "name"})
MARKDOWN = frozenset({*FREE, "bullet", "check", "loose"})
# A longer text isn't looked at while it is written: parsing brackets that nothing closes would take longer than a save.
LONGEST = 4096

_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
# What ``in_line`` escapes itself, so that a backslash before it is shown.
_OF_LINES = "\\`*_[]<>~&:"
# Where a backslash was taken away, and where two stand for one: no text that is stored holds half a character.
_TAKEN, _DOUBLED = "\udc5c", "\udc5d"
# Two stand for one wherever somebody writes them, but where a share of another machine begins.
_PAIR = re.compile(rf"(?<=[^(\"'“„«]){_TAKEN}\\|{_TAKEN}\\(?!\w)")
_PATH = re.compile(r"[(\"'“„«]*(?:[A-Za-z]:|\\)\\")

_parser = MarkdownIt("commonmark")
_escapes_apart = MarkdownIt("commonmark").disable("text_join")


def swallowed(text: str, shape: str) -> tuple[str, str] | None:
    """The first word of ``text`` that reads without a backslash, as it reads, and how to write it instead.

    ``shape`` is that of its field (``records.document.fields``). None where nothing is lost, or what is lost was
    written for Markdown: without it the text would read otherwise.
    """
    if shape not in LINES | MARKDOWN or len(text) > LONGEST or not _ESCAPED.search(text):
        return None
    is_line = shape in LINES
    words = list(dict.fromkeys(_words(in_line(normal(text, shape)) if is_line else text, _OF_LINES if is_line else "")))
    paths = [word for word in words if _PATH.match(_original(word))]
    if not paths and not is_line and not _says_the_same(text, words):
        return None
    return next(((_read(word), _written(word)) for word in paths or words), None)


def _words(text: str, kept: str) -> Iterator[str]:
    """The words that lost a backslash other than before a sign of ``kept``; where it stood is marked."""
    for block in _escapes_apart.parse(text):
        pieces = []
        for token in block.children or ():
            # An entity is none, and before a letter a backslash stays.
            taken = token.info == "escape" and token.content != token.markup
            if taken and token.content not in (kept or _TAKEN):
                pieces.append(f"{_TAKEN}{token.content}")
            else:
                pieces.append("\n" if token.type in ("softbreak", "hardbreak") else token.content)
        words = (_PAIR.sub(_DOUBLED, word) for word in "".join(pieces).split())
        yield from (word for word in words if _TAKEN in word)


def _says_the_same(text: str, words: list[str]) -> bool:
    """Whether Markdown reads ``text`` alike without what it takes away from ``words``: nobody needs it there."""
    bare = text
    for word in words:
        bare = bare.replace(_original(word), _original(word.replace(_TAKEN, "")))
    return str(_parser.render(bare)) == str(_parser.render(text))


def _original(word: str) -> str:
    return word.replace(_DOUBLED, "\\" * 2).replace(_TAKEN, "\\")


def _read(word: str) -> str:
    return word.replace(_DOUBLED, "\\").replace(_TAKEN, "")


def _written(word: str) -> str:
    return word.replace(f"{_TAKEN}\\", "\\" * 4).replace(_DOUBLED, "\\" * 2).replace(_TAKEN, "\\" * 2)

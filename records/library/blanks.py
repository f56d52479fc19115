"""Blanks as people leave them on paper, which are no placeholders: nobody would be asked to fill them in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from records.document.answers import is_constant
from records.document.lines import split_lines
from records.document.shapes import BULLET, LINE
from records.document.tree import read_tree

# Signs to write on, words in angle brackets or double braces, that something is to come where that is all, a date in
# the letters of another language. None can be read in two ways: where a colon could, each one doubled the time.
_LINE = r"_{3,}(?:[-:./]_+)*|_{2,}(?:[-:./]_+)+|\.{4,}|…{2,}"
_ANGLES = r"<[^\s<>/!?@:=\"][^<>/@=\"\n]*(?:/[^<>/@=\"\n]+)*>"
_DATE = (
    r"\b(?!YYYY-MM-DD)(?P<a>[A-Z])(?P=a){1,3}(?P<sign>[-./])(?P<b>[A-Z])(?P=b){1,3}(?P=sign)(?P<c>[A-Z])(?P=c){1,3}\b"
)
_BRACES = r"\{\{ ?[^\W\d_][^{}\n]*\}\}"
_TO_COME = r"(?:^|(?<=: )|(?<=\*\* ))(?:TBD|TBA|TODO|[Xx]{3,}|\?{3,})(?=\s*$)"
_BLANK = re.compile(f"{_LINE}|{_ANGLES}|{_BRACES}|{_TO_COME}|{_DATE}")
_BRACKETS = re.compile(r"\[[^\[\]\n]*\]")
_TAG = re.compile(
    r"<(?:a|b|big|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q"
    r"|s|small|span|strike|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul|var)(?:\s[^<>]*)?>|<(?:https?|mailto):[^<>]*>",
    re.IGNORECASE,
)
_NOT_READ = ("fence", "indented_code", "html", "rule", "blank", "definition")


def blanks_in(text: str) -> Iterator[tuple[int, str]]:
    """The blanks in ``text`` outside of commands, of brackets and of fields, each with its line, from 1."""
    for block in read_tree(text).leaves():
        for at, line in enumerate(split_lines(block.source) if block.kind not in _NOT_READ else (), block.first + 1):
            if not _asks(line.rstrip()):
                yield from ((at, found[0]) for found in _BLANK.finditer(_TAG.sub("", _BRACKETS.sub("", line))))


def _asks(line: str) -> bool:
    """Whether a labelled ``line`` is a field that is asked for: all of it is only shown beside the answer."""
    m = BULLET.fullmatch(line) or LINE.fullmatch(line)
    return m is not None and not is_constant(m["value"])

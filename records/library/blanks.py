"""Blanks as people leave them on paper, which are no placeholders: nobody would be asked to fill them in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from records.document.answers import is_constant
from records.document.lines import split_lines
from records.document.shapes import BULLET, LINE, without_break
from records.document.tree import read_tree

# Signs to write on, words in angle brackets or double braces, a date or a number in letters that stand for others. None
# can be read in two ways: where a colon could, each one doubled the time.
_LINE = (
    r"(?:\\?_){3,}(?:[-:./](?:\\?_)+)*|(?:\\?_){2,}(?:[-:./](?:\\?_)+)+|\uff3f{2,}|\.{4,}|…{2,}"
    r"|(?<![一二三四五六七八九十〇○])[〇○]{2,}(?![一二三四五六七八九十〇○])"
)
_ANGLES = r"<[^\s<>/!?@:=\"][^<>/@=\"\n]*(?:/[^<>/@=\"\n]+)*>|&lt;[^\s&][^&\n]*&gt;"
_DATE = (
    r"\b(?!YYYY-MM-DD)(?P<a>[A-Z])(?P=a){1,3}(?P<sign>[-./])(?P<b>[A-Z])(?P=b){1,3}(?P=sign)(?P<c>[A-Z])(?P=c){1,3}\b"
    r"|(?<![^\W_])HH ?[^\W\d_M] ?MM(?![A-Za-z])"
    r"|(?<![\w:])(?i:20XX[-./]XX[-./]XX|XX[-./]XX[-./](?:20)?XX(?:XX)?|XX:XX(?::XX)?)(?![\w:]|[-./]\w)"
)
_NUMBER = r"\b[A-WYZ]{2,}(?:X{4,}|x{4,}|-X{3,}|-x{3,})\b"
_BRACES = r"\{\{ ?[^\W\d_][^{}\n]*\}\}"
# What is one only where it is all that a line says: something is to come, words in other signs, one of two to be left.
_TO_COME = r"(?i:TBD|TBA|TBC|X{3,})|(?:TODO|FIXME)(?:: [^\n]*)?|\?{3,}|\.{3}|…"
_SIGNS = (
    r"【[^【】\n]+】|\uff08[^\uff08\uff09\n]+\uff09|\uff3b[^\uff3b\uff3d\n]+\uff3d|«(?=\S)[^«»\n]+(?<=\S)»"
    r"|\{[^\W\d_][^{}\n]*\}|%[A-Za-z][\w ]*%|[☐□▢][^\n]*"
)
_ITALIC = r"(?P<i>[*_])(?:(?i:enter|insert|fill in|describe|specify|your)\b[^*_\n]*|[^*_\n]*\bhere)(?P=i)"
_EITHER = (
    r"(?i:(?:yes|y|ja|j|oui|o|s[ií]|sim|да|はい|是|pass|ok|go) ?/ ?"
    r"(?:no|n|nein|nee|non|n[ãa]o|нет|いいえ|否|fail|nok|not ok|no-go))"
)
_SMALL_DATE = r"(?:dd|tt|jj|gg|mm)[-./](?:mm|dd)[-./](?:yyyy|jjjj|aaaa)|(?:yyyy|jjjj|aaaa)[-./]mm[-./](?:dd|tt|jj|gg)"
_ALONE = (
    rf"(?:^|(?<=: )|(?<=\uff1a)|(?<=\*\* )|(?<=__ ))(?:{_TO_COME}|{_SIGNS}|{_ITALIC}|{_EITHER}|{_SMALL_DATE}|hh:mm)\Z"
)
_BLANK = re.compile(f"{_LINE}|{_ANGLES}|{_BRACES}|{_ALONE}|{_DATE}|{_NUMBER}")
# A link that leads nowhere.
_NO_LINK = re.compile(r"\[[^\[\]\n]+\]\((?i:x+|#|\.{3}|url|link|todo|tbd)?\)")
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
            own = without_break(line)
            if not _asks(own):
                said = _TAG.sub("", _BRACKETS.sub("", own))
                yield from ((at, found[0]) for found in (*_NO_LINK.finditer(own), *_BLANK.finditer(said)))


def _asks(line: str) -> bool:
    """Whether a labelled ``line`` is a field that is asked for: all of it is only shown beside the answer."""
    m = BULLET.fullmatch(line) or LINE.fullmatch(line)
    return m is not None and not is_constant(m["value"])

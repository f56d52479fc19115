"""One line of an answer: header and footer lines, bold titles and labels, the ends of headings.

Every function has an exact inverse (law 2). Text that holds nothing suspicious is written as it is.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable
from functools import cache

from records.document.unusable import Unusable

_BACKTICK_RUN = re.compile(r"`+")
_NEXT = re.compile(r"\\.|`+", re.DOTALL)
_INLINE = "\\`*_[]<>~&"
# A colon is escaped at the end of a name only, where it would be taken for the label's own.
_SLASHED = re.compile(rf"\\([{re.escape(_INLINE)}:])")
_BEFORE_SIGN = re.compile(rf"\\(?=[{re.escape(_INLINE)}:]|\Z)")


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where code spans stand in one line of ``text``, as (start, end); backslashes hide openers only."""
    runs = [(m.start(), m.end()) for m in _BACKTICK_RUN.finditer(text)]
    later: dict[int, list[int]] = {}
    for start, end in reversed(runs):
        later.setdefault(end - start, []).append(start)
    spans, at = [], 0
    while m := _NEXT.search(text, at):
        at = m.end()
        if m[0][0] == "\\":
            continue
        same = later.get(len(m[0]), [])
        while same and same[-1] < at:
            same.pop()
        if same:
            at = same.pop() + len(m[0])
            spans.append((m.start(), at))
    return spans


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces, at = [], 0
    for start, end in code_spans(text):
        pieces += [change(text[at:start]), text[start:end]]
        at = end
    return "".join([*pieces, change(text[at:])])


def in_line(text: str, also: str = "") -> str:
    """One line of ``text`` so that no inline construct in it reaches beyond it.

    Whole code spans stay; outside them a lone backtick, and any emphasis, link or HTML opener that is not
    closed again, is escaped. Characters of ``also`` are escaped in any case. Raises Unusable for a line end.
    """
    if "\n" in text or "\r" in text:
        raise Unusable("This answer has to stay on one line.")
    if not any(sign in text for sign in _INLINE):
        return text
    bare = _without_code(text)
    signs = "".join(sign for sign in _INLINE[1:] if sign in also or not _closed(bare, sign))
    written = _outside_code(text, lambda piece: _slash(piece, signs))
    if from_line(written) != text or any(sign in "".join(_code(written)) for sign in also):
        return _slash(text, _INLINE)
    return written


def from_line(written: str) -> str:
    """The text that ``in_line`` or ``in_bold`` wrote."""
    return _outside_code(written, lambda piece: _SLASHED.sub(r"\1", piece)) if "\\" in written else written


def in_bold(name: str) -> str:
    """``name`` as it stands between the ``**`` of a title or label; a last colon is not the label's own."""
    written = in_line(name, also="*")
    return f"{written[:-1]}\\:" if written.endswith(":") else written


def _slash(piece: str, signs: str) -> str:
    piece = _BEFORE_SIGN.sub(r"\\\\", piece)
    return re.sub(rf"[{re.escape(signs)}]", r"\\\g<0>", piece) if (signs := signs.replace("\\", "")) else piece


def _code(text: str) -> list[str]:
    return [text[start:end] for start, end in code_spans(text)]


def _without_code(text: str) -> str:
    """The pieces between code spans, each on a line, with a sign where a span's backticks stand beside it."""
    pieces, at = [], 0
    for start, end in code_spans(text):
        pieces.append(text[at:start])
        at = end
    return ".\n.".join([*pieces, text[at:]])


_TAG = re.compile(r"</?[A-Za-z][^<>\s]*>")
# A whole link, or brackets alone; "[a](" is neither, it could find its end in the next line.
_BRACKETED = re.compile(r"\[[^\[\]\n]*\](?:\([^()\s<>\\]*\)|(?!\())")


# Where punctuation is looked for beyond ASCII: of what lies behind no reader is sure.
_MARKS = range(0x80, 0x3100)


@cache
def _pair(sign: str, alone: bool) -> re.Pattern[str]:
    """What every reader takes for a pair of this sign, or of two of it.

    Readers differ in which symbols are punctuation, "→" say: beside one only a letter or digit on the other side says
    for sure that a sign opens or closes, and not even that with "_". One between punctuation opens as well as closes,
    and is left over where something else, a link or emphasis of another sign, takes its partner: unless signs of its
    kind are ``alone``, a letter or digit has to say which it does.
    """
    marks = string.punctuation + "".join(one for one in map(chr, _MARKS) if unicodedata.category(one)[0] == "P")
    beside = f"[{re.escape(marks.replace(sign, ''))}]"
    run, letter, other = rf"(\{sign}{{1,2}})", r"[^\W_]", rf"[^\{sign}\n]"
    word = rf"(?=\{sign}{{1,2}}{letter})"
    opens, ends = [r"(?<![^ \t\n])"], [rf"(?!\s){other}\1(?![^ \t\n])"]
    if alone:
        opens.append(rf"(?<={beside})")
        ends.append(rf"(?!\s){other}\1(?={beside})")
    if not alone or sign == "_":
        opens.append(rf"(?<={beside}){word}")
        ends.append(rf"{letter}\1(?={beside})")
    else:
        opens.append(rf"(?<![\w{re.escape(sign)}]){word}")
        ends.append(rf"{letter}\1(?![\w{re.escape(sign)}])")
    return re.compile(rf"(?:{'|'.join(opens)}){run}(?=\S){other}*(?:{'|'.join(ends)})")


def _closed(bare: str, sign: str) -> bool:
    """Whether every ``sign`` of a text without its code is part of a pair that closes in it, simply nested."""
    if sign == "`":
        return "`" not in bare
    if sign in "*_~":
        alone = not any(other in bare for other in _INLINE if other != sign)
        return sign not in _pair(sign, alone).sub("", bare)
    if sign in "[]":
        return "[" not in (gone := _BRACKETED.sub("", bare)) and "]" not in gone
    if sign in "<>":
        return "<" not in _TAG.sub("", bare)
    return True


_HEADING_END = re.compile(r"(?:^|(?<=[ \t]))(\\*#+[ \t]*)\Z")


def in_heading(text: str) -> str:
    """``text`` as the end of an ATX heading: a closing run of # would be swallowed, so it is escaped."""
    if "\n" in text or "\r" in text:
        raise Unusable("A title has to stay on one line.")
    return _HEADING_END.sub(r"\\\1", text)


def from_heading(written: str) -> str:
    """The text that ``in_heading`` wrote."""
    return re.sub(r"(^|[ \t])\\(\\*#+[ \t]*)\Z", r"\1\2", written)

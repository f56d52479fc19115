"""What a text reads as: the words that its reader sees, whatever signs, entities or characters spell them.

A state of an answer is told by words, so what looks like these words has to be that state, and nothing else may.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from unicodedata import category, normalize

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Nobody takes more for a few words, and looking for inlines in more takes minutes.
LONGEST = 4_000
_PARSER = MarkdownIt("commonmark")
# What is drawn like a letter of these words, or like the colon and the hyphen in them.
_LETTERS = str.maketrans("аеіорсуӏАВЕІМОРСТУӀΑΒΕΙΜΝΟΡΤΥοօ", "aeiopcylABEIMOPCTYlABEIMNOPTYoo")
_SIGNS = str.maketrans("\u2236\u02d0\u0589\u05c3\ua789\u2010\u2012\u2013\u2014\u2015\u2212", ":::::------")
# Characters that show nothing, though they count as letters or marks.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0]")
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)


@lru_cache(maxsize=1024)
def as_read(text: str) -> str:
    """``text`` as it is rendered, in one line: without emphasis, comments and what nobody sees."""
    shown, targets = "", list[str]()
    for token in _PARSER.parseInline(text[:LONGEST])[0].children or ():
        if token.type == "link_open":
            targets.append(str(token.attrGet("href")))
        shown += f" ({targets.pop()})" if token.type == "link_close" else _shown(token)
    plain = _BLANK.sub("", normalize("NFKC", shown))
    return " ".join("".join(char for char in plain if char.isspace() or category(char)[0] != "C").split())


def _shown(token: Token) -> str:
    """A picture is never loaded, and its words are shown as they are spelled; a break is a blank, a tag nothing."""
    return {"softbreak": " ", "hardbreak": " ", "html_inline": "", "image": f"![{token.content}]"}.get(
        token.type, token.content
    )


def alike(text: str) -> str:
    """``text``, sign by sign, in the characters that its own are drawn like."""
    return text.translate(_LETTERS).translate(_SIGNS)


@lru_cache(maxsize=8)
def _spelled(words: str) -> re.Pattern[str]:
    """The letters of ``words`` with whatever signs between them."""
    return re.compile(r"[\W_]*" + r"[\W_]*".join(words.replace(" ", "")), re.IGNORECASE)


def may_open_with(text: str, words: str) -> bool:
    """Whether ``text`` may read as one that begins with ``words``: told quickly, since nearly no text does."""
    opening = text[:LONGEST]
    if "<" in opening:
        opening = _TAG.sub("", opening)
    opening = opening[:300]
    if "&" in opening:
        opening = unescape(opening)
    if not opening.isascii():
        opening = alike(_BLANK.sub("", normalize("NFKC", opening)))
    return _spelled(words).match(opening) is not None

"""A Markdown text as CommonMark sees it, cut into blocks without losing a byte.

Structure is read with a CommonMark parser that gives line ranges, never with regular expressions over the
whole text: a ``# comment`` inside a fence looks like a heading. Every leaf keeps the exact slice it was cut
from, and the leaves in order are the text: that is what makes writing byte-equal (law 1 and law 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from records.document.lines import is_blank, split_lines

Kind = Literal[
    "document",
    "heading",
    "paragraph",
    "rule",
    "fence",
    "indented_code",
    "html",
    "quote",
    "bullets",
    "numbered",
    "item",
    "blank",
    "definition",
    "front_matter",
]

_KIND_OF_TOKEN: dict[str, Kind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "hr": "rule",
    "fence": "fence",
    "code_block": "indented_code",
    "html_block": "html",
    "blockquote_open": "quote",
    "bullet_list_open": "bullets",
    "ordered_list_open": "numbered",
    "list_item_open": "item",
}


_CONTAINERS = ("blockquote_open", "list_item_open")
_MARKERS = re.compile(r"[\s>*+\-\d.)]+")


def _block_parser() -> MarkdownIt:
    """A parser of blocks alone: inlines are never asked for here. Any link target makes a definition."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


_PARSER = _block_parser()


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text: its kind, its lines ``first`` up to but not including ``end``, its exact source.

    ``children`` partition the lines of a container (document, list, item, quote); leaves have none.
    ``level`` is the rank of a heading (1 to 6), else 0. ``info`` is the info string of a fence, the marker of
    a list or item, else empty. ``content`` is what a fence or code block holds, or the inline text of a
    heading or paragraph, with the line ends that the parser gives (LF).
    """

    kind: Kind
    first: int
    end: int
    source: str
    children: tuple[Block, ...] = ()
    level: int = 0
    info: str = ""
    content: str = ""

    def walk(self) -> Iterator[Block]:
        """This block and all blocks inside it, in the order of the text."""
        waiting = [self]
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(block.children))

    def leaves(self) -> Iterator[Block]:
        """The blocks without children, in the order of the text; their sources joined are this source."""
        return (block for block in self.walk() if not block.children)


def _is_empty(line: str) -> bool:
    """Whether ``line`` holds nothing, be it inside quotes."""
    return is_blank(line.replace(">", ""))


def _info(token: Token) -> str:
    if token.type == "fence":
        return token.info.strip()
    return "" if token.type == "heading_open" else token.markup


def read_tree(text: str) -> Block:
    """Read ``text`` into a tree of blocks whose leaves, joined, are ``text`` byte for byte."""
    return _Builder(text).build()


@dataclass(slots=True)
class _Open:
    """A container while its children are still being collected."""

    token: Token | None
    first: int
    end: int
    cursor: int
    children: list[Block]


class _Builder:
    def __init__(self, text: str) -> None:
        self.lines = split_lines(text)
        self.tokens = _PARSER.parse(text)

    def build(self) -> Block:
        root = _Open(None, 0, len(self.lines), 0, [])
        stack = [root]
        for position, token in enumerate(self.tokens):
            if token.type == "inline":
                continue
            if token.nesting < 0:
                if token.type.replace("_close", "_open") in _KIND_OF_TOKEN:
                    self._close(stack)
                continue
            first, end = self._range(token, stack[-1])
            self._fill(stack[-1], first)
            stack.append(_Open(token, first, end, first, []))
            if token.nesting == 0:
                self._close(stack)
            elif token.type in ("heading_open", "paragraph_open"):
                token.content = self.tokens[position + 1].content
        self._fill(root, root.end)
        return Block("document", 0, root.end, "".join(self.lines), tuple(root.children))

    def _range(self, token: Token, parent: _Open) -> tuple[int, int]:
        # A list's range may reach over blank lines at its end; it never may leave its parent or overlap what
        # came before, else a line would be written twice.
        first, end = token.map or (parent.cursor, parent.cursor)
        first = max(first, parent.cursor)
        return first, max(first, min(end, parent.end))

    def _fill(self, parent: _Open, until: int) -> None:
        """Add the lines that no token claims: blank ones, and link definitions, which parse to nothing.

        What is nested deeper than the parser follows counts as definition too: it may hold anything.
        """
        while parent.cursor < until:
            first, blank = parent.cursor, _is_empty(self.lines[parent.cursor])
            while parent.cursor < until and _is_empty(self.lines[parent.cursor]) == blank:
                parent.cursor += 1
            source = "".join(self.lines[first : parent.cursor])
            kind: Kind = "blank" if blank else "definition"
            parent.children.append(Block(kind, first, parent.cursor, source))

    def _close(self, stack: list[_Open]) -> None:
        done = stack.pop()
        token = done.token
        if token is None:  # pragma: no cover - the parser closes only what it opened
            raise ValueError("a block was closed that was never opened")
        if done.children or (
            token.type in _CONTAINERS and _MARKERS.sub("", "".join(self.lines[done.first : done.end]))
        ):
            self._fill(done, done.end)
        stack[-1].children.append(
            Block(
                kind=_KIND_OF_TOKEN[token.type],
                first=done.first,
                end=done.end,
                source="".join(self.lines[done.first : done.end]),
                children=tuple(done.children),
                level=int(token.tag[1]) if token.type == "heading_open" else 0,
                info=_info(token),
                content=token.content,
            )
        )
        stack[-1].cursor = done.end

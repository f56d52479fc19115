"""Front matter: what sites of documents keep above a text, between two rules, as YAML. To CommonMark it is a rule and
headings of all kinds; here it is one piece of Markdown, before the title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from records.document.lines import split_lines
from records.document.outline import Loose, Section
from records.document.tree import Block, read_tree

_KEY = re.compile(r"[^\W\d][\w.-]*:(?:[ \t].*)?")
_GOES_ON = re.compile(rf"{_KEY.pattern}|[ \t]+\S.*|- .*")


def without_front_matter(blocks: Sequence[Block], lines: Sequence[str]) -> list[Block]:
    """The ``blocks`` of a text, those of its front matter as a single one."""
    end = _end_of(lines)
    own = [block for block in blocks if block.first < end]
    if not own or own[-1].end > end:  # of a fence in it that nobody closed
        return list(blocks)
    return [Block("front_matter", 0, end, "".join(lines[:end])), *blocks[len(own) :]]


def front_matter_of(text: str) -> str:
    """The front matter that stands above ``text``; empty where there is none."""
    blocks = without_front_matter(read_tree(text).children, split_lines(text)) if text.startswith("---") else []
    return blocks[0].source if blocks and blocks[0].kind == "front_matter" else ""


def is_front_matter(text: str) -> bool:
    """Whether ``text`` is front matter and nothing else."""
    lines = split_lines(text)
    return _end_of(lines) == len(lines) > 0 and front_matter_of(f"{text}\n\n# -\n") != ""


def matter_of(section: Section) -> Loose | None:
    """The front matter that ``section`` opens with, if it is a header that does."""
    first = next(section.blocks(), None) if section.kind == "header" else None
    return first if isinstance(first, Loose) and is_front_matter(first.text) else None


def _end_of(lines: Sequence[str]) -> int:
    """Up to which line it reaches; 0 where there is none. It has no blank lines and begins with a key."""
    own = (line.rstrip() for line in lines)
    if next(own, "") != "---" or not _KEY.fullmatch(next(own, "")):
        return 0
    for at, line in enumerate(own, 3):
        if line == "---":
            return at
        if not _GOES_ON.fullmatch(line):
            return 0
    return 0

"""The one line table by which Markdown text is cut.

CommonMark ends a line at LF, CR LF or a lone CR, and nowhere else. ``str.splitlines`` also cuts at form
feeds, U+2028 and others, which would shift every line number that the parser reports.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> tuple[str, ...]:
    """Cut ``text`` into lines that keep their ends; joined, they are ``text`` again."""
    return tuple(_LINE.findall(text))


def is_blank(line: str) -> bool:
    """Whether CommonMark calls ``line`` blank: nothing but spaces and tabs before its end."""
    return not line.strip(" \t\r\n")

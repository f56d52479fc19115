"""Documents on pages that have headings of their own."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe

# Safe HTML, in which no text can spell a tag.
_LEVEL = re.compile(r"<(/?)h([1-5])>")
_FIRST_LEVEL = re.compile(r"<(/?)h1\b")


def below_a_heading(html: str) -> SafeString:
    """``html`` of a document with its headings one level lower, to stand on a page that has a title of its own."""
    return mark_safe(_LEVEL.sub(lambda level: f"<{level[1]}h{int(level[2]) + 1}>", html))


def as_part(html: str) -> SafeString:
    """``html`` of a text on such a page, of which it is a part: the first level of its headings becomes the second."""
    return mark_safe(_FIRST_LEVEL.sub(r"<\1h2", html))

"""Documents on pages that have headings of their own."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe

_LEVEL = re.compile(r"<(/?)h([1-5])>")


def below_a_heading(html: str) -> SafeString:
    """``html`` of a document with its headings one level lower, to stand on a page that has a title of its own."""
    return mark_safe(_LEVEL.sub(lambda level: f"<{level[1]}h{int(level[2]) + 1}>", html))

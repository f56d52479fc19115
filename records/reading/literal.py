"""Commands, and the exact text of a record, as HTML: each character where it stands, and as what it is."""

from __future__ import annotations

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

from records.reading.unseen import visible_command, visible_source

# Letters that run from right to left, and turn around what stands between two of them: source and target of a copy.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]+")


def command(text: str) -> SafeString:
    """``text`` as HTML as a machine takes it: its words in their order, whatever letters they are of, and what isn't
    what it seems written out.
    """
    return _in_order(visible_command(text))


def source(text: str) -> SafeString:
    """As ``command``, for the exact text of a record, most of which is prose."""
    return _in_order(visible_source(text))


def _in_order(text: str) -> SafeString:
    return mark_safe(_RIGHT_TO_LEFT.sub(r"<bdi>\g<0></bdi>", escape(text)))

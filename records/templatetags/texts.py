"""People's texts on pages: what would not be seen is made visible, Markdown is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from records.document import text_difference
from records.document.text_difference import Kind, Piece
from records.models import Operation, Outline, Role
from records.reading import literal, rendering, unseen
from records.run.emergency import told_of
from records.writing.counts import review_words

register = template.Library()
_HEADING = re.compile(r"<(/?)h([1-6])\b")


@register.filter
def visible(text: str) -> str:
    """``text`` with invisible and direction-changing characters written out; escaped like any other text."""
    return unseen.visible(text)


@register.filter
def visible_command(text: str) -> SafeString:
    """As ``visible``, for a command: what only looks like a space, a sign or a letter is written out as well, and
    letters that run from right to left turn nothing around.
    """
    return literal.command(text)


@register.filter
def visible_source(text: str) -> SafeString:
    """As ``visible_command``, for the exact text of a record, most of which is prose."""
    return literal.source(text)


@register.filter
def by_word(lines: Sequence[Piece]) -> list[tuple[Kind, list[Piece]]]:
    """Changed lines as ``visible_source``, each with its words; those that the line it replaces lacks are apart."""
    return text_difference.by_word([(kind, unseen.visible_source(text)) for kind, text in lines])


@register.filter
def emergency_told(operation: Operation) -> list[tuple[str, str]]:
    """What was said at an emergency start: each question with its answer."""
    return told_of(operation)


@register.simple_tag
def in_short(text: str, most: int) -> SafeString:
    """What somebody wrote, made visible; longer than ``most`` characters it is folded behind its beginning."""
    shown = unseen.visible(str(text))
    if len(shown) <= most:
        return format_html("{}", shown)
    begin = shown[: most - 1].rstrip()
    return format_html('<details class="in-short"><summary>{}…</summary>{}</details>', begin, shown)


@register.filter
def beginning(text: str, most: int) -> str:
    """What somebody wrote in a run, made visible; beyond ``most`` characters the log has the rest."""
    if len(text) <= most:
        return unseen.visible(text)
    left = len(text) - most
    words = ngettext("… and %(n)s character more, in the log", "… and %(n)s characters more, in the log", left)
    return f"{unseen.visible(text[:most])}{words % {'n': left}}"


@register.filter
def hides(text: str) -> bool:
    """Whether a command holds characters that nobody would see, or that look like others."""
    return unseen.visible_command(text) != text


@register.filter
def markdown(text: str) -> SafeString:
    """``text`` as safe HTML."""
    return rendering.render(text)


@register.filter
def markdown_below(text: str, levels: int = 1) -> SafeString:
    """``text`` as safe HTML with its headings so many levels lower, for pages that have a heading of their own."""
    return _lower(rendering.render(text), levels)


@register.filter
def html_below(html: str) -> SafeString:
    """A rendered text with its headings one level lower, as ``markdown_below`` has them."""
    return _lower(html, 1)


def _lower(html: str, levels: int) -> SafeString:
    # A tag can't be spelled by text: there every "<" is escaped.
    return mark_safe(_HEADING.sub(lambda m: f"<{m[1]}h{min(int(m[2]) + levels, 6)}", html))


@register.filter
def size_words(size: int) -> str:
    """A size in bytes, in the units that the limits name: "82.7 KiB"."""
    return re.sub(r"([KM])B$", r"\1iB", filesizeformat(size))


@register.filter
def role_name(role: str) -> str:
    """How people call a role; one that this site doesn't know stays as it was written."""
    return str(Role(role).label) if role in Role.values else role


@register.filter
def review_fields(outline: Outline) -> str:
    """How many fields a new record of the template is asked before its review."""
    return review_words(outline)

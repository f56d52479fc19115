"""Who approves, beside the risk levels that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from records.decided import deciding

register = template.Library()


@register.simple_tag(takes_context=True)
def with_approvers(context: dict[str, Any], key: str, options: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The options of a line, each with who approves at it where the line is the risk level of the record; else ""."""
    operation = context.get("operation")
    own = operation.template if operation else None
    line = own.outline.bound("risk") if own else None
    if own is None or line is None or line.key != key:
        return [(value, word, "") for value, word in options]
    known = deciding().deciders_at(own, [value for value, _word in options])
    return [(value, word, known[value]) for value, word in options]

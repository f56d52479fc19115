"""Which answers are marked, where they come over from elsewhere, until somebody has looked at them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from records.document.answers import Empty, is_constant
from records.document.fields import fields_of
from records.document.outline import FREE
from records.document.outline import Section as DocumentSection
from records.models import Operation, Outline
from records.writing.readiness import state_of

MARKED = FREE | {"line", "bullet", "fence", "commands", "check", "value", "window", "loose"}


def answered_in(section: DocumentSection, outline: Outline) -> Iterator[str]:
    """The keys of the fields of ``section`` that are answered; what the template says for good is nobody's answer."""
    for field in fields_of(section):
        template = outline.texts.get(field.key, "")
        if field.shape not in MARKED or field.key.endswith(".unit"):
            continue
        is_said = field.text == template and is_constant(template)
        if not is_said and not isinstance(state_of(field.text, field.shape, template), Empty):
            yield field.key


def came_from(operation: Operation) -> str:
    """Where the marked answers of ``operation`` came over from, in words."""
    return _("the earlier record") if operation.cloned_from_id else _("the earlier version of its template")

"""A record for the world outside: the one that a reference names, as the bytes that leave."""

from __future__ import annotations

from django.utils.translation import gettext as _

from records.content.assembly import document_of
from records.document.write import write
from records.models import Operation
from records.numbers import number_in
from records.refusals import Unusable


def operation_named(reference: str) -> Operation:
    """The record with this operation ID or number. Raises Unusable, in words, if there is none."""
    records = Operation.objects.select_related("template", "final_text", "author", "operator", "supervisor")
    found = records.filter(operation_id=reference).first()
    if found is None:
        found = records.filter(pk=number_in(reference) or 0).first()
    if found is None:
        raise Unusable(_("There is no record “%(reference)s”.") % {"reference": reference})
    return found


def markdown_of(operation: Operation) -> bytes:
    """The record as Markdown: the stored bytes of its final text, else what is written in it now."""
    if operation.final_text:
        return bytes(operation.final_text.text)
    return write(document_of(operation)).encode()

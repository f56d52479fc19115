"""Storing a document as a new record: what every act that begins one stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from records.content.columns import apply_facts
from records.content.facts import facts_of
from records.content.storing import create
from records.document.outline import Document, Rows
from records.models import Operation, OperationTemplate, Person, Section, State
from records.refusals import Refused, Unusable
from records.writing.readiness import progress

MOST_SECTIONS, MOST_PARTS = 300, 5000


@transaction.atomic
def store_document(
    *,
    author: Person,
    template: OperationTemplate | None,
    document: Document,
    at: dt.datetime,
    is_demo: bool = False,
    imported: bool = False,
    annex: Mapping[str, str] | None = None,
) -> Operation:
    """A draft that holds ``document``, or a read-only record of the past (``imported``).

    ``annex`` are the plan facts of its rows without a line ("row.estimate" to text).

    Raises Refused for an operation ID that another record has, Unusable for more parts than a page can show.
    """
    refuse_countless(document)
    outline = template.outline if template else None
    state = State.IMPORTED if imported else State.DRAFT
    operation = Operation(
        author=author, template=template, state=state, front=document.front, updated_at=at, is_demo=is_demo
    )
    facts = facts_of(document, outline)
    apply_facts(operation, facts, outline, title_only=False)
    try:
        with transaction.atomic():
            operation.save()
    except IntegrityError as error:
        raise Refused(_("There is a record %(id)s already.") % {"id": operation.operation_id}) from error
    levels = outline.settings.levels if outline else ()
    sections = create(operation, document, levels, annex or {})
    for loaded, own in zip(sections, document.sections, strict=True):
        loaded.document = own
        loaded.section.progress = progress(loaded.document, outline, operation.risk_level)
    Section.objects.bulk_update([loaded.section for loaded in sections], ["progress"])
    return operation


def refuse_countless(document: Document) -> None:
    """Raises Unusable for tens of thousands of headings or bullets, which would hold the database for minutes."""
    blocks = [block for section in document.sections for block in section.blocks()]
    parts = len(blocks) + sum(len(block.rows) for block in blocks if isinstance(block, Rows))
    if len(document.sections) > MOST_SECTIONS or parts > MOST_PARTS:
        words = _(
            "This text has %(sections)s sections with %(parts)s parts; a record has at most %(most)s and %(all)s."
        )
        facts = {"sections": len(document.sections), "parts": parts, "most": MOST_SECTIONS, "all": MOST_PARTS}
        raise Unusable(words % facts)

"""A finalized record: read like a document, sealed, ready to leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from records.content.addenda import addenda_of
from records.decided import DecisionKind, given_on, ratified_on
from records.life_cycle import Act
from records.models import Operation
from records.reading.addenda import addendum_shown
from records.reading.folding import folded
from records.reading.rendering import has_unseen
from records.rights import may, may_archive
from records.run.starting import confirmed
from records.signed_in import person_of
from records.transfer.publication import publication_of
from records.views.head import crumbs, risk_shown
from records.views.markdown_pages import file_name
from records.who import is_supervisor

_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the contents."""

    anchor: str
    title: str


def finalized(request: HttpRequest, operation: Operation) -> HttpResponse:
    """The page of a finalized record: the very bytes that were signed off, rendered."""
    person = person_of(request)
    final = operation.final_text
    assert final is not None
    source = bytes(final.text).decode()
    html, parts = with_contents(folded(source, operation.outline, operation.risk_level))
    decisions = {one.kind: one for one in given_on([final]).get(final.pk, ())}
    added = addenda_of(operation)
    context = {
        "operation": operation,
        "here": "records",
        "crumbs": crumbs(operation),
        "copy_id": operation.operation_id or "",
        "risk": risk_shown(operation),
        "final": final,
        "addenda": [addendum_shown(one) for one in added],
        "may_amend": may(person, operation, Act.AMEND),
        "supervises": any(one.decision is None for one in added) and is_supervisor(person),
        "ratified": ratified_on(operation.revisions.order_by("-number")[0]) if operation.was_unapproved else None,
        "unfold": True,
        "signed": decisions.get(DecisionKind.SIGN),
        "signed_off": decisions.get(DecisionKind.SIGN_OFF),
        "confirmed": confirmed(operation),
        "rendered": html,
        "parts": parts,
        "may_archive": not operation.archived_at and may_archive(person, operation),
        "publication": publication_of(operation),
        "source": source,
        "invisible": has_unseen(source),
        "file_name": file_name(operation, "md"),
        "title": _("%(title)s, finalized") % {"title": operation},
    }
    return render(request, "records/finalized.html", context)


def with_contents(html: str) -> tuple[SafeString, list[Part]]:
    """``html`` of a document with an anchor on each section's heading, and the list of these."""
    parts: list[Part] = []
    numbers = count(1)

    def anchored(heading: re.Match[str]) -> str:
        part = Part(f"part-{next(numbers)}", strip_tags(heading[1]))
        parts.append(part)
        return f'<h2 id="{part.anchor}">{heading[1]}</h2>'

    return mark_safe(_HEADING.sub(anchored, html)), parts

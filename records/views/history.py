"""A record's history, narrowed by field and person in the address; two revisions side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.document.differences import count, differences, row_names
from records.field_history import Asked, history_of
from records.frozen import frozen
from records.models import Operation, Person, Revision
from records.pages_by_key import without
from records.rights import operation_for
from records.section_status import title_of
from records.shown_changes import shown
from records.views.head import head

BINARY = ("plan_text", "annex", "rule", "content")


@login_required
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves and acts, newest first; above them the difference of two revisions, if two are chosen."""
    assert isinstance(request.user, Person)
    operation = operation_for(request.user, pk)
    sections = list(operation.sections.only("key", "title", "kind", "progress", "operation_id"))
    query = without(request.GET, "after")
    asked = Asked(
        field=request.GET.get("field", "").strip()[:300],
        person=request.GET.get("person", "").strip()[:150],
        after=request.GET.get("after", ""),
    )
    titles = {own.key: title_of(own) for own in sections}
    found = history_of(operation, asked, titles | _names_of_rows(operation))
    revisions = list(operation.revisions.order_by("-number").select_related("submitted_by").defer(*BINARY))
    query["after"] = found.older
    context = {
        **head(operation, request.user, _("History"), [own.progress for own in sections]),
        "asked": asked,
        "entries": found.entries,
        "older_url": f"?{query.urlencode()}" if found.older else "",
        "newer_url": f"?{without(request.GET, 'after').urlencode()}" if asked.after else "",
        "revisions": revisions,
        **_compared(operation, request.GET.get("from", ""), request.GET.get("to", "")),
    }
    return render(request, "records/history.html", context)


def _names_of_rows(operation: Operation) -> dict[str, str]:
    """What the rows of the newest frozen plan are called: the run's acts name them by key."""
    newest = operation.revisions.order_by("-number").first()
    sections = frozen(newest).document.sections if newest else ()
    return {key: name for section in sections for key, name in row_names(section).items()}


def _compared(operation: Operation, first: str, second: str) -> dict[str, Any]:
    """The difference of two revisions, the older first; nothing if they are not both there."""
    numbers = {int(one) for one in (first, second) if one.isascii() and one.isdigit() and len(one) < 10}
    if len(numbers) < 2:
        return {}
    found: list[Revision] = list(operation.revisions.filter(number__in=numbers).order_by("number"))
    if len(found) < 2:
        return {}
    old, new = (frozen(revision) for revision in found)
    sections = differences(old.document, new.document, old.facts, new.facts)
    return {"compared": shown(sections), "old": found[0], "new": found[1], "changed": count(sections)}

"""What differs between two versions of a template, and what a newer one would change in open drafts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.document.differences import differences
from records.document.text_difference import Piece, lines
from records.library.open_drafts import open_drafts
from records.models import OperationTemplate, Outline, Person
from records.reading.shown_changes import folded, shown
from records.reading.unseen import visible
from records.signed_in import person_of
from records.views.addresses import address
from records.views.template_drafts import crumbs_of_templates, draft_context, get_draft


@login_required
@require_safe
def template_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """A version against another of the same name: the one before it, or the one that is ``since``."""
    own = get_object_or_404(OperationTemplate, pk=pk)
    others = list(OperationTemplate.objects.filter(name=own.name).exclude(pk=pk).order_by("-pk"))
    if not others:
        return redirect("template", pk)
    asked = request.GET.get("since", "")
    older = [one for one in others if one.pk < own.pk]
    since = next((one for one in others if str(one.pk) == asked), (older or others)[0])
    context = {
        "here": "templates",
        "template": own,
        "title": str(own),
        "others": others,
        "since": since,
        "base_url": address("template", pk),
        "changes_url": request.path,
        "page": "changes",
        "crumbs": [*crumbs_of_templates(), (str(own), address("template", pk)), (_("Changes"), "")],
        **_changes(since, own.text, own.toml, own.outline, person_of(request)),
        "move_to": own,
    }
    return render(request, "records/template/changes.html", context)


@login_required
@require_safe
def template_draft_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft against the version that it was begun from."""
    draft = get_draft(pk)
    if draft.published_id or draft.base is None:
        return redirect("template_draft", pk)
    person = person_of(request)
    context = draft_context(draft, person) | _changes(draft.base, draft.text, draft.toml, draft.outline, person)
    return render(request, "records/template/changes.html", context | {"since": draft.base, "page": "changes"})


def _changes(since: OperationTemplate, text: str, toml: str, outline: Outline | None, reader: Person) -> dict[str, Any]:
    """Field by field (where the newer one can be read), setting by setting, line by line; and the open drafts."""
    return {
        "drafts": open_drafts(since, outline, reader) if outline else [],
        "sections": shown(differences(since.outline.document, outline.document)) if outline else [],
        "settings_lines": _lines(since.toml, toml),
        "text_lines": _lines(since.text, text),
    }


def _lines(before: str, after: str) -> list[Piece]:
    if before == after:
        return []
    return folded([(kind, visible(line.rstrip("\r\n"))) for kind, line in lines(before, after)])

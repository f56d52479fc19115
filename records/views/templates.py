"""Operations templates: the list, and each as rendered and as its exact bytes."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.document.fields import fields_of
from records.models import OperationTemplate, Outline
from records.readiness import asked


@login_required
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """Every template with its versions, and how many records were started from each."""
    rows = OperationTemplate.objects.annotate(uses=Count("operations")).order_by("name", "-added_at", "-pk")
    return render(request, "records/templates.html", {"here": "templates", "rows": rows})


@login_required
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: what it asks for, rendered; with ``view=source`` its text and settings."""
    own = get_object_or_404(OperationTemplate.objects.annotate(uses=Count("operations")), pk=pk)
    view = "source" if request.GET.get("view") == "source" else "rendered"
    context = {
        "here": "templates",
        "template": own,
        "title": str(own),
        "view": view,
        "levels": _levels(own.outline),
        "settings": own.outline.settings,
        "size": len(own.text.encode()),
        "crumbs": [(_("Templates"), reverse("template_list")), (str(own), "")],
    }
    return render(request, "records/template.html", context)


def _levels(outline: Outline) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """For each risk level: how many fields are due before review and after the run, and which roles approve."""
    fields = [field for section in outline.document.sections for field in fields_of(section)]
    found = []
    for level in outline.settings.levels or ("",):
        parts = [question.part for field in fields if (question := asked(field, outline, level))]
        found.append((level, parts.count("plan"), parts.count("close"), outline.settings.roles(level)))
    return found


@login_required
@require_safe
def template_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes of a template."""
    own = get_object_or_404(OperationTemplate, pk=pk)
    name = re.sub(r"[^a-z0-9.]+", "-", str(own).lower()).strip("-.") or f"template-{own.pk}"
    return HttpResponse(
        own.text.encode(),
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.md"'},
    )

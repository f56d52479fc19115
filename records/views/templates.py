"""Operations templates: the list, and each version as form, rendered, line by line, and as its exact bytes."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from records.decided import given_on
from records.models import OperationTemplate, TemplateDraft
from records.views.template_drafts import crumbs_of_templates
from records.views.template_shown import numbered, text_context
from records.writing.counts import asks_of


@login_required
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """Every template with its versions and how many records were started from each, and what is being written."""
    rows = OperationTemplate.objects.annotate(uses=Count("operations")).order_by("name", "-pk")
    drafts = TemplateDraft.objects.filter(published=None).select_related("base", "author")
    return render(request, "records/template/list.html", {"here": "templates", "rows": rows, "drafts": drafts})


@login_required
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: the form it makes, rendered, or line by line with its settings."""
    own = get_object_or_404(OperationTemplate.objects.annotate(uses=Count("operations")), pk=pk)
    others = OperationTemplate.objects.filter(name=own.name).exclude(pk=pk).order_by("-pk")
    context = text_context(own.text, own.toml, own.outline, request.GET.dict()) | {
        "here": "templates",
        "template": own,
        "title": str(own),
        "levels": asks_of(own.outline),
        "settings": own.outline.settings,
        "size": len(own.text.encode()),
        "lines": numbered(own.text, (), "text"),
        "settings_lines": numbered(own.toml, (), "settings"),
        "others": others.defer("text", "toml"),
        "published": next(iter(given_on([own]).get(own.pk, ())), None),
        "crumbs": [*crumbs_of_templates(), (str(own), "")],
    }
    return render(request, "records/template/published.html", context | {"page": context["view"]})


@login_required
@require_safe
def template_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes of a template."""
    own = get_object_or_404(OperationTemplate, pk=pk)
    return _file(own.text, f"{_file_name(own)}.md", "text/markdown")


@login_required
@require_safe
def template_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes of its settings."""
    own = get_object_or_404(OperationTemplate, pk=pk)
    return _file(own.toml, f"{_file_name(own)}.toml", "application/toml")


def _file_name(template: OperationTemplate) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", str(template).lower()).strip("-.") or f"template-{template.pk}"


def _file(text: str, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        text.encode(),
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

"""Pages of a template that is being written: bring it in, look at it, change it, offer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.forms.template_text import TemplateTextForm, kept
from records.library.template_drafts import (
    begin_template,
    change_template,
    discard_template,
    may_write,
    offer_template,
    problems_in,
    stops,
)
from records.library.template_mail import keepers_for
from records.models import OperationTemplate, Person, TemplateDraft
from records.numbers import number_in
from records.refusals import Changed, Unusable
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.section_answers import SeeOther
from records.views.template_shown import numbered, text_context
from records.writing.counts import asks_of


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: HttpRequest) -> HttpResponse:
    """Bring a template in by paste or upload; posted with ``base``, begin the next version of one that is here."""
    person = person_of(request)
    if base := request.POST.get("base", ""):
        own = get_object_or_404(OperationTemplate, pk=number_in(base) or 0)
        draft = begin_template(text=own.text, toml=own.toml, by=person, base=own)
        messages.success(
            request, _("A draft of the next version. Give it a version of its own, then change what you like.")
        )
        return SeeOther(address("template_draft_settings", draft.pk))
    form = TemplateTextForm(request.POST, request.FILES) if request.method == "POST" else TemplateTextForm()
    if form.is_valid():
        try:
            draft = begin_template(text=form.cleaned_data["text"], toml=form.cleaned_data["toml"], by=person)
        except Unusable as error:
            form.add_error("text", str(error))
        else:
            return SeeOther(address("template_draft_settings" if stops(draft) else "template_draft", draft.pk))
    context = {"form": form, "here": "templates", "crumbs": [*crumbs_of_templates(), (_("New template"), "")]}
    return render(request, "records/template/new.html", context, status=400 if form.errors else 200)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def template_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as form, rendered or line by line, what is to be said of it, and what can be done with it."""
    draft = get_draft(pk)
    if request.method != "POST":
        if draft.published_id:
            return redirect("template", draft.published_id)
        return _page(request, draft)
    person = person_of(request)
    match request.POST.get("do", ""):
        case "offer":
            offer_template(draft, by=person)
            messages.success(request, _("It can be published now, by a template keeper who wrote none of it."))
        case "discard":
            discard_template(draft, by=person)
            messages.success(request, _("The draft is thrown away."))
            return SeeOther(address("template_list"))
        case _other:
            return _change(request, draft)
    return SeeOther(address("template_draft", pk))


def _change(request: HttpRequest, draft: TemplateDraft) -> HttpResponse:
    form = TemplateTextForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, draft, form, 400)
    text, toml = (kept(form.cleaned_data[name], getattr(draft, name)) for name in ("text", "toml"))
    try:
        change_template(draft, seen=request.POST.get("seen", ""), by=person_of(request), text=text, toml=toml)
    except Unusable as error:
        form.add_error("text", str(error))
        return _page(request, draft, form, 400)
    except Changed as changed:
        words = _("Your text is in the form; what is stored now stands below it. Save again to replace that.")
        form.add_error(None, f"{changed} {words}")
        draft.refresh_from_db()
        return _page(request, draft, form, 409)
    return SeeOther(address("template_draft", draft.pk) + "?view=source")


def _page(
    request: HttpRequest, draft: TemplateDraft, form: TemplateTextForm | None = None, status: int = 200
) -> HttpResponse:
    asked_for = {"view": "source"} if form else request.GET.dict()
    person = person_of(request)
    context = draft_context(draft, person) | draft_text_context(draft, asked_for)
    context["form"] = form or TemplateTextForm(initial={"text": draft.text, "toml": draft.toml})
    publishers = list(keepers_for(draft, timezone.now().date()))
    context |= {"publishers": publishers, "may_publish": person in publishers}
    return render(request, "records/template/draft.html", context, status=status)


# ---------------------------------------------------------------- what its pages share


def get_draft(pk: int) -> TemplateDraft:
    """The draft with this number, or 404."""
    return get_object_or_404(TemplateDraft.objects.select_related("base", "author", "returned_by"), pk=pk)


def draft_context(draft: TemplateDraft, person: Person) -> dict[str, Any]:
    """What stands above every page of a draft."""
    return {
        "draft": draft,
        "title": str(draft),
        "here": "templates",
        "crumbs": [*crumbs_of_templates(), (str(draft), "")],
        "may_write": may_write(person, draft),
    }


def draft_text_context(draft: TemplateDraft, asked_for: Mapping[str, str]) -> dict[str, Any]:
    """The draft's text as it is ``asked_for``, what is to be said of it, and what it asks at each risk level."""
    problems = problems_in(draft)
    stopping = [problem for problem in problems if problem.stops]
    context = text_context(draft.text, draft.toml, draft.outline, asked_for)
    return context | {
        "page": context["view"],
        "lines": numbered(draft.text, problems, "text"),
        "settings_lines": numbered(draft.toml, problems, "settings"),
        "problems": problems,
        "stops": bool(stopping),
        "stops_in_text": bool(stopping) and all(problem.where == "text" for problem in stopping),
        "levels": asks_of(draft.outline) if draft.outline else [],
    }


def crumbs_of_templates() -> list[tuple[str, str]]:
    """The way back from a template's page."""
    return [(_("Templates"), address("template_list"))]

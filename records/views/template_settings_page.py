"""The page where a draft's settings are asked: which line holds what, when what is due, who approves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.forms.template_said import said_toml
from records.forms.template_settings import TemplateSettingsForm
from records.library.template_drafts import change_template, may_write, problems_in
from records.models import TemplateDraft
from records.refusals import Changed, Unusable
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.section_answers import SeeOther
from records.views.template_drafts import draft_context, get_draft


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def template_draft_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """The settings as a form. Settings that are no TOML are mended as text, on the source's page."""
    draft = get_draft(pk)
    if draft.published_id:
        return redirect("template", draft.published_id)
    person = person_of(request)
    if request.method == "POST":
        may_write(person, draft).insist()
    if draft.outline is None:
        messages.error(request, _("The settings can't be read, so there is no form of them. Mend them here as text."))
        return SeeOther(address("template_draft", pk) + "?view=source")
    posted = request.POST if request.method == "POST" else None
    form = TemplateSettingsForm(posted, outline=draft.outline, toml=draft.toml)
    if request.method != "POST":
        return _page(request, draft, form)
    if not form.is_valid():
        return _page(request, draft, form, 400)
    try:
        own = change_template(draft, seen=request.POST.get("seen", ""), by=person, toml=said_toml(form))
    except Unusable as error:
        form.add_error(None, str(error))
        return _page(request, draft, form, 400)
    except Changed as changed:
        form.add_error(None, f"{changed} {_('What you chose is still below; save again to keep it.')}")
        draft.refresh_from_db()
        return _page(request, draft, form, 409)
    still = [problem for problem in problems_in(own) if problem.stops and problem.where == "settings"]
    more = _asks_more(form, own)
    words = _("Saved. Some answers are still open.") if still else _("Saved.")
    messages.success(request, f"{words} {more}" if more else words)
    return SeeOther(address("template_draft_settings" if still or more else "template_draft", pk))


def _asks_more(form: TemplateSettingsForm, draft: TemplateDraft) -> str:
    """What the page asks only now, since it follows from what was just said."""
    if draft.outline is None:
        return ""
    before, after = form.outline.settings, draft.outline.settings
    found = []
    asked = TemplateSettingsForm(None, outline=draft.outline, toml=draft.toml).fields
    if [name for name in asked if name.startswith("choices:") and name not in form.fields]:
        found.append(_("What these lines offer is asked now: say whether it is right."))
    if after.levels and after.levels != before.levels:
        found.append(_("The risk levels are known now: say who approves at each, and what is due from which on."))
    if after.outcome_words and after.outcome_words != before.outcome_words:
        found.append(_("The words for how it ended are known now: say which outcome each of them is."))
    return " ".join(found)


def _page(request: HttpRequest, draft: TemplateDraft, form: TemplateSettingsForm, status: int = 200) -> HttpResponse:
    person = person_of(request)
    problems = problems_in(draft)
    context: dict[str, Any] = draft_context(draft, person) | {
        "page": "settings",
        "form": form,
        "problems": problems,
        "stops": any(problem.stops for problem in problems),
        "view": "settings",
    }
    return render(request, "records/template/settings.html", context, status=status)

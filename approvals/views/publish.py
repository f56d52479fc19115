"""Where a template is looked at and published, or given back: by a keeper who wrote none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.forms import PublishForm, Verdict
from approvals.publishing import right_to_publish
from approvals.signing import NotSigned
from records.models import TemplateDraft
from records.refusals import Changed
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.section_answers import SeeOther
from records.views.template_drafts import draft_context, draft_text_context, get_draft


@dataclass(frozen=True, slots=True)
class Offered:
    """One decision to choose, as the decision box draws it."""

    value: str
    title: str
    words: str


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole draft and, for those who may, the decision on exactly its bytes."""
    draft = get_draft(pk)
    if draft.published_id:
        return redirect("template", draft.published_id)
    person = person_of(request)
    if request.method != "POST":
        return _page(request, draft, PublishForm())
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _page(request, draft, form, 400)
    data = form.cleaned_data
    digest, words, by = data["digest"], data["reason"], person
    try:
        if data["decision"] == Verdict.PUBLISH:
            template = actions.publish_template(draft, digest=digest, password=data["password"], note=words, by=by)
            messages.success(request, _("It is published: records can be started from it now."))
            return SeeOther(address("template", template.pk))
        actions.return_template(draft, digest=digest, reason=words, by=by)
        messages.success(request, _("It is given back to its author, with what has to change."))
        return SeeOther(address("template_draft", pk))
    except NotSigned as refusal:
        form.add_error("password", str(refusal))
        return _page(request, draft, form, 403)
    except Changed as changed:
        form.add_error(None, str(changed))
        return _page(request, get_draft(pk), form, 409, chosen="")


def _page(
    request: HttpRequest, draft: TemplateDraft, form: PublishForm, status: int = 200, chosen: str | None = None
) -> HttpResponse:
    person = person_of(request)
    right = right_to_publish(person, draft)
    refused = right.reason if draft.offered_at else _("It isn't offered to be published: its author is still writing.")
    context: dict[str, Any] = draft_context(draft, person) | draft_text_context(draft, request.GET.dict())
    context |= {
        "form": form,
        "digest": draft.digest,
        "refused": refused,
        "chosen": form["decision"].value() if chosen is None else chosen,
        "choices": [
            Offered(Verdict.PUBLISH, _("Publish"), _("Records can be started from it at once. Signed again.")),
            Offered(Verdict.GIVE_BACK, _("Give it back"), _("Its author reads what has to change.")),
        ],
    }
    return render(request, "approvals/publish.html", context, status=status)

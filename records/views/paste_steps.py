"""Steps from pasted Markdown: looked at first, then added behind those of a phase."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from records.content.assembly import load
from records.document.pasted import Pasted
from records.forms.controls import row_anchor
from records.models import Operation, Section
from records.refusals import Unusable
from records.rights import may_edit, operation_for
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.head import crumbs
from records.views.section_gone import handed_back
from records.writing.pasting import paste_steps, places_for_steps, understood
from records.writing.saving import Clashed
from records.writing.section_status import title_of


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def section_paste(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A text and the steps it was read as; ``do=add`` adds them."""
    person = person_of(request)
    operation = operation_for(person, pk, may_edit)
    own = operation.sections.filter(key=key).first()
    places = places_for_steps(load([own])[0].document) if own else {}
    if own is None or not places:
        if text := request.POST.get("text", ""):
            return handed_back(request, operation, key, [(_("Steps to paste"), text)])
        raise Http404
    if request.method != "POST":
        return _page(request, operation, own, places, request.GET.get("to", ""))
    text, to = request.POST.get("text", ""), request.POST.get("to", "")
    try:
        steps = understood(text)
        if request.POST.get("do") != "add":
            return _page(request, operation, own, places, to, text, steps)
        first = paste_steps(operation, section=key, block=to, text=text, by=person)
    except Clashed:
        return _page(request, operation, own, places, to, text, problem=_("Somebody saved meanwhile. Press once more."))
    except Unusable as error:
        return _page(request, operation, own, places, to, text, problem=str(error))
    count = len(steps)
    messages.success(request, ngettext("%s step is added.", "%s steps are added.", count) % count)
    query = urlencode({"at": first})
    return redirect(f"{address('section', pk, key)}?{query}#{quote(row_anchor(first))}")


def _page(
    request: HttpRequest,
    operation: Operation,
    own: Section,
    places: dict[str, str],
    to: str,
    text: str = "",
    steps: list[Pasted] | None = None,
    problem: str = "",
) -> HttpResponse:
    title = title_of(own)
    way = crumbs(operation, title)
    context: dict[str, Any] = {
        "operation": operation,
        "section": own,
        "here": "records",
        "crumbs": [*way[:-1], (title, address("section", operation.pk, own.key)), (_("Paste steps"), "")],
        "places": places,
        "to": to if to in places else next(iter(places)),
        "text": text,
        "steps": steps or [],
        "problems": [("#text", problem)] if problem else [],
    }
    return render(request, "records/paste_steps.html", context, status=400 if problem else 200)

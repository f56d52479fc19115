"""The page of a section that the template has and the record hasn't got: it can be put back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from records.forms.buttons import PUT_BACK
from records.models import Operation, Person
from records.rights import may_edit_plan
from records.views.addresses import address
from records.views.head import crumbs
from records.views.section_answers import SeeOther
from records.writing.empty_lists import section_in
from records.writing.putting_back import put_back


def gone_page(request: HttpRequest, operation: Operation, key: str, person: Person) -> HttpResponse:
    """Ask whoever writes the plan whether it comes back; a POST by that button puts it back. Raises Http404 for others,
    and for what the template hasn't got either.
    """
    own = section_in(operation.outline, key)
    if own is None or not may_edit_plan(person, operation):
        raise Http404
    if request.method == "POST":
        if not request.POST.get("do", "").startswith(f"{PUT_BACK}:"):
            raise Http404
        put_back(operation, key=key, by=person)
        return SeeOther(address("section", operation.pk, key))
    title = own.title or key
    context = {"operation": operation, "section": own, "title": title, "here": "records"}
    return render(request, "records/section_gone.html", context | {"crumbs": crumbs(operation, title)})

"""Starting a record: the ways to do it, and the short form of one from a template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.forms.new_record import NewRecordForm, TextForm
from records.models import OperationTemplate
from records.refusals import Refused, Unusable
from records.signed_in import person_of
from records.times import date_in
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.section_answers import SeeOther
from records.writing.opening import open_record

SHOWN_LINES = 12


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: HttpRequest) -> HttpResponse:
    """The ways to start a record; with a template chosen, the short form. The address may name its day."""
    asked, day = request.GET.get("template", ""), date_in(request.GET.get("date", ""))
    if not asked:
        return render(request, "records/new.html", ways() | {"day": day})
    chosen = next((one for one in OperationTemplate.objects.all() if str(one.pk) == asked), None)
    if chosen is None:
        raise Http404
    person = person_of(request)
    form = NewRecordForm(
        request.POST if request.method == "POST" else None,
        outline=chosen.outline,
        template=chosen,
        initial={"operator": person, "date": day.isoformat() if day else ""},
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                operation = open_record(form.opening(), author=person, template=chosen)
                told = [_("The record is open. Fill its sections in any order."), form.left_empty()]
                messages.success(request, " ".join(filter(None, told)))
                return SeeOther(address("record", operation.pk))
            except (Refused, Unusable) as error:
                form.add_error(None, str(error))
        status = 400
    context = new_context(form=form, template=chosen, crumb=str(chosen))
    return render(request, "records/new_from_template.html", context, status=status)


def ways(form: TextForm | None = None, problems: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """The context of records/new.html: all the ways to start a record."""
    return new_context(templates=newest_templates(), form=form or TextForm(), problems=problems)


def newest_templates() -> list[OperationTemplate]:
    """The newest version of each template, by name."""
    found: dict[str, OperationTemplate] = {}
    for template in OperationTemplate.objects.order_by("name", "-pk"):
        found.setdefault(template.name, template)
    return list(found.values())


def new_context(crumb: str = "", **more: Any) -> dict[str, Any]:
    """The context of a page that starts a record; ``crumb`` is what the page is called behind "New record"."""
    way = [(_("Records"), address("record_list")), (_("New record"), address("record_new") if crumb else "")]
    return {"here": "records", "crumbs": [*way, (crumb, "")] if crumb else way, **more}

"""Cloning a record: finding the earlier one, then the short form of what is said anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from records.forms.new_record import NewRecordForm
from records.forms.record_filter import RecordFilter
from records.library.versions import newer_than, preview
from records.models import Operation, OperationTemplate, Person
from records.refusals import Refused, Unusable
from records.rights import operation_for, visible_to
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.new_record import new_context
from records.views.record_list import PEOPLE, levels_of_templates, listed
from records.views.section_answers import SeeOther
from records.writing.cloning import clone_record
from records.writing.opening import NO_TEMPLATE

FOUND = 20


@login_required
@require_safe
def clone_search(request: HttpRequest) -> HttpResponse:
    """The records that can be cloned: all that the person may see, narrowed by words."""
    person = person_of(request)
    form = RecordFilter(request.GET, ())
    records = form.narrowed(visible_to(person), person).select_related(*PEOPLE)[: FOUND + 1]
    if not form.cleaned_data.get("q"):
        form.fields["q"].widget.attrs["autofocus"] = True
    levels = levels_of_templates()
    rows = [listed(one, levels) for one in records]
    context = new_context(
        crumb=_("Clone a record"), form=form, rows=rows[:FOUND], asked=form.cleaned_data.get("q", ""), more=rows[FOUND:]
    )
    return render(request, "records/clone_search.html", context)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def record_clone(request: HttpRequest, pk: int) -> HttpResponse:
    """What is said anew in a clone of this record."""
    person = person_of(request)
    source = operation_for(person, pk)
    outline = source.outline or NO_TEMPLATE
    posted = request.POST if request.method == "POST" else None
    form = NewRecordForm(posted, outline=outline, template=source.template, initial=_initial(source, person))
    newer = _newer(source.template)
    onto = newer if newer and request.POST.get("onto") == str(newer.pk) else None
    if posted is not None and form.is_valid():
        try:
            operation = clone_record(source, opening=form.opening(), by=person, onto=onto)
            told = [_("The clone is open. What came over is marked until you have looked at it."), form.left_empty()]
            messages.success(request, " ".join(filter(None, told)))
            return SeeOther(address("record", operation.pk))
        except (Refused, Unusable) as error:
            form.add_error(None, str(error))
    context = new_context(
        crumb=_("Clone a record"),
        form=form,
        template=source.template,
        source=source,
        newer=newer,
        onto=onto,
        changes=preview(source, newer.outline) if newer else None,
    )
    return render(request, "records/new_from_template.html", context, status=200 if posted is None else 400)


def _newer(template: OperationTemplate | None) -> OperationTemplate | None:
    found = newer_than(template) if template else None
    return OperationTemplate.objects.get(pk=found.pk) if found else None


def _initial(source: Operation, person: Person) -> dict[str, Any]:
    return {
        "title": source.title,
        "operator": person,
        "supervisor": source.supervisor_id,
        "risk": source.risk_level,
        "impact": source.service_impact,
    }

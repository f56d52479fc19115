"""The people of a record: who writes it, who stands in, who works on it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.forms.people import PeopleForm, initial_of
from records.models import Person
from records.people import name_people
from records.rights import may_name_people, operation_for
from records.views.head import head


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Name co-authors, deputies and team."""
    assert isinstance(request.user, Person)
    operation = operation_for(request.user, pk, may_name_people)
    form = PeopleForm(
        request.POST if request.method == "POST" else None, operation=operation, initial=initial_of(operation)
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        name_people(
            operation,
            by=request.user,
            operator=said.get("operator", operation.operator),
            supervisor=said.get("supervisor", operation.supervisor),
            co_authors=said["co_authors"],
            deputies=said["deputies"],
            team=said["team"],
        )
        messages.success(request, _("The people are named."))
        return redirect("record", pk=pk)
    context = {**head(operation, request.user, _("People")), "form": form}
    return render(request, "records/people.html", context, status=400 if form.errors else 200)

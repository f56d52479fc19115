"""The people of a record: who writes it, who stands in, who works on it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.forms.people import PeopleForm, initial_of
from records.rights import may_name_anybody, operation_for
from records.signed_in import person_of
from records.views.head import head
from records.writing.people import Meanwhile, change_people


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Name co-authors and deputies while the plan is written, the team until the end."""
    person = person_of(request)
    operation = operation_for(person, pk, may_name_anybody)
    posted = request.POST if request.method == "POST" else None
    form = PeopleForm(posted, operation=operation, by=person, initial=initial_of(operation))
    if request.method == "POST" and form.is_valid():
        try:
            change_people(operation, by=person, lists=form.lists, picks=form.picks)
            messages.success(request, _("The people are named."))
            return redirect("record", pk=pk)
        except Meanwhile as problem:
            form.add_error(problem.fact, str(problem))
    context = {**head(operation, person, _("People")), "form": form}
    return render(request, "records/people.html", context, status=400 if form.errors else 200)

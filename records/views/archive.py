"""The page that takes a record out of the lists, or puts it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.archiving import archive, bring_back
from records.rights import may_archive, operation_for
from records.signed_in import person_of
from records.views.head import head


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """What archiving means, with its button; a post does it, or undoes it where it was done."""
    person = person_of(request)
    operation = operation_for(person, pk, may_archive)
    if request.method == "POST":
        if request.POST.get("archived") == "no":
            bring_back(operation, by=person)
            messages.success(request, _("The record stands in the lists again."))
        else:
            archive(operation, by=person)
            messages.success(request, _("The record is archived: it left the lists, and stays as it is."))
        return redirect("record", pk=pk)
    title = _("Put it back into the lists") if operation.archived_at else _("Archive this record")
    return render(request, "records/archive.html", head(operation, person, title))

"""The page where a draft is moved to another version of its template, after its author has seen what that changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.library.versions import move_to_version, other_versions, preview
from records.models import Operation, OperationTemplate
from records.numbers import number_in
from records.refusals import Unusable
from records.rights import may_change_template, operation_for
from records.signed_in import person_of
from records.views.addresses import address
from records.views.head import head
from records.views.section_answers import SeeOther


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_template(request: HttpRequest, pk: int) -> HttpResponse:
    """What the version ``to`` (else the newest) would change in this record; posted, move it there."""
    person = person_of(request)
    operation = operation_for(person, pk, may_change_template)
    if request.method != "POST":
        return _page(request, operation)
    template = get_object_or_404(OperationTemplate, pk=number_in(request.POST.get("template", "")) or 0)
    try:
        move_to_version(operation, template=template, by=person, apart=request.POST.getlist("apart"))
    except Unusable as error:
        return _page(request, operation, [("", str(error))], 409)
    messages.success(
        request, _("It stands on %(template)s now. Nothing that was written is lost.") % {"template": template}
    )
    return SeeOther(address("record", pk))


def _page(
    request: HttpRequest, operation: Operation, problems: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    others = other_versions(operation.template) if operation.template else []
    asked = number_in(request.GET.get("to", "")) or 0
    to = next((one for one in others if one.pk == asked), others[0] if others else None)
    context: dict[str, Any] = {
        **head(operation, person, _("Version of its template")),
        "others": others,
        "to": to,
        "changes": preview(operation, to.outline) if to else None,
        "problems": problems,
    }
    return render(request, "records/record_template.html", context, status=status)

"""Evidence of a run: brought in from the run page, and shown again without ever being run."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from records.models import Evidence, Person, State
from records.refusals import Incomplete, WrongOrder
from records.rights import operation_for
from records.run.keeping import Brought, keep_evidence
from records.views.run import SEE_OTHER, again, came_from
from records.views.run_posted import text_in, time_in

INERT = "default-src 'none'; sandbox"


@login_required
@require_POST
def bring_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a pasted output and files; comes back to where it was pressed."""
    assert isinstance(request.user, Person)
    operation = operation_for(request.user, pk)
    name = "rollback" if operation.state == State.ROLLING_BACK else "run"
    try:
        keep_evidence(
            operation,
            files=_brought(request),
            by=request.user,
            note=text_in(request.POST, "note"),
            step_key=request.POST.get("key", ""),
            happened=time_in(request.POST.get("time", "")),
        )
    except (Incomplete, WrongOrder, ValueError) as error:
        return again(request, operation, name, error)
    return HttpResponseRedirect(reverse(name, args=[pk]) + came_from(request), status=SEE_OTHER)


def _brought(request: HttpRequest) -> list[Brought]:
    output = text_in(request.POST, "output")
    texts = [Brought(output.encode("utf-8", "surrogatepass"))] if output.strip() else []
    files = [one for one in request.FILES.getlist("file") if isinstance(one, UploadedFile)]
    return [*texts, *(Brought(one.read(), one.name or "") for one in files)]


@login_required
@require_safe
def evidence(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One file, by the number of its line in the log: a picture is shown, a text only ever downloaded."""
    assert isinstance(request.user, Person)
    operation = operation_for(request.user, pk)
    found = Evidence.objects.filter(logentry__operation=operation, logentry__pk=number).first()
    if found is None:
        raise Http404
    kind = found.media_type if found.is_picture else f"{found.media_type}; charset=utf-8"
    how = "inline" if found.is_picture else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{found.name}"', "Content-Security-Policy": INERT}
    return HttpResponse(bytes(found.content), content_type=kind, headers=headers)

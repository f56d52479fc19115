"""Evidence of a run: brought in from the run page, and shown again without ever being run."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from records.models import Evidence, Operation, Person, State
from records.refusals import Incomplete, Unusable, WrongOrder
from records.rights import operation_for
from records.run.keeping import Brought, keep_evidence
from records.run.pressing import once
from records.signed_in import person_of
from records.views.carried import carries_along_to, fields_of
from records.views.run import SEE_OTHER, again, came_from
from records.views.run_posted import happened_in, text_in

INERT = "default-src 'none'; sandbox"


@carries_along_to("run")
@require_POST
def bring_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a pasted output and files; comes back to where it was pressed."""
    person = person_of(request)
    operation = operation_for(person, pk)
    name = "rollback" if operation.state == State.ROLLING_BACK else "run"
    try:
        _keep(request, operation, person)
    except (Incomplete, WrongOrder, Unusable) as error:
        return again(request, operation, name, error)
    return HttpResponseRedirect(reverse(name, args=[pk]) + came_from(request), status=SEE_OTHER)


def _keep(request: HttpRequest, operation: Operation, person: Person) -> None:
    """Keep it; what a device sends again, under the same key, counts once."""
    posted = request.POST
    facts: dict[str, Any] = {
        "note": text_in(posted, "note"),
        "step_key": posted.get("key", ""),
        "happened": happened_in(posted),
    }
    files = _brought(request)
    if key := posted.get("press", ""):
        fields = fields_of(request)
        once(
            operation,
            key=key,
            by=person,
            fields=fields,
            act=lambda: keep_evidence(operation, files=files, by=person, **facts),
        )
    else:
        keep_evidence(operation, files=files, by=person, **facts)


def _brought(request: HttpRequest) -> list[Brought]:
    output = text_in(request.POST, "output")
    texts = [Brought(output.encode("utf-8", "surrogatepass"))] if output.strip() else []
    files = [one for one in request.FILES.getlist("file") if isinstance(one, UploadedFile)]
    return [*texts, *(Brought(one.read(), one.name or "") for one in files)]


@login_required
@require_safe
def evidence(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One file, by the number of its line in the log: a picture is shown, a text only ever downloaded."""
    person = person_of(request)
    operation = operation_for(person, pk)
    found = Evidence.objects.filter(logentry__operation=operation, logentry__pk=number).first()
    if found is None:
        raise Http404
    kind = found.media_type if found.is_picture else f"{found.media_type}; charset=utf-8"
    how = "inline" if found.is_picture else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{found.name}"', "Content-Security-Policy": INERT}
    return HttpResponse(bytes(found.content), content_type=kind, headers=headers)

"""What leaves in bulk, and the addresses that mails and chats carry."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from records.models import State
from records.rights import operation_for, visible_to
from records.signed_in import person_of
from records.transfer.zipped import zipped


@login_required
@require_safe
def finalized_zip(request: HttpRequest) -> StreamingHttpResponse:
    """All finalized records that the person may see, as one archive, streamed."""
    person = person_of(request)
    records = visible_to(person).filter(state=State.FINALIZED, final_text__isnull=False)
    rows = records.select_related("template", "final_text").order_by("pk").iterator(chunk_size=50)
    name = 'attachment; filename="finalized.zip"'
    return StreamingHttpResponse(zipped(rows), content_type="application/zip", headers={"Content-Disposition": name})


@login_required
@require_safe
def by_reference(request: HttpRequest, reference: str, rest: str) -> HttpResponse:
    """A record's page by its operation ID, as mails and chats name it: on to its address by number."""
    person = person_of(request)
    operation = operation_for(person, reference)
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return redirect(f"/records/{operation.pk}/{rest}{query}")

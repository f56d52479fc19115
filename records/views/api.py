"""Records for scripts: a list as JSON, and records that come in as drafts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from records.models import ApiToken, Operation
from records.pages_by_key import key_page
from records.refusals import Refused, Unusable
from records.rights import visible_to
from records.tokens import bring_in_by
from records.transfer.account import moment
from records.transfer.text_files import decoded
from records.views.addresses import address

SIZE = 100
BODY = "the body"


@csrf_exempt  # a session is not taken here: only who holds a token can post
@require_http_methods(["GET", "HEAD", "POST"])
def api_records(request: HttpRequest) -> HttpResponse:
    """The records that the token's person may see, those changed last first; POST: one more, as a draft."""
    token: ApiToken | None = getattr(request, "token", None)
    if token is None:
        words = _("This address asks for a token.")
        return JsonResponse({"error": words}, status=401, headers={"WWW-Authenticate": "Bearer"})
    if request.method == "POST":
        return _brought_in(request, token)
    page = key_page(visible_to(token.person), request.GET, moment="updated_at", size=SIZE)
    return JsonResponse({"records": [_listed(one) for one in page.rows], "next": page.older_url})


def _brought_in(request: HttpRequest, token: ApiToken) -> HttpResponse:
    try:
        operation = bring_in_by(token, decoded(request.body, BODY))
    except (Refused, Unusable) as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(_listed(operation), status=201)


def _listed(operation: Operation) -> dict[str, Any]:
    pages = {"page": "record", "markdown": "record_download", "json": "record_json"}
    return {
        "number": operation.pk,
        "reference": operation.reference,
        "title": operation.title,
        "state": operation.state,
        "outcome": operation.outcome,
        "risk": operation.risk_level,
        "was_unapproved": operation.was_unapproved,
        "window": [moment(operation.window_start), moment(operation.window_end)],
        "updated_at": moment(operation.updated_at),
        **{name: address(page, operation.pk) for name, page in pages.items()},
    }

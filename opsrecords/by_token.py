"""Requests that carry a token instead of a session: whose they are, and how little they may ask."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from records.tokens import token_of

READS = ("GET", "HEAD")
# What asks for a secret of its own in the same header; a person's token is none there.
OTHERS = {"metrics"}
# All that a token opens: nothing that decides, signs, runs, names people or administers stands here.
OPENS = {
    "api_records": (*READS, "POST"),
    "record_download": READS,
    "record_json": READS,
    "record_log": READS,
    "bundle": READS,
    "finalized_zip": READS,
}


def known_by_token(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: who sends a token is its person, as far as ``OPENS`` goes, whatever session comes with it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        request.token = None  # type: ignore[attr-defined]
        asked = _asked(request)
        if scheme.lower() != "bearer" or asked in OTHERS:
            return get_response(request)
        token = token_of(secret.strip())
        if token is None:
            return JsonResponse({"error": _("This token opens nothing.")}, status=401)
        if request.method not in OPENS.get(asked, ()):
            words = _("A token reads records and brings drafts in; it does nothing else.")
            return JsonResponse({"error": words}, status=403)
        request.token, request.user = token, token.person  # type: ignore[attr-defined]
        return get_response(request)

    return answer


def _asked(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""

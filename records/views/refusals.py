"""Exceptions of acts as pages, in one place: a refusal in words, never a 500."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.views.addresses import address


class Refusals:
    """Middleware: what an act refused and its view did not show itself.

    Refused is a 403, WrongOrder and Changed a 409 with a link back to the record, Incomplete a 400 that lists what
    is missing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for ``exception``; None if it is no refusal."""
        if isinstance(exception, Refused):
            return render(request, "403.html", {"reason": str(exception)}, status=403)
        if isinstance(exception, WrongOrder):
            return conflict(request, str(exception), _("Not now"))
        if isinstance(exception, Changed):
            return conflict(request, str(exception))
        if isinstance(exception, Incomplete):
            missing = [str(getattr(one, "label", one)) for one in exception.missing]
            context = {"reason": str(exception), "missing": missing, "url": _back(request)}
            return render(request, "records/incomplete.html", context, status=400)
        return None


def conflict(request: HttpRequest, reason: str, title: str = "") -> HttpResponse:
    """409: the record is not as it was when the page was opened; says so and leads back to it."""
    context = {"reason": reason, "title": title, "url": _back(request)}
    return render(request, "409.html", context, status=409)


def _back(request: HttpRequest) -> str:
    match = request.resolver_match
    pk = match.kwargs.get("pk") if match else None
    return address("record", pk) if pk else "/"

"""What becomes of a refused act: a page in words, in one place for all views."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from records.refusals import Changed, Incomplete, Refused, Unusable, WrongOrder
from records.views.addresses import address
from records.views.carried import fields_of, typed_in


class Refusals:
    """Middleware: Unusable is a 400, Refused a 403, what is not in order (yet, or any more) a 409, with the reason.

    Views that can do better (show a form again, show the new difference) catch these themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refusal; None for any other exception."""
        if isinstance(exception, Unusable):
            return render(request, "400.html", {"reason": str(exception)}, status=400)
        if isinstance(exception, Refused):
            return render(request, "403.html", {"reason": str(exception), **_typed(request)}, status=403)
        if isinstance(exception, WrongOrder | Changed | Incomplete):
            context = {**_words(exception), **_way_back(request), **_typed(request)}
            return render(request, "409.html", context, status=409)
        return None


def _words(exception: Exception) -> dict[str, str]:
    title = _("That doesn't go now")
    if isinstance(exception, Incomplete):
        title = _("Something is still needed")
    elif isinstance(exception, Changed):
        title = _("This has changed since you opened it")
    return {"title": title, "reason": str(exception)}


def _typed(request: HttpRequest) -> dict[str, list[list[str]]]:
    """What was typed stands on the page that refuses it: the form that it came from may be gone."""
    return {"typed": typed_in(fields_of(request))}


def _way_back(request: HttpRequest) -> dict[str, str]:
    """To the record that the refused address was about."""
    match = request.resolver_match
    pk = match.kwargs.get("pk") if match else None
    if match is None or pk is None or "/records/" not in request.path:
        return {}
    return {"url": address("record", pk), "action": _("Go to the record")}

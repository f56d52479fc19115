"""Back to the view of the review page that a form stood in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import quote, urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from approvals.bases import SOURCE
from approvals.review_parts import PARTS
from records.numbers import number_in
from records.views.carried import carried_along, is_signed_out

# What somebody writes in the forms of a review; the others are a press.
WRITTEN = ("text", "reason")


def back(request: HttpRequest, pk: int, anchor: str = "") -> HttpResponse:
    """The redirect (303) to the posted ``view`` and ``base``, at ``anchor``; else to the page of comments."""
    return HttpResponseRedirect(_address(request, pk, {}, anchor), status=303)


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As ``login_required``. Who sends a form and is signed out by then goes on where it stood, with what was open
    there: the address that it is sent to shows nothing. What they wrote in it goes along.
    """

    @wraps(view)
    def asked(request: HttpRequest, pk: int, number: int = 0) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            place = _address(request, pk, *_open(request, number))
            wrote = any(request.POST.get(name) for name in WRITTEN)
            return carried_along(request, place) if wrote and is_signed_out(request) else redirect_to_login(place)
        told = {"number": number} if number else {}
        return login_required(view)(request, pk=pk, **told)

    return asked


def _open(request: HttpRequest, number: int) -> tuple[dict[str, str], str]:
    """The comment that was being written, as the page's address asks for its form; and where it stands."""
    do, key = request.POST.get("do", ""), request.POST.get("key", "")
    query = {do: str(number)} if number and do in ("change", "answer") else {"comment": key} if key else {}
    return query, "write-text" if query else ""


def _address(request: HttpRequest, pk: int, more: dict[str, str], anchor: str) -> str:
    """Where a form says that it stands, or the address that it is sent to."""
    view, base = (request.POST.get(name) or request.GET.get(name, "") for name in ("view", "base"))
    # The page of comments is there before anything was sent for review.
    page, query = ("review", {"view": view}) if view in PARTS and view != "comments" else ("comments", {})
    if base == SOURCE or number_in(base, digits=9) is not None:
        query["base"] = base
    query |= more
    address = reverse(page, args=[pk]) + (f"?{urlencode(query)}" if query else "")
    return address + (f"#{quote(anchor)}" if anchor else "")

"""Back to the view of the review page that a form stood in."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from approvals.bases import SOURCE
from approvals.review_parts import PARTS


def back(request: HttpRequest, pk: int, anchor: str = "") -> HttpResponse:
    """The redirect (303) to the posted ``view`` and ``base``, at ``anchor``; else to the page of comments."""
    view, base = request.POST.get("view", ""), request.POST.get("base", "")
    # The page of comments is there before anything was sent for review.
    page, query = ("review", {"view": view}) if view in PARTS and view != "comments" else ("comments", {})
    if base == SOURCE or (base.isascii() and base.isdigit() and len(base) < 10):
        query["base"] = base
    address = reverse(page, args=[pk]) + (f"?{urlencode(query)}" if query else "")
    return HttpResponseRedirect(address + (f"#{quote(anchor)}" if anchor else ""), status=303)

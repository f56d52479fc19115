"""What stands around every page: middleware, and what every page's template may ask."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from opsrecords.demo.people import on_sign_in_page
from records.bar import Bar, bar_told
from records.models import Person
from records.passwords import asking
from records.reading.unseen import visible_page
from records.times import zone_in

Next = Callable[[HttpRequest], HttpResponseBase]


def no_store(get_response: Next) -> Next:
    """Middleware: pages are kept by no cache, in no browser, unless a view said otherwise."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return answer


def refuse_unreadable(get_response: Next) -> Next:
    """Middleware: a body over the limit is a 413 before a byte of it is read; a NUL in the address is a 400.

    Django itself counts form fields but lets uploaded files through; PostgreSQL can't be asked for a NUL.
    A NUL in a form's field is the form's to refuse, which can show the text again.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and int(length) > _limit(request):
            raise RequestDataTooBig
        if "\0" in request.path or any("\0" in text for pair in request.GET.lists() for text in [pair[0], *pair[1]]):
            raise BadRequest
        return get_response(request)

    return answer


def _limit(request: HttpRequest) -> int:
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        name = ""
    return int(settings.LARGE_BODIES.get(name, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


def reader_zone(get_response: Next) -> Next:
    """Middleware: times are also said in the zone of whoever is signed in; a zone that is unknown counts as UTC."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        zone = zone_in(request.user.time_zone) if request.user.is_authenticated else None
        with timezone.override(zone or dt.UTC):
            return get_response(request)

    return answer


def show_invisible(get_response: Next) -> Next:
    """Middleware: whatever page shows somebody's text, no character in it stays unseen or turns the line around."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html"):
            page = response.content.decode(response.charset)
            if (shown := visible_page(page)) is not page:
                response.content = shown
        return response

    return answer


class CompressedPages(GZipMiddleware):
    """Middleware: pages travel compressed; files leave as the bytes that they are.

    Django pads each by a random length, since the size of what was compressed could tell of a secret in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed if it is a page and the browser asks for that."""
        if response.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response


def say_who_asks(get_response: Next) -> Next:
    """Middleware: whatever asks for a password again knows in which browser it was typed."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        token = asking.set(request)
        try:
            return get_response(request)
        finally:
            asking.reset(token)

    return answer


def demo(request: HttpRequest) -> dict[str, object]:
    """Context of every page: whether this site is a demo, and who can sign in to it."""
    return {"demo": settings.DEMO} | on_sign_in_page()


def bar(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: what the bar on top tells whoever is signed in; asked for where it is drawn alone."""

    def told() -> Bar | None:
        user = getattr(request, "user", None)
        return bar_told(user) if isinstance(user, Person) else None

    return {"bar": SimpleLazyObject(told)}

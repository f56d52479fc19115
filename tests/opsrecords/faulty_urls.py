"""Addresses that fail on purpose, answered by the site's own error pages."""

import errno

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from opsrecords.urls import handler400, handler403, handler404, handler500
from records.refusals import Unusable

FAULTS = {
    "away": OperationalError("connection refused, password=hunter2"),
    "closed": InterfaceError("connection already closed"),
    "sqlite-full": OperationalError("database or disk is full"),
    "postgresql-full": OperationalError("could not extend file: No space left on device"),
    "disk-full": OSError(errno.ENOSPC, "No space left on device"),
    "disk-broken": OSError(errno.EIO, "Input/output error"),
}
__all__ = ["handler400", "handler403", "handler404", "handler500"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("something with a secret in it")


def out_of_order(request: HttpRequest, fault: str) -> HttpResponse:
    raise FAULTS[fault]


def interrupted(request: HttpRequest) -> HttpResponse:
    try:
        raise FAULTS["away"]
    except OperationalError:
        raise SessionInterrupted("The session was deleted.")  # noqa: B904 -- as Django does it


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("You can't approve: you wrote part of this plan.")


def unusable(request: HttpRequest) -> HttpResponse:
    raise Unusable("This text holds a NUL character, which can't be stored.")


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [
    path("broken/", broken),
    path("out-of-order/<str:fault>/", out_of_order),
    path("interrupted/", interrupted),
    path("forbidden/", forbidden),
    path("unusable/", unusable),
    path("form/", form),
    path("", include("opsrecords.urls")),
]

"""Addresses that fail on purpose, answered by the site's own error pages."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from opsrecords.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("something with a secret in it")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("You can't approve: you wrote part of this plan.")


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [
    path("broken/", broken),
    path("forbidden/", forbidden),
    path("form/", form),
    path("", include("opsrecords.urls")),
]

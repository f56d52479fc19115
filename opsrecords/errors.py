"""The pages for what went wrong."""

import errno
import logging
import secrets
import sys
from typing import Any

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from records.views.section_live import wants_json

logger = logging.getLogger(__name__)

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when more was sent than is read. Without the context of other pages: the request isn't trusted."""
    if isinstance(exception, SessionInterrupted) and (deeper := _behind(exception)):
        return _out_of_order(deeper)
    status = 413 if isinstance(exception, TOO_MUCH) else 400
    logger.warning("%s: %s", status, type(exception).__name__)
    return HttpResponse(loader.render_to_string(f"{status}.html"), status=status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason in words if the refusal gave one."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what isn't there and for what one may not see."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with a number that stands in the log too; 503 when it is the database or the disk that gave way."""
    error = sys.exc_info()[1]
    if is_out_of_order(error):
        return _out_of_order(error)
    context = {"reference": _referred(error)}
    return HttpResponse(loader.render_to_string("500.html", context), status=500)


def _out_of_order(error: BaseException | None) -> HttpResponse:
    context = {"reference": _referred(error), "full": is_full(error)}
    page = loader.render_to_string("503.html", context)
    return HttpResponse(page, status=503, headers={"Retry-After": "10"})


def _referred(error: BaseException | None) -> str:
    """A number that stands on the page and in the log."""
    reference = secrets.token_hex(4)
    logger.error("Reference %s: %s", reference, type(error).__name__)
    return reference


def _behind(error: BaseException | None) -> BaseException | None:
    """What the database or the disk raised behind ``error``: a session that couldn't be written is told as a 400."""
    while error and not is_out_of_order(error):
        error = error.__cause__ or error.__context__
    return error


def is_out_of_order(error: BaseException | None) -> bool:
    """Whether the database doesn't answer or can't write, or the disk doesn't: it may work again by itself."""
    return isinstance(error, OperationalError | InterfaceError) or is_full(error)


def is_full(error: BaseException | None) -> bool:
    """Whether nothing fits on the disk any more, or it fails."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
    return isinstance(error, OperationalError) and any(words in str(error) for words in ("is full", "No space left"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token no longer fits, with the posted text and a fresh token to send it again.

    A script of ours gets just the token, or nothing where it only looks: each token takes the place of the one before,
    and two that are handed out at once would not both fit. A form that another site posted gets a bare refusal: its
    text is not the person's.
    """
    origin = request.headers.get("Origin")
    if origin not in (None, f"{request.scheme}://{request.get_host()}"):
        return render(request, "403.html", {"reason": _("Another site sent this form.")}, status=403)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=403)
    if wants_json(request):
        return JsonResponse({"csrf": get_token(request)}, status=403)
    context = {"posted": posted_fields(request), "had_files": bool(request.FILES)}
    return render(request, "csrf_failure.html", context, status=403)


def posted_fields(request: HttpRequest) -> list[dict[str, str]]:
    """The posted fields in order: name, value, and kind, which is text (shown), hidden (carried along) or password.

    Passwords come back empty. One-word values are carried unseen; what somebody may have written is shown.
    """
    fields = []
    for name, values in request.POST.lists():
        if name == "csrfmiddlewaretoken":
            continue
        for value in values:
            kind = "password" if "password" in name else "text" if len(value.split()) > 1 else "hidden"
            fields.append({"name": name, "value": "" if kind == "password" else value, "kind": kind})
    return fields


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """429 after too many wrong passwords for one name from one address; says how long it lasts."""
    logger.warning("A sign-in was locked out")
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "registration/locked_out.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response

"""Each request from its beginning to its end: its number, one line in the log, and its part of the metrics."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opsrecords.logs import Followed, followed
from opsrecords.metrics import REQUESTS, SECONDS

logger = logging.getLogger("opsrecords.access")
HEADER = "X-Request-ID"
# What a proxy gave it; anything else could forge lines or fill the log.
_GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class FollowRequest:
    """Middleware: the request has a number (a proxy's own, if it sent one), which the answer and the log name.

    Addresses are named by their route, never as they were asked: some hold what somebody typed, or a secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        token, began = followed.set(Followed(number)), time.perf_counter()
        try:
            response = self.get_response(request)
            took = time.perf_counter() - began
            self._note(request, response.status_code, took)
        finally:
            followed.reset(token)
        response[HEADER] = number
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]) -> None:
        """From here on it is known what is asked, and of which record."""
        match, of = request.resolver_match, followed.get()
        if of and match:
            of.view = match.view_name or ""
            of.record = kwargs.get("pk") if match.route.lstrip("^").startswith("records/") else None

    def _note(self, request: HttpRequest, status: int, took: float) -> None:
        of = followed.get()
        view = (of and of.view) or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, view, str(status)).inc()
        SECONDS.labels(view).observe(took)
        logger.info("answered", extra={"method": method, "status": status, "ms": round(took * 1000, 1)})

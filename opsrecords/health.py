"""Whether the site lives, and whether it can do its work: for whoever watches it, without signing in.

Both are answered before anything else looks at the request, whatever host it names: a balancer asks by address.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsrecords.queue import is_embedded, queue_length

LAST_SWEEP = "last-sweep"
# The sweep comes every fifteen seconds.
LONGEST_PAUSE = 60.0
ROOM = 32 * 1024 * 1024
# Seconds: whoever watches gives up soon, and pages wait longer for a database that is away (the pool alone for 10 s).
PATIENCE = 2.0
# One thread asks for all: a question that hangs takes none of those that answer pages.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")


@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    """200: the process answers. Asks for nothing else, so that no fault elsewhere has it killed."""
    return _answer({}, 200)


@require_safe
def ready(request: HttpRequest) -> HttpResponseBase:
    """200 while acts can be done, else 503: that takes the database, and room on the disk.

    What holds up deliveries alone is told, as "degraded", and keeps nobody out: acts succeed without it.
    """
    told = {"database": database_state(), "disk": disk_state(), "queue": queue_state()}
    works = told["database"] == told["disk"] == "ok"
    state = ("ok" if told["queue"] == "ok" else "degraded") if works else "not ready"
    return _answer({"state": state, **told}, 200 if works else 503)


VIEWS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {"/health/live": live, "/health/ready": ready}


def before_everything(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware, the first: answers the two addresses."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        view = VIEWS.get(request.path_info)
        return view(request) if view else get_response(request)

    return answer


def _answer(told: dict[str, str], status: int) -> JsonResponse:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return JsonResponse(told or {"state": "ok"}, status=status, headers=headers)


# ---------------------------------------------------------------- the parts


def database_state() -> str:
    """ok, or that it doesn't answer: by an error, or not within ``PATIENCE``."""
    asked = _asker.submit(_ask_database)
    try:
        asked.result(PATIENCE)
    except (DatabaseError, TimeoutError):
        # While one question hangs, those behind it are not asked any more.
        asked.cancel()
        return "does not answer"
    return "ok"


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close_if_unusable_or_obsolete()


def disk_state() -> str:
    """ok, or that next to nothing fits on it."""
    return "ok" if free_bytes() >= ROOM else "full"


def free_bytes() -> int:
    """What is free where the site keeps its data."""
    return shutil.disk_usage(settings.DATA_DIR).free


def queue_state() -> str:
    """ok, or why deliveries wait: the broker doesn't answer, or nobody sweeps."""
    if not is_embedded() and queue_length() is None:
        return "does not answer"
    age = sweep_age()
    # Where each process has a cache of its own, the web server hears of no sweep.
    unheard = age is None and not is_embedded()
    return "ok" if unheard or (age is not None and age <= LONGEST_PAUSE) else "nobody sweeps"


def note_sweep() -> None:
    """The worker swept just now. A cache that is away or full keeps nothing from being sent."""
    with suppress(Exception):  # whatever a cache's client raises
        cache.set(LAST_SWEEP, timezone.now().timestamp(), None)


def sweep_age() -> float | None:
    """Seconds since the last sweep; None if nothing is known of one, or the cache doesn't answer."""
    try:
        last = cache.get(LAST_SWEEP)
    except Exception:  # whatever a cache's client raises
        return None
    return None if last is None else max(0.0, timezone.now().timestamp() - last)

"""Where a password was typed, for the throttle: a browser in which the person signed in before is an origin of its own.

So nobody who guesses at somebody's password from the same office, behind the same address, locks that person out.
Nothing but signing in makes a browser known: whoever has only a session or a token of somebody's could make any number
of them, and guess in each.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "device" if settings.DEMO else "__Host-device"
SALT, YEAR = "opsrecords.device", 365 * 24 * 3600
Next = Callable[[HttpRequest], HttpResponseBase]


def know_devices(get_response: Next) -> Next:
    """Middleware: a browser in which somebody signs in is known as theirs from then on."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        before = request.user.get_username()
        response = get_response(request)
        name = request.user.get_username() if request.user.is_authenticated else before
        if name != before and not device_of(request, name):
            value = signing.dumps([name, secrets.token_hex(16)], salt=SALT)
            response.set_cookie(COOKIE, value, YEAR, secure=not settings.DEMO, httponly=True, samesite="Lax")
        return response

    return answer


def device_of(request: HttpRequest, username: str) -> str:
    """What the browser is known by if ``username`` signed in in it before; else empty."""
    try:
        name, device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if name == username else ""


def origin_of(request: HttpRequest) -> str:
    """The address that wrong passwords are counted under; a known browser has a private one (fd00::/8) of its own."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    device = device_of(request, user.get_username() if signed_in else request.POST.get("username", ""))  # type: ignore[union-attr]
    if not device:
        return address_of(request)
    return str(IPv6Address(b"\xfd" + hashlib.sha256(device.encode()).digest()[:15]))


def address_of(request: HttpRequest) -> str:
    """The address that the proxy names, if it was told that it does (CLIENT_HEADER), else whose connection it is.

    The last one in it is the proxy's word: what stands before it came along with the request.
    """
    told = request.headers.get(settings.CLIENT_HEADER, "") if settings.CLIENT_HEADER else ""
    try:
        return str(ip_address(told.rpartition(",")[2].strip()))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))

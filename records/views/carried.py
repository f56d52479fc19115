"""What somebody sends while they are signed out: it goes along through the sign-in, and they send it once more.

Nothing of it is stored here for anybody who isn't signed in: it travels in the form of the sign-in page, sealed, so
that what comes back is what was sent, and can be sent to that address alone. Nothing is sent by itself: who signs in
may be somebody else, and rights, versions and texts of others are looked at as ever when the button is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from records.refusals import Unusable

CARRIED = "carried"
SALT = "records.carried"
# What the sign-in form sends beside it: name, password, token, address.
BESIDE = 8 * 1024
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Carried:
    """A form as it was sent: to which address, its fields in their order, and whether there were files, which stay
    behind.
    """

    to: str
    fields: list[list[str]]
    had_files: bool

    @property
    def typed(self) -> list[list[str]]:
        """What of it somebody may have written."""
        return typed_in(self.fields)


def carries_along(view: View) -> View:
    """As ``login_required``; but what somebody sends who is signed out meanwhile goes along (``carried_along``)."""
    return carries_along_to("")(view)


def carries_along_to(page: str) -> Callable[[View], View]:
    """The same where the address shows nothing by itself: who sends it no more goes on to the ``page`` of that name."""

    def decorated(view: View) -> View:
        asking = login_required(view)

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **told: Any) -> HttpResponse:
            if is_signed_out(request):
                of = [told["pk"]] if "pk" in told else []
                return carried_along(request, reverse(page, args=of) if page else request.get_full_path())
            return asking(request, *args, **told)

        return asked

    return decorated


def is_signed_out(request: HttpRequest) -> bool:
    """Whether a browser sends a form on its way to another page, and nobody is signed in.

    It then says that it takes HTML. A script doesn't: it is sent to the sign-in page, as it expects, and keeps the
    text.
    """
    is_browser = "text/html" in request.headers.get("Accept", "")
    return request.method == "POST" and is_browser and not request.user.is_authenticated


def carried_along(request: HttpRequest, back: str) -> HttpResponse:
    """The sign-in page, with what was sent in its form; ``back`` is where one goes on without it."""
    own = Carried(request.get_full_path(), fields_of(request), bool(request.FILES))
    sealed = signing.dumps(asdict(own), salt=SALT, compress=True)
    if len(sealed) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE - BESIDE:
        # Its form would be refused: so it waits on this page, while one signs in on another.
        return shown(request, own, back, status=403)
    context = {"form": AuthenticationForm(request), "next": back, "carried": sealed}
    return render(request, "registration/login.html", context, status=403)


def typed_in(fields: Iterable[list[str]]) -> list[list[str]]:
    """Those of ``fields`` in which somebody may have written: what holds more than a word."""
    return [field for field in fields if len(field[1].split()) > 1]


def fields_of(request: HttpRequest) -> list[list[str]]:
    """Never a password, nor the token, which is another one after the sign-in."""
    found = [(name, value) for name, values in request.POST.lists() for value in values]
    return [[name, str(value)] for name, value in found if name != "csrfmiddlewaretoken" and "password" not in name]


def carried_in(request: HttpRequest) -> Carried | None:
    """What the posted form of the sign-in page carries. Raises Unusable for what this site didn't put there."""
    sealed = request.POST.get(CARRIED, "")
    if not sealed:
        return None
    try:
        own = Carried(**signing.loads(sealed, salt=SALT))
    except signing.BadSignature as error:
        raise Unusable(_("What you sent before you signed in can't be read any more.")) from error
    if not url_has_allowed_host_and_scheme(own.to, {request.get_host()}, require_https=request.is_secure()):
        raise Unusable(_("What you sent before you signed in belongs to another site."))
    return own


def shown(request: HttpRequest, own: Carried, back: str, status: int = 200) -> HttpResponse:
    """What was sent, with the button that sends it once more, and the way on without it."""
    return render(request, "registration/carried.html", {"carried": own, "back": back}, status=status)

"""A POST that reaches no inner address (case 24): the name is looked up once, every address that it has is judged,
and the connection is made to one that was. Redirects are answers like any other: nothing follows them.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from opsrecords.deliveries.failures import Undeliverable
from records.refusals import Unusable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
CONNECT_SECONDS, ALL_SECONDS = 5.0, 20.0
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
# IPv6 addresses that stand for one of IPv4 in their last four bytes.
_CARRIES = [ipaddress.ip_network(one) for one in ("64:ff9b::/96", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96")]
# For documents alone (RFC 9637), which this Python doesn't know yet.
_FOR_DOCUMENTS = ipaddress.ip_network("3fff::/20")
_ISATAP = (0x5EFE, 0x200_5EFE)  # the third quarter of an address whose last one is of IPv4 (RFC 5214)


class Forbidden(Undeliverable):
    """The address isn't one that may be written to."""


def refuse_address(url: str) -> SplitResult:
    """The parts of an address that may be written to, as far as it tells by itself. Raises Unusable, in words.

    No name is looked up; a number is judged, however it is spelled: Forbidden for an inner one.
    """
    words = _("An address is https://, a host, perhaps a port, and a path; no name, no password.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:  # brackets that don't close, a port that is no number
        raise Unusable(words) from error
    if any(sign.isspace() or not sign.isprintable() for sign in url) or parts.scheme not in ("https", "http"):
        raise Unusable(_("An address begins with https:// and holds no blank."))
    if parts.username is not None or parts.fragment or not _HOST.fullmatch(host) or port == 0:
        raise Unusable(words)
    try:
        numbers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except UnicodeError as error:  # a part of the name is longer than any
        raise Unusable(words) from error
    except OSError:
        return parts  # a name: looked up when it is written to
    for *_family, where in numbers:
        judge(where[0], secure=parts.scheme == "https")
    return parts


def judge(number: Any, *, secure: bool) -> None:
    """Raises Forbidden unless the IP address is public, or allowed by WEBHOOKS_INTERNAL: those also without TLS."""
    address = ipaddress.ip_address(str(number).partition("%")[0])
    if _allowed(address):
        return
    for one in (address, *_carried(address)):
        local = one in _FOR_DOCUMENTS or (isinstance(one, ipaddress.IPv6Address) and one.is_site_local)
        if local or not one.is_global or one.is_multicast or one.is_reserved or one.is_unspecified:
            raise Forbidden(_("%s is an inner address, which WEBHOOKS_INTERNAL doesn't allow.") % address)
    if not secure:
        raise Forbidden(_("Outside the inner network only https is written to."))


def _allowed(address: Address) -> bool:
    inner: Sequence[Network] = settings.WEBHOOKS_INTERNAL
    return any(address in network for network in inner if network.version == address.version)


def _carried(address: Address) -> list[Address]:
    if address.version == 4:
        return []
    found: list[Address | None] = [address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _CARRIES) or int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and reason of the answer, whose body isn't read. Raises Forbidden, or OSError if none came in time."""
    try:
        parts = refuse_address(url)
    except Unusable as error:
        raise Forbidden(str(error)) from error
    secure = parts.scheme == "https"
    made = (_Secure if secure else http.client.HTTPConnection)(
        parts.hostname or "", parts.port, timeout=CONNECT_SECONDS
    )
    made.sock = connected(made.host, made.port, secure=secure)
    # A timeout counts from byte to byte: this ends what drips.
    ending = threading.Timer(ALL_SECONDS, _end, [made])
    ending.daemon = True
    ending.start()
    try:
        if isinstance(made, _Secure):
            made.speak_tls()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        made.request("POST", path, body, dict(headers))
        answer = made.getresponse()
        return answer.status, answer.reason
    except (http.client.HTTPException, ssl.SSLError) as error:
        raise ConnectionError(f"{type(error).__name__}: {error}") from error
    finally:
        ending.cancel()
        made.close()


class _Secure(http.client.HTTPSConnection):
    """TLS over the connection that was made to a judged address, for the name that was asked for."""

    def speak_tls(self) -> None:
        """The handshake; the certificate has to be the name's."""
        assert self.sock is not None
        own = ssl.create_default_context()
        self.sock = shaken = own.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        shaken.do_handshake()


def connected(host: str, port: int, *, secure: bool) -> socket.socket:
    """A connection to the first of the host's addresses that answers. All of them are judged before any is tried."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_family, where in found:
        judge(where[0], secure=secure)
    failed: OSError = ConnectionError(f"{host} has no address.")
    for family, kind, protocol, _name, where in found:
        try:
            return dial(family, kind, protocol, where)
        except OSError as error:
            failed = error
    raise failed


def dial(family: int, kind: int, protocol: int, where: Any) -> socket.socket:
    """A connection to exactly this address."""
    made = socket.socket(family, kind, protocol)
    try:
        made.settimeout(CONNECT_SECONDS)
        made.connect(where)
    except OSError:
        made.close()
        raise
    return made


def _end(made: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # it ended by itself
        made.sock.shutdown(socket.SHUT_RDWR)

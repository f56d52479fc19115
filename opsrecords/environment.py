"""The environment, read loudly: each variable is understood, or refused in a sentence that names it.

One that is empty is one that nobody set: compose files pass those on as empty.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from records.refusals import Unusable

Found = TypeVar("Found")
env = environ.Env()


def text(name: str, *, default: str = "", refuse: Callable[[str], None] | None = None) -> str:
    """The text of a variable. Raises ImproperlyConfigured, in words, for what ``refuse`` refuses."""
    value = env.str(name, default="").strip() or default
    try:
        if value and refuse:
            refuse(value)
    except Unusable as error:
        raise ImproperlyConfigured(f"{name} can't be used: {error}.") from error
    return value


def flag(name: str, *, default: bool) -> bool:
    """A yes or no. Raises ImproperlyConfigured for any other word."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    word = text(name).lower()
    if word and word not in words:
        raise ImproperlyConfigured(f"{name} must be true or false, not {word!r}.")
    return words.get(word, default)


def number(name: str, *, default: int, least: int = 1, most: int) -> int:
    """A number from ``least`` to ``most``. Raises ImproperlyConfigured for anything else."""
    word = text(name, default=str(default))
    if not (word.isascii() and word.isdigit() and least <= int(word) <= most):
        raise ImproperlyConfigured(f"{name} must be a number from {least} to {most}, not {word!r}.")
    return int(word)


def several(name: str, *, default: str = "") -> list[str]:
    """Words with commas between."""
    return [word.strip() for word in text(name, default=default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks with commas between. Raises ImproperlyConfigured for anything else."""
    try:
        return [ip_network(word) for word in several(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be networks such as 10.1.2.0/24: {error}.") from error


def service(name: str, read: Callable[[str], dict[str, Any]], *, like: str) -> dict[str, Any]:
    """The settings that ``read`` makes of a service's address; none without one.

    Raises ImproperlyConfigured for what can't be read. It doesn't repeat it: a password stands in most.
    """
    if not text(name):
        return {}
    found: dict[str, Any] = {}
    # What can't be read is told as an exception, or as a warning with all that was understood, or not at all.
    with warnings.catch_warnings(action="ignore"), suppress(ValueError, ImproperlyConfigured):
        found = dict(read(name))
    if not found:
        raise ImproperlyConfigured(f"{name} can't be understood; it is like {like}.")
    return found


def required(name: str, found: Found, why: str) -> Found:
    """What was ``found`` in a variable that production must set. Raises ImproperlyConfigured, saying why, if empty."""
    if not found:
        raise ImproperlyConfigured(f"With DEBUG=false, {name} must be set: {why}")
    return found


def refuse_header(name: str) -> None:
    """Raises Unusable, in words, for what is no header of a request."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise Unusable("a header is letters, digits and dashes, as in X-Forwarded-For")


def refuse_site(address: str) -> None:
    """Raises Unusable, in words, for what links to pages can't begin with."""
    words = "an address of this site is https:// and its name"
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise Unusable(words) from error
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise Unusable(words)

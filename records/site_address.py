"""Where this site stands, as what leaves it says: whole addresses of its pages, and its host."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse


def whole_address(page: str, *args: object) -> str:
    """The address of a page by its URL name, with the site's own in front."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse(page, args=args)}"


def site_host() -> str:
    """The host of the site's address: what makes the numbers of mails and calendar events its own."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"

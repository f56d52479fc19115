"""Addresses of pages, also of those that an app above this one offers."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


# A page has dozens of them, mostly the same for the same record; looking one up costs more than a line of a template.
@lru_cache(maxsize=2048)
def address(name: str, *args: object) -> str:
    """The address of page ``name`` for the parts ``args`` of its path."""
    return reverse(name, args=args)

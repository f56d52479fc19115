"""Addresses of pages, also of those that an app above this one offers."""

from __future__ import annotations

from django.urls import reverse


def address(name: str, *args: object) -> str:
    """The address of page ``name`` for the parts ``args`` of its path."""
    return reverse(name, args=args)

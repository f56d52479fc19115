"""Addresses of pages, also of those that another app offers."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def address(name: str, *args: object) -> str:
    """The address of page ``name``; empty where no installed app offers it, so that nothing links there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""

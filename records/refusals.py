"""Why an act is refused, always in words that a person can use."""

from __future__ import annotations


class Refused(Exception):
    """The person may not do this; the text says why (403)."""


class WrongOrder(Exception):
    """The record has moved on or isn't there yet; the text says what it is now and what comes first (409)."""

"""Why a delivery is not tried again by itself."""

from __future__ import annotations


class Undeliverable(Exception):
    """Trying again would not help."""


class Diverged(Undeliverable):
    """The repository holds something else, or takes nothing: the words say what to do there."""

"""Numbers that come with a request: keys of rows, counts, versions."""

from __future__ import annotations


def number_in(text: str, *, digits: int = 18) -> int | None:
    """What ``text`` spells with plain digits alone, at most so many: 18 fit into every database's key; else None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None

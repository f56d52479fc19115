"""Text whose UTF-8 was read as another encoding: offered repaired, never repaired in silence."""

from __future__ import annotations

# Mac Roman first: the given template arrived so. Windows-1252 is the usual case elsewhere.
_MISREADINGS = ("mac_roman", "cp1252")


def repaired(text: str) -> str | None:
    """``text`` as it was meant, if it is UTF-8 that somebody read as Mac Roman or Windows-1252; else None.

    A text that survives encoding in the wrong encoding, then decoding as UTF-8, and changes on the way, was
    misread; clean text fails that test. The caller shows the difference and keeps the original.
    """
    for encoding in _MISREADINGS:
        try:
            meant = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if meant != text:
            return meant
    return None

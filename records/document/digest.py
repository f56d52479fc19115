"""Fingerprints and digests: SHA-256 over canonical JSON, the same on every machine and database (law 6)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> bytes:
    """``value`` as JSON in one spelling: sorted keys, no spaces, UTF-8; numbers only as integers."""
    return _CANONICAL.encode(value).encode()


def sha256(data: bytes) -> str:
    """The SHA-256 of ``data`` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(*content: object) -> str:
    """A short name for what a leaf holds: tells whether it changed since it was read, nothing more."""
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:16]

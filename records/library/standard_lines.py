"""What a line that names a template says: its name and its version."""

from __future__ import annotations

import re

NAMED = re.compile(r"(?P<name>.*\S)\s+v?(?P<version>\d[\w.+-]*)")


def name_and_version(value: str) -> tuple[str, str]:
    """The name, as names are compared, and the version in "Name v1.0.0"; an empty version where there is none."""
    m = NAMED.fullmatch(value.strip())
    name, version = (m["name"], m["version"]) if m else (value, "")
    return " ".join(name.split()).casefold(), version

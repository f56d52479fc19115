"""Other processes on the test's own database: a worker, or one that is killed."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parent.parent


def database_url() -> str:
    """The test's database, as another process names it. Only what is committed is seen there."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}@/{told['NAME']}?host={told['OPTIONS']['host']}"


def environment_of_tests(folder: Path, **more: str) -> dict[str, str]:
    """An environment for the site on the test's database, with its other data in ``folder``."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "opsrecords.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        **more,
    }

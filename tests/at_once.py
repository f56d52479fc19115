"""Two connections that meet, as tests see it from beside them."""

from __future__ import annotations

from django.db import connection


def somebody_waits() -> bool:
    """Whether another connection waits for a lock; on SQLite that can't be asked, and the writer waits in BEGIN."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])

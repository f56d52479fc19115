"""Which database the site keeps its records in, and how each of the two is spoken to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from opsrecords.environment import env, number, service


def database(folder: Path) -> dict[str, Any]:
    """DATABASE_URL as Django's dictionary, with the manners this product needs of each; else SQLite in ``folder``.

    Raises ImproperlyConfigured for another database.
    """
    like = "postgres://NAME:PASSWORD@HOST/DATABASE or sqlite:///FILE"
    settings = service("DATABASE_URL", env.db_url, like=like)
    settings = settings or {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}
    options = settings.setdefault("OPTIONS", {})
    engine = settings.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        # Kept open: closing the last connection folds the write-ahead log into the file, at the end of every request.
        settings["CONN_MAX_AGE"] = None
        options["timeout"] = 20
        # Deferred transactions that read before they write fail at once when somebody else wrote in between.
        options["transaction_mode"] = "IMMEDIATE"
        options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
    elif engine == "django.db.backends.postgresql":
        # Pages and the worker answer in time; whoever types a command waits for it (manage.py says 0: no limit).
        seconds = number("STATEMENT_TIMEOUT", default=30, least=0, most=86_400)
        # A connection is looked at before it is used again: after a restart of the database the old ones are gone.
        settings["CONN_HEALTH_CHECKS"] = True
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10, "reconnect_timeout": 10}
        options["application_name"] = "opsrecords"
        # A server that is gone without a word is noticed within seconds, not by the minutes of TCP.
        options |= {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
        options["options"] = (
            f"-c synchronous_commit=on -c statement_timeout={seconds}s -c lock_timeout=20s "
            "-c idle_in_transaction_session_timeout=60s"
        )
    else:
        raise ImproperlyConfigured("DATABASE_URL must name SQLite (sqlite:///FILE) or PostgreSQL (postgres://…).")
    return settings

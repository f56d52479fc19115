"""One database as one file, as it was at one moment while others go on writing; and that file as a database again.

SQLite through its backup API, never by copying the file: what stands in its write-ahead log would be missing.
PostgreSQL by its own programs, which have to be installed and no older than the server.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import make_conninfo

from records.refusals import Unusable

# What a program of PostgreSQL is told of the connection; the password goes by its environment, which others can't see.
TOLD = ("host", "hostaddr", "port", "dbname", "user", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile")


def name_in_backup(vendor: str) -> str:
    """What the database's file is called in a backup."""
    return {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}[vendor]


def save_database(target: Path) -> None:
    """Write the database to ``target``. Raises Unusable, in words, when it can't be done."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        _run(
            "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}", f"--dbname={_place(connection)}"
        )
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        # One file that needs no log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def load_database(source: Path) -> None:
    """Fill the empty database from ``source``; all of it, or Unusable in words, and it is empty as before."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        how = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
        _run("pg_restore", *how, f"--dbname={_place(connection)}", str(source))
        return
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise Unusable(f"The database in the backup is damaged: {found}")
            connection.ensure_connection()
            copy.backup(connection.connection)
    except sqlite3.DatabaseError as error:
        raise Unusable(f"The database in the backup can't be read: {error}.") from error
    connection.close()  # the next one opens it with our settings


def is_empty() -> bool:
    """Whether the database holds no table."""
    return not connections[DEFAULT_DB_ALIAS].introspection.table_names()


def _place(connection: BaseDatabaseWrapper) -> str:
    told = _told(connection)
    return make_conninfo("", **{name: told[name] for name in TOLD if told.get(name)})


def _told(connection: BaseDatabaseWrapper) -> Mapping[str, str]:
    parameters: Mapping[str, str] = connection.get_connection_params()
    return parameters


def _run(program: str, *arguments: str) -> None:
    if not shutil.which(program):
        raise Unusable(f"{program} isn't installed: it comes with PostgreSQL's client programs.")
    password = _told(connections[DEFAULT_DB_ALIAS]).get("password")
    own = {"PGPASSWORD": str(password)} if password else {}
    done = subprocess.run([program, *arguments], env=os.environ | own, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Unusable(f"{program} failed: {lines[0]}")

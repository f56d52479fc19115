"""Triggers that keep rows as they were written: no UPDATE, no DELETE, on PostgreSQL no TRUNCATE either.

Which models: those with ``append_only = True``. Put in place after every migrate, since Django rebuilds SQLite tables
and silently drops their triggers; a system check names one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

ACTS = {"sqlite": ("update", "delete"), "postgresql": ("update", "delete", "truncate")}
WORDS = "is kept as it was written"

_REFUSE = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% {WORDS}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_FOUND = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def append_only_tables() -> list[str]:
    """The tables whose rows are only ever added."""
    return [model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)]


def install(using: str = "default") -> None:
    """Put every trigger in place; those that are there stay or are made anew. Tables that don't exist are left out."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_REFUSE)
        for table, act in _wanted(connection):
            _make(connection.vendor, cursor, table, act)


def remove(using: str = "default") -> None:
    """Take every trigger away: for emptying a test's database, and for nothing else."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, act in _wanted(connection):
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name_of(table, act)}"{on}')


def missing(using: str = "default") -> list[str]:
    """The names of triggers that should be there and aren't (or are switched off)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_FOUND[connection.vendor])
        found = {row[0] for row in cursor.fetchall()}
    return [name for table, act in _wanted(connection) if (name := name_of(table, act)) not in found]


def name_of(table: str, act: str) -> str:
    """The name of the trigger that refuses ``act`` on ``table``."""
    return f"{table}_no_{act}"


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    there = set(connection.introspection.table_names())
    for table in append_only_tables():
        if table in there:
            for act in ACTS[connection.vendor]:
                yield table, act


def _make(vendor: str, cursor: CursorWrapper, table: str, act: str) -> None:
    name = name_of(table, act)
    if vendor == "postgresql":
        each = "STATEMENT" if act == "truncate" else "ROW"
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" '
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            if act != "truncate"
            else f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"; CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        if act == "update":
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{name}"')
    else:
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        cursor.execute(
            f'CREATE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} {WORDS}'); END"
        )


def install_after_migrate(using: str, **_: Any) -> None:
    """The receiver of post_migrate: triggers, and the row that says where the audit chain ends."""
    from records.audit import ensure_head

    install(using)
    ensure_head()


def check_triggers(*, databases: Sequence[str] | None, **_: Any) -> list[checks.CheckMessage]:
    """System check (``check --database default``): every trigger is in place."""
    return [
        checks.Error(
            f"The trigger {name} is missing in the database “{using}”: its rows could be changed.",
            hint="Find out who took it away, then put it back: manage.py migrate --skip-checks",
            id="records.E001",
        )
        for using in databases or ()
        for name in missing(using)
    ]

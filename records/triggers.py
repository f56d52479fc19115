"""Triggers that keep rows as they were written: no UPDATE, no DELETE, on PostgreSQL no TRUNCATE, on SQLite no REPLACE.

Which models: those with ``append_only = True``. Put in place after every migrate, since Django rebuilds SQLite tables
and silently drops their triggers; a system check names one that is missing, switched off, or does something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

ACTS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("update", "delete", "truncate")}
WORDS = "is kept as it was written"

_REFUSAL = f" BEGIN RAISE EXCEPTION '% {WORDS}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END "
_REFUSE = f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSAL}$$"
# What PostgreSQL's catalogue says of each trigger: BEFORE, of a ROW or not, and the act; 'A' is "always on".
_TYPES = {"update": 1 + 2 + 16, "delete": 1 + 2 + 8, "truncate": 2 + 32}
_FOUND = """
SELECT t.tgname, t.tgtype, t.tgenabled, t.tgqual IS NULL, t.tgattr::text, p.proname, p.prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgrelid = %s::regclass
"""


def append_only_tables() -> list[str]:
    """The tables whose rows are only ever added."""
    return [model._meta.db_table for model in _append_only()]


def install(using: str = "default") -> None:
    """Put every trigger in place; those that are there are made anew. Tables that don't exist are left out."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_REFUSE)
        for model, act in _wanted(connection):
            _drop(connection.vendor, cursor, model, act)
            cursor.execute(_statement(connection, cursor, model, act))
            if connection.vendor == "postgresql":
                name = name_of(model._meta.db_table, act)
                cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ENABLE ALWAYS TRIGGER "{name}"')


def remove(using: str = "default") -> None:
    """Take every trigger away: for emptying a test's database, and for nothing else."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model, act in _wanted(connection):
            _drop(connection.vendor, cursor, model, act)


def missing(using: str = "default") -> list[str]:
    """The names of triggers that should be there and aren't, are switched off, or don't do what they should."""
    connection = connections[using]
    with connection.cursor() as cursor:
        holds = _holds_on_postgresql if connection.vendor == "postgresql" else _holds_on_sqlite
        wanted = list(_wanted(connection))
        return [name_of(m._meta.db_table, act) for m, act in wanted if not holds(connection, cursor, m, act)]


def name_of(table: str, act: str) -> str:
    """The name of the trigger that refuses ``act`` on ``table``."""
    return f"{table}_no_{act}"


def _append_only() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[tuple[type[models.Model], str]]:
    there = set(connection.introspection.table_names())
    for model in _append_only():
        if model._meta.db_table in there:
            for act in ACTS[connection.vendor]:
                yield model, act


# ---------------------------------------------------------------- what a trigger is


def _drop(vendor: str, cursor: CursorWrapper, model: type[models.Model], act: str) -> None:
    table = model._meta.db_table
    on = f' ON "{table}"' if vendor == "postgresql" else ""
    cursor.execute(f'DROP TRIGGER IF EXISTS "{name_of(table, act)}"{on}')


def _statement(connection: BaseDatabaseWrapper, cursor: CursorWrapper, model: type[models.Model], act: str) -> str:
    """The SQL that makes the trigger; SQLite keeps this very text."""
    table = model._meta.db_table
    name = name_of(table, act)
    if connection.vendor == "postgresql":
        each = "STATEMENT" if act == "truncate" else "ROW"
        when, does = f"FOR EACH {each}", "EXECUTE FUNCTION refuse_change()"
    else:
        when = f"WHEN {_taken(cursor, model)}" if act == "replace" else "FOR EACH ROW"
        does = f"BEGIN SELECT RAISE(ABORT, '{table} {WORDS}'); END"
    before = "INSERT" if act == "replace" else act.upper()
    return f'CREATE TRIGGER "{name}" BEFORE {before} ON "{table}" {when} {does}'


def _taken(cursor: CursorWrapper, model: type[models.Model]) -> str:
    """SQL: whether the new row would take the place of another, by its key or by anything else that is unique.

    INSERT OR REPLACE deletes that row, and no DELETE trigger sees it unless the connection asked for that.
    """
    meta = model._meta
    told = [_match(meta.db_table, [str(field.column)]) for field in meta.local_concrete_fields if field.unique]
    for one in meta.constraints:
        if isinstance(one, models.UniqueConstraint):
            columns = [str(column) for name in one.fields if (column := getattr(meta.get_field(name), "column", None))]
            told.append(_match(meta.db_table, columns, _condition(cursor, one.name), _columns(model)))
    return " OR ".join(told)


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.local_concrete_fields]


def _condition(cursor: CursorWrapper, index: str) -> str:
    """Under which condition the index counts, as it was made; empty where it always does."""
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", [index])
    found: tuple[str | None, ...] = cursor.fetchone() or ("",)
    return (found[0] or "").partition(" WHERE ")[2]


def _match(table: str, columns: Sequence[str], condition: str = "", every: Sequence[str] = ()) -> str:
    same = " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
    if not condition:
        return f'EXISTS (SELECT 1 FROM "{table}" WHERE {same})'
    new = ", ".join(f'NEW."{column}" AS "{column}"' for column in every)
    return (
        f'(EXISTS (SELECT 1 FROM "{table}" WHERE {same} AND {condition})'
        f" AND EXISTS (SELECT 1 FROM (SELECT {new}) WHERE {condition}))"
    )


def _holds_on_sqlite(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, model: type[models.Model], act: str
) -> bool:
    table = model._meta.db_table
    wanted = _statement(connection, cursor, model, act)
    named = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s AND tbl_name = %s"
    cursor.execute(named, [name_of(table, act), table])
    return [row[0] for row in cursor.fetchall()] == [wanted]


def _holds_on_postgresql(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, model: type[models.Model], act: str
) -> bool:
    table = model._meta.db_table
    cursor.execute(_FOUND, [f'"{table}"'])
    wanted = (name_of(table, act), _TYPES[act], "A", True, "", "refuse_change", _REFUSAL)
    return any(row == wanted for row in cursor.fetchall())


# ---------------------------------------------------------------- when


def install_after_migrate(using: str, **_: Any) -> None:
    """The receiver of post_migrate: triggers, and the row that says where the audit chain ends."""
    from records.audit import ensure_head

    install(using)
    ensure_head()


def check_triggers(*, databases: Sequence[str] | None, **_: Any) -> list[checks.CheckMessage]:
    """System check (``check --database default``): every trigger is in place.

    Where migrations wait, nothing is said: ``migrate`` asks this check first, and is what puts triggers in place. So
    whoever changes a trigger adds a migration.
    """
    return [
        checks.Error(
            f"The trigger {name} is missing in the database “{using}”, or isn't the one it should be: its rows could "
            "be changed.",
            hint="Find out who took it away, then put it back: manage.py migrate --skip-checks",
            id="records.E001",
        )
        for using in databases or ()
        if not _waiting(using)
        for name in missing(using)
    ]


def _waiting(using: str) -> bool:
    """Whether the database is older than the migrations."""
    executor = MigrationExecutor(connections[using])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

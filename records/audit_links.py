"""The links of the audit trail as the database keeps them, read fast and however long the trail is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError
from django.db.models import Func, QuerySet, TextField

from records.models import AuditEntry


class Unreadable(Exception):
    """The number of an entry that the database can't read."""


class _AsTold(Func):
    """A moment as an entry's text has it, spelled by the database: what a driver reads is spelled again, at a price."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite keeps it as text in UTC, "2026-12-06 02:00:00"; what is kept otherwise is no moment."""
        spelled = "iif(typeof(%(expressions)s) = 'text', replace(%(expressions)s, ' ', 'T') || '+00:00', NULL)"
        return self.as_sql(compiler, connection, template=spelled)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Python leaves out a fraction of none. A year before Christ stays one: no entry tells of it."""
        spelled = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USBC')"""
        template = f"replace(replace({spelled}, '.000000', ''), 'AD', '+00:00')"
        return self.as_sql(compiler, connection, template=template)


# What is checked of an entry, as the database keeps it: for a million of them nothing is made that isn't compared.
# A link of the chain: number, text, hash. What an entry tells: the columns beside its text, then the text.
Link = tuple[int, str, str]
Told = tuple[int, int | None, str | None, int | None, str, str, str]
COLUMNS = ("number", "operation", "at", "person", "person_name", "act")


def links_of(entries: QuerySet[AuditEntry]) -> Iterator[Link]:
    """The links of ``entries``, in their order. Raises Unreadable."""
    return _read(entries, "number", "entry", "hash")


def told_by(entries: QuerySet[AuditEntry]) -> Iterator[Told]:
    """What ``entries`` tell, in their order. Raises Unreadable."""
    return _read(entries, "number", "operation_id", _AsTold("at"), "person_id", "person_name", "act", "entry")


def _read(entries: QuerySet[AuditEntry], *columns: str | Func) -> Iterator[Any]:
    """The columns of ``entries``. Raises Unreadable for one that the database itself can't read, such as bytes in
    SQLite that are no UTF-8: it fails for all that are fetched at once, so those are asked for one by one.
    """
    rows, done = entries.order_by("number").values_list(*columns), 0
    try:
        for row in rows.iterator(chunk_size=2000):
            done = row[0]
            yield row
    except DatabaseError:
        for number in entries.filter(number__gt=done).order_by("number").values_list("number", flat=True).iterator():
            try:
                yield rows.get(number=number)
            except DatabaseError as error:
                raise Unreadable(number) from error

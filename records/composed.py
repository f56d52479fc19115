"""Statements that are composed once a process, and asked with other values each time.

Composing a statement takes longer than its answer, and of most a page always asks the same ones. What is kept is the
words of the statement, never an answer of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, QuerySet, Value
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Asked(Value):
    """In a queryset that is kept: the place of a value that only each request knows, by its name.

    ``kind`` is the field that such a value is of, where the database keeps it in another shape (a moment on SQLite).
    """

    def __init__(self, name: str, kind: Field[Any, Any] | None = None) -> None:
        super().__init__(name, kind)
        self.kind = kind

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A placeholder, and among the parameters itself."""
        return "%s", (self,)

    def stored(self, values: dict[str, Any], connection: Any) -> Any:
        """Its value among ``values``, as the database takes it."""
        value = values[self.value]
        return self.kind.get_db_prep_value(value, connection) if self.kind else value


class Kept(Generic[Row]):
    """The statement of a queryset, which is made once it is first asked; ``Asked`` stands in it for the values.

    Nothing else in the queryset may depend on who asks, or when. Nothing is fetched beside it (prefetch_related).
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Row]]) -> None:
        self._make = make

    def __call__(self, **values: Any) -> list[Row]:
        """The rows, as the queryset would give them with these values. One query."""
        return list(self._rows(values))

    def first(self, **values: Any) -> Row | None:
        """The first of the rows, None if there are none. One query."""
        return next(self._rows(values), None)

    def get(self, **values: Any) -> Row:
        """The first of the rows. One query. Raises the model's DoesNotExist if there is none."""
        row = self.first(**values)
        if row is None:
            raise self._composed[0].model.DoesNotExist
        return row

    def _rows(self, values: dict[str, Any]) -> Iterator[Row]:
        queryset, composed, sql, params = self._composed
        # As much of a queryset as Django's own iterators look at, with a compiler that has nothing left to compose.
        compiler = copy(composed)
        compiler.connection = connection = connections[DEFAULT_DB_ALIAS]
        # Django looks while it composes; a lock without a transaction would be none.
        if queryset.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are locked in a transaction.")
        given = tuple(one.stored(values, connection) if isinstance(one, Asked) else one for one in params)
        compiler.as_sql = lambda: (sql, given)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return iter(queryset._iterable_class(asked))

    @cached_property
    def _composed(self) -> tuple[Any, Any, str, tuple[Any, ...]]:
        queryset: Any = self._make()
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        return queryset, compiler, sql, tuple(params)

"""Pages of a long list by key: each starts behind the last row of the one before, so that none gets slower."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

Rows = TypeVar("Rows", bound=Model)
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[Rows]):
    """Some rows, newest first; ``newer_url`` and ``older_url`` lead on, empty where nothing is."""

    rows: Sequence[Rows]
    newer_url: str = ""
    older_url: str = ""


def key_page(rows: QuerySet[Rows], asked: QueryDict, *, moment: str, size: int = 25) -> KeyPage[Rows]:
    """The page of ``rows`` that ``after`` or ``before`` in the address asks for; a key that can't be read is the start.

    ``moment`` names the column of time that the rows are in order of, newest first, then by number.
    """
    after, before = cursor_in(asked.get("after", "")), cursor_in(asked.get("before", ""))
    if before and not after:
        newer = rows.filter(_beyond(moment, before, "gt")).order_by(moment, "pk")[: size + 1]
        found = list(reversed(newer))
        more_newer, more_older = len(found) > size, True
        found = found[-size:]
    else:
        older = rows.filter(_beyond(moment, after, "lt")) if after else rows
        found = list(older.order_by(f"-{moment}", "-pk")[: size + 1])
        more_newer, more_older = after is not None, len(found) > size
        found = found[:size]
    return KeyPage(
        found,
        _url(asked, "before", found[0], moment) if found and more_newer else "",
        _url(asked, "after", found[-1], moment) if found and more_older else "",
    )


def cursor_in(written: str) -> tuple[dt.datetime, int] | None:
    """The moment and the number in a key; None for what is no key."""
    m = _CURSOR.fullmatch(written)
    try:
        return (_EPOCH + dt.timedelta(microseconds=int(m[1])), int(m[2])) if m else None
    except OverflowError:
        return None


def _beyond(moment: str, cursor: tuple[dt.datetime, int], way: str) -> Q:
    at, pk = cursor
    return Q(**{f"{moment}__{way}": at}) | Q(**{moment: at, f"pk__{way}": pk})


def _url(asked: QueryDict, way: str, row: Model, moment: str) -> str:
    query = without(asked, "after", "before")
    at: dt.datetime = getattr(row, moment)
    query[way] = f"{(at - _EPOCH) // dt.timedelta(microseconds=1)}-{row.pk}"
    return f"?{query.urlencode()}"


def without(asked: QueryDict, *names: str) -> QueryDict:
    """What was asked, less ``names`` and whatever is empty."""
    query = asked.copy()
    for name in [*names, *(name for name in asked if not any(asked.getlist(name)))]:
        query.pop(name, None)
    return query

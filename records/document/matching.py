"""Rows and phases of a record under the keys of its template's: by title, then in order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from records.document.leaves import (
    compared,
    in_unit,
    units_of,
)
from records.document.outline import (
    Item,
    Loose,
    Metric,
    Row,
    Rows,
)
from records.document.shapes import slug
from records.document.wants import Wants


@dataclass(frozen=True)
class Alike:
    """How those found fit those planned: by key the make of each planned one, and how well a place fits a make.

    Planned ones whose key has no make fit nothing better than anything else.
    """

    makes: Mapping[str, Wants] = field(default_factory=dict)
    fit: Callable[[int, Wants], int] = lambda _at, _make: 0


def matched(
    found: Sequence[str], planned: Sequence[tuple[str, str]], fresh: Callable[[int], str], alike: Alike | None = None
) -> list[str]:
    """Keys for ``found`` titles: those of ``planned`` (key, title) by title, then in order, then fresh ones.

    Where ``alike`` says how well the one found at a place fits a planned one, that goes before the order. So it is
    among planned ones of one title, too, of which some are gone.
    """
    alike = alike or Alike()
    order = [key for key, _ in planned]
    waiting: dict[str, list[str]] = defaultdict(list)
    for key, title in planned:
        waiting[slug(title)].append(key)
    same_title: dict[str, list[int]] = defaultdict(list)
    for at, title in enumerate(found):
        same_title[slug(title)].append(at)
    keys: list[str | None] = [None] * len(found)
    for title, places in same_title.items():
        own = waiting.get(title, [])
        if len(places) < len(own):
            _in_order(keys, places, own, order, alike)
        else:
            for at, key in zip(places, own, strict=False):
                keys[at] = key
    given = set(keys)
    left = [key for key in order if key not in given]
    open_ = [at for at, key in enumerate(keys) if key is None]
    if len(found) > len(planned):
        _by_fit_alone(keys, left, alike)
    else:
        _in_order(keys, open_, left, order, alike)
    taken = set(order)
    new = (candidate for number in count(1) if (candidate := fresh(number)) not in taken)
    return [key or next(new) for key in keys]


def _by_fit_alone(keys: list[str | None], left: Iterable[str], alike: Alike) -> None:
    """Where some are new, who has the key of a planned one: that which alone fits it best."""
    ranks: dict[Wants, list[tuple[int, int]]] = {}
    for key in left:
        if (make := alike.makes.get(key)) is None:
            continue
        if make not in ranks:
            ranks[make] = sorted((alike.fit(at, make), at) for at, own in enumerate(keys) if own is None)
        rank = ranks[make]
        best = _pop_open(rank, keys)
        second = _pop_open(rank, keys)
        rank += [one for one in (second, best) if one]
        if best and best[0] > max(0, second[0] if second else 0):
            keys[best[1]] = key


def _pop_open(rank: list[tuple[int, int]], keys: Sequence[str | None]) -> tuple[int, int] | None:
    while rank:
        one = rank.pop()
        if keys[one[1]] is None:
            return one
    return None


def _in_order(
    keys: list[str | None], places: Iterable[int], left: Sequence[str], planned: Sequence[str], alike: Alike
) -> None:
    """Those found at ``places`` are planned ones, ``left`` over: the best fit, of them that at this very place, else
    the next."""
    order = {key: at for at, key in enumerate(planned)}
    by_make: dict[Wants | None, deque[str]] = defaultdict(deque)
    for key in left:
        by_make[alike.makes.get(key)].append(key)
    free = set(left)
    for at in places:
        fits = {make: alike.fit(at, make) if make else 0 for make, queue in by_make.items() if queue}
        best = {make for make, fit in fits.items() if fit == max(fits.values())}
        key = planned[at] if at < len(planned) else ""
        if key not in free or alike.makes.get(key) not in best:
            key = min((by_make[make][0] for make in best), key=order.__getitem__)
        keys[at] = key
        free.discard(key)
        queue = by_make[alike.makes.get(key)]
        while queue and queue[0] not in free:
            queue.popleft()


def known_rows(rows: Rows, planned: Rows | None) -> Rows:
    """``rows`` under the keys of the template's rows where they are the same ones."""
    rows = compared(rows, planned) if planned else rows
    known = [(row.key, row_title(row)) for row in planned.rows if not isinstance(row, Loose)] if planned else []
    plain = [row for row in rows.rows if not isinstance(row, Loose)]
    keys = iter(matched([row_title(row) for row in plain], known, lambda n: f"{rows.key}/row~{n}"))
    renamed: list[Row] = [row if isinstance(row, Loose) else rekeyed(row, next(keys)) for row in rows.rows]
    units = units_of(planned)
    renamed = [in_unit(row, units.get(row.name, "")) if isinstance(row, Metric) else row for row in renamed]
    return replace(rows, rows=tuple(renamed), order=tuple(row.key for row in renamed))


def row_title(row: Row) -> str:
    """What a row is called: a title, a name, or a check's text."""
    match row:
        case Item():
            return row.title
        case Loose():
            return row.text
    return row.name if hasattr(row, "name") else row.text


def rekeyed(row: Row, key: str) -> Row:
    """``row`` under another key, with the keys of its parts moved along."""
    if not isinstance(row, Item):
        return replace(row, key=key)
    parts = tuple(replace(part, key=key + part.key.removeprefix(row.key)) for part in row.parts)
    return replace(row, key=key, parts=parts)

"""Which part of a template is which part of another version of it, where an editor called it otherwise.

Both versions are walked side by side: sections, then their groups, then the labels in them. What is called the same is
the same. Of the rest two are the same that are most like each other, by what they hold and where they stand; of parts
that are equally alike, as many here as there between the same neighbours, each is the one in its order. Else nothing is
said: no words go where they might not belong. Asked the other way round, the answer is the inverse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from records.document.moving_likeness import Piece, Versions
from records.document.outline import Document

# So many pairs are held against each other; of more, nothing is told by what it holds.
MOST = 10_000
# How alike a group has to be to one in another section, where its place says nothing.
ELSEWHERE = 0.6


@dataclass(frozen=True, slots=True)
class Renamed:
    """A part that another version calls otherwise: its keys, its names, and the names of what it stands in."""

    before: str
    after: str
    was: str
    now: str
    was_in: str = ""
    now_in: str = ""


def renamed_parts(old: Document, new: Document) -> list[Renamed]:
    """The parts of ``old`` that ``new`` has under another name or in another section; outer ones before inner ones."""
    return parts_of(old, new)[0]


def parts_of(old: Document, new: Document) -> tuple[list[Renamed], frozenset[str]]:
    """The renamed parts, and the keys of those that are none in ``new`` although it may have their key.

    That tells several of one name apart by number: another one of them has it there.
    """
    walk = _Walk(Versions(old, new))
    return walk.found, frozenset(walk.doubtful)


class _Walk:
    def __init__(self, versions: Versions) -> None:
        self.versions = versions
        self.found: list[Renamed] = []
        self.doubtful: set[str] = set()
        self.gone: list[tuple[Piece, str]] = []
        self.fresh: list[tuple[Piece, str]] = []
        self._beside(versions.old, versions.new, "", "")
        self._elsewhere()

    def _beside(self, olds: Sequence[Piece], news: Sequence[Piece], was_in: str, now_in: str) -> None:
        pairs = _Pairs(olds, news, self.versions)
        for one, other in pairs.beside():
            if one.name != other.name:
                self.found.append(Renamed(one.key, other.key, one.title, other.title, was_in, now_in))
            self._beside(one.inner, other.inner, one.title, other.title)
        self.doubtful.update(pairs.doubtful())
        self.gone += _groups([olds[at] for at in sorted(pairs.left)], was_in)
        self.fresh += _groups([news[at] for at in sorted(pairs.fresh)], now_in)

    def _elsewhere(self) -> None:
        """Groups that went to another section."""
        was_in, now_in = ({one.key: title for one, title in left} for left in (self.gone, self.fresh))
        pairs = _Pairs([one for one, _ in self.gone], [one for one, _ in self.fresh], self.versions)
        for one, other in pairs.anywhere():
            self.found.append(Renamed(one.key, other.key, one.title, other.title, was_in[one.key], now_in[other.key]))
            self._beside(one.inner, other.inner, one.title, other.title)


def _groups(pieces: Iterable[Piece], within: str) -> list[tuple[Piece, str]]:
    """The groups among ``pieces``, and in the sections among them; each with the title of its section."""
    found = []
    for piece in pieces:
        if piece.kind == "group":
            found.append((piece, within))
        elif piece.kind == "section":
            found += [(inner, piece.title) for inner in piece.inner if inner.kind == "group"]
    return found


class _Pairs:
    """What stands in one place of two versions, by number, and which of it is the same."""

    def __init__(self, olds: Sequence[Piece], news: Sequence[Piece], versions: Versions) -> None:
        self.olds, self.news, self.versions = olds, news, versions
        self.left = set(range(len(olds)))
        self.fresh = set(range(len(news)))
        self.same: dict[int, int] = {}
        self.known: dict[tuple[int, int, bool], float] = {}

    def beside(self) -> list[tuple[Piece, Piece]]:
        """Pairs of siblings: by name, by likeness, and in order where as many are left here as there."""
        named, places = map(_by_name, (self.olds, self.news))
        for name, own in named.items():
            # Of several with one name each has the number of its place: it is another one's where one came or went.
            # Those of another kind are counted with them, but are none of them.
            if len(own) == len(places[name]):
                for at, to in zip(own, places[name], strict=True):
                    self._take(at, to)
        while found := self._likest(least=0, is_place_told=True):
            for at, to in found:
                self._take(at, to)
        for at, to in self._in_order():
            self._take(at, to)
        return self._found()

    def anywhere(self) -> list[tuple[Piece, Piece]]:
        """Pairs of parts that are no siblings: where they stand says nothing."""
        while found := self._likest(least=ELSEWHERE, is_place_told=False):
            for at, to in found:
                self._take(at, to)
        return self._found()

    def doubtful(self) -> Iterator[str]:
        """The keys of those left that aren't the only ones of their name, which would be the same in another shape."""
        counts = [Counter(one.family for one in side) for side in (self.olds, self.news)]
        free = {self.news[to].name for to in self.fresh}
        left = (self.olds[at] for at in sorted(self.left))
        return (one.key for one in left if one.name not in free or counts[0][one.family] + counts[1][one.family] > 2)

    def _take(self, at: int, to: int) -> None:
        self.left.discard(at)
        self.fresh.discard(to)
        self.same[at] = to

    def _found(self) -> list[tuple[Piece, Piece]]:
        return [(self.olds[at], self.news[to]) for at, to in sorted(self.same.items())]

    def _likest(self, *, least: float, is_place_told: bool) -> list[tuple[int, int]]:
        """Those left that are more like each other than either is like anything else."""
        if not self.left or len(self.left) * len(self.fresh) > MOST:
            return []
        before, after = self._gaps()
        rows: dict[int, list[tuple[float, int]]] = {}
        columns: dict[int, list[tuple[float, int]]] = {}
        for at in sorted(self.left):
            for to in sorted(self.fresh):
                found = self._likeness(at, to, is_beside=is_place_told and before[at] == after[to])
                if found > least:
                    rows.setdefault(at, []).append((found, to))
                    columns.setdefault(to, []).append((found, at))
        liked = {at: _best(own) for at, own in rows.items()}
        back = {to: _best(own) for to, own in columns.items()}
        return [(at, to) for at, to in liked.items() if to is not None and back[to] == at]

    def _likeness(self, at: int, to: int, *, is_beside: bool) -> float:
        if (at, to, is_beside) not in self.known:
            found = self.versions.likeness(self.olds[at], self.news[to], is_beside=is_beside)
            self.known[at, to, is_beside] = found
        return self.known[at, to, is_beside]

    def _gaps(self) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
        """Between which pairs stands what is left: the numbers of the old parts before and behind it."""
        own = {at: at for at in self.same}
        return _between(len(self.olds), own), _between(len(self.news), {to: at for at, to in self.same.items()})

    def _in_order(self) -> Iterator[tuple[int, int]]:
        """As many in one gap as in the same one of the other version, each like the one in its order."""
        before, after = self._gaps()
        olds, news = defaultdict[tuple[int, int], list[int]](list), defaultdict[tuple[int, int], list[int]](list)
        for at in sorted(self.left):
            olds[before[at]].append(at)
        for to in sorted(self.fresh):
            news[after[to]].append(to)
        for gap, own in olds.items():
            pairs = list(zip(own, news[gap], strict=False))
            if len(own) == len(news[gap]) and all(self._likeness(*pair, is_beside=True) for pair in pairs):
                yield from pairs


def _by_name(pieces: Iterable[Piece]) -> defaultdict[tuple[str, str], list[int]]:
    """The numbers of those of one name and kind."""
    found = defaultdict[tuple[str, str], list[int]](list)
    for at, one in enumerate(pieces):
        found[one.family, one.kind].append(at)
    return found


def _best(found: list[tuple[float, int]]) -> int | None:
    """The one that is liked best; None if there are two."""
    best = max(likeness for likeness, _ in found)
    of_them = [one for likeness, one in found if likeness == best]
    return of_them[0] if len(of_them) == 1 else None


def _between(count: int, pairs: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """For each of ``count`` parts the pairs before and behind it, by what ``pairs`` calls them."""
    before, behind = [-1] * count, [-1] * count
    known = -1
    for at in range(count):
        before[at] = known
        known = pairs.get(at, known)
    known = -1
    for at in reversed(range(count)):
        behind[at] = known
        known = pairs.get(at, known)
    return {at: (before[at], behind[at]) for at in range(count)}

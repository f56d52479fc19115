"""What a template has in one place, block after block, and which of it a block of a record can be."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from records.document.leaves import metrics_in_fence
from records.document.outline import FREE, Answer, Block, Group, Item, Rows
from records.document.shapes import Keys, slug
from records.document.spans import Span
from records.document.tree import read_tree


@dataclass(frozen=True, slots=True)
class Want:
    """A block that the template has at this place; of what fits no shape, its text and the kind of its block.

    Fields that stand side by side are wanted together, in however many lists. ``labels`` are what fields and rows are
    called, ``signs`` the kind of list that rows stand in, ``name`` the end of their key.
    """

    kind: str
    text: str = ""
    block: str = ""
    labels: tuple[str, ...] = ()
    signs: str = ""
    name: str = ""


class Wants:
    """The wants of one place in their order; one of them is found at once, however many there are."""

    def __init__(self, wants: Iterable[Want] = ()) -> None:
        self.all = tuple(wants)
        self._by_kind: dict[str, list[int]] = defaultdict(list)
        self._by_signs: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_text: dict[str, list[int]] = defaultdict(list)
        self._by_label: dict[str, list[int]] = defaultdict(list)
        for at, want in enumerate(self.all):
            self._by_kind[want.kind].append(at)
            self._by_signs[want.signs, want.kind].append(at)
            if want.kind == "loose":
                self._by_text[want.text].append(at)
            for label in set(want.labels) if want.kind == "fields" else ():
                self._by_label[label].append(at)

    @classmethod
    def of(cls, group: Group) -> Wants:
        """What a template's ``group`` has."""
        wants: list[Want] = []
        for fields, blocks in groupby(group.blocks, _is_field):
            if fields:
                wants.append(Want("fields", labels=tuple(slug(b.label) for b in blocks if isinstance(b, Answer))))
            else:
                wants += map(_want, blocks)
        return cls(wants)

    @property
    def make(self) -> Hashable:
        """What ``fitting`` looks at: the same for all of which the same blocks are as many."""
        return tuple((want.kind, want.text, want.block) for want in self.all)

    def and_steps(self) -> Wants:
        """These, and steps behind them where none are wanted yet."""
        return self if "steps" in self._by_kind else Wants((*self.all, Want("steps")))

    def place_of(self, span: Span, start: int) -> int | None:
        """The place from ``start`` on of the first want that ``span`` can be; None if there is none.

        Rows and fields need at least one item of their shape. What fits no shape in the template is known again by
        its text; where somebody changed that, by its kind.
        """
        if self._by_text and (known := _first(self._by_text.get("\n".join(span.texts()), ()), start)) is not None:
            return known
        if start < len(self.all) and self.all[start].block == span.kind and may_be_text(span):
            return start
        places = sorted((at, kind) for kind, own in self._by_kind.items() if (at := _first(own, start)) is not None)
        return next((at for at, kind in places if fits(span, kind)), None)

    def best_place_of(self, span: Span, start: int, later: Iterable[Span]) -> int | None:
        """As ``place_of``; but a list that looks like rows before it, which are gone, is known again.

        Fields are by their labels, other rows by their signs, unless something soon ``later`` is.
        """
        at = self.place_of(span, start)
        if at is None or span.kind not in _LISTS or not self.all[at].signs or self._names(at, span):
            return at
        best = self._apt(span, start)
        soon = islice(later, _SOON)
        return at if best in (None, at) or any(best == self._apt(one, start) for one in soon) else best

    def _names(self, at: int, span: Span) -> bool:
        return not {*map(slug, span.labels())}.isdisjoint(self.all[at].labels)

    def _apt(self, span: Span, start: int) -> int | None:
        """The place of what a list is just the like of: of fields with its labels, else of rows with its signs."""
        if span.kind not in _LISTS:
            return None
        labels = map(slug, span.labels()) if span.kind == "bullets" else ()
        fields = [at for label in labels if (at := _first(self._by_label.get(label, ()), start)) is not None]
        if fields:
            return min(fields)
        found = ((signs, kind, _first(own, start)) for (signs, kind), own in self._by_signs.items())
        return min(
            (at for signs, kind, at in found if at is not None and signs == span.kind and fits(span, kind)),
            default=None,
        )

    def fitting(self, spans: Sequence[Span]) -> int:
        """How many of ``spans`` are wanted, in their order."""
        start, found = 0, 0
        for span in spans:
            if (at := self.place_of(span, start)) is not None:
                start, found = at + 1, found + 1
        return found


_LISTS = ("bullets", "numbered")
# How far is looked for another list that is more like what is wanted.
_SOON = 20


def _first(places: Sequence[int], start: int) -> int | None:
    at = bisect_left(places, start)
    return places[at] if at < len(places) else None


def _is_field(block: Block) -> bool:
    return isinstance(block, Answer) and block.shape == "bullet"


def _want(block: Block) -> Want:
    if isinstance(block, Rows):
        items = [row for row in block.rows if isinstance(row, Item)]
        signs = "numbered" if any(item.number is not None for item in items) else "bullets"
        name = block.key.rpartition("/")[2]
        return Want(block.kind, labels=tuple(slug(item.title) for item in items), signs=signs, name=name)
    if isinstance(block, Answer):
        return Want(block.shape)
    first = next((child for child in read_tree(block.text).children if child.kind != "blank"), None)
    return Want("loose", block.text, first.kind if first else "")


def may_be_text(span: Span) -> bool:
    """Whether a free text can hold ``span``."""
    return span.kind not in ("fence", "bullets", "numbered", "heading", "rule")


def fits(span: Span, kind: str) -> bool:
    """Whether a block can be of ``kind``: at least one item of a list is."""
    if span.kind == "fence":
        return kind == "fence" or (kind == "metrics" and metrics_in_fence(span, Keys("")) is not None)
    if span.kind not in ("bullets", "numbered"):
        return kind in FREE and may_be_text(span)
    if kind == "checks":
        return span.ticks()
    if kind == "fields":
        return span.kind == "bullets" and span.labelled()
    return kind in ("steps", "risks", "triggers", "validations") and (
        any(span.titled()) or (kind == "steps" and span.kind == "numbered")
    )

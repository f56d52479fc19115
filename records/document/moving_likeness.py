"""How like each other parts of two versions of a template are: by what they ask for, hold and are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from records.document.outline import (
    FREE,
    Answer,
    Block,
    Check,
    Commands,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Rows,
)
from records.document.outline import Section as DocumentSection
from records.document.shapes import slug

LABELLED = ("bullet", "line")
UNNAMED = TEXT, MARKDOWN = "text", "markdown"
# How alike parts have to be before they are taken for the same: those that are answered, and those that hold others.
_ANSWERED, _HOLDING = 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template that is called something: a section, a group, a label, a row with a title.

    ``name`` ends its key, among its siblings; ``kind`` is what it can't change. ``holds`` are signs of what stands in
    it, by weight; ``hint`` is what the template says in the place of its answer.
    """

    key: str
    name: str
    title: str
    kind: str
    hint: str = ""
    holds: Counter[str] = field(default_factory=Counter)
    inner: tuple[Piece, ...] = ()

    @property
    def family(self) -> str:
        """Its name without the number that tells it from others of the same name."""
        return self.name.partition("~")[0]

    @property
    def words(self) -> set[str]:
        """The words of its title."""
        return set(slug(self.title).split("-"))


class Versions:
    """Two versions of a template as pieces. What each says only once tells more than what they say everywhere."""

    def __init__(self, old: Document, new: Document) -> None:
        said = [Counter(_hints(one)) for one in (old, new)]
        self.telling = {hint for hint, times in said[0].items() if hint and times == said[1][hint] == 1}
        self.old, self.new = ([self._section(section) for section in one.sections] for one in (old, new))

    def likeness(self, one: Piece, other: Piece, *, is_beside: bool) -> float:
        """How alike they are, 0 where that is not enough; ``is_beside``: they stand between the same neighbours."""
        if one.kind != other.kind:
            return 0
        shared = len(one.words & other.words) / min(len(one.words), len(other.words))
        if one.holds or other.holds:
            held = 2 * (one.holds & other.holds).total() / (one.holds + other.holds).total()
            is_widened = is_beside and shared == 1 and held >= _HOLDING / 2
            return held + (shared + is_beside) / 20 if held >= _HOLDING or is_widened else 0
        asked = (0.6 if one.hint in self.telling else 0.3) if one.hint and one.hint == other.hint else 0
        # In whole hundredths: 0.3 and 0.2 are not quite a half.
        found = round(asked + 0.4 * shared + 0.2 * is_beside, 2)
        return found if found >= _ANSWERED else 0

    def _weight(self, hint: str) -> int:
        return 2 if hint in self.telling else 1

    def _signs(self, piece: Piece) -> Counter[str]:
        """What a piece says of whatever it stands in."""
        said = Counter({f"hint {piece.hint}": self._weight(piece.hint)} if piece.hint else {})
        return said + Counter({f"title {slug(piece.title)}": 2} if piece.title else {}) + piece.holds

    # ---- pieces

    def _section(self, section: DocumentSection) -> Piece:
        inner = tuple(self._group(group, section.key) for group in section.groups)
        holds = _together(map(self._signs, inner))
        return Piece(section.key, section.key, section.title, section.kind, holds=holds, inner=inner)

    def _group(self, group: Group, section: str) -> Piece:
        kind = "phase" if group.phase else "group" if group.heading else "intro"
        title = group.phase.title if group.phase else group.title
        answers = [block for block in group.blocks if isinstance(block, Answer)]
        labelled = [answer for answer in answers if answer.shape in LABELLED]
        inner = [*self._nested(labelled, group.key)]
        # A text has no label, but a key among theirs.
        inner += [Piece(a.key, _name(a.key, group.key), "", TEXT, a.text) for a in answers if a.shape in FREE]
        order = {answer.key: at for at, answer in enumerate(answers)}
        inner.sort(key=lambda one: order[one.key])
        inner += [
            self._row(row, group.key, block.kind)
            for block in group.blocks
            if isinstance(block, Rows)
            for row in block.rows
            if isinstance(row, Item)
        ]
        others = _together(self._plain(block) for block in group.blocks)
        # What is only kept has no name, but a key among those of the labels.
        kept = [block for block in group.blocks if isinstance(block, Loose)]
        inner += [Piece(block.key, _name(block.key, group.key), "", MARKDOWN, block.text) for block in kept]
        return Piece(
            group.key,
            _name(group.key, section),
            title,
            kind,
            holds=others + _together(self._signs(one) for one in inner if one.kind not in UNNAMED),
            inner=tuple(inner),
        )

    def _nested(self, labelled: list[Answer], parent: str) -> Iterator[Piece]:
        """The pieces of labels under ``parent``, each with those that are nested under it."""
        for at, answer in enumerate(labelled):
            if any(answer.key.startswith(f"{one.key}/") for one in labelled[:at]):
                continue
            inner = tuple(self._nested([o for o in labelled if o.key.startswith(f"{answer.key}/")], answer.key))
            name = _name(answer.key, parent)
            yield Piece(
                answer.key, name, answer.label, answer.shape, answer.text, _together(map(self._signs, inner)), inner
            )

    def _row(self, row: Item, group: str, kind: str) -> Piece:
        labelled = [part for part in row.parts if isinstance(part, Answer)]
        inner = tuple(self._nested(labelled, row.key))
        others = _together(self._plain(part) for part in row.parts)
        return Piece(
            row.key,
            _name(row.key, group),
            row.title,
            f"row of {kind}",
            row.text,
            others + _together(map(self._signs, inner)),
            inner,
        )

    def _plain(self, block: Block | Part) -> Counter[str]:
        """What stands in a group or row without being a piece of it."""
        match block:
            case Answer(shape=shape, text=text) if shape not in LABELLED:
                return Counter({f"{shape}": 1, f"hint {text}": self._weight(text)})
            case Commands(text=text) | Loose(text=text):
                return Counter({f"hint {text}": self._weight(text)})
            case Rows(kind=kind, rows=rows):
                names = [
                    row.text if isinstance(row, Check) else row.name for row in rows if isinstance(row, Check | Metric)
                ]
                return Counter({f"rows {kind}": 1}) + Counter({f"title {slug(name)}": 2 for name in names})
        return Counter()


def _name(key: str, parent: str) -> str:
    return key.removeprefix(f"{parent}/")


def _together(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _hints(document: Document) -> Iterator[str]:
    for section in document.sections:
        for block in section.blocks():
            if not isinstance(block, Rows):
                yield block.text
                continue
            for row in block.rows:
                if isinstance(row, Item):
                    yield row.text
                    yield from (part.text for part in row.parts)

"""What kind a block is of: in a template by its shape and place, in a record by what the template wants there."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from records.document.leaves import (
    metrics_in_fence,
)
from records.document.outline import (
    Answer,
    Commands,
    Document,
    Group,
    Item,
    Phase,
    Rows,
    Section,
)
from records.document.phase_headings import counted_heading
from records.document.shapes import TREATMENT, Keys
from records.document.spans import Span
from records.document.wants import Wants, fits

# Real templates have phases of two or three makes: a text with one for each of its thousand phases is told by order.
MOST_MAKES = 20


def recovery_kinds(document: Document) -> dict[str, str]:
    """The groups around numbered work without a window: what triggers it before, what validates it after.

    A section that holds such procedures is a way back; its labelled bullets are rows, since people add some.
    """
    kinds: dict[str, str] = {}
    for section in document.sections:
        seen = False
        for group in section.groups if is_way_back(section) else ():
            if any(isinstance(b, Rows) for b in group.blocks):
                seen = True
            elif group.blocks and all(isinstance(b, Answer) and b.shape == "bullet" for b in group.blocks):
                kinds[group.key] = "validations" if seen else "triggers"
    return kinds


def counted_words(document: Document) -> dict[str, str]:
    """The word of the phases in each section that has some, where no phase of a template has a window, by its key.

    They are counted through, from the first section with steps under such headings (with commands, if any has some):
    a way back, which stands behind, begins anew.
    """
    if any(group.phase for section in document.sections for group in section.groups):
        return {}
    counted = {
        section.key: [one for group in section.groups if (one := counted_heading(group.title))]
        for section in document.sections
        if any(counted_heading(group.title) and _steps_of(group) for group in section.groups)
    }
    with_commands = {section.key for section in document.sections if any(map(_has_commands, section.groups))}
    keys = list(counted)
    begin = next((at for at, key in enumerate(keys) if key in with_commands), 0)
    words: dict[str, str] = {}
    last = 0
    for key in keys[begin:]:
        word = next(iter(words.values()), counted[key][0][0])
        if counted[key] == [(word, last + n) for n in range(1, len(counted[key]) + 1)]:
            words[key] = word
            last += len(counted[key])
    return words


def _steps_of(group: Group) -> list[Item]:
    rows = [b for b in group.blocks if isinstance(b, Rows) and b.kind == "steps"]
    return [row for block in rows for row in block.rows if isinstance(row, Item)]


def _has_commands(group: Group) -> bool:
    return any(isinstance(part, Commands) for step in _steps_of(group) for part in step.parts)


def is_way_back(section: Section) -> bool:
    """Whether ``section`` holds numbered work and no phase."""
    rows = [b for g in section.groups if not g.phase for b in g.blocks if isinstance(b, Rows)]
    return any(row.kind == "steps" for row in rows) and not any(group.phase for group in section.groups)


@dataclass(frozen=True, slots=True)
class Guide:
    """What the template says of one group: its blocks in order, and by their keys the rows and answers it knows.

    ``elsewhere`` are the kinds of rows in all phases of the section: which of them a phase is, is only a guess.
    """

    wants: Wants = field(default_factory=Wants)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()
    sole_text: bool = False
    elsewhere: frozenset[str] = frozenset()
    phase: Phase | None = None


class Guides:
    """What one section of the template says of its groups, each read once; nothing where it has no such section."""

    def __init__(self, section: Section | None) -> None:
        groups = section.groups if section else ()
        self.phases = [group for group in groups if group.phase]
        self._known = {group.key: group for group in groups}
        self._wants: dict[str, Wants] = {}
        self._elsewhere = frozenset(b.kind for one in self.phases for b in one.blocks if isinstance(b, Rows))

    def knows(self, key: str) -> bool:
        """Whether the template has a group under ``key``."""
        return key in self._known

    def of(self, key: str, phase: Phase | None) -> Guide:
        """What the template says of the group under ``key``, which it knows or not."""
        group = self._known.get(key)
        if group is None:
            return Guide()
        rows = {b.key: b for b in group.blocks if isinstance(b, Rows)}
        answers = [b for b in group.blocks if isinstance(b, Answer)]
        sole = [b.shape for b in answers] == ["text"]
        elsewhere = self._elsewhere if phase else frozenset()
        return Guide(self._wants_of(group), rows, frozenset(b.key for b in answers), sole, elsewhere, phase)

    def makes(self, taken: Collection[str] = ()) -> dict[str, Wants]:
        """What the phases hold that aren't ``taken`` (else all of them), by key: a value for each make of phase.

        Phases of one make share the value. Those of one make more than ``MOST_MAKES`` aren't told apart.
        """
        phases = [one for one in self.phases if one.key not in taken] or self.phases
        makes: dict[Hashable, Wants] = {}
        found: dict[str, Wants] = {}
        for one in phases:
            wants = self._wants_of(one)
            if wants.make in makes or len(makes) < MOST_MAKES:
                found[one.key] = makes.setdefault(wants.make, wants)
        return found

    def of_new(self, spans: Sequence[Span], phase: Phase, makes: Collection[Wants]) -> Guide:
        """What a phase holds that the template does not know: steps, as a new one.

        Or it is one of the template's under another title: that of the ``makes`` which its blocks ``spans`` fit best.
        """
        best = max(makes, key=lambda wants: wants.fitting(spans))
        return Guide(best.and_steps(), elsewhere=self._elsewhere, phase=phase)

    def _wants_of(self, group: Group) -> Wants:
        if group.key not in self._wants:
            self._wants[group.key] = Wants.of(group)
        return self._wants[group.key]


def kind_in_template(span: Span, told: str | None, head: Span | None, phase: Phase | None) -> str | None:
    """The kind of a template's block: what the settings say, if it can be that, else its shape and its place."""
    if told == "text":
        return "fence" if span.kind == "fence" else "text"
    if span.kind == "fence":
        return "metrics" if metrics_in_fence(span, Keys(""), template=True) else "fence"
    if span.kind == "paragraph":
        return "text"
    if span.kind not in ("bullets", "numbered"):
        return None
    if told and told != "metrics" and fits(span, told):
        return told
    if span.ticks() and not span.untitled_besides_ticks():
        return "checks"
    if not all(span.titled()):
        return None
    if head and not phase and TREATMENT.fullmatch(head.content) and not span.is_work():
        return "risks"
    if span.kind == "numbered":
        return "steps"
    return "fields" if span.labelled_throughout() else None

"""The vocabulary: what a template asks for and what a record answers, as frozen values.

A template and a record are the same thing, a ``Document``: the template is the record in which nothing was
answered yet. Texts are kept as they were written; what they mean (empty, not applicable, a date) is read off
them where it is needed. Every leaf keeps the slice it was read from and a fingerprint of the content it was
read as, so that only changed leaves are written anew (document.md, "Byte-equal without re-reading").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Shape = Literal["title", "line", "bullet", "text", "paragraph", "stanza", "fence"]
RowKind = Literal["steps", "risks", "checks", "metrics", "triggers", "validations"]
FREE: frozenset[Shape] = frozenset({"text", "paragraph", "stanza"})  # text without a label of its own
SectionKind = Literal["header", "section", "footer", "guidance"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, or the rule before the footer: never edited; ``gap`` are the blank lines after it."""

    source: str
    text: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one labelled or free field; ``text`` is as written, with LF line ends.

    ``shape`` says where it stands: the title, a header or footer line, a bullet, all the text of its group, a
    paragraph beside other blocks, a stanza (a paragraph that another one follows), a plain fence.
    """

    key: str
    label: str
    text: str
    shape: Shape
    source: str = ""
    gap: str = ""
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Loose:
    """Markdown that fits no shape: kept in place, shown, and editable as Markdown (law 4)."""

    key: str
    text: str
    source: str = ""
    gap: str = ""
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Commands:
    """A fenced block of commands: its language ("bash", or empty) and its text, byte for byte."""

    key: str
    language: str
    text: str
    source: str = ""
    gap: str = ""
    read_as: str = ""


Part: TypeAlias = Commands | Answer | Loose


@dataclass(frozen=True, slots=True)
class Item:
    """A step, procedure, risk, trigger or validation: bold title, text, and the parts under it in order.

    ``number`` is that of a numbered item as read; None for a bullet and for a new row.
    """

    key: str
    title: str
    text: str
    parts: tuple[Part, ...] = ()
    number: int | None = None
    source: str = ""
    head_gap: str = ""
    gap: str = ""
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verification checklist."""

    key: str
    text: str
    ticked: bool = False
    source: str = ""
    gap: str = ""
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured quantity. ``after`` is None where the template asks for one value only ("- Name: value")."""

    key: str
    name: str
    before: str
    after: str | None = None
    unit: str = ""
    source: str = ""
    gap: str = ""
    read_as: str = ""

    @property
    def is_dashed(self) -> bool:
        """Whether it compares two values in a line that began with a dash."""
        return self.after is not None and self.source.startswith("- ")


Row: TypeAlias = Item | Check | Metric | Loose


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that people add, remove and move. ``order`` are their keys as read; ``tail`` the blank lines after.

    ``opening`` and ``closing`` are the fence (and caption) around metrics, else empty.
    """

    key: str
    kind: RowKind
    rows: tuple[Row, ...]
    order: tuple[str, ...] = ()
    tail: str = ""
    opening: str = ""
    closing: str = ""


Block: TypeAlias = Answer | Rows | Loose


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase a group is: ``window`` is as written, between the parentheses ("02:00-02:45")."""

    word: str
    number: int
    title: str
    window: str
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """An H3 (or, with no heading, what stands in a section before its first one) and its blocks."""

    key: str
    heading: Heading | None
    blocks: tuple[Block, ...]
    phase: Phase | None = None

    @property
    def title(self) -> str:
        """The heading's words; empty for the group before the first heading."""
        return self.heading.text if self.heading else ""

    def path_in(self, section: Section) -> list[str]:
        """The headings above it: those of ``section`` and its own, as far as there are any."""
        return [title for title in (section.title, self.title) if title]

    @property
    def is_all_rows(self) -> bool:
        """Whether it holds nothing but rows, such as steps or checks, which an approval binds."""
        return bool(self.blocks) and all(isinstance(block, Rows) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Section:
    """The header, an H2 and its groups, the footer, or the guidance after it.

    ``order`` are the keys of its phases as read: moved or new ones are counted anew.
    """

    key: str
    kind: SectionKind
    heading: Heading | None
    groups: tuple[Group, ...]
    order: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The heading's words; empty for header and footer."""
        return self.heading.text if self.heading and self.kind == "section" else ""

    def blocks(self) -> Iterator[Block]:
        """Every block of the section, in the order of the text."""
        for group in self.groups:
            yield from group.blocks

    def answers(self) -> Iterator[Answer]:
        """The labelled and free answers that are not inside rows."""
        return (block for block in self.blocks() if isinstance(block, Answer))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text as sections; ``front`` are blank lines before anything else."""

    sections: tuple[Section, ...]
    front: str = ""

    @property
    def title(self) -> str:
        """The text of the title's answer; empty where there is no title."""
        return next((a.text for s in self.sections for a in s.answers() if a.shape == "title"), "")

    def section(self, key: str) -> Section:
        """The section with ``key``; KeyError if there is none."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

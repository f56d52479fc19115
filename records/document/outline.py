"""The vocabulary of an operations template: what its text asks for, as frozen values.

Every part has a key: the path of its headings and labels, with an ordinal where a name occurs again among
its siblings ("operation-summary/business-impact/performance"). No heading or label of any template is known
here; they are the template's own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled answer: a header or footer line, or a bullet ``- **Label**: value``.

    ``value`` is what the template holds there: a placeholder, or a constant. ``choices`` are the options of a
    placeholder such as ``[Low/High]`` where the line stands in the header or footer; else empty.
    """

    key: str
    label: str
    value: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commands:
    """A fenced block of commands: its language ("bash", or empty) and its text with LF line ends."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A step, procedure or risk: bold title, text after it, commands, labelled and plain bullets."""

    key: str
    title: str
    text: str
    commands: tuple[Commands, ...] = ()
    details: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verification checklist."""

    key: str
    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured quantity: its name, the text asked for before, and after (None where only one is asked)."""

    key: str
    name: str
    before: str
    after: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Labelled bullets."""

    fields: tuple[Field, ...]
    kind: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbered work without a time window: rollback procedures, for example."""

    items: tuple[Item, ...]
    kind: Literal["steps"] = "steps"


@dataclass(frozen=True, slots=True)
class Phase:
    """Numbered steps under a title with a time window; ``start`` and ``end`` are as written ("HH:MM")."""

    title: str
    start: str
    end: str
    items: tuple[Item, ...]
    kind: Literal["phase"] = "phase"


@dataclass(frozen=True, slots=True)
class Risks:
    """Risks of one level; the measures asked for are the details of the items."""

    treatment: str
    items: tuple[Item, ...]
    kind: Literal["risks"] = "risks"


@dataclass(frozen=True, slots=True)
class Checks:
    """A checklist."""

    checks: tuple[Check, ...]
    kind: Literal["checks"] = "checks"


@dataclass(frozen=True, slots=True)
class Metrics:
    """A fence of metrics under a caption."""

    caption: str
    metrics: tuple[Metric, ...]
    kind: Literal["metrics"] = "metrics"


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, or any block that is none of the other kinds: shown and edited as Markdown."""

    source: str
    kind: Literal["text"] = "text"


Part: TypeAlias = Fields | Steps | Phase | Risks | Checks | Metrics | Text


@dataclass(frozen=True, slots=True)
class Group:
    """An H3 (or, with an empty title, what stands in a section before its first one) and its parts."""

    key: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """An H2 and its groups."""

    key: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A template as read: its title, header lines, sections, footer lines by paragraph, and guidance."""

    title: str
    header: tuple[Field, ...]
    sections: tuple[Section, ...]
    footer: tuple[tuple[Field, ...], ...]
    guidance: str

    def parts(self) -> Iterator[tuple[Group, Part]]:
        """Every part with the group it stands in, in the order of the text."""
        for section in self.sections:
            for group in section.groups:
                for part in group.parts:
                    yield group, part

"""A difference as pages draw it: titles, labels and pieces, long stretches of the same lines folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.document.differences import CAME_OR_WENT, Change, SectionChanges
from records.document.text_difference import Piece
from records.forms.controls import plain_label
from records.reading.unseen import visible, visible_command

CONTEXT, FOLDED = 3, 9


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One changed field: its words in ``parts``, or its ``lines``; ``number`` is that of a change that is stored."""

    label: str
    parts: Sequence[Piece] = ()
    lines: Sequence[Piece] = ()
    anchor: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class ShownSection:
    """One section with changes."""

    title: str
    changes: Sequence[ShownChange]
    key: str = ""


def shown(sections: Iterable[SectionChanges]) -> list[ShownSection]:
    """``sections`` for a page; what isn't what it seems is written out."""
    return [
        ShownSection(section.title or words_for(section.kind), [_change(one) for one in section.changes], section.key)
        for section in sections
    ]


def named(changes: Sequence[ShownChange], most: int) -> str:
    """What changed, by name, at most ``most`` of them; a further part of the same row only adds its own name, and one
    of a row that came or went nothing.
    """
    names: list[str] = []
    last = ""
    for one in changes:
        row, _comma, part = one.label.rpartition(", ")
        if not row or row != last:
            names.append(one.label)
        elif not names[-1].endswith(CAME_OR_WENT):
            names[-1] += f", {part}"
        last = row
    more = [_("and %(number)s more") % {"number": len(names) - most}] if len(names) > most else []
    return "; ".join([*names[:most], *more])


def words_for(kind: str) -> str:
    """What a section without a heading is called."""
    return {"header": _("Title and header"), "footer": _("Footer")}.get(kind, _("Guidance"))


def _change(change: Change) -> ShownChange:
    label = visible(plain_label(change.label))
    if change.lined:  # commands are
        lines = folded([(kind, visible_command(text.rstrip("\r\n"))) for kind, text in change.pieces])
        return ShownChange(label, lines=lines, anchor=change.key)
    return ShownChange(label, parts=[(kind, visible(text)) for kind, text in change.pieces], anchor=change.key)


def folded(lines: Sequence[Piece]) -> list[Piece]:
    """``lines`` with each long stretch of the same ones shortened to a few around the changes."""
    found: list[Piece] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end][0] == "same":
            end += 1
        if end - at > FOLDED:
            head = CONTEXT if at else 0
            tail = CONTEXT if end < len(lines) else 0
            gone = end - at - head - tail
            words = _("… %(number)s unchanged lines …") % {"number": gone}
            found += [*lines[at : at + head], ("same", words), *lines[end - tail : end]]
        else:
            found += lines[at:end]
        if end < len(lines):
            found.append(lines[end])
        at = end + 1
    return found

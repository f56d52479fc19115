"""Whether a leaf still holds what its slice says: only what changed is written anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from records.document.digest import fingerprint
from records.document.outline import (
    Answer,
    Check,
    Commands,
    Item,
    Loose,
    Metric,
    Phase,
)

Leaf = TypeVar("Leaf", Answer, Loose, Commands, Item, Check, Metric, Phase)


def content_of(leaf: Answer | Loose | Commands | Item | Check | Metric | Phase) -> tuple[object, ...]:
    """What decides whether a leaf's own slice still says what it holds (its parts and its tick aside)."""
    match leaf:
        case Commands(language=language, text=text):
            return language, text
        case Item(title=title, text=text):
            return title, text
        case Metric(name=name, before=before, after=after, unit=unit):
            return name, before, after, unit
        case Phase(title=title, window=window):
            return title, window
    return (leaf.text,)


def read_fingerprint(leaf: Leaf) -> Leaf:
    """``leaf`` as just read: its slice stands for the content it holds now."""
    return replace(leaf, read_as=fingerprint(*content_of(leaf)))


def is_as_read(leaf: Answer | Loose | Commands | Item | Check | Metric | Phase) -> bool:
    """Whether the leaf holds what it was read as; never true for a new one."""
    return bool(leaf.read_as) and leaf.read_as == fingerprint(*content_of(leaf))

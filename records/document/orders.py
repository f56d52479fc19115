"""In what order the parts of a document stand, beside the rows, parts and phases whose order is a field of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from records.document.outline import Answer, Block, Document, Group, Rows, Section

Some = TypeVar("Some")
# The same parts in two orders, one a line.
Orders = tuple[str, str]
_NAME = 80


def order_of_sections(before: Document, after: Document) -> Orders | None:
    """The sections that stand in both, in either order; None where that is the same."""
    old, new = ({one.key: one.title or one.kind for one in side.sections} for side in (before, after))
    return _reordered(old, new)


def order_of_parts(before: Section, after: Section) -> Orders | None:
    """The groups and blocks that stand in both, in either order; None where that is the same. Of phases it tells where
    they stand among the other groups, not which one comes first.
    """
    phases = [group.key for group in before.groups if group.phase]
    now = in_places(after.groups, phases, lambda group: group.key)
    return _reordered(dict(_parts(before.groups)), dict(_parts(now)))


def in_places(items: Sequence[Some], order: Sequence[str], key: Callable[[Some], str]) -> list[Some]:
    """``items``, of which those whose key is in ``order`` stand as there, in the places that they have together."""
    known = {key(one): one for one in items}
    wanted = {name: known[name] for name in order if name in known}
    following = iter(wanted.values())
    return [next(following, one) if key(one) in wanted else one for one in items]


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """``names`` by key, of which each further one of the same words has its number."""
    count, apart = Counter[str](), dict[str, str]()
    for key, name in names.items():
        count[name] += 1
        apart[key] = name if count[name] == 1 else f"{name} ({count[name]})"
    return apart


def _reordered(before: Mapping[str, str], after: Mapping[str, str]) -> Orders | None:
    old, new = ([key for key in one if key in other] for one, other in ((before, after), (after, before)))
    if old == new:
        return None
    names = told_apart({key: after[key] for key in old})
    return "\n".join(names[key] for key in old), "\n".join(names[key] for key in new)


def _parts(groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    for group in groups:
        if group.phase:
            yield f"group {group.key}", f"{group.phase.word}: {group.phase.title}"
        elif group.heading:
            yield f"group {group.key}", group.title
        for block in group.blocks:
            yield block.key, _name(block)


def _name(block: Block) -> str:
    if isinstance(block, Rows):
        return block.kind
    label = block.label if isinstance(block, Answer) else ""
    return label or block.text.strip().partition("\n")[0][:_NAME] or "text"

"""Keys of a record under the names that another version of its template has for the same parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from records.document.moving_names import Renamed
from records.document.outline import Block, Document, Group, Heading, Item, Row, Rows, Section


def key_in(names: Mapping[str, str], key: str) -> str:
    """What ``key`` is called under ``names`` (old keys to new), which name it or what it lies under."""
    at = len(key)
    while at > 0:
        if (own := names.get(key[:at])) is not None:
            return own + key[at:]
        at = max(key.rfind("/", 0, at), key.rfind(".", 0, at))
    return key


def is_under(key: str, outer: str) -> bool:
    """Whether ``key`` is ``outer``, or that of something in it."""
    return key == outer or key.startswith((f"{outer}/", f"{outer}."))


def names_in(record: Document, parts: Iterable[Renamed], apart: Collection[str] = ()) -> dict[str, str]:
    """Which keys of ``record`` are called otherwise: those of ``parts``, but for ``apart`` and what is in them.

    Where something goes by the new key in the record already, or comes to it with what it stands in, it has that, and
    the part keeps its own.
    """
    taken = {key[:at] for key in keys_of(record) for at in (*_slashes(key), len(key))}
    found = list(parts)
    while True:
        names = {part.before: part.after for part in found}
        places = Counter(key_in(names, key) for key in taken)
        left: list[Renamed] = []
        for part in found:
            is_inner = any(is_under(part.before, one.before) or is_under(part.after, one.after) for one in left)
            is_taken = places[part.after] > (part.before in taken)
            if is_inner or is_taken or part.before in apart:
                left.append(part)
        if not left:
            return names
        found = [part for part in found if part not in left]


def _slashes(key: str) -> Iterator[int]:
    return (at for at, sign in enumerate(key) if sign == "/")


def keys_of(document: Document) -> Iterator[str]:
    """The keys of everything in ``document``."""
    for section in document.sections:
        yield section.key
        for group in section.groups:
            yield group.key
            for block in group.blocks:
                yield block.key
                for row in block.rows if isinstance(block, Rows) else ():
                    yield row.key
                    yield from (part.key for part in row.parts) if isinstance(row, Item) else ()


def rekeyed(document: Document, names: Mapping[str, str], headings: Mapping[str, Heading | None]) -> Document:
    """``document`` under ``names``. A group whose new key lies in another section stands there, behind its groups.

    Where there is no such section, it comes with the heading that ``headings`` has for its key.
    """
    if not names:
        return document
    sections: list[Section] = []
    away: dict[str, list[Group]] = {}
    for section in document.sections:
        key, groups = key_in(names, section.key), list[Group]()
        for group in section.groups:
            home = key_in(names, group.key).partition("/")[0] if group.key in names else key
            (groups if home == key else away.setdefault(home, [])).append(rekeyed_group(group, names))
        order = tuple(key_in(names, one) for one in section.order)
        sections.append(replace(section, key=key, groups=tuple(groups), order=order))
    for at, section in enumerate(sections):
        sections[at] = replace(section, groups=(*section.groups, *away.pop(section.key, ())))
    end = next((at for at, one in enumerate(sections) if one.kind in ("footer", "guidance")), len(sections))
    sections[end:end] = [Section(key, "section", headings[key], tuple(groups)) for key, groups in away.items()]
    return replace(document, sections=tuple(sections))


def rekeyed_group(group: Group, names: Mapping[str, str]) -> Group:
    """``group`` and what is in it under ``names``."""
    return replace(group, key=key_in(names, group.key), blocks=tuple(_block(block, names) for block in group.blocks))


def _block(block: Block, names: Mapping[str, str]) -> Block:
    if not isinstance(block, Rows):
        return replace(block, key=key_in(names, block.key))
    rows = tuple(_row(row, names) for row in block.rows)
    order = tuple(key_in(names, key) for key in block.order)
    return replace(block, key=key_in(names, block.key), rows=rows, order=order)


def _row(row: Row, names: Mapping[str, str]) -> Row:
    if isinstance(row, Item):
        parts = tuple(replace(part, key=key_in(names, part.key)) for part in row.parts)
        return replace(row, key=key_in(names, row.key), parts=parts)
    return replace(row, key=key_in(names, row.key))

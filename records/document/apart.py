"""Keys of what comes and goes take no other's place: where fields are called like it, the fields keep theirs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from records.document.matching import rekeyed
from records.document.outline import Answer, Block, Group, Item, Part, Row, Rows, Section
from records.document.unusable import Unusable

# A key, or what follows its parent's; a dot begins the name of a field in it.
KEY = re.compile(r"[\w~/-]{1,600}")
_OWN_NAME = re.compile(r"/[\w~-]+")

Some = TypeVar("Some", Part, Block)


def apart_from_fields(found: Sequence[Some]) -> list[Some]:
    """Neighbours ``found``, of which whatever is no field, or stands in rows, has another key than any field."""
    taken = {one.key for one in found if isinstance(one, Answer)}
    if not taken:
        return list(found)
    others = {row.key for one in found for row in (one.rows if isinstance(one, Rows) else (one,))}

    def free(key: str) -> str:
        if key in taken:
            key = next(other for n in count(2) if (other := f"{key}~{n}") not in others)
            others.add(key)
        return key

    apart: list[Some] = []
    for one in found:
        if isinstance(one, Rows):
            rows: list[Row] = [rekeyed(row, free(row.key)) for row in one.rows]
            one = replace(one, rows=tuple(rows), order=tuple(row.key for row in rows))
        elif not isinstance(one, Answer):
            one = replace(one, key=free(one.key))
        apart.append(one)
    return apart


def keys_in(section: Section) -> Iterator[str]:
    """Every key in ``section`` that has to be there once. A group before the first heading may have the section's."""
    yield section.key
    for group in section.groups:
        if group.key != section.key:
            yield group.key
        for block in group.blocks:
            yield block.key
            for row in block.rows if isinstance(block, Rows) else ():
                yield row.key
                yield from _parts_of(row)


def refuse_new_keys(before: Section, after: Section, template: Mapping[str, str]) -> None:
    """Raises Unusable, in words, for a key that is there only ``after``, or more often, and that no page gives.

    A key says what a field is: which part it belongs to, so whose text an approval binds, and at which risk level it
    is asked for. A new one stands under its parent's and is none of a field of the ``template``, as is one that comes
    back; a step may have been born in another phase. Those that are there already stay, whatever they are.
    """
    was, now = Counter(keys_in(before)), Counter(keys_in(after))
    if now <= was:
        return
    taken = _fields_in(template)
    for key, times in now.items():
        is_new = key not in was and not (_is_new_key(key, after) and key not in taken)
        if is_new or times > max(was[key], 1):
            raise _no_place_for(key)
    for group in after.groups:
        if group.phase and group.key not in was and not _is_child(group.key, after.key):
            raise _no_place_for(group.key)
        for block in group.blocks:
            for row in block.rows if isinstance(block, Rows) else ():
                if row.key not in was and not _is_born_in(row.key, group, after):
                    raise _no_place_for(row.key)
                if stranger := next((k for k in _parts_of(row) if k not in was and not _is_child(k, row.key)), ""):
                    raise _no_place_for(stranger)


def _parts_of(row: Row) -> list[str]:
    return [part.key for part in row.parts] if isinstance(row, Item) else []


def _fields_in(template: Mapping[str, str]) -> set[str]:
    """The keys of a template's own lines: those in its ``template`` table that no list of rows or parts names."""
    lists = [json.loads(text) for field, text in template.items() if field.endswith((".rows", ".parts"))]
    listed = {entry[1] if isinstance(entry, list) else entry for entries in lists for entry in entries}
    return template.keys() - listed


def _is_new_key(key: str, section: Section) -> bool:
    return bool(KEY.fullmatch(key)) and key.startswith(f"{section.key}/")


def _is_child(key: str, parent: str) -> bool:
    return key.startswith(f"{parent}/") and bool(_OWN_NAME.fullmatch(key.removeprefix(parent)))


def _is_born_in(key: str, group: Group, section: Section) -> bool:
    """Whether a row of ``group`` was born there; a step also in another list of steps, or in a phase that is gone."""
    elsewhere = [
        one for one in section.groups if one.key not in (group.key, section.key) and key.startswith(f"{one.key}/")
    ]
    if _has_steps(group):
        return all(map(_has_steps, elsewhere))
    return key.startswith(f"{group.key}/") and not elsewhere


def _has_steps(group: Group) -> bool:
    return any(isinstance(block, Rows) and block.kind == "steps" for block in group.blocks)


def _no_place_for(key: str) -> Unusable:
    return Unusable(f"“{key[:80]}” is no key that something new can have here. Open the section anew and add it again.")

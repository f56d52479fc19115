"""What a save of a section did, taken back: rows that were removed, or all of it. Pure, as the other buttons are.

A change is (key, before, after), as it was noted for the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from records.forms.buttons import STRUCTURE, Entry, NoSuchButton, Pressed, place_of
from records.forms.controls import anchor_of

Change = tuple[str, str, str]
# What a row is called by, in the order in which it is looked for.
NAMES = ("title", "name", "text")


def removed_in(changes: Sequence[Change]) -> str:
    """What one save removed, by name; empty where it removed nothing."""
    before = {key: text for key, text, _after in changes}
    gone = [entry for _field, lost in _lost(changes) for entry in lost]
    return ", ".join(_name(entry, before) for entry in gone)


def _name(entry: Entry, before: Mapping[str, str]) -> str:
    if isinstance(entry, list):
        return entry[2] or _("commands")
    texts = (before.get(f"{entry}.{name}", "").strip() for name in NAMES)
    return next((text for text in texts if text), _("a row without a name"))


def _lost(changes: Sequence[Change]) -> list[tuple[str, list[Entry]]]:
    """The entries that went, by the structure field that they stood in; not what went along inside another one."""
    found = []
    for field, then, now in _structures(changes):
        if lost := [entry for entry in then if entry not in now]:
            found.append((field, lost))
    gone = {_key(entry) for _field, lost in found for entry in lost}
    return [(field, lost) for field, lost in found if not _is_under(field, gone)]


def _structures(changes: Sequence[Change]) -> list[tuple[str, list[Entry], list[Entry]]]:
    """The structure fields that were there and changed, with their entries before and after."""
    found = [change for change in changes if change[0].endswith(STRUCTURE) and change[1]]
    return [(field, json.loads(before), json.loads(after or "[]")) for field, before, after in found]


def _key(entry: Entry) -> str:
    return entry[1] if isinstance(entry, list) else entry


def _is_under(field: str, rows: Iterable[str]) -> bool:
    return any(field == row or field.startswith((f"{row}.", f"{row}/")) for row in rows)


def restored(changes: Sequence[Change], table: Mapping[str, str]) -> Pressed:
    """What brings back the rows that one save removed.

    Only rows and parts that went come back, where they were, if there still is a list for them; what else was saved
    then stays.
    """
    lost = [(field, entries) for field, entries in _lost(changes) if field in table]
    gone = {_key(entry) for _field, entries in lost for entry in entries}
    values = {key: before for key, before, _after in changes if _is_under(key, gone)}
    then = {field: entries for field, entries, _now in _structures(changes)}
    anchor = at = ""
    for field, entries in lost:
        back = _put_back(json.loads(table[field]), then[field], entries)
        values[field] = json.dumps(back)
        anchor, at = place_of(field, back, back.index(entries[0]), values), field.rpartition(".")[0]
    return Pressed(values, anchor, at, back=frozenset(values))


def taken_back(changes: Sequence[Change], table: Mapping[str, str]) -> Pressed:
    """What takes one save back: each field as it was before, but where it was changed since, as is a list of rows with
    all that went from it.

    Raises NoSuchButton if nothing of it is left to take back.
    """
    # A list that is new has none before it, and stays.
    changes = [change for change in changes if change[1] or not change[0].endswith(STRUCTURE)]
    values = {key: before for key, before, after in changes if table.get(key, "") == after}
    gone = {_key(entry) for field, entries in _lost(changes) if field not in values for entry in entries}
    gone = {row for row in gone if not any(_is_under(field, [row]) for field in table)}
    values = {key: before for key, before in values.items() if not _is_under(key, gone)}
    if not values:
        raise NoSuchButton(_("This was changed again meanwhile, so there is nothing to take back."))
    back = frozenset(values)
    place = next((key for key in values if not key.endswith(STRUCTURE)), "")
    if place:
        return Pressed(values, anchor_of(place), place, back=back)
    moved = [one for one in _structures(changes) if one[0] in values]
    if not moved:
        return Pressed(values, back=back)
    field, then, now = moved[0]
    at = next((at for at, (one, other) in enumerate(zip(then, now, strict=False)) if one != other), len(then))
    return Pressed(values, place_of(field, then, at, table), field.rpartition(".")[0], back=back)


def _put_back(now: list[Entry], then: list[Entry], lost: list[Entry]) -> list[Entry]:
    result = list(now)
    for entry in lost:
        if entry in result:
            continue
        before = then[: then.index(entry)]
        at = max((n + 1 for n, own in enumerate(result) if own in before), default=0)
        result.insert(at, entry)
    return result

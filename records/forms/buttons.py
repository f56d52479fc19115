"""The small buttons of a section's form: add, remove and move rows, mark answers. Each saves the posted page too.

A button's value is "what:KEY". Pure: from the section's fields as posted to the fields that it makes of them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.forms.controls import anchor_of, row_anchor
from records.refusals import Unusable

# Rows that are lines, not boxes: after one is added, writing goes on in its first field.
FIRST_FIELDS = {"checks": "text", "metrics": "name"}
# A new box has nothing else to read yet.
ADDED_FIELDS = {"steps": "title", "risks": "title", "triggers": "title", "validations": "title"}
CHECKED = "checked"
ADD_DETAIL = "add-detail"
PASTE, PUT_BACK = "paste", "put-back"
TAKE, PREVIEW = "take", "preview"
STRUCTURE = (".rows", ".parts", ".phases")
# In a structure field a row or a phase is its key, a part [kind, key, label].
Entry = str | list[str]


class NoSuchButton(Unusable):
    """A button's value that no page of ours has."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button makes of the form: the fields that change, where to look afterwards, the row that went, and whose
    earlier texts come ``back``.
    """

    values: dict[str, str]
    anchor: str = ""
    at: str = ""
    removed: str = ""
    back: frozenset[str] = frozenset()


def pressed(do: str, table: Mapping[str, str], label: str = "") -> Pressed:
    """The effect of button ``do`` on a section whose fields, as posted, are ``table``.

    Raises NoSuchButton for one that is none, or whose row is gone.
    """
    what, _colon, key = do.partition(":")
    act = _ACTS.get(what)
    if act is None or not key:
        raise NoSuchButton(_("This button is not known here. Nothing was lost: your text is on the page."))
    return act(key, table, label)


def short_key() -> str:
    """A few random letters that no other row of a section has."""
    return secrets.token_hex(4)


def _names(table: Mapping[str, str], field: str) -> list[str]:
    return [entry[1] if isinstance(entry, list) else entry for entry in _entries(table, field)]


def _entries(table: Mapping[str, str], field: str) -> list[Entry]:
    if field not in table:
        raise NoSuchButton(_("What this button belongs to is not there any more."))
    entries: list[Entry] = json.loads(table[field])
    return entries


def _field_with(table: Mapping[str, str], key: str) -> str:
    """The structure field that lists ``key``."""
    for field in table:
        if field.endswith(STRUCTURE) and key in _names(table, field):
            return field
    raise NoSuchButton(_("Somebody removed this meanwhile."))


def titles_in(text: str, table: Mapping[str, str]) -> str:
    """What a structure field lists, for people: a line with the title of each row or part."""
    entries = json.loads(text or "[]")
    lines = []
    for entry in entries:
        key, label = (entry[1], entry[2]) if isinstance(entry, list) else (entry, "")
        names = (table.get(f"{key}.{name}", "") for name in ("title", "name", "text"))
        lines.append(label or next((name for name in names if name), "") or _("new"))
    return "\n".join(f"{at}. {line}" for at, line in enumerate(lines, 1))


def place_of(field: str, entries: Sequence[Entry], at: int, table: Mapping[str, str]) -> str:
    """The anchor of entry ``at`` of a structure field: where there are fewer the last, of none what adds one."""
    owner = field.rpartition(".")[0]
    if not entries:
        return row_anchor(owner)
    entry = entries[min(at, len(entries) - 1)]
    if isinstance(entry, list):
        return anchor_of(entry[1])
    first = f"{entry}.{_first_field(owner)}"
    return anchor_of(first) if first in table else row_anchor(entry)


def _first_field(block: str, fields: Mapping[str, str] = FIRST_FIELDS) -> str:
    return fields.get(block.rpartition("/")[2].partition("-")[0], "")


def _add(key: str, table: Mapping[str, str], label: str) -> Pressed:
    """A row at the end of block ``key``."""
    field, new = f"{key}.rows", f"{key}/{short_key()}"
    entries = [*_entries(table, field), new]
    first = _first_field(key, FIRST_FIELDS | ADDED_FIELDS)
    return Pressed({field: json.dumps(entries)}, anchor_of(f"{new}.{first}") if first else row_anchor(new), new)


def _add_phase(key: str, table: Mapping[str, str], label: str) -> Pressed:
    field, new = f"{key}.phases", f"{key}/phase-{short_key()}"
    entries = [*_entries(table, field), new]
    return Pressed({field: json.dumps(entries)}, row_anchor(new), new)


def _add_part(kind: str) -> Callable[[str, Mapping[str, str], str], Pressed]:
    def add(key: str, table: Mapping[str, str], label: str) -> Pressed:
        field, new = f"{key}.parts", f"{key}/{short_key()}"
        entries = [*_entries(table, field), [kind, new, label.strip() if kind == "detail" else ""]]
        return Pressed({field: json.dumps(entries)}, anchor_of(new), key)

    return add


def _add_detail(key: str, table: Mapping[str, str], label: str) -> Pressed:
    if not label.strip():
        raise NoSuchButton(_("Say first what the new detail is called."))
    return _add_part("detail")(key, table, label)


def _remove(key: str, table: Mapping[str, str], label: str) -> Pressed:
    """Without a row or part; who removed it goes on at the one that stands in its place."""
    field = _field_with(table, key)
    at = _names(table, field).index(key)
    entries = _entries(table, field)
    del entries[at]
    # What shows that a section has phases is that there are some.
    if not entries and field.endswith(".phases"):
        raise NoSuchButton(_("One phase has to stay. Add another one first, or write this one anew."))
    return Pressed(
        {field: json.dumps(entries)}, place_of(field, entries, at, table), field.rpartition(".")[0], removed=key
    )


def _beside(field: str, by: int, table: Mapping[str, str]) -> str:
    """The list of steps in the phase before or behind that of ``field``; empty where there is none."""
    phase, _slash, block = field.rpartition("/")
    for name in table:
        if name.endswith(".phases") and phase in (order := _names(table, name)):
            at = order.index(phase) + by
            other = f"{order[at]}/{block}" if 0 <= at < len(order) else ""
            return other if other in table else ""
    return ""


def _move(by: int) -> Callable[[str, Mapping[str, str], str], Pressed]:
    def move(key: str, table: Mapping[str, str], label: str) -> Pressed:
        field = _field_with(table, key)
        names, entries = _names(table, field), _entries(table, field)
        at = names.index(key)
        to = min(max(at + by, 0), len(entries) - 1)
        beside = _beside(field, by, table) if to == at else ""
        if beside:
            other = _entries(table, beside)
            other.insert(len(other) if by < 0 else 0, entries.pop(at))
            return Pressed({field: json.dumps(entries), beside: json.dumps(other)}, row_anchor(key), key)
        entries.insert(to, entries.pop(at))
        return Pressed({field: json.dumps(entries)}, row_anchor(key), key)

    return move


def _clear(key: str, table: Mapping[str, str], label: str) -> Pressed:
    return Pressed({key: ""}, anchor_of(key), key)


def _check(key: str, table: Mapping[str, str], label: str) -> Pressed:
    """What came over with a clone still holds: the save notes that somebody looked at it."""
    return Pressed({}, anchor_of(key), key)


def _stay(key: str, table: Mapping[str, str], label: str) -> Pressed:
    """Nothing but the save: what follows is on another page."""
    return Pressed({}, at=key)


_ACTS: dict[str, Callable[[str, Mapping[str, str], str], Pressed]] = {
    "add": _add,
    "add-phase": _add_phase,
    "add-commands": _add_part("commands"),
    ADD_DETAIL: _add_detail,
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
    "clear": _clear,
    PASTE: _stay,
    PUT_BACK: _stay,
    CHECKED: _check,
}

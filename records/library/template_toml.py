"""A template's settings back into their TOML: what was not changed keeps its bytes, comments and order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.items import AbstractTable

from records.refusals import Unusable

Table = Mapping[str, Any]
TABLES = ("bind", "propose", "rule", "due", "kind", "choices", "commands", "outcomes")
WORDS = ("name", "version", "folder", "id_pattern", "unasked")


def changed_toml(toml: str, wanted: Table) -> str:
    """``toml`` saying ``wanted``: only the keys that say something else are written anew, added or taken out.

    The same data gives the same bytes. A comment stays unless the line that it stands on goes.
    """
    document = tomlkit.parse(toml)
    _bring(document, wanted)
    text = document.as_string()
    if tomllib.loads(text) != dict(wanted):
        raise Unusable("These settings could not be written.")
    return text


def _bring(table: Container | AbstractTable, wanted: Table) -> None:
    """Make ``table`` hold ``wanted``, touching only what differs."""
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        own = table.get(key)
        if own is not None and _plain(own) == value and type(_plain(own)) is type(value):
            continue
        if isinstance(own, AbstractTable) and isinstance(value, Mapping) and key in (*TABLES, "signers"):
            _bring(own, value)
        else:
            table[key] = _item(key, value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _item(key: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if key not in (*TABLES, "signers"):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    table = tomlkit.table()
    for name in sorted(value, key=lambda name: isinstance(value[name], Mapping) and key == "bind"):
        table[name] = _item(name, value[name])
    return table

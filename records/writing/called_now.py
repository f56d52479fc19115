"""A section's form that was opened before its record moved to a version of its template with other names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from records.content.assembly import load
from records.content.renaming import is_called_otherwise, key_now
from records.forms.buttons import STRUCTURE
from records.forms.posted import Posted
from records.models import Operation
from records.writing.section_writing import fields_in


def called_now(operation: Operation, key: str, posted: Posted) -> tuple[str, Posted]:
    """A form that was opened before its record moved to a version that calls its fields otherwise, under their keys."""
    if not operation.renamings:
        return key, posted
    if not operation.sections.filter(key=key).exists():
        key = key_now(operation, key)
    section = operation.sections.filter(key=key).first()
    if section is None or not is_called_otherwise(operation, key, posted.version):
        return key, posted
    known = {*fields_in(load([section])[0]), *(operation.outline.answers if operation.outline else ())}
    known |= {field.rpartition(".")[0] for field in known}

    def now(name: str) -> str:
        return name if name in known or (called := key_now(operation, name)) not in known else called

    values = {
        now(name): _rows_now(text, now) if name.endswith(STRUCTURE) else text for name, text in posted.values.items()
    }
    choices = {now(name): text for name, text in posted.choices.items()}
    return key, replace(
        posted, values=values, choices=choices, since={now(name): at for name, at in posted.since.items()}
    )


def _rows_now(text: str, now: Callable[[str], str]) -> str:
    """A posted list of rows, or of a row's parts, under their keys; as it came where it is none."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(rows, list):
        return text
    return json.dumps(
        [
            now(row)
            if isinstance(row, str)
            else [now(one) if at == 1 and isinstance(one, str) else one for at, one in enumerate(row)]
            if isinstance(row, list)
            else row
            for row in rows
        ]
    )

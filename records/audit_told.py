"""What an entry of the audit trail tells: its text, read in one way, and the columns beside it, which say the same."""

from __future__ import annotations

import json
from typing import Any

import orjson

from records.audit_links import COLUMNS, Told

UNREADABLE = "its text can't be read"


def is_plain(entry: Told) -> bool:
    """Whether nothing is the matter with what an entry tells that the site spelled: canonically, as nearly all are.

    What orjson spells back to the same bytes is such a text, and none of its names can stand twice: a fifth of the
    time that it takes to read whatever somebody wrote. It is spelled with the columns in place of what the text says,
    so that they are held against it, each with its type. What this isn't sure of, ``wrong_with`` looks at.
    """
    number, operation, at, person, name, act, text = entry
    try:
        spelled = text.encode()
        told = orjson.loads(spelled)
        told["number"], told["operation"], told["at"] = number, operation, at
        told["person"], told["person_name"], told["act"] = person, name, act
        same: bool = isinstance(told["facts"], dict) and orjson.dumps(told, option=orjson.OPT_SORT_KEYS) == spelled
    except (AttributeError, ValueError, TypeError, KeyError):
        return False
    return same


def wrong_with(entry: Told) -> str:
    """What is the matter with what an entry tells, or nothing: its text is JSON in which no name stands twice, and the
    columns beside it say the same, each with its type."""
    *_columns, text = entry
    if not isinstance(text, str):  # SQLite keeps bytes in a column for text
        return UNREADABLE
    try:
        told = _told(text)
        said = [told[column] for column in COLUMNS]
        if not isinstance(told.get("facts"), dict):
            raise ValueError("it tells no facts")
    except (ValueError, TypeError, RecursionError):
        return UNREADABLE
    except KeyError as missing:
        return f"its column “{missing.args[0]}” says something else than its text"
    for column, one, other in zip(COLUMNS, said, entry, strict=False):
        if (type(one), one) != (type(other), other):  # "true" is no 1
            return f"its column “{column}” says something else than its text"
    return ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no name stands twice: of two, one reader takes the first and another the last."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a name stands twice")
    return told


_decoder = json.JSONDecoder(object_pairs_hook=_once)


def _told(text: str) -> Any:
    """What an entry's text says. Raises ValueError for anything but one JSON value, without blanks around it."""
    told, end = _decoder.raw_decode(text)
    if end != len(text):
        raise ValueError("there is more behind it")
    return told

"""Document to JSON and back: the identity, slices and keys included. Its schema is record.schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from records.document import outline
from records.document.escape import refuse_unstorable
from records.document.outline import (
    Answer,
    Check,
    Commands,
    Document,
    Group,
    Heading,
    Item,
    Loose,
    Metric,
    Phase,
    Rows,
    Section,
)

_NAMES: dict[str, type[Any]] = {
    cls.__name__.lower(): cls
    for cls in (Answer, Check, Commands, Document, Group, Heading, Item, Loose, Metric, Phase, Rows, Section)
}
Value = TypeVar("Value")
MOST = 999_999_999  # what a numbered list can count to


def to_json(value: Any) -> Any:
    """``value``, a part of a document, as JSON-ready dicts and lists; what has its default value is left out."""
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    data: dict[str, Any] = {"type": type(value).__name__.lower()}
    for field in fields(value):
        own = getattr(value, field.name)
        if field.default is MISSING or own != field.default:
            data[field.name] = to_json(own)
    return data


def from_json(data: Any, cls: type[Value]) -> Value:
    """The ``cls`` that ``to_json`` wrote. Raises ValueError, in words, for anything else."""
    try:
        value = _value(data, cls)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"This is not a {cls.__name__.lower()} as this site writes it: {error}") from error
    assert isinstance(value, cls)
    return value


@cache
def _hints(cls: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(cls, vars(outline))


def _value(data: Any, hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _choice(data, args)
    if origin is tuple:
        if not isinstance(data, list):
            raise TypeError("a list is missing")
        return tuple(_value(item, args[0]) for item in data)
    if args:  # a Literal
        if data not in args:
            raise TypeError(f"{str(data)[:60]!r} is none of {', '.join(map(str, args))}")
        return data
    if is_dataclass(hint):
        return _instance(data, hint)
    return _scalar(data, hint)


def _scalar(data: Any, hint: type[Any]) -> Any:
    if type(data) is not hint:
        raise TypeError(f"{str(data)[:60]!r} is no {hint.__name__}")
    if hint is str:
        refuse_unstorable(data)
    if hint is int and not 0 <= data <= MOST:
        raise ValueError(f"{str(data)[:20]} is no number between 0 and {MOST}.")
    return data


def _choice(data: Any, options: tuple[Any, ...]) -> Any:
    if data is None and type(None) in options:
        return None
    for option in options:
        if is_dataclass(option):
            if isinstance(data, dict) and _NAMES.get(str(data.get("type"))) is option:
                return _instance(data, option)
        elif option is not type(None) and type(data) is option:
            return _scalar(data, option)
    raise TypeError(f"{str(data)[:60]!r} does not belong here")


def _instance(data: Any, cls: Any) -> Any:
    if not isinstance(data, dict) or data.get("type") != cls.__name__.lower():
        raise TypeError(f"no type “{cls.__name__.lower()}” stands here")
    hints = _hints(cls)
    unknown = set(data) - set(hints) - {"type"}
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} is unknown in {cls.__name__.lower()}")
    return cls(**{name: _value(data[name], hints[name]) for name in data if name != "type"})

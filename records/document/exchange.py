"""Document to JSON and back: the identity, slices and keys included. Its schema is record.schema.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, partial
from types import UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

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
from records.document.unusable import Unusable

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
    """The ``cls`` that ``to_json`` wrote. Raises Unusable, in words, for anything else."""
    hint: Any = cls
    try:
        value = _reader(hint)(data)
    except (KeyError, TypeError, RecursionError) as error:
        raise Unusable(f"This is not a {cls.__name__.lower()} as this site writes it: {error}") from error
    assert isinstance(value, cls)
    return value


Reader: TypeAlias = Callable[[Any], Any]


@cache
def _reader(hint: Any) -> Reader:
    """What reads values of a type: looked up once for each type, not for each of a document's thousands of values."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return partial(_choice, args)
    if origin is tuple:
        return partial(_sequence, _reader(args[0]))
    if args:
        return partial(_literal, args)
    called = hint.__name__.lower()
    return partial(_instance, called, hint) if is_dataclass(hint) else partial(_scalar, hint)


@cache
def _readers(cls: type[Any]) -> Mapping[str, Reader]:
    return {name: _reader(hint) for name, hint in get_type_hints(cls, vars(outline)).items()}


def _sequence(reader: Reader, data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError("a list is missing")
    return tuple([reader(item) for item in data])


def _literal(allowed: tuple[Any, ...], data: Any) -> Any:
    if data not in allowed:
        raise TypeError(f"{str(data)[:60]!r} is none of {', '.join(map(str, allowed))}")
    return data


def _scalar(hint: type[Any], data: Any) -> Any:
    if type(data) is not hint:
        raise TypeError(f"{str(data)[:60]!r} is no {hint.__name__}")
    if hint is str:
        refuse_unstorable(data)
    if hint is int and not 0 <= data <= MOST:
        raise Unusable(f"{str(data)[:20]} is no number between 0 and {MOST}.")
    return data


def _choice(options: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in options:
        return None
    named: Any = _NAMES.get(str(data.get("type"))) if isinstance(data, dict) else type(data)
    if named in options and named is not type(None):
        return _reader(named)(data)
    raise TypeError(f"{str(data)[:60]!r} does not belong here")


def _instance(called: str, cls: Any, data: Any) -> Any:
    if not isinstance(data, dict) or data.get("type") != called:
        raise TypeError(f"no type “{called}” stands here")
    readers = _readers(cls)
    values = {name: readers[name](value) for name, value in data.items() if name in readers}
    if len(values) < len(data) - 1:
        unknown = data.keys() - readers.keys() - {"type"}
        raise TypeError(f"{', '.join(sorted(unknown))} is unknown in {called}")
    return cls(**values)

"""The unit behind a written value, and whether it is the one that is asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.utils.translation import gettext as _

_NUMBER = re.compile(r"(?<![\w.,])[-−+~<>≈±]?\s?\d(?:[\d.,'’   ]*\d)?")
_UNIT = re.compile(r"\s*([%‰]|[^\W\d_]{1,12}(?:/\w+)?)\s*")
# What people call the same unit by; any other is only itself, in capitals or not.
_NAMES = (
    ("%", "percent", "percentage", "pct"),
    ("ms", "msec", "millisecond", "milliseconds"),
    ("s", "sec", "secs", "second", "seconds"),
    ("min", "mins", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("kb", "kib"),
    ("mb", "mib", "megabytes"),
    ("gb", "gib", "gigabytes"),
    ("tb", "tib", "terabytes"),
    ("kbps", "kbit/s"),
    ("mbps", "mbit/s"),
    ("gbps", "gbit/s"),
    ("iops",),
    ("req/s", "req/sec", "requests/s", "rps"),
)
# Of amounts of data, bits and bytes, thousands and 1024s are told apart.
_DATA = re.compile(
    r"(?P<prefix>(?i:[kmgtp]|kilo|mega|giga|tera|peta))?(?P<binary>(?i:i))?"
    r"(?:(?P<bits>b|(?i:bits?))|B|(?i:bytes?))(?P<rate>(?i:/s|/sec|ps))?"
)
_KNOWN = {name: names[0] for names in _NAMES for name in names}


def unit_behind(written: str) -> str:
    """The unit behind the number, where nothing else stands there: "ms" in "141 ms"."""
    found = _NUMBER.search(written)
    told = _UNIT.fullmatch(written[found.end() :]) if found else None
    return told[1] if told else ""


def other_unit(written: str, unit: str) -> str:
    """The unit in ``written``, if that is another one than ``unit``; empty where either is not said."""
    own = unit_behind(written)
    return own if own and unit.strip() and _same(own) != _same(unit) else ""


def is_other_measure(unit: str, other: str) -> bool:
    """Whether numbers in the one unit can't be taken from numbers in the ``other``; MB and Mb are two here."""
    return bool(unit.strip() and other.strip()) and _measure(unit) != _measure(other)


def is_duration(unit: str) -> bool:
    """Whether values in this unit are times."""
    return _same(unit) in ("ms", "s", "min", "h")


def units_asked(placeholder: str) -> Collection[str]:
    """The units that a template's "[GB/percentage]" asks for; none where a part of it is no unit."""
    words = placeholder.strip().strip("[]").split("/")
    return words if all(word.strip().lower() in _KNOWN for word in words) else ()


def unit_remark(text: str, unit: str, placeholder: str = "") -> str:
    """That ``text`` is in another ``unit`` or, where none is said, in none that the ``placeholder`` asks for."""
    units = [unit] if unit.strip() else list(units_asked(placeholder))
    others = [other_unit(text, one) for one in units]
    if not others or not all(others):
        return ""
    return _("Written in %(other)s; asked for in %(unit)s") % {"other": others[0], "unit": "/".join(units).strip()}


def _same(unit: str) -> str:
    name = unit.strip().lower()
    return _KNOWN.get(name, name)


def _measure(unit: str) -> tuple[str, ...] | str:
    data = _DATA.fullmatch(unit.strip())
    if data is None:
        return _same(unit)
    prefix, size = (data["prefix"] or "")[:1].lower(), "bit" if data["bits"] else "byte"
    return prefix, "i" if data["binary"] else "", size, "/s" if data["rate"] else ""

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

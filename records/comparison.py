"""A value before and after, and its limit: the difference in words, and the places of the dots in the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,   ]*(?:\.\d+)?")
MARGIN = Decimal("1.15")
LONGEST = 30


@dataclass(frozen=True, slots=True)
class Places:
    """Where the dots and the limit stand, in percent of the picture's width."""

    before: float
    after: float
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of a quantity: words, whether it is better (None: nobody said which way is), and the picture."""

    words: str = ""
    better: bool | None = None
    beyond_limit: bool = False
    x: Places | None = None


def number_in(written: str) -> Decimal | None:
    """The first number in what was written, such as 1240 in "1,240 /s"; None where there is none."""
    found = _NUMBER.search(written)
    if not found or len(found[0]) > LONGEST:
        return None
    return Decimal(re.sub(r"[,   ]", "", found[0]).replace("−", "-"))


def compared(
    before: str, after: str, unit: str = "", limit: str = "", lower_is_better: bool | None = None
) -> Comparison:
    """The difference between two written values; nothing is said where one of them is no number."""
    if not after.strip():
        return Comparison()
    was, now, edge = number_in(before), number_in(after), number_in(limit)
    if now is None:
        return Comparison(_("recorded"))
    beyond = _is_beyond(now, edge, lower_is_better)
    if was is None:
        words = _("beyond the limit") if beyond else _("recorded")
        return Comparison(words, False if beyond else None, beyond)
    better = None if lower_is_better is None or now == was else (now < was) is lower_is_better
    words = _words(now - was, unit, better)
    if beyond:
        words, better = _("%(change)s, beyond the limit") % {"change": words}, False
    return Comparison(words, better, beyond, _places(was, now, edge))


def _is_beyond(now: Decimal, edge: Decimal | None, lower_is_better: bool | None) -> bool:
    if edge is None or lower_is_better is None:
        return False
    return now > edge if lower_is_better else now < edge


def _words(change: Decimal, unit: str, better: bool | None) -> str:
    if not change:
        return _("no change")
    name = _("points") if unit.strip() == "%" else unit.strip()
    words = f"{'▲' if change > 0 else '▼'} {abs(change):,f} {name}".rstrip()
    if better is None:
        return words
    return f"{words}, {_('better') if better else _('worse')}"


def _places(was: Decimal, now: Decimal, edge: Decimal | None) -> Places | None:
    values = [value for value in (was, now, edge) if value is not None]
    low, high = min(*values, Decimal(0)), max(*values, Decimal(0)) * MARGIN
    if high <= low:
        return None
    at = [float((value - low) / (high - low) * 100) for value in values]
    return Places(at[0], at[1], at[2] if edge is not None else None)

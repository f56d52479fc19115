"""A value before and after, and its limit: the difference in words, and the places of the dots in the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.units import is_other_measure, unit_behind

_NUMBER = re.compile(r"(?<![\w.,])[-−+]?\d(?:[\d.,'’   ]*\d)?")
_BLANKS = re.compile(r"['’   ]")
# Three digits behind a comma are thousands, unless nothing but nought stands before it.
_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
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
    """What became of a quantity: words, whether it is better (None: nobody said which way is), on which side of its
    limit it is, if that can be told, and the picture.
    """

    words: str = ""
    better: bool | None = None
    beyond_limit: bool = False
    within_limit: bool = False
    x: Places | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether it got worse, and no limit says that this is still well."""
        return self.beyond_limit or (self.better is False and not self.within_limit)

    @property
    def in_full(self) -> str:
        """The words, and whether it is beyond the limit, which may be so although it got better."""
        return _("%(change)s, beyond the limit") % {"change": self.words} if self.beyond_limit else self.words


def number_in(written: str) -> Decimal | None:
    """The first number in what was written, such as 1240 in "1,240 /s" or 0.31 in "0,31 %"; None where there is none.

    "1,240" is one thousand and more; "0,125", "0,31" and "1.240,5" have a decimal comma.
    """
    found = _NUMBER.search(written)
    if not found or len(found[0]) > LONGEST:
        return None
    plain = _BLANKS.sub("", found[0]).replace("−", "-")
    if not _THOUSANDS.fullmatch(plain) and "," in plain and plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None


def compared(
    before: str, after: str, unit: str = "", limit: str = "", lower_is_better: bool | None = None
) -> Comparison:
    """The difference between two written values; where none can be computed, why. Nothing is said before a value is."""
    if not after.strip():
        return Comparison()
    was, now, edge = number_in(before), number_in(after), number_in(limit)
    if now is None:
        return Comparison(_("no difference: this is not a number"))
    other = unit_behind(after)
    if is_other_measure(other, unit_behind(before) or unit):
        return Comparison(_("no difference: written in %(unit)s") % {"unit": other})
    beyond = _is_beyond(now, edge, lower_is_better)
    within = edge is not None and lower_is_better is not None and not beyond
    if was is None:
        why = _("no difference: the value before is not a number") if before.strip() else _("no value before")
        return Comparison(why, None, beyond, within)
    better = None if lower_is_better is None or now == was else (now < was) is lower_is_better
    words = _words(now - was, unit, better)
    return Comparison(words, better, beyond, within, _places(was, now, edge))


def _is_beyond(now: Decimal, edge: Decimal | None, lower_is_better: bool | None) -> bool:
    if edge is None or lower_is_better is None:
        return False
    return now > edge if lower_is_better else now < edge


def _words(change: Decimal, unit: str, better: bool | None) -> str:
    if not change:
        return _("no change")
    name = ngettext("point", "points", 1 if abs(change) == 1 else 2) if unit.strip() == "%" else unit.strip()
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

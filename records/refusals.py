"""Why an act is refused, always in words that a person can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from records.document.unusable import Unusable  # 400; the core raises it too, and imports nothing from here

if TYPE_CHECKING:
    from records.models import FinalText, Revision


__all__ = ["Changed", "Incomplete", "Refused", "Unusable", "WrongOrder"]


class Refused(Exception):
    """The person may not do this; the text says why (403)."""


class WrongOrder(Exception):
    """The record has moved on or isn't there yet; the text says what it is now and what comes first (409)."""


class Changed(Exception):
    """What was seen is no longer what stands there (409). ``current`` is what would be decided on now."""

    def __init__(self, words: str, current: Revision | FinalText | None = None) -> None:
        super().__init__(words)
        self.current = current


class Incomplete(Exception):
    """Something is missing; ``missing`` lists it: words, or ``readiness.Missing`` with a label and a place."""

    def __init__(self, missing: Iterable[object]) -> None:
        self.missing = list(missing)
        names = ", ".join(str(getattr(one, "label", one)) for one in self.missing[:5])
        more = len(self.missing) - 5
        super().__init__(_("Still needed: %(names)s.") % {"names": names + (f" (+{more})" if more > 0 else "")})

"""How many fields are asked for and how many of them are answered: one definition, which every page counts by.

A field is one answer that the record's risk level asks for, as ``readiness.progress`` judged it at the last save of its
section; it is counted in the one part (plan, open, close) that it is due for. *Answered* is whatever isn't empty:
filled, not applicable, to be confirmed. Templates, which have no risk level yet, say what each level asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.fields import fields_of
from records.document.template_settings import Due
from records.models import Outline
from records.writing.readiness import asked

PARTS: tuple[Due, ...] = ("plan", "open", "close")


@dataclass(frozen=True, slots=True)
class Count:
    """Fields that are due, and those of them that are answered."""

    answered: int = 0
    due: int = 0

    @property
    def words(self) -> str:
        """ "7 of 8 fields"; what they are due for is said beside it."""
        return ngettext("%(answered)s of %(due)s field", "%(answered)s of %(due)s fields", self.due) % {
            "answered": self.answered,
            "due": self.due,
        }


def counted(progress: Iterable[Mapping[str, Any]], *parts: str) -> Count:
    """The fields of ``parts`` in all these sections together; ``progress`` is what their last saves counted."""
    counts = [section[part] for section in progress for part in parts if part in section]
    return Count(sum(count["answered"] for count in counts), sum(count["due"] for count in counts))


def later_words(progress: Mapping[str, Any], shown: Iterable[Due]) -> str:
    """ ", 2 more before the start, 1 more after the run": what else is due, in the parts that aren't ``shown``."""
    names = {"open": _("%(number)s more before the start"), "close": _("%(number)s more after the run")}
    counts = {part: progress[part] for part in names if part in progress and part not in set(shown)}
    due = {part: count["due"] - count["answered"] for part, count in counts.items()}
    return "".join(f", {names[part] % {'number': number}}" for part, number in due.items() if number)


@dataclass(frozen=True, slots=True)
class Asks:
    """What records of one risk level are asked: how many fields when, and who approves. ``name`` is empty: of any."""

    name: str
    plan: int
    open: int
    close: int
    roles: tuple[str, ...]

    @property
    def words(self) -> str:
        """ "75 fields before review, 8 before the start, 21 after the run"."""
        review = ngettext("%(n)s field before review", "%(n)s fields before review", self.plan) % {"n": self.plan}
        facts = {"review": review, "open": self.open, "close": self.close}
        return _("%(review)s, %(open)s before the start, %(close)s after the run") % facts


def asks_of(outline: Outline) -> list[Asks]:
    """What each risk level of a template asks; one line for a template without levels."""
    fields = [field for section in outline.document.sections for field in fields_of(section)]
    found = []
    for level in outline.settings.levels or ("",):
        parts = [question.part for field in fields if (question := asked(field, outline, level))]
        plan, before_start, close = (parts.count(part) for part in PARTS)
        found.append(Asks(level, plan, before_start, close, outline.settings.roles(level)))
    return found


def review_words(outline: Outline) -> str:
    """How many fields a new record is asked before its review: "21 to 75 fields before review, by risk"."""
    counts = sorted(one.plan for one in asks_of(outline))
    if counts[0] == counts[-1]:
        return ngettext("%(n)s field before review", "%(n)s fields before review", counts[0]) % {"n": counts[0]}
    words = _("%(least)s to %(most)s fields before review, by risk; each step or risk adds to them")
    return words % {"least": counts[0], "most": counts[-1]}

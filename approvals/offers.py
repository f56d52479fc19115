"""What else a person can do with a plan under review: take back, withdraw, change it. Only what the table allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from approvals.reading import Reading
from records.life_cycle import TABLE, Act
from records.rights import may
from records.views.addresses import address


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as a form: its button, what it means, whether it asks for a reason, and what it posts."""

    act: str
    url: str
    button: str
    words: str
    needs_reason: bool = False
    hidden: list[tuple[str, str]] = field(default_factory=list)
    is_bad: bool = False


def offers_for(reading: Reading) -> list[Offer]:
    """The acts that this person has now, beside deciding."""
    return [offer for offer in (*_take_back(reading), *_withdraw(reading), *_change_plan(reading)) if offer.url]


def _is_time(reading: Reading, act: Act) -> bool:
    return reading.operation.state in TABLE[act].sources


def _url(reading: Reading, act: str) -> str:
    return address("act", reading.operation.pk, act)


def _take_back(reading: Reading) -> Iterator[Offer]:
    if _is_time(reading, Act.TAKE_BACK) and reading.my_approval:
        words = _("Until the start. The record goes back into review.")
        yield Offer("take-back", _url(reading, "take-back"), _("Take my approval back"), words, True, is_bad=True)


def _withdraw(reading: Reading) -> Iterator[Offer]:
    if _is_time(reading, Act.WITHDRAW) and may(reading.person, reading.operation, Act.WITHDRAW):
        words = _("It becomes a draft again.") + voided(reading)
        yield Offer("withdraw", _url(reading, "withdraw"), _("Withdraw it from review"), words)


def _change_plan(reading: Reading) -> Iterator[Offer]:
    if _is_time(reading, Act.CHANGE_PLAN) and may(reading.person, reading.operation, Act.CHANGE_PLAN):
        hidden = [("voids", str(decision.pk)) for _role, decision in reading.standing.counted]
        words = _("It becomes a draft again.") + voided(reading)
        yield Offer(
            "change-plan", _url(reading, "change-plan"), _("Change the plan"), words, hidden=hidden, is_bad=True
        )


def voided(reading: Reading) -> str:
    """Whose approvals would be void; empty if nobody has signed."""
    names = [decision.person_name for _role, decision in reading.standing.counted]
    if not names:
        return ""
    return " " + _("This voids the approval of %(people)s.") % {"people": _(" and of ").join(names)}

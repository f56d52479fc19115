"""What else a person can do with a plan under review: take back, withdraw, change it. Only what the table allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from approvals.reading import Reading
from records.life_cycle import TABLE, Act
from records.rights import may
from records.views.addresses import address


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as a form: its button, what it means, whether it asks for a reason. One that has a page is a link."""

    act: str
    url: str
    button: str
    words: str
    needs_reason: bool = False
    is_bad: bool = False
    has_page: bool = False


def offers_for(reading: Reading) -> list[Offer]:
    """The acts that this person has now, beside deciding."""
    return [offer for offer in (*_take_back(reading), *_withdraw(reading), *_on_pages(reading)) if offer.url]


def _is_time(reading: Reading, act: Act) -> bool:
    return reading.operation.state in TABLE[act].sources


def _url(reading: Reading, act: str) -> str:
    return address("act", reading.operation.pk, act)


def _take_back(reading: Reading) -> Iterator[Offer]:
    if _is_time(reading, Act.TAKE_BACK) and reading.my_approval:
        words = _("Until the start you can take it back; the record then goes back into review.")
        yield Offer("take-back", _url(reading, "take-back"), _("Take my approval back"), words, True, is_bad=True)


def _withdraw(reading: Reading) -> Iterator[Offer]:
    if _is_time(reading, Act.WITHDRAW) and may(reading.person, reading.operation, Act.WITHDRAW):
        words = _("It becomes a draft again.") + voided(reading)
        yield Offer("withdraw", _url(reading, "withdraw"), _("Withdraw it from review"), words)


def _on_pages(reading: Reading) -> Iterator[Offer]:
    """The acts of an approved plan's writers, each with a page of its own."""
    pages = (
        (Act.CHANGE_PLAN, "change_plan", _("Change the plan"), _("It becomes a draft again.") + voided(reading)),
        (
            Act.RESCHEDULE,
            "reschedule",
            _("Move it to another date"),
            _("Only that is confirmed by those who approved it."),
        ),
    )
    for act, name, button, words in pages:
        if _is_time(reading, act) and may(reading.person, reading.operation, act):
            yield Offer(name, address(name, reading.operation.pk), button, words, has_page=True)


def voided(reading: Reading) -> str:
    """Whose approvals would be void; empty if nobody has signed."""
    names = [decision.person_name for _role, decision in reading.standing.counted]
    if not names:
        return ""
    return " " + _("This voids the approval of %(people)s.") % {"people": _(" and of ").join(names)}

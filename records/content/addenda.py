"""Addenda: how the bytes of one are bound to its record, and what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.decided import DecisionKind, Given, given_on
from records.document.digest import canonical_json, sha256
from records.models import Addendum, FinalText, Operation, Person
from records.refusals import Changed

SCHEMA = 1


def draw_addendum(operation: Operation, final: FinalText, text: str, *, by: Person, at: dt.datetime) -> Addendum:
    """The next addendum to ``final``, with its digest; not stored yet."""
    newest = operation.addenda.order_by("-number").values_list("number", flat=True).first()
    addendum = Addendum(
        operation=operation,
        number=(newest or 0) + 1,
        final_text=final,
        text=text.encode(),
        written_by=by,
        person_name=str(by),
        written_at=at,
    )
    addendum.digest = digest_of_addendum(addendum)
    return addendum


def digest_of_addendum(addendum: Addendum) -> str:
    """What a sign-off binds: SHA-256 over record, number, final text, writer, time and text, as canonical JSON."""
    told = {
        "schema": SCHEMA,
        "record": addendum.operation.reference,
        "addendum": addendum.number,
        "final_text": addendum.final_text.digest,
        "by": addendum.person_name,
        "at": addendum.written_at.astimezone(dt.UTC).isoformat(),
        "text": sha256(bytes(addendum.text)),
    }
    return sha256(canonical_json(told))


def check_added(addendum: Addendum) -> None:
    """Raises Changed unless what is stored of ``addendum`` is what its digest was made over."""
    if digest_of_addendum(addendum) != addendum.digest:
        words = _("The stored bytes of addendum %s no longer fit its digest.")
        raise Changed(words % addendum.number, addendum.final_text)


@dataclass(frozen=True, slots=True)
class Added:
    """An addendum and what was decided on it; None while it waits."""

    addendum: Addendum
    decision: Given | None

    @property
    def text(self) -> str:
        """What it says."""
        return bytes(self.addendum.text).decode()

    @property
    def is_signed_off(self) -> bool:
        """Whether it stands."""
        return self.decision is not None and self.decision.kind == DecisionKind.SIGN_OFF


def addenda_of(operation: Operation) -> Sequence[Added]:
    """Every addendum of the record, oldest first. Two queries, one where there is none."""
    addenda = list(operation.addenda.select_related("written_by", "final_text").order_by("number"))
    told = given_on(addenda)
    return [Added(one, next(iter(told.get(one.pk, ())), None)) for one in addenda]

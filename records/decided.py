"""What was decided on a record, as pages, mails and exports of this package tell it.

Who decides is above this package, which hands in at the start how decisions are looked up (``told_by``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import models
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import Addendum, FinalText, Operation, OperationTemplate, Person, Revision, State


class DecisionKind(models.TextChoices):
    """What a person decided, on a revision, a final text, an addendum or a version of a template."""

    APPROVE = "approve", gettext_lazy("approved")
    TAKE_BACK = "take_back", gettext_lazy("took the approval back")
    ASK_FOR_CHANGES = "ask_for_changes", gettext_lazy("asked for changes")
    REJECT = "reject", gettext_lazy("rejected")
    SIGN = "sign", gettext_lazy("signed as operator")
    SIGN_OFF = "sign_off", gettext_lazy("signed off")
    RATIFY = "ratify", gettext_lazy("ratified")
    PUBLISH = "publish", gettext_lazy("published")


@dataclass(frozen=True, slots=True)
class Given:
    """One decision: who gave it, in which role (``roles``: all that were held then), when, with which words; whether
    their account is in use still (``is_here``).
    """

    kind: DecisionKind
    person_id: int
    user: str
    person: str
    role: str
    roles: tuple[str, ...]
    words: str
    at: dt.datetime
    digest: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Able:
    """Somebody who may say something now: who, called what ("A for B"), and whose right it is, which counts once."""

    person_id: int
    name: str
    right: int

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Said:
    """A comment on a plan that was sent, or an answer to the one numbered ``thread`` (0: it is no answer).

    ``revision`` is the number of the plan that was read, None for a draft; ``must_settle`` what the comment asks for.
    """

    number: int
    thread: int
    revision: int | None
    key: str
    label: str
    must_settle: bool
    user: str
    person: str
    text: str
    at: dt.datetime
    settled_at: dt.datetime | None


Decided: TypeAlias = Revision | FinalText | OperationTemplate | Addendum
Teller = Callable[[Sequence[Decided]], Mapping[int, Sequence[Given]]]


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is known above: the decisions on something; who has to decide on a record, and at each risk level of a
    template, in words; how much of that was signed on a revision, by the number of approvals; whether a record has
    all the approvals that its newest revision asks for; who may confirm on a day, for each approval that was given;
    who may sign off a record on a day; how many comments on it,
    and on one of its sections, must be settled first; how many on a section are open at all; what was said on a record,
    each comment before its answers. ``follow`` puts the comments on a record under the keys that its fields have now.
    """

    given_on: Teller
    deciders_of: Callable[[Operation, Revision | None], Sequence[str]]
    deciders_at: Callable[[OperationTemplate, Sequence[str]], Mapping[str, str]]
    signed_words: Callable[[Revision, int], str]
    is_approved: Callable[[Operation], bool]
    confirming: Callable[[Operation, Sequence[Given], dt.date], Sequence[Sequence[Able]]]
    signing_off: Callable[[Operation, dt.date], Sequence[Person]]
    unsettled: Callable[[], Combinable]
    unsettled_in: Callable[[], Combinable]
    open_in: Callable[[], Combinable]
    said_on: Callable[[Operation], Sequence[Said]]
    follow: Callable[[Operation, Mapping[str, str]], None]


_tellers: list[Deciding] = []


def told_by(deciding: Deciding) -> None:
    """Say who knows the decisions: done once, while the site starts."""
    _tellers[:] = [deciding]


def deciding() -> Deciding:
    """Whoever knows the decisions and the rule."""
    (told,) = _tellers
    return told


def given_on(decided: Sequence[Decided]) -> Mapping[int, Sequence[Given]]:
    """The decisions on each of ``decided`` (all of one kind) by its key, oldest first.

    One query.
    """
    return deciding().given_on(decided)


def said_on(operation: Operation) -> Sequence[Said]:
    """The comments on ``operation`` that were sent, in the order they began, each before its answers. One query."""
    return deciding().said_on(operation)


def approvals_on(revision: Revision | None) -> list[Given]:
    """The approvals given on ``revision``, without those that were taken back. One query."""
    told = given_on([revision]).get(revision.pk, ()) if revision else ()
    back = {one.person_id for one in told if one.kind == DecisionKind.TAKE_BACK}
    return [one for one in told if one.kind == DecisionKind.APPROVE and one.person_id not in back]


def ratified_on(revision: Revision) -> Given | None:
    """Who ratified ``revision``, which nobody approved beforehand; None while nobody did. One query."""
    told = given_on([revision]).get(revision.pk, ())
    return next((one for one in reversed(told) if one.kind == DecisionKind.RATIFY), None)


def one_of(people: Sequence[Person | Able]) -> str:
    """ "Ada or Sam (one of them)": the signature of one is enough."""
    words = _(" or ").join(str(person) for person in people)
    return _("%(names)s (one of them)") % {"names": words} if len(people) > 1 else words


def changes_asked(operation: Operation, newest: Revision | None) -> Given | None:
    """What has to change, while changes are requested: the last such decision on the newest revision. One query."""
    if operation.state != State.CHANGES_REQUESTED or newest is None:
        return None
    told = given_on([newest]).get(newest.pk, ())
    return next((one for one in reversed(told) if one.kind == DecisionKind.ASK_FOR_CHANGES), None)

"""The stops of a run at the end of a phase, as a record keeps them; the acts are in ``records.run.stopping``."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from records import outbox
from records.models import Operation, State
from records.refusals import WrongOrder


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: behind which phase, why, and the window in which it goes on. Moments are ISO texts in UTC.

    ``confirmed`` are those who confirmed that window: {"person": 3, "name": "Ada", "at": "…"}, "for" whom, if they did
    so in the place of another, and by whose "right", if it isn't their own. ``went_on`` says when the run did;
    ``given_up`` when the work ended there instead.
    """

    after: str
    reason: str
    by: str
    at: str
    start: str
    end: str
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    went_on: str = ""
    given_up: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the run may go on from it still."""
        return not self.went_on and not self.given_up

    @property
    def window(self) -> tuple[dt.datetime, dt.datetime]:
        """The next window."""
        return dt.datetime.fromisoformat(self.start), dt.datetime.fromisoformat(self.end)

    @property
    def interval(self) -> str:
        """The next window as one text (ISO 8601): what a page shows, and its form posts."""
        return f"{self.start}/{self.end}"

    @property
    def confirmed_by(self) -> set[int]:
        """Who confirmed the next window."""
        return {one["person"] for one in self.confirmed}

    @property
    def confirmed_for(self) -> set[int]:
        """Whose word on the next window was given, by themselves or in their place."""
        return {one.get("for", one["person"]) for one in self.confirmed}

    @property
    def rights(self) -> set[int]:
        """By whose right the next window was confirmed: each counts once, whoever used it."""
        return {one.get("right", one["person"]) for one in self.confirmed}


def stops_of(operation: Operation) -> list[Stop]:
    """All stops of the run, oldest first."""
    return [Stop(**data) for data in operation.stops]


def open_stop(operation: Operation) -> Stop | None:
    """The stop at which the run stands, None while it goes on."""
    newest = next(iter(reversed(stops_of(operation))), None)
    return newest if newest and newest.is_open and operation.state == State.RUNNING else None


def check_not_stopped(operation: Operation) -> None:
    """Raises WrongOrder while the run stands still until another night."""
    if stop := open_stop(operation):
        words = _("The run has stopped at the end of a phase. It goes on from %s; go on first.")
        raise WrongOrder(words % outbox.moment(stop.window[0]))


def given_up(operation: Operation, at: dt.datetime) -> list[dict[str, Any]]:
    """The stops as ``Operation.stops`` keeps them once the work has ended ``at``: a run that is opened again is under
    way, whatever window it waited for.
    """
    ended = at.astimezone(dt.UTC).isoformat()
    return [asdict(replace(one, given_up=ended) if one.is_open else one) for one in stops_of(operation)]

"""What was decided on a revision, as pages and mails of this package tell it; who decides is above it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from records.models import Operation, Revision, State


@dataclass(frozen=True, slots=True)
class Given:
    """An approval or a request for changes: who gave it, when, and with which words."""

    person_id: int
    person: str
    words: str
    at: dt.datetime


def approvals_on(revision: Revision | None) -> list[Given]:
    """The approvals given on ``revision``, without those that were taken back. One query."""
    told = list(revision.decisions.all()) if revision else []
    back = {one.person_id for one in told if one.kind == "take_back"}
    return [
        Given(one.person_id, one.person_name, one.reason, one.at)
        for one in told
        if one.kind == "approve" and one.person_id not in back
    ]


def changes_asked(operation: Operation, newest: Revision | None) -> Given | None:
    """What has to change, while changes are requested: the last such decision on the newest revision. One query."""
    if operation.state != State.CHANGES_REQUESTED or newest is None:
        return None
    one = newest.decisions.filter(kind="ask_for_changes").last()
    return Given(one.person_id, one.person_name, one.reason, one.at) if one else None

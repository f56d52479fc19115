"""Why a delivery is not tried again by itself."""

from __future__ import annotations

import datetime as dt


class Undeliverable(Exception):
    """Trying again would not help."""


class Diverged(Undeliverable):
    """The repository holds something else, or takes nothing: the words say what to do there."""


class Unwanted(Exception):
    """Its reader doesn't want it that way: it stays in their inbox."""


class Later(Exception):
    """It is not time yet: it waits until ``moment``, and that was no attempt."""

    def __init__(self, moment: dt.datetime) -> None:
        super().__init__(moment)
        self.moment = moment

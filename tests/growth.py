"""How the time of an act grows with the length of what it reads: no clock of the wall, and no machine's own speed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Less than this says nothing about growth, and holds nobody up.
FLOOR = 0.05
# Four times as much takes four times as long where time grows with the length, sixteen where it grows with the square.
TIMES, MOST = 4, 8.0
TRIES = 6
# Processor seconds after which an act is given up: a regular expression that doubles for each sign never ends.
END = 6


class TooLong(AssertionError):
    """Something was given up."""


@contextmanager
def given_up_after(seconds: float) -> Iterator[None]:
    """TooLong out of whatever computes for longer, regular expressions among it."""

    def give_up(_signal: int, _frame: object) -> None:
        raise TooLong(f"more than {seconds} processor seconds")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def processor_seconds(act: Callable[[], object]) -> float:
    with given_up_after(END):
        began = time.process_time()
        act()
        return time.process_time() - began


def growth(act: Callable[[str], object], text: Callable[[int], str], size: int) -> float:
    """How many times as long ``act`` takes for a text of ``size`` as for a quarter of it; 0 where it takes no time.

    The best of several of each, in turn, since a neighbour on the machine only makes one longer; and a growth that is
    small enough is proof enough.
    """
    part, whole = text(size // TIMES), text(size)
    parts = float("inf")
    try:
        quickest = processor_seconds(lambda: act(whole))
        if quickest < FLOOR:
            return 0.0
        for _ in range(TRIES):
            parts = min(parts, processor_seconds(lambda: act(part)))
            if quickest < MOST * parts:
                break
            quickest = min(quickest, processor_seconds(lambda: act(whole)))
    except TooLong:
        return float("inf")
    return quickest / parts


def outgrows(act: Callable[[str], object], text: Callable[[int], str], size: int) -> bool:
    """Whether ``act`` takes more and more time the longer its text is: no step from one way to another is that, as
    where something is too long to be compared.
    """
    return growth(act, text, size) > MOST and growth(act, text, size * TIMES) > MOST

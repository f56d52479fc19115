"""Two ways, measured in turn; what is told is how many times as long the one takes as the other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the rounds' ratios, the least and the most; ``goal`` is what it has to stay under, or over.

    ``worked`` is the ratio of the processor time that both took, which others on the machine don't touch.
    """

    name: str
    median: float
    least: float
    most: float
    goal: float
    over: bool = False
    unit: str = "×"
    worked: float | None = None

    @property
    def is_reached(self) -> bool:
        """Whether the median keeps to the goal."""
        return self.median >= self.goal if self.over else self.median <= self.goal

    def row(self) -> str:
        """A line of the table."""
        sign = "≥" if self.over else "≤"
        mark = "yes" if self.is_reached else "**no**"
        spread = f"{self.least:.2f} to {self.most:.2f}"
        worked = f"{self.worked:.2f} ×" if self.worked is not None else ""
        own = f"{self.median:.2f} {self.unit} | {spread} | {worked}"
        return f"| {self.name} | {own} | {sign} {self.goal:g} {self.unit} | {mark} |"


def compared(
    name: str,
    own: Callable[[], object],
    floor: Callable[[], object],
    goal: float,
    *,
    each: int = 6,
    worked: Callable[[bool], float] | None = None,
) -> Ratio:
    """``own`` and ``floor`` in turn, ``each`` times a round.

    ``worked`` tells how many seconds of a processor ours (true), or the floor, have taken by now.
    """
    own(), floor()
    ratios: list[float] = []
    work: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * each):
            is_own = turn % 2 == 0
            before = worked(is_own) if worked else 0.0
            began = time.perf_counter()
            (own if is_own else floor)()
            took[is_own].append(time.perf_counter() - began)
            work[is_own].append(worked(is_own) - before if worked else 0.0)
        ratios.append(statistics.median(took[True]) / statistics.median(took[False]))
    # What each process does once, such as reading a template, is no part of it.
    share = statistics.median(work[True]) / statistics.median(work[False]) if worked else None
    return Ratio(name, statistics.median(ratios), min(ratios), max(ratios), goal, worked=share)


def table(ratios: list[Ratio]) -> str:
    """All of them, as the documentation has them."""
    head = "| What | Median | Least to most | Processor time | Goal | Reached |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(one.row() for one in ratios)

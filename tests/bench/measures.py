"""Two ways, measured in turn; what is told is how many times as long the one takes as the other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the rounds' ratios, the least and the most; ``goal`` is what it has to stay under, or over."""

    name: str
    median: float
    least: float
    most: float
    goal: float
    over: bool = False
    unit: str = "×"

    @property
    def is_reached(self) -> bool:
        """Whether the median keeps to the goal."""
        return self.median >= self.goal if self.over else self.median <= self.goal

    def row(self) -> str:
        """A line of the table."""
        sign = "≥" if self.over else "≤"
        mark = "yes" if self.is_reached else "**no**"
        spread = f"{self.least:.2f} to {self.most:.2f}"
        return f"| {self.name} | {self.median:.2f} {self.unit} | {spread} | {sign} {self.goal:g} {self.unit} | {mark} |"


def compared(name: str, own: Callable[[], object], floor: Callable[[], object], goal: float, *, each: int = 6) -> Ratio:
    """``own`` and ``floor`` in turn, ``each`` times a round."""
    own(), floor()
    ratios = []
    for _ in range(ROUNDS):
        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * each):
            is_own = turn % 2 == 0
            began = time.perf_counter()
            (own if is_own else floor)()
            took[is_own].append(time.perf_counter() - began)
        ratios.append(statistics.median(took[True]) / statistics.median(took[False]))
    return Ratio(name, statistics.median(ratios), min(ratios), max(ratios), goal)


def table(ratios: list[Ratio]) -> str:
    """All of them, as the documentation has them."""
    head = "| What | Median | Least to most | Goal | Reached |\n|---|---|---|---|---|\n"
    return head + "\n".join(one.row() for one in ratios)

"""Rows of a run as a sentence names them: in one line, of a length that it bears."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from records.run.plan import PlannedStep

LONGEST, MOST = 200, 10
# How much of a line is quoted on either side of the word that it is quoted for.
BESIDE = 60


def step_named(step: PlannedStep) -> str:
    """A step by its number and title; a title that begins with the number already says it."""
    title = short(step.title)
    return title if begins_with(title, step.number) else f"{step.number} {title}"


def begins_with(text: str, number: str) -> bool:
    """Whether ``text`` begins with this number: "2.1 Drain", "(2.1) Drain", "Step 2.1: drain"; not "2.10 Drain".

    A number without a dot, as on the way back, is one only behind a word or before a sign: not "4 of 5 nodes".
    """
    end = r"(?!\w|\.\d)" if "." in number else r"\s*[.:)\]–-](?!\d)"
    own = re.escape(number)
    return bool(re.match(rf"\W*(?:[^\W\d]+\s+{own}(?!\w|\.\d)|{own}{end})", text))


def because(words: str, reason: str) -> str:
    """``words`` with their reason behind them, each in one short line; without a reason alone."""
    return f"{short(words)} ({short(reason)})" if reason.strip() else short(words)


def short(text: str) -> str:
    """One line, of a length that a sentence bears."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def around(line: str, found: re.Match[str]) -> str:
    """What stands in ``line`` around the word that was ``found`` there."""
    start, end = found.start() - BESIDE, found.end() + BESIDE
    before = line[: found.start()] if start <= 0 else "…" + line[start : found.start()].partition(" ")[2]
    after = line[found.end() :] if end >= len(line) else line[found.end() : end].rpartition(" ")[0] + "…"
    return " ".join(f"{before}{found[0]}{after}".split())


def listed(words: Iterable[str]) -> str:
    """The first MOST of ``words`` with commas between, and how many more there are."""
    told = list(words)
    more = [_("and %(n)s more") % {"n": len(told) - MOST}] if len(told) > MOST else []
    return ", ".join([*told[:MOST], *more])

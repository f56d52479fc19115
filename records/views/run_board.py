"""The phases of a run as its page lists them: their steps, their own checks, and how far each is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.models import LogEntry, Step, StepStatus
from records.run.clock import clock_words
from records.run.plan import PlannedPhase, PlannedStep
from records.views.run_rows import RowList
from records.views.run_steps import LOOKS, StepShown, steps_shown


@dataclass(slots=True)
class PhaseShown:
    """A phase, its steps and its own checks; where ``takes_steps``, a step that nobody planned can be added."""

    anchor: str
    title: str
    steps: list[StepShown]
    takes_steps: bool
    checks: list[RowList] = field(default_factory=list)

    @property
    def first_checks(self) -> list[RowList]:
        """The checks that come before its steps, while one of them is open."""
        return [one for one in self.checks if one.first]

    @property
    def last_checks(self) -> list[RowList]:
        """The others."""
        return [one for one in self.checks if not one.first]

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do in it, nor was anything in it refused just now."""
        open_ = any(step.is_at_hand or step.is_current for step in self.steps)
        return bool(self.steps) and not open_ and not any(row.is_open for one in self.checks for row in one.rows)

    @property
    def earlier(self) -> list[StepShown]:
        """The steps that are over, folded above the one at hand; the newest is not while it can be corrected, nor is
        one whose witness has said nothing yet.
        """
        after = next((at for at, step in enumerate(self.steps) if step.is_at_hand), len(self.steps))
        worked = [at for at, step in enumerate(self.steps[:after]) if not step.is_set_aside]
        if worked and self.steps[worked[-1]].is_correctable:
            after = worked.pop()
        return self.steps[:after] if worked else []

    @property
    def earlier_count(self) -> int:
        """How many steps are folded."""
        return sum(not step.is_set_aside for step in self.earlier)

    @property
    def rest(self) -> list[StepShown]:
        """The others."""
        return self.steps[len(self.earlier) :]

    @property
    def count(self) -> str:
        """How far it is, in words; empty while it has no steps."""
        return count_words(self.steps)


def count_words(steps: Sequence[StepShown]) -> str:
    """ "1 of 4 steps done, 1 skipped, 2 not reached"; empty where there is none. None that is set aside counts."""
    work = [step for step in steps if not step.is_set_aside]
    if not work:
        return ""
    over = [step.row.status for step in work if step.row and not step.is_open]
    done, total = over.count(StepStatus.DONE), len(work)
    words = ngettext("%(done)s of %(total)s step done", "%(done)s of %(total)s steps done", total)
    told = words % {"done": done, "total": total}
    left = ((_("%(n)s skipped"), StepStatus.SKIPPED), (_("%(n)s not reached"), StepStatus.NOT_REACHED))
    return ", ".join([told, *(words % {"n": n} for words, status in left if (n := over.count(status)))])


def phases_shown(
    phases: Iterable[PlannedPhase],
    rows: Mapping[str, Step],
    notes: Mapping[str, list[LogEntry]],
    *,
    current: PlannedStep | None,
    forecasts: Mapping[str, dt.datetime],
    checks: Sequence[RowList],
    now: dt.datetime,
    left_at: dt.datetime | None = None,
) -> list[PhaseShown]:
    """The phases as the page lists them; each takes its own of the lists of ``checks``. ``left_at``: when the way back
    was taken, which ends what was under way.
    """
    found = []
    for phase in phases:
        steps = steps_shown(phase.steps, rows, notes, current=current, forecasts=forecasts, now=now)
        if left_at:
            _leave(steps, left_at)
        title = f"{phase.name}: {phase.title}"
        own = [one for one in checks if one.phase == phase.key]
        found.append(PhaseShown(f"phase-{phase.number}", title, steps, current in phase.steps, own))
    return found


def _leave(steps: Iterable[StepShown], at: dt.datetime) -> None:
    """What was under way when the way back was taken isn't any more, though nobody said how it ended."""
    for step in steps:
        if step.row and step.row.status == StepStatus.STARTED and step.row.started_at:
            step.state, step.tint, step.icon = LOOKS[StepStatus.TODO], "warn", "back"
            step.status = _("Left at %(time)s") % {"time": clock_words(at)}
            step.note = _("started %(time)s, then rolled back") % {"time": clock_words(step.row.started_at)}

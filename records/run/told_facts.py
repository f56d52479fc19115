"""What a run knows, as sentences for the record: each of one source, empty where the run knows nothing of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from records.document.shapes import with_unit
from records.models import Check, LogEntry, RecoveryValidation, StepStatus
from records.outbox import moment
from records.run.clock import whole_minutes
from records.run.loaded import Run
from records.run.logbook import NoteKind
from records.run.time_plan import duration
from records.run.verifying import recorded

LONGEST, MOST = 200, 10


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a sentence comes from, in words, and how it is read off a run; whether it tells of anything that went
    wrong, which is no improvement.
    """

    source: Any
    words: Callable[[Run], str]
    is_bad: Callable[[Run], bool] = lambda run: False


def _steps(run: Run) -> str:
    """How many steps were done, which were not and why, and which were added."""
    planned = [*run.plan.steps, *(run.plan.procedures if run.operation.rolled_back_at else ())]
    rows = [(step, run.steps[step.key]) for step in planned if step.key in run.steps]
    left = [(step, row) for step, row in rows if row.status != StepStatus.DONE]
    told = []
    if rows and not left:
        told.append(
            ngettext("The %(n)s planned step done", "All %(n)s planned steps done", len(rows)) % {"n": len(rows)}
        )
    elif rows:
        told.append(_("%(done)s of %(n)s planned steps done") % {"done": len(rows) - len(left), "n": len(rows)})
        # Those that share a fate and its reason are named together.
        fates: dict[str, list[str]] = {}
        for step, row in left:
            fate = _because(str(row.get_status_display()).lower(), row.run_reason)
            fates.setdefault(fate, []).append(f"{step.number} {_short(step.title)}")
        told += [f"{fate}: {_listed(names)}" for fate, names in fates.items()]
    if added := [f"{step.number} {_short(step.title)}" for step in run.unplanned]:
        told.append(_("added during the run: %(steps)s") % {"steps": _listed(added)})
    return "; ".join(told)


Ticks = list[tuple[str, Check | RecoveryValidation | None]]


def _ticks(run: Run) -> tuple[Ticks, Ticks]:
    """All that is to be ticked, with its words, and what of it was not."""
    found: Ticks = [(check.text, run.checks.get(check.key)) for check in run.plan.checks]
    if run.operation.rolled_back_at:
        found += [(item.title, run.validations.get(item.key)) for item in run.plan.validations]
    return found, [(text, row) for text, row in found if row is None or not row.ticked]


def _checks(run: Run) -> str:
    """How many checks were made, and which were not and why."""
    found, left = _ticks(run)
    if not found:
        return ""
    if not left:
        return ngettext("The %(n)s check holds", "All %(n)s checks hold", len(found)) % {"n": len(found)}
    words = _("%(done)s of %(n)s checks hold; not made: %(checks)s")
    named = _listed(_because(text, _why_open(row)) for text, row in left)
    return words % {"done": len(found) - len(left), "n": len(found), "checks": named}


def _why_open(row: Check | RecoveryValidation | None) -> str:
    if row and row.observe_until and not row.unticked_because:
        return _("observed until %(time)s") % {"time": moment(row.observe_until)}
    return row.unticked_because if row else ""


def _values(run: Run) -> str:
    """What was measured after the run."""
    found = [(metric, recorded(run.metrics.get(metric.key))) for metric in run.plan.metrics]
    return "; ".join(f"{metric.name} {with_unit(after, metric.unit)}" for metric, after in found if after)


def _times(run: Run) -> str:
    """When it began and ended, how long that was, and how long it was to be."""
    operation, plan = run.operation, run.plan
    if not operation.started_at or not operation.finished_at:
        return ""
    took = duration(whole_minutes(operation.finished_at - operation.started_at))
    facts = {"start": _moment(operation.started_at), "end": _moment(operation.finished_at), "took": took}
    words = _("From %(start)s to %(end)s: %(took)s") % facts
    if plan.start and plan.end and not operation.was_unapproved:
        words += ", " + _("planned %(time)s") % {"time": duration(whole_minutes(plan.end - plan.start))}
    if operation.rolled_back_at:
        why = _short(operation.rollback_reason)
        words += "; " + _("rolled back at %(time)s: %(why)s") % {"time": _moment(operation.rolled_back_at), "why": why}
    return words


def _troubles(run: Run) -> list[LogEntry]:
    return [entry for entry in run.log if entry.kind in (NoteKind.PROBLEM, NoteKind.DEVIATION)]


def _notes(run: Run) -> str:
    """The problems and deviations that were noted, or that there were none."""
    told = _troubles(run)
    if not told:
        return _("no problem and no deviation noted")
    words = ngettext(
        "%(n)s problem or deviation noted: %(them)s", "%(n)s problems and deviations noted: %(them)s", len(told)
    )
    named = (_noted(entry, run.number_of) for entry in sorted(told, key=lambda one: (one.at, one.pk)))
    return words % {"n": len(told), "them": _listed(named)}


def _noted(entry: LogEntry, number_of: Mapping[str, str]) -> str:
    place = number_of.get(entry.step_key, "")
    return f"{place}: {_short(entry.text)}" if place else _short(entry.text)


def _log(run: Run) -> str:
    """How many lines were written while it went on, by how many people, from when to when."""
    began, ended = run.operation.started_at, run.operation.finished_at
    own = [entry for entry in run.log if began and ended and began <= entry.at <= ended]
    if not own or not began or not ended:
        return ""
    words = ngettext("%(n)s line in the log as it happened", "%(n)s lines in the log as it happened", len(own))
    return f"{words % {'n': len(own)}}, {_moment(began)} {_('to')} {_moment(ended)}"


def _people(run: Run) -> str:
    """Who ran it and who worked on it."""
    worked = [row.worked_by for row in run.steps.values()] + [row.ticked_by for row in run.checks.values()]
    names = dict.fromkeys(str(person) for person in worked if person and person != run.operation.operator)
    operator = run.operation.operator
    own = [_("%(name)s (operator)") % {"name": operator}] if operator else []
    return ", ".join([*own, *names])


def _operator(run: Run) -> str:
    """Who ran it at the end."""
    return str(run.operation.runs_it or "")


# By the name that a template's settings give each (``document.template_settings.PROPOSED``).
FACTS: Mapping[str, Fact] = {
    "steps": Fact(gettext_lazy("the steps of the run"), _steps),
    "checks": Fact(gettext_lazy("the checks"), _checks, lambda run: bool(_ticks(run)[1])),
    "values": Fact(gettext_lazy("the values after"), _values),
    "times": Fact(gettext_lazy("start and end of the run"), _times),
    "notes": Fact(gettext_lazy("problems and deviations in the log"), _notes, lambda run: bool(_troubles(run))),
    "log": Fact(gettext_lazy("the log"), _log),
    "people": Fact(gettext_lazy("who ran and worked on it"), _people),
    "operator": Fact(gettext_lazy("who ran it"), _operator),
}


def _because(words: str, reason: str) -> str:
    return f"{_short(words)} ({_short(reason)})" if reason.strip() else _short(words)


def _short(text: str) -> str:
    """One line, of a length that a sentence bears."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _listed(words: Iterable[str]) -> str:
    told = list(words)
    more = [_("and %(n)s more") % {"n": len(told) - MOST}] if len(told) > MOST else []
    return ", ".join([*told[:MOST], *more])


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"

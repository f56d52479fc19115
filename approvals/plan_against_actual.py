"""What the page of the sign-off shows: plan against actual, step by step and value by value, and the run in facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.eligibility import candidate_of
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.rules import may_sign_off
from records.document.shapes import with_unit
from records.models import Check, LogEntry, Metric, Operation, Person, RecoveryValidation, Step, StepStatus
from records.outbox import moment
from records.run.clock import clock_words
from records.run.comparison import compared
from records.run.emergency import blank_rows, written_part
from records.run.loaded import Run, load_run
from records.run.logbook import PROBLEMS, NoteKind, notes_by_row
from records.run.moved import counted_words
from records.run.plan import PlannedStep, RunPlan, run_plan
from records.run.starting import confirmed
from records.run.time_plan import duration
from records.run.verifying import recorded
from records.times import shown_minutes
from records.views.addresses import address
from records.views.run_rows import metric_lists


@dataclass(frozen=True, slots=True)
class Compared:
    """A step as planned and as it went, with the problems and deviations ``noted`` at it, and what solved them."""

    number: str
    title: str
    planned: str
    actual: str
    status: str
    tint: str
    icon: str
    difference: str
    is_worse: bool
    is_done: bool
    reason: str
    who: str
    noted: Sequence[LogEntry] = ()


Clock = Callable[[dt.datetime], str]
# What of the log is told beside the plan.
TROUBLES = (NoteKind.DEVIATION, *PROBLEMS)
TOLD = (*TROUBLES, NoteKind.SOLVED)
LOOKS = {
    StepStatus.DONE: ("ok", "check"),
    StepStatus.SKIPPED: ("warn", "minus"),
    StepStatus.NOT_REACHED: ("warn", "minus"),
}


def plan_against_actual(run: Run, planned: Collection[str]) -> list[Compared]:
    """Every step of the phases, the procedures if the way back was taken, then the steps that were added.

    ``planned`` are the keys of those that somebody had planned (``planned_in``).
    """
    steps = [*run.plan.steps, *(run.plan.procedures if run.operation.rolled_back_at else ())]
    own = [(step, step.key in planned) for step in steps] + [(step, False) for step in run.unplanned]
    noted, clock = notes_by_row(run.log, TOLD), _clock(run.operation)
    return [
        _compared(step, run.steps.get(step.key), noted.get(step.key, []), clock=clock, was_planned=was_planned)
        for step, was_planned in own
    ]


def planned_in(run: Run) -> frozenset[str]:
    """The steps and procedures, by key, that somebody had written before the work began. At most one query.

    All that was approved; of an emergency what stood there at its start; nothing of what was recorded afterwards.
    """
    operation, plan = run.operation, run.plan
    if operation.afterwards_reason:
        return frozenset()
    if operation.emergency:
        began = operation.revisions.filter(submitted_at__gte=operation.started_at).order_by("number")[0]
        plan = written_part(run_plan(began, operation.template), blank_rows(began, operation.template))
    return frozenset(step.key for step in (*plan.steps, *plan.procedures))


def _clock(operation: Operation) -> Clock:
    """How a moment of the run is told: with its day where the run began on one and ended on another."""
    begun, ended = operation.started_at, operation.finished_at
    is_one_day = not (begun and ended) or begun.astimezone(dt.UTC).date() == ended.astimezone(dt.UTC).date()
    return clock_words if is_one_day else moment


def _compared(
    step: PlannedStep, row: Step | None, noted: Sequence[LogEntry], *, clock: Clock, was_planned: bool
) -> Compared:
    status = StepStatus(row.status) if row else StepStatus.TODO
    tint, icon = LOOKS.get(status, ("", "empty"))
    begun, ended = (row.begun_at, row.ended_at) if row else (None, None)
    took = shown_minutes(begun, ended) if begun and ended and status == StepStatus.DONE else None
    over = took - step.minutes if was_planned and took is not None and step.minutes is not None else None
    is_timed = was_planned and step.start and begun and status == StepStatus.DONE
    late = shown_minutes(step.start, begun) if is_timed and step.start and begun else None
    is_added = bool(row and row.unplanned)
    planned = (
        _("added during the run") if is_added else "" if not was_planned else _times(step.start, step.minutes, clock)
    )
    # Whoever works a step is noted with the time; where there is none, somebody said so later.
    is_said_later = status == StepStatus.DONE and begun is None and ended is None
    return Compared(
        number=step.number,
        title=step.title,
        planned=planned or ("" if was_planned else _("written down afterwards")),
        actual=_times(begun or ended, took, clock) if status == StepStatus.DONE else "",
        status=_("Said afterwards") if is_said_later else str(status.label),
        tint="" if is_said_later else tint,
        icon=icon,
        difference=_difference(late, over),
        is_worse=bool(over and over > 0),
        is_done=status == StepStatus.DONE,
        reason=(row.run_reason or (row.text if is_added else "")) if row else "",
        who=_who(row),
        noted=noted,
    )


def _who(row: Step | None) -> str:
    """Who did it, and who looked on."""
    if row is None or row.worked_by is None:
        return ""
    if row.witnessed_by is None:
        return str(row.worked_by)
    return _("%(who)s, witness %(witness)s") % {"who": row.worked_by, "witness": row.witnessed_by}


def _times(start: dt.datetime | None, minutes: int | None, clock: Clock) -> str:
    told = [clock(start)] if start else []
    return ", ".join([*told, *([duration(minutes)] if minutes is not None else [])])


def _difference(late: int | None, over: int | None) -> str:
    """How it went against the plan: when it began and how long it took, as far as either is known, in minutes."""
    if over == 0 and not late:
        return _("as planned")
    told = []
    if late is not None and (late or over is None):
        words = _("began %(time)s late") if late > 0 else _("began %(time)s early") if late else _("began on time")
        told.append(words % {"time": duration(abs(late))})
    if over is not None:
        words = _("%(time)s longer") if over > 0 else _("%(time)s shorter") if over else _("took as long as planned")
        told.append(words % {"time": duration(abs(over))})
    return ", ".join(told)


def sign_off_context(operation: Operation, person: Person) -> dict[str, Any]:
    """The context of approvals/sign_off.html beside head and form."""
    run = load_run(operation)
    assert run is not None
    right = may_sign_off(candidate_of(person, run.now.date()), involved_in(operation, with_run=True))
    planned = planned_in(run)
    steps = plan_against_actual(run, planned)
    left_out = sum(not one.is_done for one in steps)
    lines: list[Check | RecoveryValidation] = [*run.checks.values(), *run.validations.values()]
    open_checks = [line for line in lines if not line.ticked]
    told = [entry for entry in run.log if entry.kind in TOLD]
    at_steps = {entry.pk for one in steps for entry in one.noted}
    signed: list[Decision] = list(operation.final_text.decisions.all()) if operation.final_text else []
    return {
        "compared": steps,
        "metrics": metric_lists(run.plan.metrics, run.metrics, {}),
        "deviations": [entry for entry in reversed(told) if entry.pk not in at_steps],
        "open_checks": open_checks,
        "confirmed": confirmed(operation),
        "run_facts": _run_facts(run, _left_out(left_out, len(open_checks)), was_planned=bool(planned)),
        "refused": "" if right else right.reason,
        "signed_by": signed,
        "plan_written_after": _compared_url(operation),
    }


def _compared_url(operation: Operation) -> str:
    """Where an emergency's plan is compared with how it stood at the start; empty for other records."""
    if not operation.emergency:
        return ""
    started, *later = operation.revisions.filter(submitted_at__gte=operation.started_at).order_by("number")
    return f"{address('history', operation.pk)}?from={started.number}&to={later[-1].number}" if later else ""


def _run_facts(run: Run, left_out: str, *, was_planned: bool) -> list[tuple[str, str]]:
    """Start, end and length against the plan, in one line."""
    operation, facts = run.operation, list[tuple[str, str]]()

    def told(at: dt.datetime) -> str:
        words = _clock(operation)(at)
        return words if words == moment(at) else f"{words} UTC"

    if operation.started_at:
        start = run.plan.window_start
        late = shown_minutes(start, operation.started_at) if start and was_planned else 0
        words = counted_words(run.plan) if was_planned else ""
        words = words or _start_words(late)
        facts.append((_("Started"), told(operation.started_at) + (f", {words}" if words else "")))
    if operation.finished_at:
        end = run.plan.end
        over = shown_minutes(end, operation.finished_at) if end and was_planned else 0
        words = _end_words(over, is_counted=run.plan.start != run.plan.window_start)
        facts.append((_("Finished"), told(operation.finished_at) + (f", {words}" if words else "")))
    facts += [(_("Stopped"), words) for words in _stops(run)]
    if operation.rolled_back_at:
        facts.append((_("Rolled back"), told(operation.rolled_back_at)))
    facts.append((_("Left out"), left_out))
    facts.append((_("Problems and deviations"), str(sum(entry.kind in TROUBLES for entry in run.log))))
    if told_of := beyond_limits(run.plan, run.metrics):
        facts.append((_("Beyond their limit"), ", ".join(told_of)))
    return facts


def _stops(run: Run) -> list[str]:
    """Each stop: when, why and until when it was to be, and when it really went on; oldest first."""
    told: list[str] = []
    for entry in reversed(run.log):
        if entry.kind == "stop_at_phase_end":
            told.append(f"{moment(entry.at)}: {entry.text}")
        elif entry.kind == "go_on" and told:
            told[-1] += "; " + _("went on %(time)s") % {"time": moment(entry.at)}
    return told


def beyond(operation: Operation) -> list[str]:
    """What ``beyond_limits`` tells of the record's run; nothing where it was never run. Two queries."""
    revision = operation.revisions.defer("plan_text", "rule").order_by("-number").first()
    if revision is None or operation.started_at is None:
        return []
    rows = Metric.objects.filter(section__operation=operation, loose=False, after__isnull=False)
    return beyond_limits(run_plan(revision, operation.template), {row.key: row for row in rows})


def beyond_limits(plan: RunPlan, rows: Mapping[str, Metric]) -> list[str]:
    """The metrics whose value after the run is beyond its limit: name, value and limit. ``rows`` are by key."""
    found = []
    for metric in plan.metrics:
        after = recorded(rows.get(metric.key))
        if compared(metric.before, after, metric.unit, metric.limit, metric.lower_is_better).beyond_limit:
            words = _("%(name)s: %(value)s, limit %(limit)s")
            found.append(words % {"name": metric.name, "value": with_unit(after, metric.unit), "limit": metric.limit})
    return found


def _left_out(steps: int, checks: int) -> str:
    """Steps that were not done, and checks that were not made."""
    told = [ngettext("%(n)s step not done", "%(n)s steps not done", steps) % {"n": steps}] if steps else []
    if checks:
        told.append(ngettext("%(n)s check not made", "%(n)s checks not made", checks) % {"n": checks})
    return ", ".join(told) or _("nothing")


def _start_words(late: int) -> str:
    if not late:
        return ""
    return (_("%(time)s late") if late > 0 else _("%(time)s early")) % {"time": duration(abs(late))}


def _end_words(over: int, *, is_counted: bool) -> str:
    """``is_counted``: the end is that of a plan which is counted from its start, and not the window's."""
    if not over:
        return ""
    if is_counted:
        words = _("%(time)s after its end as counted") if over > 0 else _("%(time)s before its end as counted")
        return words % {"time": duration(abs(over))}
    words = _("%(time)s after the window's end") if over > 0 else _("%(time)s before the window's end")
    return words % {"time": duration(abs(over))}

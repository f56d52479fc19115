"""The acts of the team on single steps, checks and metrics while an operation runs; each under its own name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import audit, outbox
from records.freezing import write_fields
from records.life_cycle import acting, said
from records.models import Check, LogEntry, Metric, Operation, Person, State, Step, StepStatus
from records.models.states import OPEN_STEPS, UNDER_WAY
from records.refusals import Incomplete, WrongOrder
from records.rights import is_team, may_work
from records.running import log

UNDO = dt.timedelta(minutes=15)


class NoteKind(models.TextChoices):
    """What a note is about."""

    NOTE = "note", gettext_lazy("Note")
    DEVIATION = "deviation", gettext_lazy("Deviation from the plan")
    PROBLEM = "problem", gettext_lazy("Problem")


# ---------------------------------------------------------------- steps


def start_step(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Step:
    """Begin a step. Raises WrongOrder where somebody else works on it, Http404 for a key that is none."""
    at = at or timezone.now()
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.STARTED and step.worked_by_id == by.pk:
            return step
        _check_open(step, (StepStatus.TODO, StepStatus.NOT_REACHED))
        _write(locked, step, "start_step", by, at, status=StepStatus.STARTED, started_at=at, ended_at=None)
    return step


def finish_step(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Step:
    """A step is done; one that nobody began was begun now. A second click by the same person changes nothing."""
    at = at or timezone.now()
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.DONE and step.worked_by_id == by.pk:
            return step
        _check_open(step, OPEN_STEPS)
        begun = step.started_at or at
        _write(locked, step, "finish_step", by, at, status=StepStatus.DONE, started_at=begun, ended_at=at)
    return step


def skip_step(operation: Operation, *, key: str, reason: str, by: Person, at: dt.datetime | None = None) -> Step:
    """A step is left out, for a reason."""
    at = at or timezone.now()
    with acting(operation) as locked:
        step = _step(locked, key, by)
        why = said(reason)
        if (step.status, step.worked_by_id, step.run_reason) == (StepStatus.SKIPPED, by.pk, why):
            return step
        _check_open(step, OPEN_STEPS)
        _write(locked, step, "skip_step", by, at, why, status=StepStatus.SKIPPED, ended_at=at)
    return step


def reopen_step(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Step:
    """Take back that a step is done or skipped, within 15 minutes; later a note says what was wrong."""
    at = at or timezone.now()
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.TODO:
            return step
        if step.status not in (StepStatus.DONE, StepStatus.SKIPPED):
            raise WrongOrder(_("“%s” has not ended, so there is nothing to take back.") % step.title)
        if step.ended_at is None or at - step.ended_at > UNDO:
            raise WrongOrder(_("“%s” ended more than 15 minutes ago. Add a note instead.") % step.title)
        _write(locked, step, "reopen_step", by, at, status=StepStatus.TODO, started_at=None, ended_at=None)
    return step


def _step(operation: Operation, key: str, by: Person) -> Step:
    """The step, for somebody who may work on it now: steps of phases in the run, procedures on the way back."""
    may_work(by, operation).insist()
    step = Step.objects.filter(section__operation=operation, key=key, loose=False).select_related("worked_by").first()
    if step is None:
        raise Http404
    if step.phase_id is None and operation.state != State.ROLLING_BACK:
        raise WrongOrder(_("“%s” belongs to the way back: roll back first.") % step.title)
    if step.phase_id and operation.state == State.ROLLING_BACK and step.status == StepStatus.TODO:
        raise WrongOrder(_("The operation is being rolled back: “%s” is not begun any more.") % step.title)
    return step


def _check_open(step: Step, open_states: tuple[StepStatus, ...]) -> None:
    if step.status in open_states:
        return
    since = step.ended_at or step.started_at
    words = _("Somebody was faster: %(person)s, %(at)s: “%(step)s” is “%(status)s”.")
    facts = {"person": step.worked_by, "at": outbox.moment(since), "step": step.title}
    raise WrongOrder(words % {**facts, "status": StepStatus(step.status).label.lower()})


def _write(
    operation: Operation, step: Step, act: str, by: Person, at: dt.datetime, reason: str = "", **columns: Any
) -> None:
    for name, value in {**columns, "worked_by": by, "run_reason": reason}.items():
        setattr(step, name, value)
    step.save(update_fields=[*columns, "worked_by", "run_reason"])
    log(operation, act, by=by, at=at, text=reason, step_key=step.key)
    audit.record(act, operation=operation, person=by, at=at, step=step.key, reason=reason)


# ---------------------------------------------------------------- checks


def tick_check(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Check:
    """Tick a check: it was looked at, and it holds."""
    at = at or timezone.now()
    with acting(operation) as locked:
        check = _check(locked, key, by)
        if check.ticked and check.ticked_by_id == by.pk:
            return check
        if check.ticked:
            names = {"person": check.ticked_by, "at": outbox.moment(check.ticked_at)}
            raise WrongOrder(_("Somebody was faster: %(person)s ticked this, %(at)s.") % names)
        _write_check(locked, check, "tick_check", by, at, ticked=True, ticked_at=at, ticked_by=by)
    return check


def untick_check(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Check:
    """Take a tick, or the reason for a missing one, back."""
    at = at or timezone.now()
    with acting(operation) as locked:
        check = _check(locked, key, by)
        if check.ticked or check.unticked_because:
            _write_check(locked, check, "untick_check", by, at, ticked=False, ticked_at=None, ticked_by=None)
    return check


def skip_check(operation: Operation, *, key: str, reason: str, by: Person, at: dt.datetime | None = None) -> Check:
    """Say why a check was not made."""
    at = at or timezone.now()
    with acting(operation) as locked:
        check = _check(locked, key, by)
        why = said(reason)
        if check.unticked_because == why:
            return check
        if check.ticked:
            raise WrongOrder(_("This check is ticked; take the tick back first."))
        _write_check(locked, check, "skip_check", by, at, why)
    return check


def _check(operation: Operation, key: str, by: Person) -> Check:
    may_work(by, operation).insist()
    checks = Check.objects.filter(section__operation=operation, key=key, loose=False)
    check = checks.select_related("ticked_by", "section").first()
    if check is None:
        raise Http404
    return check


def _write_check(
    operation: Operation, check: Check, act: str, by: Person, at: dt.datetime, reason: str = "", **columns: Any
) -> None:
    for name, value in {**columns, "unticked_because": reason}.items():
        setattr(check, name, value)
    check.save(update_fields=[*columns, "unticked_because"])
    log(operation, act, by=by, at=at, text=reason or check.text, step_key=check.key)
    audit.record(act, operation=operation, person=by, at=at, check=check.key, reason=reason)


# ---------------------------------------------------------------- notes and after-values


def note(
    operation: Operation,
    *,
    text: str,
    by: Person,
    kind: NoteKind = NoteKind.NOTE,
    step_key: str = "",
    at: dt.datetime | None = None,
) -> LogEntry:
    """Add a note, a deviation or a problem to the log, perhaps on a step. From the start until the final text."""
    at = at or timezone.now()
    with acting(operation) as locked:
        _check_writable(locked, by)
        words = said(text)
        newest = locked.log.order_by("-pk").first()
        if newest and (newest.person_id, newest.kind, newest.text, newest.step_key) == (by.pk, kind, words, step_key):
            return newest
        entry = log(locked, NoteKind(kind), by=by, at=at, text=words, step_key=step_key)
        audit.record(NoteKind(kind), operation=locked, person=by, at=at, text=words, step=step_key)
    return entry


def measure(operation: Operation, *, key: str, value: str, by: Person, at: dt.datetime | None = None) -> Metric:
    """Write the value measured afterwards. Saved like any field of its section, so nobody's save is overwritten."""
    at = at or timezone.now()
    with acting(operation) as locked:
        _check_writable(locked, by)
        metrics = Metric.objects.filter(section__operation=locked, key=key, loose=False, after__isnull=False)
        metric = metrics.select_related("section").first()
        if metric is None:
            raise Http404
        if not value.strip():
            raise Incomplete([_("a value for %s") % metric.name])
        before = metric.after
        write_fields(locked, metric.section.key, {f"{key}.after": value}, by=by, at=at)
        metric.refresh_from_db()
        if metric.after == before and metric.measured_by_id is not None:
            return metric
        metric.measured_at, metric.measured_by = at, by
        metric.save(update_fields=["measured_at", "measured_by"])
        log(locked, "measure", by=by, at=at, text=f"{metric.name}: {metric.after}", step_key=key)
        audit.record("measure", operation=locked, person=by, at=at, metric=key, value=metric.after)
    return metric


def _check_writable(operation: Operation, by: Person) -> None:
    is_team(by, operation).insist()
    if operation.state not in (*UNDER_WAY, State.CLOSING) or operation.final_text_id is not None:
        raise WrongOrder(_("Notes and values are written from the start until the operator signs the final text."))

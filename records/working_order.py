"""Working in the approved order, and the times of steps: the order is broken only with a reason, times corrected freely
for 15 minutes; the log keeps what was said before and after."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.life_cycle import acting, said
from records.models import Operation, Person, State, Step, StepStatus
from records.refusals import Incomplete, WrongOrder
from records.rights import may_work
from records.running import log
from records.working import UNDO, NoteKind, finish_step, note, skip_step, start_step

CORRECTED = "correct_times"


def begin(operation: Operation, *, key: str, by: Person, reason: str = "", at: dt.datetime | None = None) -> Step:
    """Start the step that comes next, or another one for a ``reason``, which is noted as a deviation.

    Raises Incomplete where the order would be broken and nothing says why.
    """
    with acting(operation) as locked:
        _keep_order(locked, key, by, reason, at)
        return start_step(locked, key=key, by=by, at=at)


def finish(operation: Operation, *, key: str, by: Person, reason: str = "", at: dt.datetime | None = None) -> Step:
    """A step is done. Like ``begin``, where it was never begun."""
    with acting(operation) as locked:
        _keep_order(locked, key, by, reason, at)
        return finish_step(locked, key=key, by=by, at=at)


def leave_out(operation: Operation, *, key: str, by: Person, reason: str, at: dt.datetime | None = None) -> Step:
    """Skip a step; its reason also says why it is skipped before its turn."""
    return skip_step(operation, key=key, reason=reason, by=by, at=at)


def _keep_order(operation: Operation, key: str, by: Person, reason: str, at: dt.datetime | None) -> None:
    may_work(by, operation).insist()
    steps = _in_order(operation)
    step = next((one for one in steps if one.key == key), None)
    if step is None or step.status != StepStatus.TODO:
        return
    first = next(one for one in steps if one.status in (StepStatus.TODO, StepStatus.STARTED))
    if first is step:
        return
    if not reason.strip():
        raise Incomplete([_("a reason to work “%(step)s” before “%(first)s” has ended") % _titles(step, first)])
    words = _("Out of order, before “%(first)s” has ended: %(reason)s") % {"first": first.title, "reason": said(reason)}
    note(operation, text=words, kind=NoteKind.DEVIATION, step_key=key, by=by, at=at)


def _titles(step: Step, first: Step) -> dict[str, str]:
    return {"step": step.title, "first": first.title}


def _in_order(operation: Operation) -> list[Step]:
    """The steps of the phases, or of the way back once it is taken, in the order of the plan."""
    back = operation.state == State.ROLLING_BACK
    steps = Step.objects.filter(section__operation=operation, loose=False, phase__isnull=back)
    return list(steps.order_by("section__position", "phase__position", "position"))


def correct_times(
    operation: Operation,
    *,
    key: str,
    by: Person,
    started: dt.datetime | None,
    ended: dt.datetime | None,
    at: dt.datetime | None = None,
) -> Step:
    """Set when a step was begun and ended, within 15 minutes of its last tick; the log keeps both times.

    Raises WrongOrder later than that, Incomplete for times that are in the future, before the run, or backwards.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_work(by, locked).insist()
        step = Step.objects.filter(section__operation=locked, key=key, loose=False).first()
        if step is None:
            raise Http404
        if step.status not in (StepStatus.STARTED, StepStatus.DONE):
            raise WrongOrder(_("“%s” has no times to correct.") % step.title)
        if at - _ticked_at(locked, step) > UNDO:
            raise WrongOrder(_("“%s” was ticked more than 15 minutes ago. Add a note instead.") % step.title)
        begun = started or step.started_at
        done = (ended or step.ended_at) if step.status == StepStatus.DONE else None
        _check_times(locked, begun, done, at)
        before = f"{_clock(step.started_at)} {_('to')} {_clock(step.ended_at)}"
        if (step.started_at, step.ended_at) == (begun, done):
            return step
        step.started_at, step.ended_at = begun, done
        step.save(update_fields=["started_at", "ended_at"])
        words = f"{before} → {_clock(begun)} {_('to')} {_clock(done)}"
        log(locked, CORRECTED, by=by, at=at, text=words, step_key=key)
        audit.record(CORRECTED, operation=locked, person=by, at=at, step=key, times=words)
    return step


def _ticked_at(operation: Operation, step: Step) -> dt.datetime:
    """When the step was really ticked last: its own times may have been corrected since."""
    ticks = operation.log.filter(step_key=step.key, kind__in=("start_step", "finish_step"))
    newest = ticks.order_by("-at", "-pk").first()
    return newest.at if newest else step.ended_at or step.started_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _check_times(operation: Operation, begun: dt.datetime | None, done: dt.datetime | None, at: dt.datetime) -> None:
    minute = dt.timedelta(minutes=1)
    if any(moment and moment > at + minute for moment in (begun, done)):
        raise Incomplete([_("a time that is not in the future")])
    if begun and operation.started_at and begun < operation.started_at - minute:
        raise Incomplete([_("a time after the start of the run")])
    if begun and done and done < begun:
        raise Incomplete([_("an end that is not before its start")])


def _clock(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).strftime("%H:%M") if moment else "–"

"""The acts of the team on single steps while an operation runs, each under its own name and in the approved order.

The order is broken only with a reason; the log keeps what was said before and after a time was corrected.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.life_cycle import acting, said
from records.models import Operation, Person, State, Step, StepStatus
from records.models.states import OPEN_STEPS
from records.refusals import Incomplete, WrongOrder
from records.run.clock import clock_words
from records.run.emergency import refuse_outside_the_run
from records.run.logbook import NoteKind, check_workable, log, moment_of, note
from records.run.set_aside import is_left_aside
from records.run.step_order import first_open_before
from records.run.step_times import not_before, span_words, was_begun, written
from records.run.stops import check_not_stopped
from records.run.witnessing import ask_for_witness

UNDO = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Tick:
    """Who ticks, when it is written, and when it happened, if not then."""

    by: Person
    at: dt.datetime
    happened: dt.datetime | None = None


def start_step(
    operation: Operation,
    *,
    key: str,
    by: Person,
    reason: str = "",
    asked: bool = False,
    note: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Step:
    """Begin the step that comes next, or another one for a ``reason``, which is noted as a deviation.

    ``asked`` says that whoever is to be asked before was asked, and that a point of no return may be passed; ``note``
    is noted with it; ``happened`` is when it was begun, if not now. Raises WrongOrder where somebody else works on it,
    Incomplete where a reason or the confirmation is lacking, Http404 for a key that is none.
    """
    tick = _Tick(by, at or timezone.now(), happened)
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.STARTED and step.worked_by_id == by.pk:
            _note(locked, step, note, tick)
            return step
        _check_open(step, (StepStatus.TODO, StepStatus.NOT_REACHED))
        _check_turn(locked, step, reason, asked, tick)
        _note(locked, step, note, tick)
        begun = moment_of(locked, happened, tick.at)
        _write(locked, step, "start_step", tick, status=StepStatus.STARTED, started_at=begun, ended_at=None)
        _note_no_return(locked, step, tick)
        _ask_for_witness(locked, step, tick)
    return step


def finish_step(
    operation: Operation,
    *,
    key: str,
    by: Person,
    reason: str = "",
    asked: bool = False,
    note: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Step:
    """A step is done; one that nobody began was begun now. A second click by the same person changes nothing.

    ``reason``, ``asked``, ``note``, ``happened`` and what it raises: as in ``start_step``; Incomplete also for an end
    before the start.
    """
    tick = _Tick(by, at or timezone.now(), happened)
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.DONE and step.worked_by_id == by.pk:
            _note(locked, step, note, tick)
            return step
        _check_open(step, OPEN_STEPS)
        if step.witnessed_by_id == by.pk:
            raise WrongOrder(_("You looked on at “%s”, so somebody else finishes it.") % step.title)
        if step.status != StepStatus.STARTED:
            _check_turn(locked, step, reason, asked, tick)
        done = moment_of(locked, happened, tick.at)
        was_begun = step.status == StepStatus.STARTED
        begun = step.started_at if was_begun and step.started_at else done
        # Whoever gives no time is never refused, even where the site's own clock was set back.
        done = not_before(begun, done) if happened else max(begun, done)
        tick = replace(tick, happened=done) if happened else tick
        _note(locked, step, note, tick)
        _write(locked, step, "finish_step", tick, status=StepStatus.DONE, started_at=begun, ended_at=done)
        if not was_begun:
            _note_no_return(locked, step, tick)
            _ask_for_witness(locked, step, tick)
    return step


def skip_step(
    operation: Operation,
    *,
    key: str,
    reason: str,
    by: Person,
    note: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Step:
    """A step is left out, for a reason, which also says why it is skipped before its turn. Raises Incomplete for an end
    before its start.
    """
    tick = _Tick(by, at or timezone.now(), happened)
    with acting(operation) as locked:
        step = _step(locked, key, by)
        why = said(reason)
        if (step.status, step.worked_by_id, step.run_reason) == (StepStatus.SKIPPED, by.pk, why):
            return step
        _check_open(step, OPEN_STEPS)
        ended = moment_of(locked, happened, tick.at)
        if step.status == StepStatus.STARTED and step.started_at:
            ended = not_before(step.started_at, ended) if happened else max(step.started_at, ended)
        tick = replace(tick, happened=ended) if happened else tick
        _note(locked, step, note, tick)
        _write(locked, step, "skip_step", tick, why, status=StepStatus.SKIPPED, ended_at=ended)
    return step


def reopen_step(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Step:
    """Take back that a step was begun, done or skipped, within 15 minutes; later a note says what was wrong.

    One that was begun before it ended is under way again, since then.
    """
    tick = _Tick(by, at or timezone.now())
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status == StepStatus.TODO:
            return step
        # What was added was begun by that: it is done, or skipped.
        if step.status == StepStatus.NOT_REACHED or (step.unplanned and step.status == StepStatus.STARTED):
            raise WrongOrder(_("“%s” has not ended, so it can’t be taken back; skip it, with a reason.") % step.title)
        if tick.at - _ticked_at(locked, step) > UNDO:
            raise WrongOrder(_("“%s” was ticked more than 15 minutes ago. Add a note instead.") % step.title)
        nothing: dict[str, Any] = {"ended_at": None, "witnessed_by": None, "witnessed_at": None}
        if step.ended_at and was_begun(locked, step):
            _write(locked, step, "reopen_step", tick, status=StepStatus.STARTED, **nothing)
        else:
            _write(locked, step, "reopen_step", tick, status=StepStatus.TODO, started_at=None, **nothing)
    return step


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

    A time is written to the minute, without its day: the one that a step had already stays as it was, to the second.
    Raises WrongOrder later than that, Incomplete for times that are in the future, before the run, or backwards.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        step = _step(locked, key, by)
        if step.status not in (StepStatus.STARTED, StepStatus.DONE):
            raise WrongOrder(_("“%s” has no times to correct.") % step.title)
        if at - _ticked_at(locked, step) > UNDO:
            raise WrongOrder(_("“%s” was ticked more than 15 minutes ago. Add a note instead.") % step.title)
        begun = moment_of(locked, written(started, step.started_at), at)
        done = moment_of(locked, written(ended, step.ended_at), at) if step.status == StepStatus.DONE else None
        done = done and not_before(begun, done, clock_words(done) != clock_words(begun))
        if (step.started_at, step.ended_at) == (begun, done):
            return step
        words = f"{span_words(step.started_at, step.ended_at)} → {span_words(begun, done)}"
        step.started_at, step.ended_at = begun, done
        step.save(update_fields=["started_at", "ended_at"])
        log(locked, "correct_times", by=by, at=at, text=words, step_key=key)
        audit.record("correct_times", operation=locked, person=by, at=at, step=key, times=words)
    return step


# ---------------------------------------------------------------- what they stand on


def _step(operation: Operation, key: str, by: Person) -> Step:
    """The step, for somebody who may work on it now: steps of phases in the run, procedures on the way back."""
    check_workable(operation, by)
    step = (
        Step.in_run.filter(section__operation=operation, key=key, loose=False, written_as="")
        .select_related("worked_by")
        .first()
    )
    if step is None:
        raise Http404
    refuse_outside_the_run(operation, step)
    if is_left_aside(step):
        raise WrongOrder(_("“%s” is not applicable in this plan. Add a step if it is needed after all.") % step.title)
    loose = step.unplanned and step.plan_id is None
    if step.phase_id is None and not loose and operation.state != State.ROLLING_BACK:
        raise WrongOrder(_("“%s” belongs to the way back: roll back first.") % step.title)
    check_not_stopped(operation)
    if step.phase_id and operation.state == State.ROLLING_BACK and step.status == StepStatus.TODO:
        raise WrongOrder(_("The operation is being rolled back: “%s” is not begun any more.") % step.title)
    return step


def _check_open(step: Step, open_states: tuple[StepStatus, ...]) -> None:
    if step.status in open_states:
        return
    since = step.ended_at or step.started_at
    words = _("Already seen to by %(person)s, %(at)s: “%(step)s” is “%(status)s”.")
    facts = {"person": step.worked_by, "at": outbox.moment(since), "step": step.title}
    raise WrongOrder(words % {**facts, "status": StepStatus(step.status).label.lower()})


def _check_turn(operation: Operation, step: Step, reason: str, asked: bool, tick: _Tick) -> None:
    """The step's turn has come, or a reason says why not yet; who is to be asked before was asked."""
    names = {"step": step.title, "asked": step.ask_before}
    if step.ask_before and not asked:
        raise Incomplete([_("the go-ahead for “%(step)s”: %(asked)s") % names])
    if step.point_of_no_return and not asked:
        raise Incomplete([_("your word that “%(step)s”, the point of no return, may be passed") % names])
    first = first_open_before(operation, step)
    if first:
        names["first"] = first.title
        if not reason.strip():
            raise Incomplete([_("a reason to work “%(step)s” before “%(first)s” has ended") % names])
        words = _("Out of order, before “%(first)s” has ended: %(reason)s") % {**names, "reason": said(reason)}
        _note(operation, step, words, tick, kind=NoteKind.DEVIATION)
    if step.ask_before:
        _note(operation, step, _("Go-ahead given: %(asked)s") % names, tick)


def _note_no_return(operation: Operation, step: Step, tick: _Tick) -> None:
    """Behind the line that the step was begun or done, not before it: it is passed by that."""
    if step.point_of_no_return:
        _note(operation, step, _("Passed the point of no return"), tick)


def _ask_for_witness(operation: Operation, step: Step, tick: _Tick) -> None:
    if step.witness and step.witnessed_by_id is None:
        ask_for_witness(operation, step, by=tick.by, at=tick.at)


def _note(operation: Operation, step: Step, text: str, tick: _Tick, kind: NoteKind = NoteKind.NOTE) -> None:
    if text.strip():
        note(operation, text=text, kind=kind, step_key=step.key, by=tick.by, happened=tick.happened, at=tick.at)


def _write(operation: Operation, step: Step, act: str, tick: _Tick, reason: str = "", **columns: Any) -> None:
    for name, value in {**columns, "worked_by": tick.by, "run_reason": reason}.items():
        setattr(step, name, value)
    step.save(update_fields=[*columns, "worked_by", "run_reason"])
    log(operation, act, by=tick.by, at=tick.at, happened=tick.happened, text=reason, step_key=step.key)
    facts = {"happened": tick.happened.astimezone(dt.UTC).isoformat()} if tick.happened else {}
    audit.record(act, operation=operation, person=tick.by, at=tick.at, step=step.key, reason=reason, **facts)


def _ticked_at(operation: Operation, step: Step) -> dt.datetime:
    """When the step was really ticked last: its own times may have been said otherwise."""
    ticks = operation.log.filter(step_key=step.key, kind__in=("start_step", "finish_step", "skip_step"))
    newest = ticks.order_by("-written_at", "-pk").first()
    return newest.written_at if newest else dt.datetime.min.replace(tzinfo=dt.UTC)

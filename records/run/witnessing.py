"""A witness: a second person who looks on where a step asks for one, and says so under their own name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.life_cycle import acting, said
from records.models import LogEntry, Operation, Person, Step, StepStatus
from records.models.states import UNDER_WAY
from records.models.work import UNWITNESSED
from records.outbox import Event, Message
from records.refusals import WrongOrder
from records.rights import Right, is_team, may_see
from records.run.logbook import log, moment_of, of_this_run

# What whoever works a step did at it, as the log calls it; the step itself names the last of them alone.
WORKED = ("start_step", "finish_step", "skip_step", "reopen_step")


def ask_for_witness(operation: Operation, step: Step, *, by: Person, at: dt.datetime) -> None:
    """Tell the rest of the team, and who supervises, that a step which asks for a witness was begun by ``by``."""
    named = operation.named
    ids = {operation.operator_id, operation.supervisor_id, *named.co_authors, *named.deputies, *named.team}
    people = Person.objects.filter(pk__in={pk for pk in ids if pk})
    todo = _("Look on at “%(step)s”, then say at the step that you did.") % {"step": step.title}
    outbox.put(Message(Event.WITNESS_ASKED, todo), operation, to=people, by=by, at=at)


def had_a_hand_in(person: Person) -> Exists:
    """The steps that ``person`` began, did or took back in the run, whoever worked them last."""
    own = LogEntry.objects.filter(operation=OuterRef("section__operation"), step_key=OuterRef("key"), person=person)
    return Exists(of_this_run(own.filter(kind__in=WORKED)))


def worked_in(lines: Iterable[LogEntry], person: Person) -> set[str]:
    """The same, by key, of the ``lines`` of a run that were read."""
    return {line.step_key for line in lines if line.kind in WORKED and line.person_id == person.pk}


def to_witness(person: Person, running: Iterable[Operation]) -> list[tuple[Operation, Step]]:
    """The steps of ``running`` that wait for a witness, who ``person`` may be asked to be. One query, and one for each
    record that has such a step.
    """
    by_number = {one.pk: one for one in running}
    found = Step.objects.filter(UNWITNESSED, section__operation__in=by_number).exclude(had_a_hand_in(person))
    waiting = found.select_related("worked_by", "section").order_by("section__position", "position")
    own = [(by_number[step.section.operation_id], step) for step in waiting]
    return [(one, step) for one, step in own if one.supervisor_id == person.pk or is_team(person, one)]


def witness_step(
    operation: Operation,
    *,
    key: str,
    by: Person,
    words: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Step:
    """Say that one looked on while a step was worked: anybody who sees the record, but not who worked it.

    Raises Refused for who worked it, WrongOrder before it was begun or where somebody else was the witness.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_see(by, locked).insist()
        steps = Step.objects.filter(section__operation=locked, key=key, loose=False, witness=True)
        step = steps.select_related("worked_by", "witnessed_by").first()
        if step is None:
            raise Http404
        if locked.state not in UNDER_WAY or step.status not in (StepStatus.STARTED, StepStatus.DONE):
            raise WrongOrder(_("“%s” is witnessed once it was begun, while the operation is under way.") % step.title)
        if steps.filter(had_a_hand_in(by)).exists():
            Right(_("Who works a step is not its witness; somebody else looks on.")).insist()
        if step.witnessed_by_id == by.pk:
            return step
        if step.witnessed_by_id:
            names = {"person": step.witnessed_by, "at": outbox.moment(step.witnessed_at)}
            raise WrongOrder(_("%(person)s is the witness already, %(at)s.") % names)
        step.witnessed_by, step.witnessed_at = by, moment_of(locked, happened, at)
        step.save(update_fields=["witnessed_by", "witnessed_at"])
        seen = words.strip() and said(words)
        log(locked, "witness_step", by=by, at=at, happened=happened, text=seen, step_key=key)
        audit.record("witness_step", operation=locked, person=by, at=at, step=key, seen=seen)
    return step

"""The emergency start: the operator begins at once, on five answers, and the plan is completed after the work.

It never is, and never shows as, approved: loudly marked until the end, and ratified by a supervisor who had no part in
it. What was said stands in the annex of every revision from then on, so it is bound by each digest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import need_for, signing_off
from approvals.refused import deciding
from approvals.standing import newest_revision
from approvals.submitting import settle_plan
from approvals.unapproved import note_what_happened, refuse_to_be_confirmed
from records.content import freezing
from records.content.assembly import document_of, load_all
from records.life_cycle import Act, check_state, move, repeated, said
from records.models import Operation, OperationTemplate, Outcome, Person, Revision
from records.outbox import Event, Message
from records.refusals import Incomplete, WrongOrder
from records.rights import may
from records.run.clean_start import NOTHING_RUN, begin_clean
from records.run.emergency import QUESTIONS, plan_due
from records.run.logbook import log
from records.run.pressing import new_key, once
from records.run.running import tell
from records.run.unplanned import stand_in_plan
from records.writing.from_the_run import take_out_unwritten_steps
from records.writing.naming import fall_back_on_free_id, settle_id
from records.writing.opening import Opening, open_record

ANSWER_LENGTH, TITLE_LENGTH = 2000, 120


def emergency_start(
    operation: Operation, *, answers: Mapping[str, str], by: Person, at: dt.datetime | None = None
) -> Revision:
    """Begin the operation now, although nobody approved it; ``answers`` are those to ``QUESTIONS``, by name.

    What is written of the plan so far is frozen as it stands: the run goes along it. Approvals that were given so far
    are void. Raises Incomplete for an answer that is missing or too long.
    """
    at = at or timezone.now()
    with deciding(Act.EMERGENCY_START, operation, by, at) as locked:
        may(by, locked, Act.EMERGENCY_START, on=at.date()).insist()
        newest = newest_revision(locked)
        if newest and repeated(locked, Act.EMERGENCY_START, by, **_said_in(answers)):
            return newest
        check_state(locked, Act.EMERGENCY_START)
        told = _answered(answers)
        _settle_id(locked, by, at)
        begin_clean(locked)
        locked.emergency = {**told, "by": by.pk}
        rule = need_for(locked, locked.risk_level).stored()
        revision = freezing.freeze_revision(locked, load_all(locked), by=by, at=at, rule=rule)
        columns: dict[str, Any] = {"submitted_at": at, "started_at": at, "outcome": Outcome.IN_PROGRESS}
        columns |= {**NOTHING_RUN, "start_conditions": [], "start_allowed_until": None}
        columns |= {"emergency": locked.emergency, "plan_due_at": plan_due(at)}
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, **told}
        move(locked, Act.EMERGENCY_START, by=by, at=at, columns=columns, **facts)
        words = "\n".join(f"{question} {told[name]}" for name, question in QUESTIONS.items())
        log(locked, Act.EMERGENCY_START, by=by, at=at, text=f"{told['doing']} ({told['why']})")
        todo = _("It was started as an emergency and nobody approved it. Follow it; it is to be ratified afterwards.")
        asked = signing_off(locked, at.date())
        tell(locked, Message(Event.EMERGENCY, todo, words), by=by, at=at, also=asked, newest=revision)
        return revision


def start_from_nothing(
    template: OperationTemplate, *, answers: Mapping[str, str], by: Person, key: str = "", at: dt.datetime | None = None
) -> Operation:
    """A new record of ``template``, begun as an emergency by its author; or the one that the same press, by its
    ``key``, began before. Raises what ``emergency_start`` and ``once`` do.
    """
    at, key = at or timezone.now(), key or new_key()
    now = at.astimezone(dt.UTC)
    title = " ".join(answers.get("doing", "").split())[:TITLE_LENGTH]
    day, time = now.strftime("%Y-%m-%d"), now.strftime("%H:%M:%S UTC")
    told = [["template", str(template.pk)], *([name, text] for name, text in _said_in(answers).items())]
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once would not see each other's record
        begun = Operation.objects.filter(presses__person=by, presses__key=key).first()
        operation = begun or open_record(Opening(title, day, time, operator=by), author=by, template=template, at=at)
        if not begun and title and not operation.title:  # "Not applicable" and the like, or words of the template
            raise Incomplete([QUESTIONS["doing"]])

        def start() -> None:
            emergency_start(operation, answers=answers, by=by, at=at)

        once(operation, key=key, by=by, act=start, fields=told, at=at)
    return operation


def _said_in(answers: Mapping[str, str]) -> dict[str, str]:
    return {name: answers.get(name, "").strip() for name in QUESTIONS}


def _answered(answers: Mapping[str, str]) -> dict[str, str]:
    told, lacking = {}, []
    for name, question in QUESTIONS.items():
        try:
            told[name] = said(answers.get(name, ""), str(question))
        except Incomplete as one:
            lacking += one.missing
            continue
        if len(told[name]) > ANSWER_LENGTH:
            words = _("%(question)s, in at most %(number)s characters")
            lacking.append(words % {"question": question, "number": ANSWER_LENGTH})
    if lacking:
        raise Incomplete(lacking)
    return told


def _settle_id(operation: Operation, by: Person, at: dt.datetime) -> None:
    """The digest of what is frozen binds the ID, so it stands from now on; one that can't be used is made anew."""
    document, outline = document_of(operation), operation.outline
    try:
        settle_id(operation, document, outline, by=by, at=at)
    except Incomplete:
        fall_back_on_free_id(operation, document, outline, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Went:
    """How the steps and checks that were written down after the work went: as in ``note_what_happened``, and which of
    them are ``written`` of steps that were added in the run (``stand_in_plan``).
    """

    done: Collection[str] = ()
    held: Collection[str] = ()
    left_out: str = ""
    written: Mapping[str, str] = field(default_factory=dict)


def complete_plan(operation: Operation, went: Went, *, by: Person, at: dt.datetime | None = None) -> Revision:
    """The rest of an emergency's plan is written: it is frozen as a revision, and nothing of it changes any more.

    Steps in which nobody wrote anything are taken out.

    Raises Incomplete with what is missing of the plan, WrongOrder where no plan is owed.
    """
    at = at or timezone.now()
    with deciding(Act.COMPLETE_PLAN, operation, by, at) as locked:
        may(by, locked, Act.COMPLETE_PLAN, on=at.date()).insist()
        newest = newest_revision(locked)
        if newest and repeated(locked, Act.COMPLETE_PLAN, by, left_out=went.left_out.strip()):
            return newest
        check_state(locked, Act.COMPLETE_PLAN)
        if not locked.owes_plan:
            raise WrongOrder(_("The plan of this record is complete."))
        take_out_unwritten_steps(locked, by=by, at=at)
        sections = settle_plan(locked, by=by, at=at)
        rule = need_for(locked, locked.risk_level).stored()
        revision = freezing.freeze_revision(locked, sections, by=by, at=at, rule=rule)
        refuse_to_be_confirmed(locked, revision)
        stand_in_plan(locked, went.written)
        note_what_happened(locked, done=went.done, held=went.held, left_out=went.left_out, at=at)
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest}
        facts["left_out"] = went.left_out.strip()
        facts["late"] = bool(locked.plan_due_at and at > locked.plan_due_at)
        move(locked, Act.COMPLETE_PLAN, by=by, at=at, columns={"plan_due_at": None}, **facts)
        log(locked, Act.COMPLETE_PLAN, by=by, at=at)
        return revision

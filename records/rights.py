"""Who may see, edit and run a record: pure predicates that answer yes, or the reason why not.

Views get a record through ``operation_for`` alone. Who may decide is in ``approvals.rules``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from records.composed import Asked, Kept
from records.life_cycle import TABLE, Act, Who
from records.models import Operation, Person, Role, RoleHolding, State
from records.models.person import holding_on
from records.models.states import CLOSE_EDITABLE, EDITABLE, UNDER_WAY
from records.numbers import number_in
from records.refusals import Refused
from records.who import who_is


@dataclass(frozen=True, slots=True)
class Right:
    """The answer to "may she?": true, or false with the reason in words for the person who asked."""

    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason

    def insist(self) -> None:
        """Raises Refused with the reason, unless the answer is yes."""
        if self.reason:
            raise Refused(self.reason)


YES = Right()
Question = Callable[[Person, Operation], Right]


def administers(person: Person) -> bool:
    """Whether the person looks after people, rules and mail; that role decides and signs nothing."""
    return person.is_superuser or Role.ADMINISTRATOR in person.roles_on(timezone.now().date())


def is_signed_in(person: Person | AnonymousUser) -> bool:
    """Whether this is somebody with an account that is in use."""
    return person.is_authenticated and person.is_active


# ---------------------------------------------------------------- seeing


def visible_to(person: Person) -> QuerySet[Operation]:
    """The records that the person may see: all that were ever submitted, and drafts that concern them."""
    if not is_signed_in(person):
        return Operation.objects.none()
    return _seen_by(person.pk, timezone.now().date())


def _seen_by(person: int | Asked, day: dt.date | Asked) -> QuerySet[Operation]:
    auditor = RoleHolding.objects.filter(holding_on(day), person=person, role=Role.AUDITOR)
    lists = (Operation.co_authors.through, Operation.deputies.through, Operation.team.through)
    named = [people.objects.filter(person_id=person).values("operation_id") for people in lists]
    return Operation.objects.filter(
        Exists(auditor)
        | Q(submitted_at__isnull=False)
        | Q(state=State.IMPORTED)
        | Q(author=person)
        | Q(operator=person)
        | Q(supervisor=person)
        | reduce(or_, (Q(pk__in=records) for records in named))
    )


def is_for_everybody(operation: Operation) -> bool:
    """Whether everybody who is signed in sees it: no secret draft."""
    return operation.submitted_at is not None or operation.state == State.IMPORTED


def may_see(person: Person, operation: Operation) -> Right:
    """Drafts: whoever is named in them, in whatever role, and auditors. From the first submission: everybody."""
    if not is_signed_in(person):
        return Right(_("Sign in first."))
    if is_for_everybody(operation):
        return YES
    if person.pk in (operation.author_id, operation.operator_id, operation.supervisor_id):
        return YES
    if person.pk in operation.named.everybody or Role.AUDITOR in person.roles_on(timezone.now().date()):
        return YES
    return Right(_("This draft is its author's, until it is sent for review."))


def source_seen() -> Exists:
    """Whether whoever asks may see the record that one was cloned from; to be asked ``also`` with the record."""
    seen = _seen_by(Asked("person"), Asked("today", models.DateField()))
    return Exists(seen.filter(pk=OuterRef("cloned_from")))


Also = Callable[[], Mapping[str, Combinable]]


def operation_for(
    person: Person, reference: str | int, right: Question = may_see, *, also: Also | None = None
) -> Operation:
    """The record with this number or operation ID, with its template and people, for a person who has ``right`` to it.

    What is asked ``also`` in the same query, by a function that always answers the same, comes as attributes.
    Raises Http404 if the person may not even see it, the same as if it weren't there; Refused, in words, if
    they see it but lack the right.
    """
    text = str(reference)
    number = number_in(text)
    if "\0" in text:
        raise Http404
    asked = _records("operation_id", also) if number is None else _records("pk", also)
    told = {"reference": text if number is None else number, "person": person.pk, "today": timezone.now().date()}
    operation = asked.first(**told)
    if operation is None or not may_see(person, operation):
        raise Http404
    right(person, operation).insist()
    return operation


@cache
def _records(column: str, also: Also | None) -> Kept[Operation]:
    people = ("author", "operator", "supervisor", "in_charge")
    records = Operation.objects.select_related("template", "cloned_from", *people).filter(
        **{column: Asked("reference")}
    )
    return Kept(lambda: records.annotate(**(also() if also else {})))


# ---------------------------------------------------------------- editing


def may_edit_plan(person: Person, operation: Operation) -> Right:
    """The plan is written by author and co-authors, in a draft or after changes were asked for; the rest of what was
    started as an emergency after the work.
    """
    if not _is_writer(person, operation):
        return Right(_("The plan is written by its author and co-authors."))
    if operation.state not in EDITABLE and not operation.owes_plan:
        return Right(_("The plan can't be changed while the record is “%s”.") % _state(operation))
    return YES


def may_edit_close(person: Person, operation: Operation) -> Right:
    """Open and close parts are written by author, co-authors and team until the final text is frozen."""
    if not _is_writer(person, operation) and not _is_team(person, operation):
        return Right(_("This is written by the record's author, co-authors and team."))
    if operation.state not in CLOSE_EDITABLE:
        return Right(_("Nothing changes any more in a record that is “%s”.") % _state(operation))
    if operation.final_text_id is not None:
        return Right(_("This record is signed; its text is frozen."))
    return YES


def may_edit(person: Person, operation: Operation) -> Right:
    """Whether there is any part of the record that the person may write now."""
    return may_edit_plan(person, operation) or may_edit_close(person, operation)


def may_change_template(person: Person, operation: Operation) -> Right:
    """Moving to another version of the template is a draft's: what was run stays on the one it was run on."""
    if operation.owes_plan:
        return Right(_("The work is over: the record stays on its version of the template."))
    return may_edit_plan(person, operation)


def may_name_people(person: Person, operation: Operation) -> Right:
    """Operator, supervisor and deputies are named with the plan, before the start: who ran it, ran it."""
    if operation.owes_plan:
        return Right(_("Who ran it and who wrote it stays as it was: the work is over."))
    return may_edit_plan(person, operation)


def may_name_co_authors(person: Person, operation: Operation) -> Right:
    """Who writes the plan with them, the author alone says, while it can be written."""
    if operation.author_id != person.pk:
        return Right(_("Only the author names co-authors."))
    return may_name_people(person, operation)


def may_name_team(person: Person, operation: Operation) -> Right:
    """The team is no part of the plan: writers and operator keep it up to date until the final text is frozen."""
    if not _is_writer(person, operation) and operation.operator_id != person.pk:
        return Right(_("The team is named by the record's author, co-authors and operator."))
    return may_edit_close(person, operation)


def may_name_anybody(person: Person, operation: Operation) -> Right:
    """Whether there is anybody whom the person may name now."""
    return may_name_people(person, operation) or may_name_team(person, operation)


# ---------------------------------------------------------------- acts


def may(person: Person, operation: Operation, act: Act, *, on: dt.date | None = None) -> Right:
    """Whether the table's "who" allows ``act`` to ``person``, whatever the state. Not for approvers' acts."""
    allowed = TABLE[act].who
    if is_signed_in(person) and who_is(person, operation, on=on) & set(allowed):
        return YES
    names = _(" or ").join(WORDS[who]() for who in allowed)
    return Right(_("Only %(people)s can %(act)s.") % {"people": names, "act": act.label})


def may_archive(person: Person, operation: Operation) -> Right:
    """The people whose names are on it, and administrators; only what has ended (``records.archiving``)."""
    named = {operation.author_id, operation.operator_id, operation.supervisor_id}
    if is_signed_in(person) and (person.pk in named or administers(person)):
        return YES
    return Right(_("Only its author, operator or supervisor, or an administrator, archives a record."))


def may_submit(person: Person, operation: Operation) -> Right:
    """Author and co-authors."""
    return may(person, operation, Act.SUBMIT)


def may_work(person: Person, operation: Operation) -> Right:
    """Operator, deputies, co-authors and team tick, note and work steps while it is under way."""
    team = is_team(person, operation)
    if not team or operation.state in UNDER_WAY:
        return team
    return Right(_("The operation isn't under way: the record is “%s”.") % _state(operation))


def is_team(person: Person, operation: Operation) -> Right:
    """Operator, deputies, co-authors and the people of the team, whatever the state."""
    if _is_team(person, operation):
        return YES
    return Right(_("Only the record's team works on it: operator, deputies, co-authors and the people named."))


def _is_writer(person: Person, operation: Operation) -> bool:
    # The author first: who wrote it is known without a query for the others.
    return is_signed_in(person) and (person.pk == operation.author_id or person.pk in operation.named.co_authors)


def _is_team(person: Person, operation: Operation) -> bool:
    named = operation.named
    team = {operation.operator_id, *named.deputies, *named.co_authors, *named.team}
    return is_signed_in(person) and person.pk in team


def _state(operation: Operation) -> str:
    return State(operation.state).label.lower()


WORDS: dict[Who, Callable[[], str]] = {
    Who.AUTHOR: lambda: _("the author"),
    Who.CO_AUTHOR: lambda: _("a co-author"),
    Who.OPERATOR: lambda: _("the operator"),
    Who.DEPUTY: lambda: _("a deputy"),
    Who.SUPERVISOR: lambda: _("the supervisor"),
    Who.APPROVER: lambda: _("an approver"),
    Who.GIVER: lambda: _("who gave the approval"),
    Who.INDEPENDENT_SUPERVISOR: lambda: _("a supervisor who neither ran nor wrote it"),
}

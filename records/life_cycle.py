"""The life of a record: ONE table of states and acts, and ``move``, the only place that changes a state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import audit
from records.composed import Asked, Kept
from records.models import Operation, OperationTemplate, Person, State
from records.refusals import Incomplete, WrongOrder

# As much as a section may hold: a note that was pasted goes to everybody's page.
MOST_SAID = 256 * 1024
# The states in their order tell whether somebody was faster or something comes first.
ORDER = tuple(State)


class Act(models.TextChoices):
    """What people do with a record as a whole; the label is how refusals and the trail call it."""

    SUBMIT = "submit", gettext_lazy("send it for review")
    WITHDRAW = "withdraw", gettext_lazy("withdraw it from review")
    ASK_FOR_CHANGES = "ask_for_changes", gettext_lazy("ask for changes")
    REJECT = "reject", gettext_lazy("reject it")
    APPROVE = "approve", gettext_lazy("approve it")
    TAKE_BACK = "take_back_approval", gettext_lazy("take the approval back")
    CHANGE_PLAN = "change_plan", gettext_lazy("change the plan")
    RESCHEDULE = "reschedule", gettext_lazy("move it to another date")
    CANCEL = "cancel", gettext_lazy("cancel it")
    START = "start", gettext_lazy("start it")
    EMERGENCY_START = "emergency_start", gettext_lazy("start it as an emergency")
    CALL_OFF = "call_off", gettext_lazy("call it off")
    STOP_AT_PHASE_END = "stop_at_phase_end", gettext_lazy("stop it for this night")
    ROLL_BACK = "roll_back", gettext_lazy("roll back")
    RECORD_AFTERWARDS = "record_afterwards", gettext_lazy("record it afterwards")
    FINISH_WORK = "finish_work", gettext_lazy("finish the work")
    COMPLETE_PLAN = "complete_plan", gettext_lazy("complete its plan")
    REOPEN_RUN = "reopen_run", gettext_lazy("reopen the run")
    SIGN_AS_OPERATOR = "sign_as_operator", gettext_lazy("sign it as operator")
    SIGN_OFF = "sign_off", gettext_lazy("sign it off")
    AMEND = "amend", gettext_lazy("add an addendum to it")


class Who(StrEnum):
    """What somebody is to a record. The first five are known to ``records.rights``, the others to ``approvals``."""

    AUTHOR = "author"
    CO_AUTHOR = "co-author"
    OPERATOR = "operator"
    DEPUTY = "deputy"
    SUPERVISOR = "supervisor"
    APPROVER = "approver"
    GIVER = "who gave the approval"
    INDEPENDENT_SUPERVISOR = "supervisor who neither ran nor wrote it"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: from which states, to which (the first is the usual one), and who.

    What else an act asks for (a reason, the digest that was seen, a signature) are the arguments of its function.
    """

    sources: tuple[State, ...]
    targets: tuple[State, ...]
    who: tuple[Who, ...]


_WRITERS = (Who.AUTHOR, Who.CO_AUTHOR)

TABLE: Mapping[Act, Rule] = {
    Act.SUBMIT: Rule((State.DRAFT, State.CHANGES_REQUESTED), (State.IN_REVIEW,), _WRITERS),
    Act.WITHDRAW: Rule((State.IN_REVIEW,), (State.DRAFT,), _WRITERS),
    Act.ASK_FOR_CHANGES: Rule((State.IN_REVIEW,), (State.CHANGES_REQUESTED,), (Who.APPROVER,)),
    Act.REJECT: Rule((State.IN_REVIEW,), (State.REJECTED,), (Who.APPROVER,)),
    Act.APPROVE: Rule((State.IN_REVIEW,), (State.IN_REVIEW, State.APPROVED), (Who.APPROVER,)),
    Act.TAKE_BACK: Rule((State.APPROVED,), (State.IN_REVIEW,), (Who.GIVER,)),
    Act.CHANGE_PLAN: Rule((State.APPROVED,), (State.DRAFT,), _WRITERS),
    Act.RESCHEDULE: Rule((State.APPROVED,), (State.IN_REVIEW,), _WRITERS),
    Act.CANCEL: Rule(
        (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED),
        (State.CANCELLED,),
        (Who.AUTHOR, Who.SUPERVISOR),
    ),
    Act.START: Rule(
        (State.APPROVED,),
        (State.RUNNING,),
        (Who.OPERATOR, Who.DEPUTY),
    ),
    Act.EMERGENCY_START: Rule((State.DRAFT, State.IN_REVIEW), (State.RUNNING,), (Who.OPERATOR,)),
    Act.CALL_OFF: Rule((State.RUNNING,), (State.APPROVED,), (Who.OPERATOR, Who.SUPERVISOR)),
    Act.STOP_AT_PHASE_END: Rule((State.RUNNING,), (State.RUNNING,), (Who.OPERATOR,)),
    Act.ROLL_BACK: Rule(
        (State.RUNNING,),
        (State.ROLLING_BACK,),
        (Who.OPERATOR, Who.DEPUTY, Who.SUPERVISOR),
    ),
    Act.RECORD_AFTERWARDS: Rule((State.DRAFT,), (State.CLOSING,), (Who.AUTHOR,)),
    Act.FINISH_WORK: Rule((State.RUNNING, State.ROLLING_BACK), (State.CLOSING,), (Who.OPERATOR,)),
    Act.COMPLETE_PLAN: Rule((State.CLOSING,), (State.CLOSING,), _WRITERS),
    Act.REOPEN_RUN: Rule((State.CLOSING,), (State.RUNNING, State.ROLLING_BACK, State.CLOSING), (Who.SUPERVISOR,)),
    Act.SIGN_AS_OPERATOR: Rule((State.CLOSING,), (State.CLOSING,), (Who.OPERATOR,)),
    Act.SIGN_OFF: Rule(
        (State.CLOSING,),
        (State.FINALIZED,),
        (Who.INDEPENDENT_SUPERVISOR,),
    ),
    Act.AMEND: Rule((State.FINALIZED,), (State.FINALIZED,), _WRITERS),
}


def possible(state: str) -> list[Act]:
    """The acts that ``state`` allows, whoever asks."""
    return [act for act, rule in TABLE.items() if state in rule.sources]


def check_state(operation: Operation, act: Act) -> None:
    """Raises WrongOrder, in friendly words, unless the record's state allows ``act``."""
    sources = TABLE[act].sources
    if operation.state in sources:
        return
    names = {"state": operation.get_state_display().lower(), "act": act.label}
    names["sources"] = _(" or ").join(f"“{source.label.lower()}”" for source in sources)
    if ORDER.index(State(operation.state)) < min(ORDER.index(source) for source in sources):
        words = _("This record is “%(state)s”. It has to be %(sources)s before you can %(act)s.")
    else:
        words = _("Somebody was faster: this record is “%(state)s” now. You can %(act)s only while it is %(sources)s.")
    raise WrongOrder(words % names)


def said(text: str, what: str = "") -> str:
    """What somebody wrote, without blanks around: the reason that an act needs, or ``what`` is called otherwise.

    Raises Incomplete, naming it, if that is nothing, longer than a section may be, or can't be stored.
    """
    what = what or _("a reason")
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise Incomplete([_("%(what)s without broken characters") % {"what": what}]) from None
    if length > MOST_SAID:
        raise Incomplete([_("%(what)s in at most 256 KiB") % {"what": what}])
    if "\0" in text:
        raise Incomplete([_("%(what)s without NUL characters") % {"what": what}])
    if not text.strip():
        raise Incomplete([what])
    return text.strip()


def lock(operation: Operation) -> Operation:
    """The record as it is now, its row locked until the transaction ends. The first line of every act."""
    return with_its_template(_locked.get(pk=operation.pk))


def with_its_template(operation: Operation) -> Operation:
    """``operation``, which was locked. A lock that had to wait finds the row as it is now, and joins what was there
    before: to a record that was moved to another version meanwhile no template at all.
    """
    if operation.template_id is not None and operation.template is None:
        operation.template = OperationTemplate.objects.get(pk=operation.template_id)
    return operation


# Not FOR UPDATE: whoever adds a row that names the record may hold the trail's head, which we wait for.
_locked = Kept(
    lambda: (
        Operation.objects.select_for_update(of=("self",), no_key=True).select_related("template").filter(pk=Asked("pk"))
    )
)


@contextmanager
def acting(operation: Operation) -> Iterator[Operation]:
    """One short transaction with the record locked, as it is now."""
    with transaction.atomic():
        yield lock(operation)


def repeated(operation: Operation, act: str, by: Person, **facts: Any) -> bool:
    """Whether the newest entry of the record's trail is this very act by this person: a second click.

    ``facts`` are what was said with it. Other words from another open page were not said yet, and are refused like
    anything that comes too late: whoever was told that they count would not say them again.
    """
    newest = audit.newest(operation)
    if newest is None or newest.act != act or newest.person_id != by.pk:
        return False
    told = audit.facts_in(newest)
    return all(told.get(name) == value for name, value in facts.items())


def move(
    operation: Operation,
    act: Act,
    *,
    by: Person,
    at: dt.datetime,
    to: State | None = None,
    columns: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Change the state of ``operation`` as ``act`` does, set ``columns`` with it, and write the audit entry.

    ``to`` names the target where the table has two. ``facts`` go into the audit entry. One conditional UPDATE:
    whoever lost the race gets WrongOrder. To be called inside the transaction of the act, on a locked record.
    """
    rule = TABLE[act]
    target = to or rule.targets[0]
    if target not in rule.targets:
        raise ValueError(f"{act} does not lead to {target}")
    check_state(operation, act)
    before = operation.state
    values = {**(columns or {}), "state": target, "updated_at": at}
    if not Operation.objects.filter(pk=operation.pk, state=before).update(**values):
        operation.refresh_from_db(fields=["state"])
        check_state(operation, act)
        raise WrongOrder(_("Somebody was faster. Look at the record again."))
    for name, value in values.items():
        setattr(operation, name, value)
    audit.record(act, operation=operation, person=by, at=at, before=before, after=target, **facts)

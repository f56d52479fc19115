"""What people do, by the acts themselves: every door of the house that is not a page."""

from __future__ import annotations

import json
from collections.abc import Callable

from approvals import actions
from approvals.closing import final_text_shown
from approvals.emergency import Went
from approvals.models import ApprovalRule, Comment, Delegation
from approvals.rescheduling import NewTimes
from approvals.standing import standing
from records.models import Check, Metric, Operation, Person, RoleHolding, State, Step
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import running, starting, unplanned, verifying, working
from records.transfer.bringing_in import bring_in, json_arrival, markdown_arrival
from records.transfer.exchange import parsed, read_json, record_as_json
from records.transfer.records_out import markdown_of
from records.writing.people import name_people
from records.writing.saving import Clashed, save_section
from tests import make
from tests.lives.clerk import PLAN, Attempt
from tests.people import PASSWORD, SINCE

REFUSALS = (Refused, WrongOrder, Changed, Incomplete, Clashed)
WRONG_PASSWORD = "hunter2"


class ByActs:
    """Does to ``operation`` what an attempt says. Raises one of REFUSALS."""

    refusals = REFUSALS

    def __init__(self, operation: Operation, everybody: dict[str, Person]) -> None:
        self.operation = operation
        # As they were when the story began, like the record: an act has to ask what they are now.
        self.known = {person.pk: person for person in everybody.values()}

    def now(self) -> Operation:
        """The record as the database has it."""
        return Operation.objects.select_related("template", "final_text").get(pk=self.operation.pk)

    def export(self) -> bytes:
        """The record as it leaves."""
        return markdown_of(self.now())

    def do(self, attempt: Attempt) -> None:
        """The act of ``attempt``, whatever it is."""
        deeds: dict[str, Callable[[Attempt], object]] = {
            "submit": lambda a: actions.submit(self.operation, by=_fresh(a), at=a.at),
            "withdraw": lambda a: actions.withdraw(self.operation, by=_fresh(a), at=a.at),
            "cancel": lambda a: actions.cancel(self.operation, reason="Not needed", by=_fresh(a), at=a.at),
            "change_plan": lambda a: actions.change_plan(self.operation, voids=self._voids(), by=_fresh(a), at=a.at),
            "take_back": lambda a: actions.take_back_approval(
                self.operation, reason="I erred", by=self._stale(a), at=a.at
            ),
            "ask_for_changes": lambda a: actions.ask_for_changes(
                self.operation, digest=a.digest, reason="Say how long", by=self._stale(a), at=a.at
            ),
            "reject": lambda a: actions.reject(
                self.operation, digest=a.digest, reason="Too early", by=self._stale(a), at=a.at
            ),
            "approve": lambda a: actions.approve(
                self.operation, digest=a.digest, password=_password(a), by=self._stale(a), at=a.at
            ),
            "allow_start": lambda a: starting.allow_start(self.operation, reason="It fits", by=_fresh(a), at=a.at),
            "tick_conditions": self._tick_conditions,
            "start": lambda a: running.start(self.operation, digest=a.digest, by=_fresh(a), at=a.at),
            "reschedule": lambda a: actions.reschedule(
                self.operation, NewTimes(a.text, "02:00:00 UTC"), digest=a.digest, by=_fresh(a), at=a.at
            ),
            "comment": self._comment,
            "settle": self._settle,
            "emergency_start": lambda a: actions.emergency_start(
                self.operation, answers=make.ANSWERS, by=_fresh(a), at=a.at
            ),
            "complete_plan": lambda a: actions.complete_plan(
                self.operation, Went(left_out="Not needed"), by=_fresh(a), at=a.at
            ),
            "call_off": lambda a: running.call_off(self.operation, reason="Too windy", by=_fresh(a), at=a.at),
            "roll_back": lambda a: running.roll_back(
                self.operation, trigger="Errors", sentence="3% for 4 min", by=_fresh(a), at=a.at
            ),
            "finish_work": lambda a: running.finish_work(self.operation, not_reached="No time", by=_fresh(a), at=a.at),
            "reopen_run": lambda a: running.reopen_run(self.operation, evidence="The log", by=_fresh(a), at=a.at),
            "finish_step": lambda a: working.finish_step(
                self.operation, key=self._step(), reason="At hand", asked=True, by=_fresh(a), at=a.at
            ),
            "add_step": lambda a: unplanned.add_step(
                self.operation, title="Clear the cache", reason="It is full", by=_fresh(a), at=a.at
            ),
            "reopen_step": lambda a: working.reopen_step(self.operation, key=self._ended_step(), by=_fresh(a), at=a.at),
            "skip_check": lambda a: verifying.skip_check(
                self.operation, key=self._check(), reason="No time", by=_fresh(a), at=a.at
            ),
            "untick_check": lambda a: verifying.untick_check(
                self.operation, key=self._seen_check(), by=_fresh(a), at=a.at
            ),
            "tick_check": lambda a: verifying.tick_check(self.operation, key=self._check(), by=_fresh(a), at=a.at),
            "measure": self._measure,
            "sign": self._sign,
            "sign_off": lambda a: actions.sign_off(
                self.operation,
                digest=a.digest,
                actual_seen=a.seen,
                password=_password(a),
                note="It went well",
                by=self._stale(a),
                at=a.at,
            ),
        }
        deeds[attempt.act](attempt)

    def save(self, attempt: Attempt) -> int:
        """Save one text; the version that the section has now."""
        section = attempt.key.split("/")[0]
        saved = save_section(
            operation=self.operation,
            key=section,
            version=attempt.base,
            values={attempt.key: attempt.text},
            by=_fresh(attempt),
            at=attempt.at,
        )
        return saved.version

    def name(self, attempt: Attempt, operator: int, supervisor: int, **lists: list[int]) -> None:
        """Name everybody anew."""
        people = Person.objects.in_bulk([operator, supervisor, *(pk for own in lists.values() for pk in own)])
        name_people(
            self.operation,
            by=_fresh(attempt),
            operator=people[operator],
            supervisor=people[supervisor],
            at=attempt.at,
            **{name: [people[pk] for pk in own] for name, own in lists.items()},
        )

    # ------------------------------------------------------------ what administrators do

    def hold(self, person: int, role: str, holds: bool) -> None:
        """Give a role, or take it."""
        RoleHolding.objects.filter(person_id=person, role=role).delete()
        if holds:
            RoleHolding.objects.create(person_id=person, role=role, since=SINCE)

    def enable(self, person: int, is_active: bool) -> None:
        """Disable an account, or put it in use again."""
        Person.objects.filter(pk=person).update(is_active=is_active)

    def ask(self, level: str, roles: list[str]) -> None:
        """Set the approval rule of a risk level."""
        template = self.now().template
        ApprovalRule.objects.update_or_create(template=template, risk_level=level, defaults={"roles": roles})

    def stand_in(self, person: int, to: int, does: bool) -> None:
        """Have somebody decide for another, or no longer."""
        Delegation.objects.filter(person_id=person, to_id=to).delete()
        if does:
            Delegation.objects.create(person_id=person, to_id=to, since=SINCE, until=SINCE.replace(year=2030))

    # ------------------------------------------------------------ bringing records in

    def bring_in(self, attempt: Attempt, kind: str) -> Operation:
        """The record again, from what left of it, with all that it says of approvals."""
        own = self.now()
        text = self.export().decode() if kind == "md" else json.dumps(record_as_json(own))
        text = text.replace(own.operation_id or "-", "2026-12-06-infrastructure-brought-in")
        if kind == "md":
            arrival = markdown_arrival(text, own.template)
        else:
            arrival = json_arrival(read_json(parsed(text)), own.template, came=text)
        return bring_in(arrival, author=_fresh(attempt), at=attempt.at)[0]

    # ------------------------------------------------------------ in parts

    def _stale(self, attempt: Attempt) -> Person:
        return self.known[attempt.by]

    def _voids(self) -> list[int]:
        return [decision.pk for _role, decision in standing(self.now()).counted]

    def _comment(self, attempt: Attempt) -> None:
        kind = attempt.text or "must_settle"
        actions.comment(self.operation, key=PLAN[1], text="For how long?", kind=kind, by=_fresh(attempt), at=attempt.at)
        actions.send_comments(self.operation, by=_fresh(attempt), at=attempt.at)

    def _settle(self, attempt: Attempt) -> None:
        waiting = Comment.objects.filter(operation=self.operation, thread=None, settled_at=None, sent_at__isnull=False)
        own = waiting.filter(person_id=attempt.by).first() or waiting.first()
        if own is None:
            raise WrongOrder("nothing to settle")
        actions.settle(self.operation, number=own.pk, by=_fresh(attempt), at=attempt.at)

    def _tick_conditions(self, attempt: Attempt) -> None:
        for condition in starting.conditions_of(self.now()):
            starting.tick_condition(self.now(), key=condition.key, evidence="Seen", by=_fresh(attempt), at=attempt.at)

    def _step(self) -> str:
        steps = Step.objects.filter(section__operation=self.operation, loose=False)
        back = self.now().state == State.ROLLING_BACK
        own = steps.filter(status="todo", phase__isnull=back).order_by(
            "section__position", "phase__position", "position"
        )
        return (own.first() or steps[0]).key

    def _ended_step(self) -> str:
        steps = Step.in_run.filter(section__operation=self.operation, loose=False)
        return (steps.exclude(status="todo").order_by("-ended_at", "pk").first() or steps[0]).key

    def _seen_check(self) -> str:
        checks = Check.objects.filter(section__operation=self.operation, loose=False)
        return (checks.exclude(ticked=False, unticked_because="").first() or checks[0]).key

    def _check(self) -> str:
        checks = Check.objects.filter(section__operation=self.operation, loose=False)
        return (checks.filter(ticked=False).first() or checks[0]).key

    def _measure(self, attempt: Attempt) -> None:
        metrics = Metric.objects.filter(section__operation=self.operation, after__isnull=False, loose=False)
        values = {metric.key: "42" for metric in metrics}
        verifying.measure(self.operation, values=values, by=_fresh(attempt), at=attempt.at)

    def _sign(self, attempt: Attempt) -> None:
        outcome = "rolled_back" if self.now().rolled_back_at else "completed"
        shown = final_text_shown(self.now(), outcome=outcome, completed_at=attempt.at)
        actions.sign_as_operator(
            self.operation,
            outcome=outcome,
            completed_at=attempt.at,
            digest=shown.digest,
            password=_password(attempt),
            by=self._stale(attempt),
            at=attempt.at,
        )


def _fresh(attempt: Attempt) -> Person:
    return Person.objects.get(pk=attempt.by)


def _password(attempt: Attempt) -> str:
    return PASSWORD if attempt.password_right else WRONG_PASSWORD

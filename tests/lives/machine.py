"""One record, many people who try everything; after every step the clerk judges."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from records.models import Operation, OperationTemplate, Role, State
from tests import make
from tests.lives.by_acts import ByActs
from tests.lives.clerk import BOUND, CLOSE, LEVEL, MOVES, OPEN, PLAN, TEXTS, WINDOW, Attempt, Clerk
from tests.people import NAMES, Cast

# Those whom the rule might ask come up more often: they are the ones to break it.
ANYBODY = [*NAMES, "tomas", "ada", "tomas", "ada", "mara", "jun", "carl", "sam"]
WRITERS = ["mara", "mara", "carl"]
TEAM = [*WRITERS, "jun", "ines", "noor"]
APPROVERS = ["tomas", "ada", "sam"]
# Where work that moves no record makes sense; the others are in MOVES.
WORK = {
    "comment": ("in_review", "approved"),
    "settle": ("in_review", "approved"),
    "allow_start": ("approved",),
    "tick_conditions": ("in_review", "approved"),
    "finish_step": ("running", "rolling_back"),
    "add_step": ("running", "rolling_back"),
    "reopen_step": ("running", "rolling_back"),
    "tick_check": ("running", "rolling_back"),
    "skip_check": ("running", "rolling_back"),
    "untick_check": ("running", "rolling_back"),
    "measure": ("running", "rolling_back", "closing"),
}
WORKING = [act for act, states in WORK.items() if "running" in states]
TAKING_BACK = ("reopen_step", "untick_check")
ACTS = (*MOVES, *WORK)
EDITABLE = ("draft", "changes_requested")
# What leads off the usual way is done less often than the rest.
ENDS, ENDED = ("reject", "cancel", "emergency_start"), ("rejected", "cancelled", "finalized")
SIGNING_ROLES = [Role.SUPERVISOR, Role.DEVOPS_SUPERVISOR, Role.INFRASTRUCTURE_APPROVER]
DAYS = ["2026-12-06", "2026-12-13", "2026-12-20", "2027-01-10"]
STARTS = [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.RUNNING, State.CLOSING]
NASTY = ["{}", "{} – [a](javascript:x)", "{}\n\n## {}\n\n---", "`{}", "- [x] {}\n```\n{}", "<!-- {}", "{}\n==="]
MANY_LINES = (PLAN[1], PLAN[2], *OPEN[1:], *CLOSE)
NEXT = {
    "draft": "submit",
    "changes_requested": "submit",
    "in_review": "approve",
    "approved": "start",
    "running": "finish_work",
    "rolling_back": "finish_work",
    "closing": "sign",
}


class Lives(RuleBasedStateMachine):
    """A life of a record. ``cast``, ``template`` and who does the deeds are set before the machine is run.

    One rule whose number decides what happens, not a rule for each deed: Hypothesis leaves rules out for a whole life,
    and repeats what it drew, where these lives should differ. A story is still shortened by leaving steps out.
    """

    cast: ClassVar[Cast]
    template: ClassVar[OperationTemplate]
    doer: ClassVar[type[ByActs]] = ByActs
    done: ClassVar[Counter[str]] = Counter()

    @initialize(state=st.sampled_from(STARTS))
    def it_begins(self, state: State) -> None:
        self.begin(state)

    @rule(number=st.integers(0, 2**24))
    def something_happens(self, number: int) -> None:
        self.draw: Callable[[list[Any]], Any] = Random(number).choice
        if self.clerk.seen.state in ENDED and self.draw([True, False, False]):
            self.end()
            self.begin(self.draw(STARTS))
            return
        state = self.clerk.seen.state
        often = [self.it_goes_on, self.somebody_does_what_is_possible]  # the simplest life goes well
        writing = [self.the_plan_is_written, self.somebody_writes_and_leaves] if state in EDITABLE else []
        cheating = [self.somebody_cheats] * (5 if state == "in_review" else 1)
        cheating += [self.the_plan_changes_under_approvals] * (state in ("in_review", "approved")) * 2
        cheating += [self.it_can_not_wait] * (state in ("draft", "in_review"))
        cheating += [self.it_is_called_off] * (state == "running") * 2
        seldom = [self.somebody_tries, self.somebody_writes, self.the_rest_is_written, self.the_world_changes]
        self.draw([*often * 3, *writing * 2, *cheating, *seldom, self.it_is_brought_in_again])()

    # ------------------------------------------------------------ acts

    def somebody_tries(self) -> None:
        """Anybody, any act, in any state."""
        act = self.draw(list(ACTS))
        self.attempt(act, self.people[self.draw(ANYBODY)], **self._sent(act))

    def somebody_does_what_is_possible(self) -> None:
        """An act that the state allows, by one of those who could have a right to it; seldom one that ends it all."""
        state = self.clerk.seen.state
        acts = [act for act in ACTS if state in (MOVES[act][0] if act in MOVES else WORK[act])]
        if not acts:
            return
        act = self.draw([act for act in acts if act not in ENDS] * 6 + acts)
        who = MOVES[act][2] if act in MOVES else ("operator", "team", "named supervisor")
        able = [pk for role in who for pk in self._able(role)]
        self.attempt(act, self.draw(able or list(self.people.values())), **self._sent(act))

    def _able(self, who: str) -> list[int]:
        if who in ("approver", "giver", "independent"):
            return [self.people[name] for name in APPROVERS]
        return sorted(self.clerk.seen.people.get("named supervisor" if who == "supervisor" else who, ()))

    def _sent(self, act: str) -> dict[str, Any]:
        """What goes with an act: mostly what is right, sometimes what was right once, or nothing."""
        digests = [frozen.digest for frozen in self.clerk.frozen.values()]
        newest = self._final_digest() if act == "sign_off" else self.clerk.digest_in_review()
        mostly = [True] * 7 + [False]
        digest = self.draw([*[newest] * 7, *digests, "0" * 64])
        if act == "reschedule":
            days = [day for day in DAYS if dt.date.fromisoformat(day) > self.at.date()]
            return {"digest": digest, "text": self.draw(days or DAYS)}
        if act == "comment":
            return {"text": self.draw(["must_settle", "must_settle", "remark"])}
        return {"digest": digest, "password_right": self.draw(mostly), "seen": self.draw(mostly)}

    def _final_digest(self) -> str:
        final = Operation.objects.select_related("final_text").get(pk=self.pk).final_text
        return final.digest if final else ""

    def it_goes_on(self) -> None:
        """What comes next, by somebody who might: lives that get stuck prove little."""
        state = self.clerk.seen.state
        if state in ENDED:
            return
        act, digest = NEXT[state], self.clerk.digest_in_review()
        by = next(iter(self.clerk.seen.people["operator"]), self.people["mara"])
        if state == "closing" and self.clerk.owes_plan:
            act = "complete_plan"
        if act in ("submit", "complete_plan"):
            by = self.people["mara"]
        elif act == "approve":
            signed = {row[1] for row in self.clerk.seen.decisions.values() if row[2] == digest}
            by = self.draw([pk for name in APPROVERS if (pk := self.people[name]) not in signed] or [by])
            for asker, settled in list(self.clerk.seen.asked.values()):
                if not settled and self.draw([True, True, False]):
                    self.attempt("settle", asker)
        elif act == "start":
            self.at = max(self.at, self.clerk.window[0] - dt.timedelta(minutes=10))
            self.attempt("tick_conditions", by)
            self.attempt("allow_start", self.people["tomas"])
        elif act == "sign" and (final := self._final_digest()):
            act, by, digest = "sign_off", self.people[self.draw(["tomas", "sam"])], final
        if not self.attempt(act, by, digest=digest) and act == "submit":
            # Perhaps all who could approve it have a hand in it by now.
            for name, role in (("olga", Role.INFRASTRUCTURE_APPROVER), ("vera", Role.DEVOPS_SUPERVISOR)):
                self._hold(self.people[name], role, True)
            self.attempt(act, by)

    def somebody_cheats(self) -> None:
        """What an approval has to withstand, one protection at a time: everything else is right."""
        seen, frozen = self.clerk.seen, self.clerk.frozen
        signed = {row[1] for row in seen.decisions.values() if row[2] == self.clerk.digest_in_review()}
        could = [pk for name in APPROVERS if (pk := self.people[name]) not in signed]
        cheats: list[tuple[Callable[[], int], str]] = [(lambda: self.draw(could), "0" * 64)] if could else []
        if frozen:
            newest = self.clerk.digest_in_review()
            cheats += [(lambda: self._with_every_role(self.draw(sorted(frozen[max(frozen)].barred))), newest)] * 2
            cheats += [(lambda: self._with_every_role(self.draw(sorted(signed))), newest)] if signed else []
            cheats += [(lambda: self._for_somebody(self.draw(APPROVERS)), newest)] * 2
            cheats += [(lambda: self._without_roles(self.draw(could)), newest)] if could else []
            cheats += [(lambda: self._with_every_role(self.draw(could)), newest)] if could else []
            cheats += [(lambda: self.draw(could), one.digest) for one in frozen.values() if could][:-1] * 2
        kind = self.draw(["approve", "approve", "save"]) if cheats else "save"
        if kind == "save":
            self._write(self.draw(WRITERS), self.draw(list(BOUND)))
        elif could and frozen and self.draw([True, False, False, False]):
            self.attempt("approve", self.draw(could), digest=self.clerk.digest_in_review(), password_right=False)
        else:
            by, digest = self.draw(cheats)
            self.attempt("approve", by(), digest=digest)

    def the_plan_changes_under_approvals(self) -> None:
        """Case 3: signed, out of review, another text, into review; with another signature the first is void."""
        first, other = self.draw([("tomas", "ada"), ("ada", "tomas")])
        if self.clerk.seen.state == "in_review":
            self.attempt("approve", self.people[first], digest=self.clerk.digest_in_review())
        act = "withdraw" if self.clerk.seen.state == "in_review" else "change_plan"
        if self.attempt(act, self.people["mara"]):
            self._write("mara", self.draw(list(BOUND)))
            self.attempt("submit", self.people["mara"])
            self.attempt("approve", self.people[other], digest=self.clerk.digest_in_review())

    def it_can_not_wait(self) -> None:
        """Rule 8: whoever runs it starts at once, and somebody tries what only an approved plan allows."""
        if self.attempt("emergency_start", (self._able("operator") or [self.people["jun"]])[0]):
            act = self.draw(["call_off", "approve", "start", "complete_plan", "sign", "save"])
            by = self.people[self.draw(ANYBODY)]
            if act == "save":
                self._write(self.people["mara"], self.draw(list(BOUND)))
            else:
                self.attempt(act, by, digest=self.clerk.digest_in_review())

    def it_is_called_off(self) -> None:
        """Before anything was begun; what was taken back was begun, and stands in no other run."""
        works = [("finish_step", "reopen_step"), ("tick_check", "untick_check"), ("skip_check", ""), ("add_step", "")]
        by = (self._able("operator") or [self.people["jun"]])[0]
        for act in self.draw([(), *works]):
            if act:
                self.attempt(act, by)
        self.attempt("call_off", by)

    def _with_every_role(self, person: int) -> int:
        for role in SIGNING_ROLES:
            self._hold(person, role, True)
        return person

    def _for_somebody(self, name: str) -> int:
        """Somebody without any role, or somebody who wrote it, decides for one who could."""
        to = self.people[self.draw(["olga", "vera", "leo", "mara", "carl", "ada", "tomas"])]
        self._stand_in(self.people[name], to, True)
        return to

    def _without_roles(self, person: int) -> int:
        for role in SIGNING_ROLES:
            self._hold(person, role, False)
        return person

    # ------------------------------------------------------------ texts and people

    def somebody_writes(self) -> None:
        self._write(self.draw(ANYBODY), self.draw(list(TEXTS)))

    def the_plan_is_written(self) -> None:
        if self.draw([True, True, True, False]):
            writers = self.clerk.seen.people["author"] | self.clerk.seen.people["co-author"]
            self._write(self.draw(sorted(writers)), self.draw(list(BOUND)))
        else:
            self.save(self.people[self.draw(WRITERS)], LEVEL, self.draw(["Low", "Medium", "High", "Critical"]), 0)

    def the_rest_is_written(self) -> None:
        self._write(self.draw(TEAM), self.draw([*OPEN, *CLOSE]))

    def _write(self, who: str | int, key: str) -> None:
        self.written += 1
        shape = self.draw(NASTY) if key in MANY_LINES else "{}"
        text = shape.format(*[f"mark-{self.written:06d}"] * 2)
        self.save(who if isinstance(who, int) else self.people[who], key, text, self.draw([0, 0, 0, 1, 2]))

    def somebody_writes_and_leaves(self) -> None:
        """A co-author who is none any more has a hand in the plan as long as their text stands in it."""
        self._name_people([self.draw(["tomas", "ada", "carl", "sam"])])
        for person in self.clerk.seen.people["co-author"]:
            self._write(person, self.draw(list(BOUND)))
        self._name_people(["carl"])

    def _name_people(self, co_authors: list[str]) -> None:
        """Others run it, review it and write along; the lines say the same, so that it can be submitted."""
        operator, supervisor = self.draw(["jun", "ines", "mara", "jun"]), self.draw(["tomas", "tomas", "sam", "jun"])
        for fact, name in (("operator", operator), ("supervisor", supervisor)):
            self.save(self.people["mara"], f"header/{fact}", NAMES[name], 0)
        lists = {"co_authors": [self.people[name] for name in co_authors]}
        lists |= {name: [self.people[self.draw(["ines", "noor", "ines", "sam"])]] for name in ("deputies", "team")}
        attempt = Attempt("name_people", self.people["mara"], self.at)
        self._judge(attempt, lambda: self.by.name(attempt, self.people[operator], self.people[supervisor], **lists))

    # ------------------------------------------------------------ the world around

    def the_world_changes(self) -> None:
        """Roles come and go, accounts are disabled, an administrator changes the rule, time passes."""
        pk, mostly = self.people[self.draw(ANYBODY)], [True, True, True, False]
        what = self.draw(["role", "role", "account", "rule", "time", "time", "stand in", "stand in"])
        if what == "role":
            self._hold(pk, self.draw(SIGNING_ROLES), self.draw(mostly))
        elif what == "account":
            is_active = self.draw(mostly)
            self.by.enable(pk, is_active)
            (self.clerk.active.add if is_active else self.clerk.active.discard)(pk)
        elif what == "stand in":
            self._stand_in(self.people[self.draw([*APPROVERS, "jun", "mara"])], pk, self.draw(mostly))
        elif what == "rule":
            level = self.draw(["Low", "High"])
            roles = [str(self.draw(SIGNING_ROLES)) for _ in range(self.draw([1, 2, 2, 3]))]
            self.by.ask(level, roles)
            self.clerk.rules[level] = roles
        else:
            self.at += dt.timedelta(minutes=self.draw([1, 10, 16, 60]))

    def _stand_in(self, person: int, to: int, does: bool) -> None:
        if person != to:
            self.by.stand_in(person, to, does)
            (self.clerk.stands_in.add if does else self.clerk.stands_in.discard)((person, to))

    def _hold(self, person: int, role: str, holds: bool) -> None:
        self.by.hold(person, role, holds)
        (self.clerk.roles[person].add if holds else self.clerk.roles[person].discard)(str(role))

    def it_is_brought_in_again(self) -> None:
        """Rule 9: whatever a file says, what comes in is a draft, or a record of the past, without any decision."""
        if self.brought_in:
            return
        self.brought_in = True
        attempt = Attempt("bring_in", self.people[self.draw(ANYBODY)], self.at)
        with transaction.atomic():
            try:
                new = self.by.bring_in(attempt, self.draw(["md", "json"]))
            except self.by.refusals:
                assert attempt.by not in self.clerk.active, "what left does not come in again"
            else:
                assert new.pk != self.pk and new.state in (State.DRAFT, State.IMPORTED) and not new.revisions.exists()
                assert (new.final_text_id, new.submitted_at, new.start_conditions) == (None, None, [])
            transaction.set_rollback(True)
        self.clerk.witness(attempt, refused=True)

    # ------------------------------------------------------------ how

    def begin(self, state: State) -> None:
        """A record in ``state``, in a transaction of its own."""
        self.life = transaction.atomic()
        self.life.__enter__()
        self.written, self.brought_in = 0, False
        operation = make.make_in(state, self.cast, self.template)
        self.pk = operation.pk
        self.people = {name: person.pk for name, person in self.cast.all().items()}
        self.by = self.doer(operation, self.cast.all())
        self.clerk = Clerk(operation, self.cast, self.by.export)
        self.at = make.PLANNED if state in (State.DRAFT, State.IN_REVIEW, State.APPROVED) else WINDOW[0]

    def attempt(self, act: str, by: int, **sent: Any) -> bool:
        """Whether it was done."""
        attempt = Attempt(act, by, self.at, **sent)
        return self._judge(attempt, lambda: self.by.do(attempt))

    def save(self, by: int, key: str, text: str, old: int) -> None:
        """A save that started ``old`` versions ago."""
        version = self.clerk.seen.versions[key.split("/")[0]]
        attempt = Attempt("save", by, self.at, key=key, text=text, base=max(version - old, 1))
        self._judge(attempt, lambda: self.clerk.saved(attempt, self.by.save(attempt)))

    def _judge(self, attempt: Attempt, deed: Callable[[], object]) -> bool:
        note(f"{self.clerk.seen.state}: {attempt}")
        try:
            with transaction.atomic():
                deed()
        except self.by.refusals as refusal:
            note(f"    refused: {refusal}")
            self.clerk.witness(attempt, refused=True)
            self.done[f"{attempt.act} refused"] += 1
            return False
        if attempt.act in WORKING:
            self.clerk.worked.add(attempt.by)
            self.clerk.begun = self.clerk.begun or attempt.act not in TAKING_BACK
        if attempt.act == "allow_start":
            self.clerk.allowed_until = attempt.at + dt.timedelta(hours=12)
        self.clerk.witness(attempt, refused=False)
        self.done[attempt.act] += 1
        return True

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.end()

    def end(self) -> None:
        """The clerk closes the book; of this life nothing stays in the database."""
        try:
            self.clerk.judge_trail()
            self.clerk.judge_history()
            self.done[f"ended {self.clerk.seen.state}"] += 1
        finally:
            transaction.set_rollback(True)
            self.life.__exit__(None, None, None)

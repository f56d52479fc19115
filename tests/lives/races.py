"""Two processes that do two acts to one record in the same moment: afterwards it looks as if one had come first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from approvals import actions
from approvals.models import Decision
from records import audit
from records.models import AuditEntry, Operation, RoleHolding, State
from tests import make
from tests.another_process import ROOT, database_url
from tests.lives.racer import AT, FIELD
from tests.people import SINCE, Cast

Deed = tuple[str, dict[str, Any]]
# In seconds.
LATER = (0, 0, 0.001, 0.003, 0.01)


class Two:
    """Two processes with connections of their own."""

    def __init__(self) -> None:
        told = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
        command = [sys.executable, "-m", "tests.lives.racer"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.racers = [subprocess.Popen(command, cwd=ROOT, env=told, **pipes) for _ in range(2)]
        self.words: list[str] = []
        # Of two acts, the shorter one would nearly always come first: by how much one starts later is drawn.
        self.later = Random(1)

    def race(self, *deeds: Deed) -> list[str]:
        """What became of each of the two; ``words`` are their refusals."""
        for racer, deed in zip(self.racers, deeds, strict=True):
            self._tell(racer, json.dumps(deed))
        assert [self._heard(racer) for racer in self.racers] == ["ready", "ready"]
        for racer in self.racers:
            self._tell(racer, str(self.later.choice(LATER)))
        ends = [self._heard(racer) for racer in self.racers]
        answers, self.words = [end for end, _ in ends], [words for _, words in ends]
        assert set(answers) <= {"done", "refused"}, "\n".join(self.words)
        return answers

    def stop(self) -> None:
        """End both, whatever they do."""
        for racer in self.racers:
            racer.kill()
            racer.communicate()

    @staticmethod
    def _tell(racer: subprocess.Popen[str], line: str) -> None:
        assert racer.stdin
        racer.stdin.write(f"{line}\n")
        racer.stdin.flush()

    @staticmethod
    def _heard(racer: subprocess.Popen[str]) -> Any:
        assert racer.stdout
        return json.loads(racer.stdout.readline())


@contextmanager
def two() -> Iterator[Two]:
    pair = Two()
    try:
        yield pair
    finally:
        pair.stop()


@dataclass
class Races:
    """Races over one record of Mara's, which is brought back into review (or into a draft) before each."""

    pair: Two
    cast: Cast
    pk: int
    run: int = 0

    def __post_init__(self) -> None:
        self.happened: Counter[str] = Counter()

    def _ready(self, state: State) -> tuple[Operation, int]:
        """The record in ``state``, with no approval that counts; and the number of the last entry of the trail."""
        own = Operation.objects.get(pk=self.pk)
        if own.state == State.APPROVED:
            counted = [one.pk for one in self._decisions(own)]
            actions.change_plan(own, voids=counted, by=self.cast.mara, at=AT)
        elif own.state == State.IN_REVIEW:
            actions.withdraw(own, by=self.cast.mara, at=AT)
        if state == State.IN_REVIEW:
            actions.submit(make.fresh(own), by=self.cast.mara, at=AT)
        newest = AuditEntry.objects.order_by("-number").first()
        self.run += 1
        return make.fresh(own), newest.number if newest else 0

    def _decisions(self, operation: Operation) -> list[Decision]:
        return list(Decision.objects.filter(revision=operation.revisions.order_by("-number").first(), kind="approve"))

    def _trail(self, after: int) -> list[str]:
        return list(AuditEntry.objects.filter(number__gt=after).order_by("number").values_list("act", flat=True))

    def _digest(self, operation: Operation) -> str:
        return operation.revisions.order_by("-number")[0].digest

    def withdraw_and_approve(self) -> None:
        operation, before = self._ready(State.IN_REVIEW)
        seen = {"pk": self.pk, "by": "tomas", "digest": self._digest(operation)}
        withdrawn, approved = self.pair.race(("withdraw", {"pk": self.pk, "by": "mara"}), ("approve", seen))
        done = [act for act in self._trail(before) if act in ("withdraw", "approve")]
        now = make.fresh(operation).state
        assert (withdrawn, now) == ("done", State.DRAFT), (now, self.pair.words, self._trail(before))
        assert done == (["approve", "withdraw"] if approved == "done" else ["withdraw"])
        assert len(self._decisions(operation)) == (approved == "done")
        self.happened[f"withdraw, approve {approved}"] += 1

    def two_approve(self) -> None:
        operation, _ = self._ready(State.IN_REVIEW)
        digest = self._digest(operation)
        both = [("approve", {"pk": self.pk, "by": name, "digest": digest}) for name in ("tomas", "ada")]
        assert self.pair.race(*both) == ["done", "done"]
        assert make.fresh(operation).state == State.APPROVED and len(self._decisions(operation)) == 2
        self.happened["two approve"] += 1

    def one_approves_twice(self) -> None:
        operation, _ = self._ready(State.IN_REVIEW)
        same = ("approve", {"pk": self.pk, "by": "ada", "digest": self._digest(operation)})
        assert "done" in self.pair.race(same, same)
        assert make.fresh(operation).state == State.IN_REVIEW and len(self._decisions(operation)) == 1
        self.happened["one approves twice"] += 1

    def demote_and_approve(self) -> None:
        operation, before = self._ready(State.IN_REVIEW)
        seen = {"pk": self.pk, "by": "ada", "digest": self._digest(operation)}
        try:
            _, approved = self.pair.race(("demote", {"pk": self.pk, "who": "ada"}), ("approve", seen))
        finally:
            RoleHolding.objects.create(person=self.cast.ada, role="infrastructure_approver", since=SINCE)
        done = [act for act in self._trail(before) if act in ("demoted", "approve")]
        assert done == (["approve", "demoted"] if approved == "done" else ["demoted"])
        self.happened[f"demote, approve {approved}"] += 1

    def save_and_submit(self) -> None:
        operation, _ = self._ready(State.DRAFT)
        text = f"mark-{self.run:06d}"
        version = operation.sections.get(key=FIELD.split("/")[0]).version
        stale = {"pk": self.pk, "by": "carl", "version": version, "text": text}
        saved, submitted = self.pair.race(("save", stale), ("submit", {"pk": self.pk, "by": "mara"}))
        revision = operation.revisions.order_by("-number")[0]
        assert submitted == "done" and (text.encode() in bytes(revision.plan_text)) == (saved == "done")
        now = make.fresh(operation).sections.get(key=FIELD.split("/")[0]).answers[FIELD]
        assert (now == text) == (saved == "done")
        self.happened[f"submit, save {saved}"] += 1

    KINDS = (withdraw_and_approve, two_approve, one_approves_twice, demote_and_approve, save_and_submit)


def race(cast: Cast, pk: int, rounds: int) -> Counter[str]:
    """Every kind of race, ``rounds`` times; how each ended."""
    with two() as pair:
        races = Races(pair, cast, pk)
        for _ in range(rounds):
            for kind in Races.KINDS:
                kind(races)
    assert audit.verify() is None
    return races.happened

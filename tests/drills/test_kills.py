"""Cases 27, 28 and 30 on the real thing: services are killed while people write. Nothing acknowledged is lost."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from celery import Celery

from records.outbox import SWEEP
from tests import proofs
from tests.compose import ROOT
from tests.drills.writers import Sender, Someone, Writer
from tests.processes import until
from tests.stack import Stack

# Every day a few, in the long proof fifty.
FEW, MANY = 8, 50
SERVICES = ("web", "worker", "beat", "redis", "postgres")
# Ten parts of a hundred kills.
PARTS, KILLS = 10, 100
# Seconds from a service's start until somebody's text is saved again; where even an untouched site takes longer for the
# first text of everybody, as long as that.
RECOVERY = 10.0


class Drill:
    """A stack with people at work, and what must be true of it in the end."""

    def __init__(self, stack: Stack, writers: int) -> None:
        self.stack = stack
        told = json.loads(stack.run("python", "-m", "tests.drills.prepare", str(writers)))
        self.writers = [Writer(stack.port, one) for one in told["writers"]]
        self.sender = Sender(stack.port, told["sender"])
        for someone in self.everybody():
            someone.start()

    def everybody(self) -> list[Someone]:
        return [*self.writers, self.sender]

    def begin(self) -> None:
        """Wait until everybody wrote something."""
        begun = time.monotonic()
        until(lambda: all(one.last_good for one in self.writers))
        self.recovery = max(RECOVERY, time.monotonic() - begun)

    def everybody_writes(self) -> None:
        """Wait until something of each writer was acknowledged after this moment, the first of it soon."""
        now = time.monotonic()
        until(lambda: any(one.last_good > now for one in self.writers), seconds=self.recovery)
        until(lambda: all(one.last_good > now for one in self.writers))

    def stop(self) -> None:
        """Everybody stops."""
        for someone in self.everybody():
            someone.stop()

    def end(self) -> Counter[str]:
        """Everybody stops; nothing that was acknowledged is lost, and all that was to leave has left."""
        self.stop()
        answers = sum((one.answers for one in self.everybody()), Counter[int]())
        # Saved, done, not in this state, later, or nobody there: never a fault of ours.
        assert set(answers) <= {0, 200, 302, 409, 503}, answers
        found = self.all_left()
        for one in self.writers:
            assert found["texts"][str(one.record)] in (f"Text {one.acknowledged}", f"Text {one.sent}")
        assert "every link holds" in self.stack.run("python", "manage.py", "verify_audit")
        mails = "".join(path.read_text() for path in (self.stack.data / "mail").glob("*.log"))
        seen = set(re.findall("X-Delivery-ID: (.*)", mails))
        assert seen <= set(found["deliveries"]), "a mail of which the database knows nothing"
        # At least once: whose worker was killed between its mail and the note of it may go again, with another one.
        sent = found["deliveries"].keys() - found["overtaken"].keys()
        assert {found["with"].get(one, one) for one in sent} <= seen, "noted as sent, and no mail of it"
        return Counter({"saved": sum(one.acknowledged for one in self.writers), "mails": len(sent)})

    def all_left(self) -> dict[str, dict[str, str]]:
        """What is found once every delivery was sent, or overtaken. What a killed worker held waits for its lease, and
        a mail about a record for ten minutes after the last one: both pass.
        """
        broker = Celery(broker=self.stack.broker_url, set_as_current=False)
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:

            def passes(change: str) -> None:
                connection.execute(f"UPDATE records_delivery SET {change}")

            def is_sent() -> bool:
                passes("sent_at = sent_at - interval '10 minutes'")
                passes("next_at = now() WHERE state = 'waiting'")
                broker.send_task(SWEEP, ignore_result=True)
                still = "SELECT 1 FROM records_delivery WHERE state NOT IN ('sent', 'kept')"
                return connection.execute(still).fetchone() is None

            passes("leased_until = now() - interval '1 second' WHERE state = 'waiting'")
            until(is_sent, pause=0.5)
        found: dict[str, dict[str, str]] = json.loads(self.stack.run("python", "-m", "tests.drills.found"))
        assert {one for one, state in found["deliveries"].items() if state != "sent"} == found["overtaken"].keys()
        return found


@pytest.fixture
def drill(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Drill]:
    """The stack as a demo is set: without https, and with its mail in a folder."""
    stack = Stack(ROOT, DEBUG="", ALLOWED_HOSTS="127.0.0.1", EMAIL_URL="", STATIC_ROOT=str(tmp_path / "static"))
    try:
        stack.start("postgres", "redis")
        stack.make_database()
        stack.run("python", "manage.py", "migrate", "--no-input")
        stack.run("python", "manage.py", "collectstatic", "--no-input")
        stack.start("web", "worker", "beat")
        drill = Drill(stack, MANY if request.node.get_closest_marker("long") else FEW)
        try:
            drill.begin()
            yield drill
        finally:
            drill.stop()
    finally:
        stack.stop()


def kill_and_start(drill: Drill, name: str) -> None:
    """Kill a service under load and start it again; everybody writes again soon, the site never fails by itself."""
    drill.stack.kill(name)
    drill.stack.start(name)
    drill.everybody_writes()


def restart_postgres(drill: Drill) -> None:
    drill.stack.restart_postgres()
    drill.everybody_writes()


def killed_at_random(drill: Drill, number: int, kills: int) -> Counter[str]:
    chosen: Callable[..., list[str]] = random.Random(number).choices
    for name in chosen(SERVICES, k=kills):
        kill_and_start(drill, name)
    return drill.end() + Counter({"kills": kills})


def test_nothing_acknowledged_is_lost_when_each_service_is_killed_cases_27_28_30(drill: Drill) -> None:
    for name in SERVICES:
        kill_and_start(drill, name)
    restart_postgres(drill)
    done = drill.end()
    assert done["saved"] >= 6 * FEW
    assert done["mails"] > 0


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="kills-{}".format)
def test_nothing_acknowledged_is_lost_in_a_thousand_kills(
    request: pytest.FixtureRequest, drill: Drill, number: int
) -> None:
    code = ("records", "approvals", "opsrecords", "tests/drills")
    assert proofs.part(request, code, lambda: killed_at_random(drill, number, KILLS))["kills"] == KILLS

"""What is downloaded of a night holds each tick once, with who and when: across midnight, where the clocks change, and
in other zones than the readers'.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from records.models import Check, LogEntry, Operation, OperationTemplate, Person
from records.run import verifying, working
from records.run.loaded import load_run
from records.run.step_order import in_order
from records.writing.saving import save_section
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db
STEPS = "infrastructure-operation-steps"
MINUTE = dt.timedelta(minutes=1)
SMALL_HOURS = ("01:15-01:45", "01:45-04:30", "04:30-05:30")
OVER_MIDNIGHT = ("23:15-00:00", "00:00-01:45", "01:45-02:45")


@dataclass(frozen=True)
class Night:
    """A plan's date, time and windows as they are written, and when they are in UTC."""

    date: str
    time: str
    windows: tuple[str, ...]
    start: str
    end: str

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        return dt.datetime.fromisoformat(f"{self.start}+00:00"), dt.datetime.fromisoformat(f"{self.end}+00:00")


NIGHTS = {
    "over midnight": Night("2026-11-28", "23:15:00 UTC", OVER_MIDNIGHT, "2026-11-28T23:15", "2026-11-29T02:45"),
    "an offset": Night("2026-12-06", "23:15:00 +05:30", OVER_MIDNIGHT, "2026-12-06T17:45", "2026-12-06T21:15"),
    "an hour less": Night("2027-03-28", "01:15:00 Europe/Berlin", SMALL_HOURS, "2027-03-28T00:15", "2027-03-28T03:30"),
    "an hour more": Night("2027-10-31", "01:15:00 Europe/Berlin", SMALL_HOURS, "2027-10-30T23:15", "2027-10-31T04:30"),
}


@pytest.fixture(params=NIGHTS.values(), ids=NIGHTS)
def night(request: pytest.FixtureRequest) -> Night:
    night: Night = request.param
    return night


@pytest.fixture
def approved(night: Night, cast: Cast, template: OperationTemplate) -> Operation:
    """Approved two days before; nobody on the team sits where the plan's clock is right."""
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "header", {"header/date": night.date, "header/time": night.time})
    phases = dict.fromkeys(step.phase.key for step in in_order(draft) if step.phase)
    windows = {f"{key}.window": text for key, text in zip(phases, night.windows, strict=True)}
    write(draft, cast.mara, STEPS, windows)
    for name, zone in (("jun", "Pacific/Auckland"), ("ines", "America/St_Johns"), ("olga", "Asia/Kathmandu")):
        Person.objects.filter(pk=getattr(cast, name).pk).update(time_zone=zone)
    before = night.span[0] - dt.timedelta(days=2)
    return make.approve_by(cast, make.submit(cast, make.fresh(draft), at=before), "tomas", "ada", at=before)


def write(draft: Operation, by: Person, key: str, values: dict[str, str]) -> None:
    version = draft.sections.get(key=key).version
    save_section(operation=draft, key=key, version=version, values=values, by=by, at=make.PLANNED)


def downloaded(name: str, operation: Operation, by: Person) -> str:
    client = Client()
    client.force_login(by)
    return client.get(reverse(name, args=[operation.pk])).content.decode()


def test_each_tick_is_there_once_with_who_and_when(night: Night, cast: Cast, approved: Operation) -> None:
    start, end = night.span
    assert (approved.window_start, approved.window_end) == (start, end)
    run = make.start(cast, approved, at=start)
    team, ticked = (cast.jun, cast.noor, cast.ines), []
    steps, checks = in_order(run), Check.objects.filter(section__operation=run, loose=False).order_by("pk")
    apart = (end - start) / (len(steps) + len(checks) + 1)
    for at, step in enumerate(steps, 1):
        # Every other press waited on a device without network, and came in nine minutes later.
        seen, sent = start + at * apart, start + at * apart + (at % 2) * 9 * MINUTE
        by = team[at % 3]
        working.finish_step(run, key=step.key, asked=True, by=by, happened=seen, at=sent)
        ticked.append(("finish_step", step.key, by, seen))
    for at, check in enumerate(checks, len(steps) + 1):
        by, seen = team[at % 3], start + at * apart
        verifying.tick_check(run, key=check.key, by=by, at=seen)
        ticked.append(("tick_check", check.key, by, seen))
    done = make.finish_work(cast, run, at=end)
    record = make.sign_off(cast, make.sign(cast, done, at=end), at=end)

    numbers = load_run(record).number_of  # type: ignore[union-attr]
    text, log, told = (downloaded(name, record, cast.olga) for name in ("record_download", "record_log", "record_json"))
    lines = log.partition("\n## Log\n\n")[2].partition("\n## ")[0].split("\n")
    entries = json.loads(told)["account"]["log"]
    for kind, key, by, seen in ticked:
        words = f"finished step {numbers[key]}" if kind == "finish_step" else f"ticked: {checks.get(key=key).text}"
        head = f"- **{seen:%Y-%m-%d %H:%M:%S} UTC**: {by} {words}"
        assert [line for line in lines if line.startswith("- **") and words in line] == [
            line for line in lines if line.startswith(head)
        ]
        assert sum(line.startswith(head) for line in lines) == 1, head
        [entry] = [one for one in entries if (one["kind"], one["step"]) == (kind, key)]
        assert (entry["person"]["name"], dt.datetime.fromisoformat(entry["at"])) == (str(by), seen)
    assert [one["at"] for one in entries] == sorted(one["at"] for one in entries)
    assert len(entries) == LogEntry.objects.filter(operation=record).count()
    assert text.count("- [x] ") == len(checks) and "- [ ] " not in text
    assert f"**Completion Time**: {end:%Y-%m-%d %H:%M:%S} UTC\n" in text

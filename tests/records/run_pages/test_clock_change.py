"""A run in the night in which the clock is changed: what is planned and shown goes by the time that passes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from records.models import Operation, OperationTemplate, Person, Step
from records.run.step_order import in_order
from tests import make
from tests.make import fresh
from tests.people import Cast, signed_in
from tests.records.run_pages.asking import press

pytestmark = pytest.mark.django_db
WINDOWS = {"02:00-02:45": "01:00-01:45", "02:45-04:30": "01:45-03:30", "04:30-05:30": "03:30-04:30"}
BERLIN = {"**Time**: 02:00:00 UTC": "**Time**: 01:00:00 Europe/Berlin", "04:50 UTC if": "04:00 if", **WINDOWS}
MINUTE = dt.timedelta(minutes=1)


def running_on(day: str, cast: Cast, template: OperationTemplate, path: Path, patch: pytest.MonkeyPatch) -> Operation:
    """An operation of that night, from 01:00 to 04:30 on the clock of Berlin, at its start; everybody sits there."""
    record = make.FINAL.read_bytes().decode().replace("**Date**: 2026-12-06", f"**Date**: {day}")
    for old, new in BERLIN.items():
        assert old in record
        record = record.replace(old, new)
    path.write_bytes(record.encode())
    patch.setattr(make, "FINAL", path)
    patch.setattr(make, "made_once", lambda _key, made: made())
    draft = make.make_draft(cast, template)
    assert draft.window_start
    planned, start = draft.window_start - dt.timedelta(days=7), draft.window_start
    Step.objects.filter(section__operation=draft).update(estimate="10 min")
    Person.objects.update(time_zone="Europe/Berlin")
    approved = make.approve_by(cast, make.submit(cast, fresh(draft), at=planned), "tomas", "ada", at=planned)
    return make.start(cast, approved, at=start)


@pytest.mark.parametrize(
    ("day", "spans", "ends_in", "deadline", "limit"),
    [
        (
            "2027-03-28",
            ["00:00 to 00:45, 45 min", "00:45 to 01:30, 45 min", "01:30 to 02:30, 1 h"],
            "35 min",
            "02:00, in 1 h 5 min",
            "02:00 UTC, in 65 min",
        ),
        (
            "2026-10-25",
            ["23:00 to 23:45, 45 min", "23:45 to 02:30, 2 h 45 min", "02:30 to 03:30, 1 h"],
            "2 h 35 min",
            "03:00, in 3 h 5 min",
            "03:00 UTC, in 3 h 5 min",
        ),
    ],
)
def test_phases_deadline_and_limit_go_by_the_time_that_passes(
    day: str,
    spans: list[str],
    ends_in: str,
    deadline: str,
    limit: str,
    cast: Cast,
    template: OperationTemplate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run = running_on(day, cast, template, tmp_path / "record.md", monkeypatch)
    start = run.started_at
    assert start

    def seen(minutes: int) -> Any:
        monkeypatch.setattr("django.utils.timezone.now", lambda: start + minutes * MINUTE)
        return signed_in(cast.jun).get(reverse("run", args=[run.pk])).context

    assert [row.note for row in seen(0)["plan"].rows] == spans
    seen(55)
    for step in in_order(run)[:3]:
        press(cast.jun, run, "finish_step", key=step.key)
    page = seen(55)
    facts = {name: words for name, words, *_more in page["clock"]["facts"]}
    assert (facts["Phase 2 ends in"], facts["Rollback deadline"]) == (ends_in, deadline)
    assert page["triggers"][-1].limit.replace("\xa0", " ") == limit
    assert facts["Against plan"] == "10 min late"
    own = [seen(minutes)["clock"]["local"] for minutes in (55, 65, 125)]
    comes_twice = ["01:55", "02:05 CEST", "02:05 CET"]
    assert own == (["01:55", "03:05", "04:05"] if day.startswith("2027") else comes_twice)

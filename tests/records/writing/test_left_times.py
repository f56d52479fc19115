"""What a plan's texts say of its day and its times of day, once it has others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.document.fields import fields_of
from records.document.outline import Document
from records.document.read import read_record, read_template
from records.document.with_fields import with_fields
from records.models import OperationTemplate
from records.writing.left_times import left_behind, staying
from tests.make import RECORD, TEMPLATES

NAME = "infrastructure-operation"
OWN = OperationTemplate(
    text=(TEMPLATES / f"{NAME}.md").read_bytes().decode(), toml=(TEMPLATES / f"{NAME}.toml").read_text()
)
PLAN = read_record(RECORD.read_bytes().decode(), read_template(OWN.text))
TEAM = "infrastructure-communication/technical-team-coordination/devops-team"
LIMIT = "disaster-recovery-plan/rollback-triggers/time-limits.text"
DATE, TIME = "header/date", "header/time"


def written(document: Document, **texts: str) -> Document:
    told = {DATE: texts.get("date"), TIME: texts.get("time"), TEAM: texts.get("team")}
    known = {key: text for key, text in told.items() if text is not None}
    windows = iter(texts.get("windows", "").split())
    sections = []
    for section in document.sections:
        own = {field.key for field in fields_of(section)}
        values = {key: text for key, text in known.items() if key in own}
        values |= {field.key: next(windows, field.text) for field in fields_of(section) if field.shape == "window"}
        sections.append(with_fields(section, values, {}))
    return replace(document, sections=tuple(sections))


def test_a_text_that_names_the_day_or_a_time_of_day_would_stay() -> None:
    found = {one.key: one for one in staying(PLAN, OWN.outline)}
    assert found["header/operation-id"].named == ("2026-12-06",)
    assert (found[LIMIT].named, found[LIMIT].section) == (("04:50 UTC",), "disaster-recovery-plan")
    assert "Time Limits" in found[LIMIT].label
    assert found[TEAM].named == ("01:45",), "also before the window"
    assert not [key for key in found if key in (DATE, TIME) or key.endswith(".window")], "these move"


BERLIN = "22:00:00 Europe/Berlin"
LATE = "22:00-23:00 23:00-00:30 00:30-02:00"


@pytest.mark.parametrize(
    ("date", "time", "windows", "text", "named"),
    [
        # The window moves to 03:30 to 05:30 on another day.
        ("2026-12-13", "03:30:00 UTC", "03:30-04:00 04:00-04:45 04:45-05:30", "Call from 03:15", ("03:15",)),
        (
            "2026-12-13",
            "03:30:00 UTC",
            "03:30-04:00 04:00-04:45 04:45-05:30",
            "From 03:30 to 05:30, not 05:31",
            ("05:31",),
        ),
        (
            "2026-12-13",
            "03:30:00 UTC",
            "03:30-04:00 04:00-04:45 04:45-05:30",
            "On 2026-12-06, not 2026-12-08",
            ("2026-12-06",),
        ),
        # The same day, another time: the day holds.
        ("2026-12-06", "03:30:00 UTC", "03:30-04:00 04:00-04:45 04:45-05:30", "On 2026-12-06 at 02:40", ("02:40",)),
        # Over midnight, and in UTC where that is said.
        ("2026-12-13", BERLIN, LATE, "At 23:30 and 01:30, not 02:30", ("02:30",)),
        ("2026-12-13", BERLIN, LATE, "At 21:30 UTC, not 01:30 UTC", ("01:30 UTC",)),
        ("2026-12-13", BERLIN, LATE, "Ratio 4:1, PT10:20:30:40 and no time", ()),
    ],
)
def test_what_names_the_former_day_or_a_time_outside_of_the_new_window_is_left_behind(
    date: str, time: str, windows: str, text: str, named: tuple[str, ...]
) -> None:
    before = written(PLAN, team=text)
    found = {
        one.key: one.named
        for one in left_behind(before, written(before, date=date, time=time, windows=windows), OWN.outline)
    }
    assert found.get(TEAM, ()) == named


def test_what_was_written_anew_or_has_the_same_start_is_not_left_behind() -> None:
    later = written(PLAN, date="2026-12-13", time="05:30:00 UTC")
    assert TEAM in {one.key for one in left_behind(PLAN, later, OWN.outline)}
    anew = written(later, team="From 01:30 on the call")
    assert TEAM not in {one.key for one in left_behind(PLAN, anew, OWN.outline)}, "its writer has just said so"
    assert left_behind(PLAN, PLAN, OWN.outline) == left_behind(PLAN, written(PLAN, date="soon"), OWN.outline) == []

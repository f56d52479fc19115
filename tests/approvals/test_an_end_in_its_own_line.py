"""A template that says start and end in lines of their own: the window ends when the second one says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from approvals.forms import RescheduleForm
from approvals.rescheduling import NewTimes, reschedule, times_of
from records.content.assembly import document_of
from records.models import Operation, OperationTemplate, Step
from records.run.loaded import load_run
from records.writing.plan_warnings import plan_warnings
from records.writing.saving import save_section
from tests import make
from tests.make import NIGHT, fresh
from tests.people import Cast

pytestmark = pytest.mark.django_db
LINE = "header/until"


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OperationTemplate:
    """The shipped template with a line for the end as well, and the complete record on it: 02:00 to 06:30."""
    text, toml = ((make.TEMPLATES / f"infrastructure-operation.{end}").read_bytes().decode() for end in ("md", "toml"))
    record = make.FINAL.read_bytes().decode()
    record = record.replace("**Time**: 02:00:00 UTC\n", "**Time**: 02:00:00 UTC\n**Until**: 06:30 UTC\n")
    path = tmp_path / "record.md"
    path.write_bytes(record.encode())
    monkeypatch.setattr(make, "FINAL", path)
    return OperationTemplate.objects.create(
        name="Infrastructure Operations Template",
        version="1.0.0",
        text=text.replace("**Time**: HH:MM:SS TZ\n", "**Time**: HH:MM:SS TZ\n**Until**: HH:MM TZ\n"),
        toml=toml.replace('time = "header/time"\n', ""),
    )


def said(cast: Cast, draft: Operation, until: str) -> Operation:
    own = draft.sections.get(key="header")
    save_section(operation=draft, key=own.key, version=own.version, values={LINE: until}, by=cast.mara, at=make.PLANNED)
    return fresh(draft)


def test_the_window_ends_when_the_line_says_and_is_brought_up_to_date_with_it(
    cast: Cast, apart: OperationTemplate
) -> None:
    draft = make.make_draft(cast, apart)
    assert (draft.window_start, draft.window_end) == (NIGHT, NIGHT + dt.timedelta(minutes=270))
    assert said(cast, draft, "7:15 UTC").window_end == NIGHT + dt.timedelta(minutes=315)
    assert fresh(draft).sections.get(key="header").answers[LINE] == "07:15 UTC", "as the template writes it"
    draft = said(cast, draft, "2026-12-07 01:00")
    assert draft.window_end == NIGHT + dt.timedelta(hours=23)
    assert said(cast, draft, "").window_end == NIGHT + dt.timedelta(minutes=210), "that of the last phase"


def test_the_rollback_deadline_is_reckoned_from_it(cast: Cast, apart: OperationTemplate) -> None:
    draft = make.make_draft(cast, apart)
    Step.objects.filter(section__operation=draft, plan__isnull=False).update(estimate="20 min")
    run = load_run(make.submit(cast, draft))
    assert run and run.plan.end == NIGHT + dt.timedelta(minutes=270)
    assert run.plan.rollback_deadline == NIGHT + dt.timedelta(minutes=210)


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("06:30 UTC", []),
        ("05:00 UTC", ["is before the last phase ends, at 05:30"]),
        ("soon", ["can't be understood, or lies before the start, so the window ends with the last phase"]),
    ],
)
def test_an_end_that_cannot_be_is_pointed_out(
    until: str, words: list[str], cast: Cast, apart: OperationTemplate
) -> None:
    draft = said(cast, make.make_draft(cast, apart), until)
    warned = plan_warnings(document_of(draft), apart.outline, {})
    assert [one.words for one in warned if one.key == LINE] == words


def test_it_moves_with_the_start_or_is_said_anew(cast: Cast, apart: OperationTemplate) -> None:
    approved = make.approve_by(cast, make.submit(cast, make.make_draft(cast, apart)), "tomas", "ada")
    form = RescheduleForm(None, document=document_of(approved), outline=apart.outline)
    assert form.fields["end"].label == "Until"
    digest = approved.revisions.get().digest
    for end, told, minutes in ((None, "08:00 UTC", 270), ("09:00 UTC", "09:00 UTC", 330)):
        times = NewTimes("2026-12-08", "03:30:00 UTC", end=end)
        revision = reschedule(approved, times, digest=digest, by=cast.mara, at=make.PLANNED)
        moved = fresh(approved)
        assert times_of(document_of(moved), apart.outline).end == told
        assert moved.window_start and moved.window_end == moved.window_start + dt.timedelta(minutes=minutes)
        approved, digest = make.approve_by(cast, moved, "tomas", "ada"), revision.digest

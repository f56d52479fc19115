"""A template that asks for day and time in one line: its records have a window, wherever one is asked for or shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from approvals.forms import RescheduleForm
from approvals.rescheduling import times_of
from records.as_asked import as_asked
from records.content.assembly import document_of
from records.forms.remarks import remark_on
from records.library.template_problems import problems_of
from records.models import Operation, OperationTemplate, State
from records.writing.plan_warnings import plan_warnings
from tests import make
from tests.make import NIGHT, fresh
from tests.people import Cast

pytestmark = pytest.mark.django_db
LINE = "header/when"


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OperationTemplate:
    """The shipped template with one line for both, and the complete record on it."""
    text, toml = ((make.TEMPLATES / f"infrastructure-operation.{end}").read_bytes().decode() for end in ("md", "toml"))
    two, one = "**Date**: YYYY-MM-DD\n**Time**: HH:MM:SS TZ", "**When**: YYYY-MM-DD HH:MM TZ"
    record = make.FINAL.read_bytes().decode()
    record = record.replace("**Date**: 2026-12-06\n**Time**: 02:00:00 UTC", "**When**: 2026-12-06 02:00 UTC")
    path = tmp_path / "record.md"
    path.write_bytes(record.encode())
    monkeypatch.setattr(make, "FINAL", path)
    return OperationTemplate.objects.create(
        name="Infrastructure Operations Template",
        version="1.0.0",
        text=text.replace(two, one),
        toml=toml.replace('date = "header/date"\ntime = "header/time"\n', ""),
    )


def client_of(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mara)
    return client


def test_nobody_is_asked_for_a_line_of_the_time(both: OperationTemplate) -> None:
    assert both.outline.settings.bind["date"] == LINE
    assert problems_of(both.text, both.toml) == []


def test_a_new_record_says_both_at_once_and_has_a_window(cast: Cast, both: OperationTemplate) -> None:
    client, url = client_of(cast), reverse("record_new") + f"?template={both.pk}"
    page = client.get(url).content.decode()
    assert 'name="time"' not in page and 'data-pick="moment"' in page
    posted = {"title": "Edge nodes", "date": "6 Dec 2026", "risk": "Low"}
    answer = client.post(url, posted)
    assert "Write day and time as 2026-12-06 02:00" in answer.content.decode()
    assert client.post(url, {**posted, "date": "6 Dec 2026 2200 Europe/Berlin"}).status_code in (302, 303)
    record = Operation.objects.get()
    assert record.sections.get(key="header").answers[LINE] == "2026-12-06 22:00 Europe/Berlin"
    assert record.window_start == dt.datetime(2026, 12, 6, 21, 0, tzinfo=dt.UTC)
    assert record.operation_id == "2026-12-06-infrastructure-edge-nodes"


def test_its_section_asks_for_both_and_says_what_cant_be_understood(cast: Cast, both: OperationTemplate) -> None:
    draft = make.make_draft(cast, both)
    assert draft.window_start == NIGHT
    page = client_of(cast).get(reverse("section", args=[draft.pk, "header"])).content.decode()
    assert 'data-pick="moment"' in page
    assert remark_on(LINE, "6 Dec 2026 2200 Europe/Berlin", both.outline) == ""
    assert "day and time" in remark_on(LINE, "2026-12-06", both.outline)
    warned = [one for one in plan_warnings(document_of(draft), both.outline, {}) if one.key == LINE]
    assert warned == []


def test_it_is_moved_to_another_night_in_its_one_line(cast: Cast, both: OperationTemplate) -> None:
    approved = make.approve_by(cast, make.submit(cast, make.make_draft(cast, both)), "tomas", "ada")
    assert approved.state == State.APPROVED
    form = RescheduleForm(None, document=document_of(approved), outline=both.outline)
    assert "time" not in form.fields
    url = reverse("reschedule", args=[approved.pk])
    page = client_of(cast).get(url)
    shown = {name: page.context["form"][name].value() for name in form.fields if name != "digest"}
    digest = approved.revisions.get().digest
    answer = client_of(cast).post(url, {**shown, "digest": digest, "date": "2026-12-08 03:30 UTC"})
    assert answer.status_code in (302, 303), answer.content.decode()
    moved = fresh(approved)
    now = times_of(document_of(moved), both.outline)
    assert now.date == "2026-12-08 03:30 UTC"
    assert next(iter(now.windows.values())) == "03:30-04:15", "and the windows move along"
    assert moved.window_start == NIGHT + dt.timedelta(days=2, minutes=90)


@pytest.mark.parametrize(
    ("written", "pattern", "kept"),
    [
        ("6 Dec 2026 2:00", "YYYY-MM-DD HH:MM TZ", "2026-12-06 02:00 UTC"),
        ("2026-12-06T02:00", "[DD.MM.YYYY HH:MM]", "06.12.2026 02:00"),
        ("2026-12-06", "YYYY-MM-DD HH:MM TZ", "2026-12-06"),
        ("some night", "YYYY-MM-DD HH:MM TZ", "some night"),
    ],
)
def test_both_are_written_as_the_template_asks(written: str, pattern: str, kept: str) -> None:
    assert as_asked("moment", written, pattern) == kept

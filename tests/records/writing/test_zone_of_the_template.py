"""A time as a template's hint shows it is in the zone that stands there, also where nobody knows which one that is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from records.content.assembly import document_of
from records.models import Operation, OperationTemplate
from records.writing.plan_warnings import plan_warnings
from records.writing.saving import save_section
from tests import make
from tests.make import PLANNED, fresh
from tests.people import Cast

pytestmark = pytest.mark.django_db
TIME = "header/time"


def asking(hint: str) -> OperationTemplate:
    text, toml = ((make.TEMPLATES / f"infrastructure-operation.{end}").read_bytes().decode() for end in ("md", "toml"))
    text = text.replace("**Time**: HH:MM:SS TZ", f"**Time**: {hint}")
    return OperationTemplate.objects.create(name="Of another place", version="1", text=text, toml=toml)


def told(cast: Cast, hint: str) -> Operation:
    """A record whose writer typed 22:00 where ``hint`` stands."""
    draft = make.start_record(author=cast.mara, template=asking(hint), at=PLANNED, values={"title": "Edge nodes"})
    version = draft.sections.get(key="header").version
    values = {"header/date": "2026-12-06", TIME: "22:00"}
    save_section(operation=draft, key="header", version=version, values=values, by=cast.mara, at=PLANNED)
    return fresh(draft)


def test_a_zone_that_is_known_is_that_of_the_window(cast: Cast) -> None:
    draft = told(cast, "HH:MM Europe/Berlin")
    assert draft.sections.get(key="header").answers[TIME] == "22:00 Europe/Berlin"
    assert draft.window_start == dt.datetime(2026, 12, 6, 21, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["JST", "Uhr", "(local time)"])
def test_one_that_nobody_knows_is_asked_about(cast: Cast, zone: str) -> None:
    draft = told(cast, f"HH:MM {zone}")
    assert draft.sections.get(key="header").answers[TIME] == f"22:00 {zone}"
    assert draft.window_start is None, "22:00 UTC would be another night"
    assert TIME in [one.key for one in plan_warnings(document_of(draft), draft.outline, {})]


def test_its_form_says_so_before_a_record_is_made(cast: Cast) -> None:
    template, client = asking("HH:MM JST"), Client()
    client.force_login(cast.mara)
    url = reverse("record_new") + f"?template={template.pk}"
    assert "“JST” isn&#x27;t understood as one" in client.get(url).content.decode()
    posted = {"title": "Edge nodes", "date": "2026-12-06", "time": "22:00", "risk": "Low"}
    page = client.post(url, posted).content.decode()
    assert "“JST” isn&#x27;t understood as a zone" in page
    assert client.post(url, {**posted, "time": "22:00 +09:00"}).status_code in (302, 303)
    assert Operation.objects.get().window_start == dt.datetime(2026, 12, 6, 13, 0, tzinfo=dt.UTC)

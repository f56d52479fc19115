"""Every page is looked at: those that no other journey comes by are opened here; a new address needs its place."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
from django.urls import get_resolver, resolve

from approvals import actions
from records.library.template_drafts import begin_template
from records.models import FreezeWindow, Operation, OperationTemplate, TemplateDraft
from tests import make
from tests.approvals.access_table import patterns
from tests.journeys.eyes import Eyes
from tests.people import Cast

# The names of addresses whose pages other journeys look at, by the journey.
ELSEWHERE = {
    "test_every_state.py": (
        *("login", "help", "check", "review", "change_plan", "reschedule", "run", "rollback", "close", "sign"),
        *("sign_off", "amend", "addendum", "record", "record_markdown", "record_print", "history", "clone_search"),
        "window",
    ),
    "test_pages_of_starting.py": (
        *("record_new", "past_records", "record_clone", "afterwards", "section", "emergency_new", "complete_plan"),
    ),
    "test_pages_of_writing.py": ("section_paste", "comments"),
    "test_writing.py": ("record_people",),
    "test_pages_of_deciding.py": (
        *("home", "decisions", "deliveries", "account", "account_password", "template_list", "template", "audit"),
        "record_list",
    ),
    "test_template_library.py": ("template_new", "template_draft", "template_draft_settings", "publish"),
}
# What answers with a file, with data or with another page.
NO_PAGES = {
    *("logout", "health_live", "health_ready", "metrics", "admin_password", "bundle", "decide", "comment", "viewed"),
    *("revision_text", "act", "record_bring_in", "past_bring_in", "section_preview", "section_presence", "restore"),
    *("record_download", "record_json", "record_log", "bring_evidence", "evidence", "finalized_zip", "by_reference"),
    *("template_download", "template_settings", "calendar_renew", "calendar_feed", "api_records", "audit_csv"),
    *("deliveries_again", "delivery_again"),
}
HERE = {
    "tomas": (
        "/inbox/",
        "/calendar/?month=2026-12",
        "/delegations/",
        "/rules/",
    ),
    "mara": (
        *("/signed-in/", "/verify/", "/account/tokens/", "/templates/drafts/{draft}/changes/"),
        *("/templates/{newer}/changes/", "/records/{record}/template/", "/records/{ended}/archive/"),
    ),
    "jun": ("/records/{record}/emergency/",),
}
FORMS = ("record_read",)


def test_every_address_is_looked_at_or_no_page() -> None:
    filled = {"draft": "1", "newer": "1", "record": "1", "ended": "1"}
    here = {resolve(one.partition("?")[0].format(**filled)).url_name for pages in HERE.values() for one in pages}
    seen = {name for names in ELSEWHERE.values() for name in names} | here | set(FORMS)
    assert {str(one.name) for one in patterns(get_resolver())} == seen | NO_PAGES
    assert not seen & NO_PAGES


def test_the_journeys_that_are_named_still_come_by() -> None:
    """By the last word of the address: it stands in the journey, or on a button or link that leads there."""
    addresses = {str(one.name): str(one.pattern) for one in patterns(get_resolver())}
    pressed = {"template_new": "New template", "template_draft": "Look at it", "publish": "Look at it and decide"}
    pressed |= {"template_draft_settings": "Save the settings"}
    gone = []
    for file, names in ELSEWHERE.items():
        text = (Path(__file__).parent / file).read_text()
        for name in names:
            words = [word for word in re.sub("<[^>]*>", "", addresses[name]).split("/") if word]
            gone += [(file, name)] if pressed.get(name, words[-1] if words else "") not in text else []
    assert gone == []


@pytest.fixture
def places(transactional_db: None, cast: Cast, template: OperationTemplate) -> dict[str, int]:
    """What the pages are about: a draft, a record that has ended, a newer template, the draft of another; a freeze."""
    FreezeWindow.objects.create(name="Year end", starts_at=make.NIGHT, ends_at=make.NIGHT + dt.timedelta(days=2))
    record = make.make_draft(cast, template, level="Medium")
    ended = make.start_record(author=cast.mara, template=template, at=make.PLANNED, values={"title": "Once"})
    actions.cancel(ended, reason="Not needed", by=cast.mara, at=make.PLANNED)
    text = template.text.replace("Template v1.0.0", "Template v1.1.0").replace("- **Compliance**: [", "- **Audit**: [")
    newer = OperationTemplate.objects.create(name=template.name, version="1.1.0", text=text, toml=template.toml)
    begin_template(text=template.text, toml=template.toml, base=newer, by=cast.mara)
    return {"record": record.pk, "ended": ended.pk, "newer": newer.pk, "draft": TemplateDraft.objects.get().pk}


def test_no_other_page_has_a_barrier(eyes: Eyes, cast: Cast, places: dict[str, int], tmp_path: Path) -> None:
    for name, pages in HERE.items():
        eyes.be(getattr(cast, name))
        for one in pages:
            eyes.see(one.format(**places))
    eyes.be(cast.mara)
    eyes.page.goto("/records/new/")
    eyes.page.locator("input[type=file]").set_input_files(make.RECORD)
    eyes.press("Look at it")
    eyes.look("what a text was read as")
    archive = tmp_path / "past.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(make.FINAL, "infrastructure/past.md")
        packed.writestr("notes.md", "Only a note")
    eyes.page.goto("/records/new/past/")
    eyes.page.locator("input[type=file]").set_input_files(archive)
    eyes.press("Look through it")
    eyes.look("what an archive was read as")
    eyes.page.goto("/verify/")
    eyes.page.locator("input[type=file]").set_input_files(make.FINAL)
    eyes.press("Look at it")
    eyes.look("what a file was found to be")
    assert eyes.wrong == []
    assert Operation.objects.count() == 2

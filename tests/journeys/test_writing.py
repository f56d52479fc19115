"""Somebody writes in a real browser: the preview follows, rows come, go and come back, marks take a reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from records.models import Operation, Person
from tests import make
from tests.journeys.eyes import NARROWEST, Eyes, leave, sign_in
from tests.people import make_cast

SUMMARY, STEPS = "operation-summary", "infrastructure-operation-steps"
NARROW = """[...document.querySelectorAll("textarea, input[type=text]")]
    .filter((field) => field.checkVisibility() && field.offsetWidth < 120)
    .map((field) => `${field.name}: ${field.offsetWidth} px`)"""


@pytest.fixture
def record(transactional_db) -> Operation:
    return make.make_draft(make_cast(), make.make_template())


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def mara(request: pytest.FixtureRequest, record: Operation, browser: Browser, live_server) -> Iterator[Page]:
    """Mara's page, signed in; in a browser with scripts, and in one without."""
    context: BrowserContext = browser.new_context(java_script_enabled=request.param, base_url=live_server.url)
    page = context.new_page()
    sign_in(page, live_server.url, Person.objects.get(username="mara"))
    yield page
    context.close()


def press(page: Page, button: str) -> None:
    leave(page, page.get_by_role("button", name=button))


def test_rows_come_go_and_come_back(record: Operation, mara: Page) -> None:
    mara.goto(f"/records/{record.pk}/sections/{STEPS}/")
    mara.locator("details.phase > summary").nth(1).click()
    press(mara, "Add a step to Phase 2")
    step = mara.locator("details.stepx[open]")
    step.get_by_label("Step title").fill("Retire the old writers")
    press(mara, "Add commands")
    step.get_by_role("textbox", name="Commands").fill("systemctl stop old-writer")
    press(mara, "Move Retire the old writers up")
    expect(mara.locator("#preview")).to_contain_text("systemctl stop old-writer")
    press(mara, "Remove Retire the old writers")
    expect(mara.locator("#preview")).not_to_contain_text("systemctl stop old-writer")
    expect(mara.get_by_text("Removed: Retire the old writers")).to_be_in_viewport()
    expect(mara.locator("summary:target")).to_be_in_viewport()
    press(mara, "Undo the removal")
    expect(mara.locator("#preview")).to_contain_text("systemctl stop old-writer")
    expect(mara.locator("summary:target")).to_contain_text("Retire the old writers")


def test_a_mark_takes_a_reason_and_can_be_undone(record: Operation, mara: Page) -> None:
    mara.goto(f"/records/{record.pk}/sections/{SUMMARY}/")
    mara.get_by_role("textbox", name="Compliance").fill("")
    press(mara, "Save and exit")
    leave(mara, mara.get_by_role("link", name="Compliance", exact=True))
    press(mara, "Not applicable: Compliance")
    mara.get_by_label("because").fill("no card data here")
    press(mara, "Mark not applicable")
    expect(mara.locator(".na", has_text="no card data here")).to_be_visible()
    press(mara, "Undo for Compliance")
    expect(mara.get_by_role("textbox", name="Compliance")).to_have_value("")


@pytest.mark.parametrize("mara", [True], indirect=True)
def test_the_preview_follows_what_is_typed(record: Operation, mara: Page) -> None:
    mara.goto(f"/records/{record.pk}/sections/{SUMMARY}/")
    mara.get_by_role("textbox", name="Compliance").fill("Policy *S-7* asks for it")
    expect(mara.locator("#preview em", has_text="S-7")).to_be_visible()


def test_no_page_of_writing_has_a_violation_or_scrolls_sideways(record: Operation, eyes: Eyes) -> None:
    eyes.be(Person.objects.get(username="mara"))
    eyes.see(f"/records/new/?template={record.template_id}")
    for page in ("", "check/", "markdown/", "markdown/?view=source", "print/", "people/"):
        eyes.see(f"/records/{record.pk}/{page}")
    for key in record.sections.values_list("key", flat=True):
        eyes.see(f"/records/{record.pk}/sections/{key}/?open=all")
        every_text_has_room(eyes, key)
    assert eyes.wrong == []


def every_text_has_room(eyes: Eyes, name: str) -> None:
    """One sheet serves all pages: a rule for one of them once made columns of a letter's width on another."""
    for width in (1280, NARROWEST):
        eyes.page.set_viewport_size({"width": width, "height": 844})
        eyes.wrong += [((name, width), one) for one in eyes.page.evaluate(NARROW)]

"""A template for quite another kind of operation comes in through the pages and is used at once, with no code."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from records.models import Operation, OperationTemplate, Person, Role, RoleHolding
from tests.journeys.barriers import barriers
from tests.journeys.eyes import sign_in
from tests.people import PASSWORD, SINCE, Cast, make_cast

CERTIFICATES = Path(__file__).parents[1] / "data" / "templates" / "certificate-rotation.md"


@pytest.fixture
def cast(transactional_db) -> Cast:
    cast = make_cast()
    RoleHolding.objects.create(person=cast.sam, role=Role.TEMPLATE_KEEPER, since=SINCE)
    return cast


def signed_in(browser: Browser, url: str, name: str, *, scripts: bool) -> Page:
    context = browser.new_context(java_script_enabled=scripts, base_url=url)
    page = context.new_page()
    sign_in(page, url, Person.objects.get(username=name))
    return page


def is_sound(page: Page, *, scripts: bool) -> None:
    """Nothing for axe to find, and no sideways scroll on the narrowest phone."""
    if not scripts:
        return
    page.wait_for_load_state()
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_it_is_brought_in_asked_about_published_and_used(
    browser: Browser, live_server, cast: Cast, scripts: bool
) -> None:
    mara = signed_in(browser, live_server.url, "mara", scripts=scripts)
    mara.goto("/templates/")
    mara.get_by_role("link", name="New template").click()
    is_sound(mara, scripts=scripts)
    mara.get_by_label("or a Markdown file").set_input_files(CERTIFICATES)
    mara.get_by_role("button", name="Look at it").click()

    expect(mara.get_by_role("heading", level=1)).to_have_text("Certificate Rotation Template v2.3.0")
    expect(mara.get_by_text("Which line holds the operator?")).to_be_visible()
    is_sound(mara, scripts=scripts)
    facts = mara.get_by_role("region", name="Which line holds what")
    facts.get_by_label("Operator", exact=True).select_option(label="Performed by (header)")
    facts.get_by_label("Supervisor", exact=True).select_option(label="Responsible Lead (header)")
    mara.get_by_role("button", name="Save the settings").click()
    expect(mara.get_by_text("Which line holds the operator?")).to_have_count(0)
    facts.get_by_label("Service impact", exact=True).select_option(label="No line: it is kept beside the text")
    mara.get_by_label("PARTLY ROTATED").select_option(label="Failed")
    mara.get_by_role("button", name="Save the settings").click()

    expect(mara.get_by_text("Ready to be published")).to_be_visible()
    parts = mara.get_by_role("navigation", name="The form of the section")
    parts.get_by_role("link", name="Rotation Work").click()
    expect(mara.get_by_role("group", name="Rotation Work").get_by_label("Escrow").first).to_be_disabled()
    is_sound(mara, scripts=scripts)
    mara.get_by_role("link", name="Line 102").click()
    expect(mara.locator("#L102")).to_contain_text("Names missing in the new certificate")
    is_sound(mara, scripts=scripts)
    mara.get_by_role("button", name="Offer it to be published").click()
    expect(mara.get_by_text("wrote none of it: Sam")).to_be_visible()
    where = mara.url

    sam = signed_in(browser, live_server.url, "sam", scripts=scripts)
    sam.goto(where)
    sam.get_by_role("link", name="Look at it and decide").click()
    is_sound(sam, scripts=scripts)
    sam.get_by_role("radio", name="Publish").check()
    sam.get_by_label("Your password, again").fill(PASSWORD)
    sam.get_by_role("button", name="Send the decision").click()
    expect(sam.get_by_text("It is published")).to_be_visible()
    assert OperationTemplate.objects.get().text.encode() == CERTIFICATES.read_bytes()

    mara.goto("/templates/")
    mara.get_by_role("link", name="Certificate Rotation Template").first.click()
    mara.get_by_role("link", name="New record").click()
    mara.get_by_label("Brief Description").fill("Edge nodes, autumn")
    mara.get_by_role("textbox", name="Day").fill("2026-12-06")
    mara.get_by_role("radio", name="Severe").check()
    mara.get_by_role("button", name="Create and open").click()
    expect(mara.get_by_role("heading", level=1)).to_have_text("Edge nodes, autumn")
    expect(mara.get_by_role("link", name="Rotation Work").first).to_be_visible()
    assert Operation.objects.get().risk_level == "Severe"

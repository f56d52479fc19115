"""The pages of writing in a real browser: light and dark, wide and narrow, readable by everybody, none too wide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from records.models import Operation, OperationTemplate, Person
from records.writing.saving import save_section
from tests.make import PLANNED, make_draft
from tests.people import Cast

STEPS = "infrastructure-operation-steps"
USERS = "operation-summary/business-impact/user-experience"
NARROWEST = 320


@pytest.fixture
def low(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    """A draft of the mildest level, so that much is folded, with a word in it that says nothing."""
    operation = make_draft(cast, template, level="Low")
    own = operation.sections.get(key="operation-summary")
    save_section(operation=operation, key=own.key, version=own.version, values={USERS: "TBD"}, by=cast.mara, at=PLANNED)
    return operation


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light-1280", "dark-390"])
def look(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def sign_in(page: Page, url: str, person: Person) -> None:
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def wrong(page: Page) -> list[str]:
    """What keeps somebody from the page as it is now: barriers that axe names, and more width than a phone has."""
    found = [
        f"{page.url}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in Axe().run(page).response["violations"]
    ]
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": NARROWEST, "height": 844})
    over = page.evaluate("document.documentElement.scrollWidth") - NARROWEST
    page.set_viewport_size(size)
    return [*found, *([f"{page.url}: {over} px too wide"] if over > 0 else [])]


def test_they_have_no_barrier_and_no_sideways_scroll(look: Page, live_server, low: Operation, cast: Cast) -> None:
    sign_in(look, live_server.url, cast.mara)
    record = f"/records/{low.pk}"
    found = []
    for url in ("/", "/records/", "/account/", "/help/", f"{record}/check/", f"{record}/sections/header/"):
        look.goto(url)
        found += wrong(look)
    look.goto(f"{record}/sections/operation-summary/")
    look.locator(".preview > summary").click()
    expect(look.locator("#preview")).to_be_hidden()
    found += wrong(look)
    look.goto(f"{record}/sections/{STEPS}/?open=all")
    expect(look.locator("#preview")).to_be_hidden()
    found += wrong(look)
    look.goto(f"{record}/sections/{STEPS}/paste/")
    look.get_by_label("Markdown").fill(
        "1. **Drain**\n\n   ```bash\n   " + "drain " * 40 + "\n   ```\n\n   - **Seen**: none\n"
    )
    look.get_by_role("button", name="Look at it").click()
    expect(look.get_by_role("button", name="Add this step")).to_be_visible()
    found += wrong(look)
    assert found == []

"""The pages of starting a record, and of an approved plan, in a browser: no barrier, no sideways scroll."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from records.models import OperationTemplate, State
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from tests.make import PLANNED, make_in
from tests.people import Cast

STEPS, STATE = "infrastructure-operation-steps", "pre-operation-infrastructure-state"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_they_have_no_barrier_and_no_sideways_scroll(
    scheme: str,
    width: int,
    browser: Browser,
    live_server,
    transactional_db: None,
    cast: Cast,
    template: OperationTemplate,
) -> None:
    approved = make_in(State.APPROVED, cast, template)
    said = Opening("Payments", date="2027-01-10", time="22:30:00 UTC", risk="High", operator=cast.mara)
    clone = clone_record(approved, opening=said, by=cast.mara, at=PLANNED)
    started = ["/records/new/", "/records/new/clone/?q=PostgreSQL", "/records/new/past/"]
    of_clone = ["", "clone/", "afterwards/", "people/", f"sections/{STEPS}/?open=all", f"sections/{STATE}/"]
    of_approved = ["", "change-plan/", "reschedule/"]
    pages = [f"/records/{clone.pk}/{page}" for page in of_clone]
    pages += [f"/records/{approved.pk}/{page}" for page in of_approved]
    client = Client()
    client.force_login(cast.mara)
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce"
    )
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page, wrong = context.new_page(), []
    for address in [*started, *pages]:
        response = page.goto(address)
        assert response is not None and response.status == 200, address
        wrong += [(address, one["id"], one["nodes"][0]["target"]) for one in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append((address, "scrolls sideways", ""))
        if page.locator("h1").count() != 1 or page.locator(".btn-primary:visible").count() > 1:
            wrong.append((address, "headings or primary buttons", ""))
    context.close()
    assert wrong == []

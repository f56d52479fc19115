"""The pages of finding and deciding in a real browser: light and dark, wide and narrow, readable by everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from approvals import actions
from records.models import Operation, OperationTemplate, Person
from records.writing.saving import save_section
from tests import make
from tests.people import Cast

USERS = "operation-summary/business-impact/user-experience"


@pytest.fixture
def again(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    """In review again after changes were asked for, one of two approvals given."""
    operation = make.submit(cast, make.make_draft(cast, template))
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    draft = make.fresh(operation)
    version = draft.sections.get(key="operation-summary").version
    later = make.PLANNED + dt.timedelta(hours=1)
    values = {USERS: "Orders fail for two minutes."}
    save_section(operation=draft, key="operation-summary", version=version, values=values, by=cast.mara, at=later)
    return make.approve_by(cast, make.submit(cast, draft, at=later), "ada", at=later)


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light-1280", "dark-390"])
def look(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def sign_in(page: Page, url: str, person: Person) -> None:
    """Without the form: that is another journey."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def test_they_have_no_barrier_and_no_sideways_scroll(look: Page, live_server, again: Operation, cast: Cast) -> None:
    record = f"/records/{again.pk}"
    views = [
        f"{record}/review/?view={view}"
        for view in ("brief", "changes", "whole", "comments", "source", "time", "history")
    ]
    seen = {
        cast.tomas: [
            "/",
            "/records/",
            "/records/?q=nothing",
            "/decisions/",
            "/decisions/?show=decided",
            *views,
            f"{record}/history/?from=1&to=2",
            f"{record}/history/?from=1&to=draft",
        ],
        cast.mara: ["/", f"{record}/review/"],
        cast.vera: ["/audit/?check=1", "/account/", "/account/password/", "/deliveries/", "/templates/"],
        cast.leo: [f"/templates/{again.template_id}/", f"/templates/{again.template_id}/?view=source", "/deliveries/"],
    }
    said: list[str] = []
    look.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    wrong = []
    for person, addresses in seen.items():
        sign_in(look, live_server.url, person)
        for address in addresses:
            response = look.goto(address)
            assert response is not None
            assert response.status == 200, address
            wrong += [(address, one["id"], one["nodes"][0]["target"]) for one in Axe().run(look).response["violations"]]
            if look.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((address, "scrolls sideways", ""))
            if look.locator("h1").count() != 1 or look.locator(".btn-primary:visible").count() > 1:
                wrong.append((address, "headings or primary buttons", ""))
    assert (wrong, said) == ([], [])


def test_the_narrowest_phone_scrolls_one_way_only(look: Page, live_server, again: Operation, cast: Cast) -> None:
    look.set_viewport_size({"width": 320, "height": 700})
    sign_in(look, live_server.url, cast.tomas)
    for address in ("/", "/records/", f"/records/{again.pk}/review/", f"/records/{again.pk}/review/?view=whole"):
        look.goto(address)
        assert look.evaluate("document.documentElement.scrollWidth") == 320, address

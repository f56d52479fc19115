"""One record through its whole life, and every page that can go wrong: no barrier, nothing to scroll sideways.

`make test-long PART=looks` looks at each in both themes at both widths; the daily run at two of the four.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from records.models import Operation, OperationTemplate, Person
from tests import make
from tests.people import Cast

TWO = [("light", 1280), ("dark", 390)]
FOUR = [*TWO, ("dark", 1280), ("light", 390)]
NARROWEST = 320
# What the browser itself says about an answer that is a refusal.
REFUSED = "the server responded with a status of"


class Eyes:
    """A browser that looks at pages in several ways and notes what is wrong with them."""

    def __init__(self, page: Page, url: str, looks: list[tuple[str, int]]) -> None:
        self.page, self.url, self.looks = page, url, looks
        self.wrong: list[tuple[str, object]] = []
        page.on("pageerror", lambda error: self.wrong.append(("script", str(error))))
        page.on("console", lambda said: self._heard(said.type, said.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and REFUSED not in text:
            self.wrong.append((self.page.url, text))

    def be(self, person: Person | None) -> None:
        """Look as somebody who is signed in, or as nobody."""
        self.page.context.clear_cookies()
        if person:
            client = Client()
            client.force_login(person)
            cookies = [{"name": name, "value": one.value, "url": self.url} for name, one in client.cookies.items()]
            self.page.context.add_cookies(cookies)  # type: ignore[arg-type]

    def see(self, address: str, status: int = 200) -> None:
        """Open the page at ``address`` and look at it."""
        response = self.page.goto(address)
        assert response is not None
        if response.status != status:
            self.wrong.append((address, response.status))
        self.look(address)

    def look(self, name: str) -> None:
        """Look at the page that is open."""
        for scheme, width in self.looks:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.page.set_viewport_size({"width": width, "height": 844})
            found = Axe().run(self.page).response["violations"]
            self.wrong += [((name, scheme, width), (one["id"], one["nodes"][0]["html"][:200])) for one in found]
        self.page.set_viewport_size({"width": NARROWEST, "height": 700})
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROWEST:
            self.wrong.append((name, f"{wide} px wide"))


@pytest.fixture(
    params=[pytest.param(TWO, id="two"), pytest.param(FOUR, id="looks", marks=pytest.mark.long)],
)
def eyes(request: pytest.FixtureRequest, transactional_db: None, browser: Browser, live_server) -> Iterator[Eyes]:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    yield Eyes(context.new_page(), live_server.url, request.param)
    context.close()


def test_no_state_of_a_record_has_a_page_with_a_barrier(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    at = f"/records/{draft.pk}"
    night = timezone.now().replace(second=0, microsecond=0)
    eyes.be(cast.mara)
    eyes.see(f"{at}/check/")
    operation = make.submit(cast, draft)
    eyes.be(cast.tomas)
    eyes.see(f"{at}/review/")
    operation = make.approve_by(cast, operation, "tomas", "ada")
    eyes.be(cast.mara)
    eyes.see(f"{at}/change-plan/")
    eyes.see(f"{at}/reschedule/")
    eyes.be(cast.jun)
    eyes.see(f"{at}/run/")
    Operation.objects.filter(pk=draft.pk).update(start_allowed_until=night + dt.timedelta(hours=1))
    operation = make.start(cast, make.fresh(operation), at=night)
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    eyes.be(cast.olga)
    eyes.see(f"{at}/run/")
    operation = make.roll_back(cast, operation, at=night)
    eyes.be(cast.jun)
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    operation = make.work(cast, operation, at=night)
    eyes.see(f"{at}/close/")
    eyes.page.locator("label.choice", has_text="ROLLED BACK").click()
    eyes.page.get_by_role("button", name="Read the final text and sign").click()
    eyes.look("sign")
    operation = make.sign(cast, operation, outcome="rolled_back", at=night)
    for person in (cast.tomas, cast.jun):
        eyes.be(person)
        eyes.see(f"{at}/sign-off/")
    make.sign_off(cast, operation, at=night)
    for page in ("", "review/", "run/", "close/", "markdown/", "history/", "print/"):
        eyes.see(f"{at}/{page}")
    assert eyes.wrong == []


WIDTHS = """[...document.querySelectorAll("textarea, input[type=text]")]
    .filter((field) => field.checkVisibility() && field.offsetWidth < 120)
    .map((field) => `${field.name}: ${field.offsetWidth} px`)"""


def test_every_text_of_a_section_has_room_to_be_written(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    """One sheet serves all pages: a rule for one of them once made columns of a letter's width on another."""
    draft = make.make_draft(cast, template)
    eyes.be(cast.mara)
    for key in draft.sections.values_list("key", flat=True):
        for width in (1280, NARROWEST):
            eyes.page.set_viewport_size({"width": width, "height": 844})
            eyes.page.goto(f"/records/{draft.pk}/sections/{key}/")
            eyes.wrong += [((key, width), one) for one in eyes.page.evaluate(WIDTHS)]
    assert eyes.wrong == []


def refusals(eyes: Eyes, cast: Cast, draft: Operation) -> dict[str, Callable[[], None]]:
    at = f"/records/{draft.pk}"

    def send_too_much() -> None:
        eyes.page.goto("/records/new/")
        area = eyes.page.get_by_label("Paste the Markdown")
        area.evaluate("(area) => { area.value = 'x'.repeat(12 * 1024 * 1024); area.form.submit(); }")
        eyes.page.wait_for_url("**/records/new/text/")
        eyes.look("413")

    def send_without_its_token() -> None:
        eyes.page.goto(f"{at}/sections/operation-summary/")
        eyes.page.context.clear_cookies(name="csrftoken")
        eyes.page.get_by_role("button", name="Save and exit").click()
        eyes.page.get_by_role("button", name="Send again").wait_for()
        eyes.look("old form")

    return {
        "400": lambda: eyes.see("/records/?page=%00", 400),
        "403": lambda: eyes.see("/audit/", 403),
        "404": lambda: eyes.see("/records/999999/", 404),
        "409": lambda: eyes.see(f"{at}/run/", 409),
        "413": send_too_much,
        "500": lambda: eyes.see("/broken/", 500),
        "old form": send_without_its_token,
    }


def test_no_page_that_refuses_or_welcomes_has_a_barrier(
    eyes: Eyes, cast: Cast, template: OperationTemplate, settings
) -> None:
    settings.ROOT_URLCONF = "tests.opsrecords.faulty_urls"
    draft = make.make_draft(cast, template)
    eyes.be(cast.mara)
    for refuse in refusals(eyes, cast, draft).values():
        refuse()
    for page in ("/help/", "/account/", "/records/new/clone/?q=none", f"/records/{draft.pk}/people/"):
        eyes.see(page)
    eyes.be(None)
    eyes.see("/sign-in/?next=/records/")
    eyes.page.get_by_label("User name").fill("mara")
    eyes.page.get_by_label("Password", exact=True).fill("wrong")
    eyes.page.get_by_role("button", name="Sign in").click()
    eyes.look("not signed in")
    assert eyes.wrong == []

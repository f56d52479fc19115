"""A browser that looks at pages in several ways and notes what keeps somebody from them."""

from __future__ import annotations

from itertools import cycle

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page

from records.models import Person
from tests.journeys.barriers import barriers

Look = tuple[str, int]  # colour scheme, width in pixels
TWO: list[Look] = [("light", 1280), ("dark", 390)]
FOUR: list[Look] = [*TWO, ("dark", 1280), ("light", 390)]
NARROWEST = 320
REFLOW = (NARROWEST, 360, 640)  # the last is 1280 at twice the size
# The pages of the run and of a section look for news every few seconds: here they stay as they were opened, whatever
# becomes of the record meanwhile.
STILL = "window.setInterval = () => 0"
# What the browser itself says about an answer that is a refusal.
REFUSED = "the server responded with a status of"


def sign_in(page: Page, url: str, person: Person) -> None:
    """Without the form: that is another journey."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def leave(page: Page, by: Locator) -> None:
    """Press what leads to another page (a script may save first), and wait until all of that is there: of half a page
    nothing can be counted, and before its scripts are there it does other things."""
    with page.expect_navigation():
        by.click()


class Eyes:
    """``wrong`` lists what is: barriers that axe names, sideways scroll, script errors, more than one h1 or first
    button. With ``all_looks`` each page is seen in four ways, and all contrast is judged; otherwise in one, two of them
    taking turns, and the contrast of words that look alike is judged once.
    """

    def __init__(self, browser: Browser, url: str, *, all_looks: bool) -> None:
        self.url, self.all_looks = url, all_looks
        self.page = browser.new_context(base_url=url, reduced_motion="reduce").new_page()
        self.page.add_init_script(STILL)
        self.turns = cycle(TWO)
        self.passed: set[str] | None = None if all_looks else set()
        self.wrong: list[tuple[str, object]] = []
        self.page.on("pageerror", lambda error: self.wrong.append(("script", str(error))))
        self.page.on("console", lambda said: self._heard(said.type, said.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and REFUSED not in text:
            self.wrong.append((self.page.url, text))

    def be(self, person: Person | None) -> None:
        """Look as somebody who is signed in, or as nobody."""
        self.page.context.clear_cookies()
        if person:
            sign_in(self.page, self.url, person)

    def see(self, address: str, status: int = 200) -> None:
        """Open the page at ``address`` and look at it."""
        response = self.page.goto(address)
        assert response is not None
        if response.status != status:
            self.wrong.append((address, response.status))
        self.look(address)

    def press(self, button: str) -> None:
        """Press a button that leads to a page, and wait until all of it is there."""
        leave(self.page, self.page.get_by_role("button", name=button))

    def look(self, name: str) -> None:
        """Look at the page that is open."""
        for width in REFLOW if self.all_looks else REFLOW[:1]:
            self.page.set_viewport_size({"width": width, "height": 700})
            self._is_as_wide_as_its_window(name, width)
        for scheme, width in FOUR if self.all_looks else [next(self.turns)]:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.page.set_viewport_size({"width": width, "height": 844})
            self.wrong += [(f"{name} {scheme} {width}", one) for one in barriers(self.page, passed=self.passed)]
            self._is_as_wide_as_its_window(name, width)
        if self.page.locator("h1").count() != 1 or self.page.locator(".btn-primary:visible").count() > 1:
            self.wrong.append((name, "headings or primary buttons"))

    def _is_as_wide_as_its_window(self, name: str, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.wrong.append((name, f"{wide} px wide in a window of {width}"))

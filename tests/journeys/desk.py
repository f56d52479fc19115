"""Somebody at a record's sections in a browser: signing in, the fields, the line that says whether they are saved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, Person
from tests.journeys import eyes
from tests.people import PASSWORD

SUMMARY = "operation-summary"
GROUP = f"{SUMMARY}/infrastructure-rationale"
COMPLIANCE, COST = f"{GROUP}/compliance", f"{GROUP}/cost-optimization"
SAVED = re.compile(r"Saved \d\d:\d\d:\d\d UTC")


@dataclass
class Desk:
    """Where a fault is tried: the site, the browsers, and a record of Mara's that Carl writes too."""

    browser: Browser
    url: str
    record: Operation
    patch: pytest.MonkeyPatch
    folder: Path
    launch: dict[str, object]
    open: list[BrowserContext] = field(default_factory=list)

    def person(self, name: str, url: str = "") -> Page:
        """``name``'s browser, signed in."""
        context = self.browser.new_context(base_url=url or self.url)
        self.open.append(context)
        page = context.new_page()
        eyes.sign_in(page, url or self.url, Person.objects.get(username=name))
        return page

    def section(self, page: Page, key: str = SUMMARY) -> Page:
        """The section, opened."""
        page.goto(f"/records/{self.record.pk}/sections/{key}/")
        return page

    def text(self, key: str, section: str = SUMMARY) -> str:
        """What the database has."""
        return table_of(document_of(Operation.objects.get(pk=self.record.pk)).section(section))[key]

    def close(self) -> None:
        for context in self.open:
            context.close()


def signed_in(page: Page, name: str) -> Page:
    page.goto("/sign-in/")
    sign_in(page, name)
    expect(page.get_by_text(re.compile("^Account: "))).to_be_attached()
    return page


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def line(page: Page) -> Locator:
    """The line that says whether it is saved."""
    return page.locator("[data-save-line]")


def says(page: Page, words: str | re.Pattern[str]) -> None:
    expect(line(page)).to_contain_text(words)


def told_by_its_saves_only(page: Page) -> Page:
    """``page``, not opened yet, looks at who is there once, when it is opened; later it learns what others saved when
    it saves itself. Its look every ten seconds would sometimes bring their text in just before it is overtyped, and
    then nobody writes over anybody unseen."""
    page.route("**/presence/", lambda route: route.abort())
    page.route("**/presence/", lambda route: route.continue_(), times=1)
    return page


def area(page: Page, key: str = COMPLIANCE) -> Locator:
    return page.locator(f"textarea[name='{key}']")


def kept_texts(page: Page) -> list[str]:
    """The texts that are kept on the device, as the browser's database has them."""
    found: list[str] = page.evaluate(
        """async () => {
          const asked = indexedDB.open("operation-records");
          await new Promise((done) => { asked.onsuccess = done; });
          const base = asked.result;
          const all = base.transaction("kept").objectStore("kept").getAll();
          await new Promise((done) => { all.onsuccess = done; });
          base.close();
          return all.result.flatMap((entry) => entry.texts.map((text) => text[1]));
        }"""
    )
    return found

"""U6: start, work, roll back, close and sign with no mouse: Tab, Space, Enter and text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from records.models import Operation, OperationTemplate, Outcome, State
from records.run.starting import allow_start
from records.writing.section_status import title_of
from tests import make
from tests.journeys.whole_record import Site
from tests.people import PASSWORD, Cast

MOST = 250
# What somebody hears where the focus is.
CALLED = """() => {
  const one = document.activeElement;
  const words = [one.ariaLabel, ...[...(one.labels ?? [])].map((label) => label.innerText), one.innerText];
  return one === document.body ? "" : words.filter(Boolean).join(" ").replace(/\\s+/g, " ");
}"""


class Keys:
    """Goes through a page by Tab until it is where the words say."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, words: str) -> None:
        for _stop in range(MOST):
            self.page.keyboard.press("Tab")
            if re.search(words, self.page.evaluate(CALLED)):
                return
        raise AssertionError(f"Tab leads nowhere that says {words!r} on {self.page.url}")

    def write_into(self, name: str, text: str) -> None:
        for _stop in range(MOST):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.name") == name:
                return self.page.keyboard.insert_text(text)
        raise AssertionError(f"Tab leads nowhere that is {name!r} on {self.page.url}")

    def press(self, words: str) -> None:
        self.to(words)
        self.page.keyboard.press("Enter")

    def write(self, words: str, text: str) -> None:
        self.to(words)
        self.page.keyboard.insert_text(text)

    def leave(self, words: str, where: str) -> None:
        self.press(words)
        expect(self.page).to_have_url(re.compile(where))


@pytest.mark.long
def test_a_night_is_worked_rolled_back_and_closed_by_keyboard(
    transactional_db: None, browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> None:
    operation = make.make_in(State.APPROVED, cast, template)
    allow_start(operation, reason="The shop is closed", by=cast.tomas)
    site = Site(browser, live_server.url)
    page = site.sign_in("jun")
    keys = Keys(page)
    page.goto(f"/records/{operation.pk}/run/")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The run has started")).to_be_visible()
    keys.press(r"Done \S+ at")
    expect(page.get_by_text("1 of 3 steps done")).to_be_visible()

    keys.leave("[Rr]oll ?back", "/rollback/$")
    keys.to("Performance Issues")
    page.keyboard.press("Space")
    keys.write("what do you see", "3% errors for 4 minutes")
    keys.press("Roll back now")
    expect(page.get_by_role("heading", name="Recovery validation")).to_be_visible()
    while page.locator("[aria-current=step]").count():
        number = page.locator("[aria-current=step]").get_attribute("id")
        keys.press(r"Done \S+ at")
        expect(page.locator(f"[id='{number}'][aria-current=step]")).to_have_count(0)
    keys.write("One reason for all that are open", "Rolled back before it was reached")
    keys.leave("Finish without these", "/close/$")
    write_what_is_due(keys, operation)

    page.goto(f"/records/{operation.pk}/close/")
    keys.to("FAILED|ROLLED BACK")
    page.keyboard.press("Space")
    if not re.search("ROLLED BACK", page.evaluate(CALLED)):
        page.keyboard.press("ArrowDown")
    keys.leave("Read the final text and sign", "/sign/")
    keys.write("Your password, again", PASSWORD)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Waiting for sign-off")).to_be_visible()
    assert make.fresh(operation).outcome == Outcome.ROLLED_BACK
    site.close()


def write_what_is_due(keys: Keys, operation: Operation) -> None:
    """Each section of which something is due after the run, from the list of the close page and back."""
    for section in operation.sections.all():
        section.refresh_from_db()
        due = [key for key, _label, part in section.progress.get("missing", ()) if part in ("open", "close")]
        if not due:
            continue
        keys.page.goto(f"/records/{operation.pk}/close/")
        keys.leave(f"^{re.escape(title_of(section))}", "/sections/")
        for key in due:
            keys.write_into(key, "Written after the run")
        keys.press("Save and exit")
        expect(keys.page).not_to_have_url(re.compile("/sections/"))

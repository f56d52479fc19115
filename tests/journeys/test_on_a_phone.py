"""The night on a phone: what a thumb presses is 44 px high, and what is copied is the command, nothing behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from records.models import Operation, OperationTemplate, State
from tests import make
from tests.journeys.eyes import sign_in
from tests.people import Cast

# What can be pressed and is lower than 44 px. A link within a sentence is as high as its line; of a box its label is
# pressed, and a row's link covers its row.
TOO_LOW = """() => {
  document.querySelectorAll("main details").forEach((fold) => { fold.open = true; });
  const pressed = ":is(a[href], button, input, select, textarea, summary):not(:disabled, [aria-hidden], [type=hidden])";
  const inSentence = (one) => one.matches("a") && getComputedStyle(one).display === "inline"
    && one.parentElement.innerText.trim() !== one.innerText.trim();
  const place = (one) => getComputedStyle(one, "::after").position === "absolute" ? one.closest("li") : one;
  const parts = (one) => [place(one), ...(one.labels ?? [])];
  const high = (one) => Math.max(...parts(one).map((each) => each.getBoundingClientRect().height));
  return [...document.querySelectorAll(`main ${pressed}, .clock ${pressed}`)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !inSentence(one) && high(one) < 43.5)
    .map((one) => `${Math.round(high(one))} px: ${one.outerHTML.slice(0, 110)}`);
}"""


@pytest.fixture
def phone(transactional_db: None, browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


def too_low(page: Page, *addresses: str) -> list[str]:
    found = []
    for address in addresses:
        page.goto(address)
        found += [f"{address} {one}" for one in page.evaluate(TOO_LOW)]
    return found


def test_what_a_thumb_presses_at_night_is_44_px_high(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    page = phone.new_page()
    sign_in(page, live_server.url, cast.jun)
    run = make.make_in(State.APPROVED, cast, template)
    at = f"/records/{run.pk}"
    wrong = too_low(page, f"{at}/run/")
    make.start(cast, run)
    wrong += too_low(page, f"{at}/run/", f"{at}/rollback/")
    make.roll_back(cast, make.fresh(run))
    wrong += too_low(page, f"{at}/rollback/")
    done = make.work(cast, make.fresh(run))
    wrong += too_low(page, f"{at}/close/", f"{at}/sign/?outcome=rolled_back")
    make.sign(cast, done, "rolled_back")
    sign_in(page, live_server.url, cast.tomas)
    wrong += too_low(page, f"{at}/close/", f"{at}/sign-off/")
    assert wrong == []


def test_a_command_or_the_block_is_copied_without_a_line_end(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    run: Operation = make.make_in(State.RUNNING, cast, template)
    page = phone.new_page()
    sign_in(page, live_server.url, cast.jun)
    page.goto(f"/records/{run.pk}/run/")
    step = page.locator("[aria-current=step]")
    lines = step.locator(".cmds code").all_inner_texts()
    commands = [line for line in lines if not line.startswith("#")]
    assert step.locator(".copy").count() == 1 + len(commands)
    for at, wanted in enumerate(("\n".join(lines), *commands)):
        page.evaluate("navigator.clipboard.writeText('')")
        step.locator(".copy").nth(at).tap()
        page.wait_for_function("async () => await navigator.clipboard.readText() !== ''")
        assert page.evaluate("navigator.clipboard.readText()") == wanted

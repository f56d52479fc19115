"""What somebody types on the run page outlives every answer that arrives meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from records.models import Operation, OperationTemplate
from tests.journeys.night import begun
from tests.journeys.whole_record import Site
from tests.people import Cast

STARTED = re.compile(r"^Started \d\d:\d\d")


@pytest.fixture
def jun(
    transactional_db: None, browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> Iterator[Page]:
    site = Site(browser, live_server.url)
    run: Operation = begun(cast, template)
    page = site.sign_in("jun")
    page.goto(f"/records/{run.pk}/run/")
    expect(page.get_by_text("0 of 3 steps done").first).to_be_visible()
    yield page
    site.close()


def held(page: Page, asked: Callable[[Request], bool]) -> list[Route]:
    """The requests of a kind, each answered by the site only when it is let go on."""
    waiting: list[Route] = []
    page.route("**/run/**", lambda route: waiting.append(route) if asked(route.request) else route.continue_())
    return waiting


def test_a_text_typed_while_a_press_is_on_its_way_stays_with_whoever_types(jun: Page) -> None:
    presses = held(jun, lambda request: request.method == "POST")
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Start ")).click()
    jun.locator("[aria-current=step]").get_by_text("Attach output or a picture").click()
    log = jun.get_by_label("Add to the log")
    log.fill("Lag is back at 0")
    with jun.expect_response(lambda answer: answer.request.method == "POST"):
        presses.pop().continue_()
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()
    expect(log).to_have_value("Lag is back at 0")
    expect(log).to_be_focused()
    output = jun.locator("[aria-current=step]").get_by_label("Output, pasted")
    expect(output).to_be_visible()
    output.fill("lag 0")
    jun.locator("[aria-current=step]").get_by_role("button", name="Keep it").click()
    expect(jun.locator("[aria-current=step]").get_by_text("output-1.txt")).to_be_visible()
    expect(output).to_be_hidden()


def test_an_answer_older_than_a_press_is_thrown_away(jun: Page) -> None:
    jun.clock.install()
    looks = held(jun, lambda request: "since=" in request.url)
    with jun.expect_request(re.compile("since=")):
        jun.clock.run_for(6000)
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Start ")).click()
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()
    reason = jun.get_by_label("One reason for all that are open")
    reason.fill("The window ends")
    with jun.expect_response(re.compile("since=")):
        looks.pop().fulfill(status=200, content_type="text/html", body='<div id="board">old</div>')
    expect(reason).to_have_value("The window ends")
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()

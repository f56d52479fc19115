"""Keys all through: they go where links and buttons go, rest while somebody writes, and can be switched off."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from records.models import Operation, OperationTemplate, Person
from records.writing.naming import free_id, id_words
from tests.journeys.eyes import sign_in
from tests.journeys.keyboard import press, quick
from tests.make import make_draft
from tests.people import Cast

STEPS = "infrastructure-operation-steps"
PHASE = f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm"


@pytest.fixture
def draft(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    return make_draft(cast, template)


def test_somebody_finds_opens_and_orders_a_record_without_a_mouse(
    page: Page, live_server, draft: Operation, cast: Cast
) -> None:
    sign_in(quick(page), live_server.url, cast.mara)
    page.goto(live_server.url)
    press(page, "g", "r")
    page.wait_for_url("**/records/")
    press(page, "f")
    page.keyboard.type("g h is text in a field")
    expect(page.get_by_label("Title, ID or person")).to_have_value("g h is text in a field")
    page.get_by_role("heading", level=1).click()
    press(page, "j", "Enter")
    page.wait_for_url(f"**/records/{draft.pk}/")
    press(page, "j")
    expect(page.locator(".tasks a").first).to_be_focused()
    press(page, "j", "k", "k")
    expect(page.locator(".tasks a").first).to_be_focused()
    press(page, "c", "n")
    page.wait_for_url("**/records/new/")
    chosen = page.get_by_role("link").nth(3)
    chosen.focus()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(chosen).to_be_focused()
    assert page.url.endswith("/records/new/")
    press(page, "/")
    page.keyboard.type("PostgreSQL")
    press(page, "Enter")
    page.wait_for_url("**/records/?q=PostgreSQL")
    page.goto(f"{live_server.url}/records/{draft.pk}/sections/{STEPS}/?open=all")
    row = page.locator(f"[id='r-{PHASE}/service-transition']")
    row.focus()
    press(page, "Alt+ArrowDown")
    page.wait_for_url(lambda url: "#r-" in url)
    expect(row).to_be_focused()
    expect(row.locator(".ordinal")).to_have_text("2.2")
    press(page, "Alt+ArrowUp")
    expect(row.locator(".ordinal")).to_have_text("2.1")
    expect(row).to_be_focused()
    press(page, "Alt+ArrowUp")
    expect(row.locator(".ordinal")).to_have_text("1.4")  # out of its phase, to the end of the one before
    expect(row).to_be_focused()
    before = page.locator(".stepx").count()
    press(page, "a")
    expect(page.locator(".stepx")).to_have_count(before + 1)
    title = page.locator(".stepx[open]").get_by_label("Step title").last
    title.fill("Restore the complete infrastructure of the orders cluster, then watch it for half an hour")
    press(page, "Enter")
    expect(page.locator("[data-save-state=saved]")).to_be_visible()
    expect(title).to_be_focused()
    assert title.evaluate("one => one.value.includes('\\n') || one.scrollWidth > one.clientWidth") is False
    press(page, "Control+Enter")
    page.wait_for_url(lambda url: STEPS not in url or "still" in url)


def test_whoever_switched_keys_off_has_none_but_the_main_button(
    page: Page, live_server, draft: Operation, cast: Cast
) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(keys=False)
    sign_in(quick(page), live_server.url, cast.mara)
    page.goto(f"{live_server.url}/records/{draft.pk}/")
    expect(page.locator("[data-key-hint]:visible")).to_have_count(0)
    press(page, "g", "h", "/", "j")
    expect(page).to_have_url(f"{live_server.url}/records/{draft.pk}/")
    assert page.evaluate("document.activeElement === document.body")


def test_what_fills_in_a_day_is_reached_and_pressed_by_keys(
    page: Page, live_server, transactional_db: None, cast: Cast, template: OperationTemplate
) -> None:
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"{live_server.url}/records/new/?template={template.pk}")
    page.get_by_label("Date", exact=True).focus()
    press(page, "Tab")
    expect(page.get_by_role("button", name="Today: Date")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_label("Date", exact=True)).to_have_value(re.compile(r"^\d{4}-\d\d-\d\d$"))
    press(page, "Tab", "Tab")
    expect(page.get_by_role("button", name="Choose: Date")).to_be_focused()


def test_the_id_that_is_shown_while_a_title_is_typed_is_the_one_that_is_made(
    page: Page, live_server, transactional_db: None, cast: Cast, template: OperationTemplate
) -> None:
    """What a dot, a colon or a slash parts stays apart in it."""
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"{live_server.url}/records/new/?template={template.pk}")
    title = "Kafka 3.7 to 3.9: example.net/eu, überall."
    page.get_by_label("Brief Description").fill(title)
    page.get_by_label("Date", exact=True).fill("2027-01-10")
    shown = "2027-01-10-infrastructure-kafka-3-7-to-3-9-example-net-eu-uberall"
    expect(page.get_by_label("Operation ID")).to_have_value(shown)
    assert free_id("YYYY-MM-DD-infrastructure-[x]", dt.date(2027, 1, 10), id_words(title)) == shown

"""A whole record in a real browser, act by act: what the journeys have in common."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from records.document.plan import plan_text
from records.document.read import read_record
from records.models import Operation, Person
from records.writing.section_status import title_of
from tests.journeys.eyes import sign_in
from tests.make import RECORD
from tests.people import PASSWORD


def record_text(start: dt.datetime) -> str:
    """The PostgreSQL record with its night moved, so that it begins at ``start``."""

    def clock(minutes: int) -> str:
        return (start + dt.timedelta(minutes=minutes)).strftime("%H:%M")

    text = RECORD.read_bytes().decode()
    for written, begin, end in (("02:00-02:45", 0, 45), ("02:45-04:30", 45, 150), ("04:30-05:30", 150, 210)):
        text = text.replace(f"({written})", f"({clock(begin)}-{clock(end)})")
    text = text.replace("2026-12-06-infrastructure", f"{start:%Y-%m-%d}-infrastructure")
    text = text.replace("**Date**: 2026-12-06", f"**Date**: {start:%Y-%m-%d}")
    return text.replace("**Time**: 02:00:00 UTC", f"**Time**: {start:%H:%M}:00 UTC")


@dataclass
class Site:
    """The site as people sit before it, each in a browser of their own."""

    browser: Browser
    url: str
    javascript: bool = True

    def __post_init__(self) -> None:
        self.open: list[BrowserContext] = []

    def sign_in(self, name: str) -> Page:
        """``name``'s browser, signed in. What the browser complains about fails the journey."""
        context = self.browser.new_context(java_script_enabled=self.javascript, base_url=self.url)
        self.open.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: (_ for _ in ()).throw(AssertionError(error)))
        sign_in(page, self.url, Person.objects.get(username=name))
        return page

    def close(self) -> None:
        for context in self.open:
            context.close()


def bring_in(page: Page, text: str) -> int:
    """A new record from pasted Markdown; its number."""
    page.goto("/records/new/")
    page.get_by_label("Paste the Markdown").fill(text)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Create and open").click()
    expect(page).to_have_url(re.compile(r"/records/\d+/$"))
    return int(page.url.rstrip("/").rpartition("/")[2])


def send_for_review(page: Page, pk: int) -> None:
    page.goto(f"/records/{pk}/check/")
    page.get_by_role("button", name="Send revision 1 for review").click()
    expect(page.get_by_text("In review").first).to_be_visible()


def approve(page: Page, pk: int) -> None:
    page.goto(f"/records/{pk}/review/")
    page.locator("label.choice", has_text="Approve").first.click()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.locator("main .decide form button[type=submit].btn-primary").first.click()
    expect(page.get_by_text("You approved this revision").first).to_be_visible()


def start(page: Page, pk: int) -> None:
    page.goto(f"/records/{pk}/run/")
    page.get_by_role("button", name="Go: start the run").click()
    expect(page.get_by_text("The run has started")).to_be_visible()


def on_page(page: Page, place: str) -> int:
    """How many of them the page has, once all of it is there: without scripts every press opens it anew."""
    page.wait_for_load_state()
    return page.locator(place).count()


def work_steps(page: Page, skipped: str = "") -> None:
    """One step after the other, as the page offers them; ``skipped`` is left out with one tap."""
    while on_page(page, "[aria-current=step]"):
        now = page.locator("[aria-current=step]")
        number = (now.get_attribute("id") or "").removeprefix("step-")
        if number == skipped:
            now.get_by_text("Skip with reason").click()
            now.get_by_role("button", name="Already so").click()
        else:
            now.get_by_role("button", name=f"Start {number}").click()
            now.get_by_label("Note for this step").fill(f"Step {number} as planned")
            now.get_by_role("button", name=re.compile(r"Done \S+ at")).click()
        gone = page.locator(f"[id='step-{number}'][aria-current=step]")
        expect(gone).to_have_count(0)


def tick_everything(page: Page) -> None:
    while left := on_page(page, "button.tick[aria-pressed=false]"):
        page.locator("button.tick[aria-pressed=false]").first.click()
        expect(page.locator("button.tick[aria-pressed=false]")).to_have_count(left - 1)


def type_values(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.get_by_label(f"{name} after").fill(value)


def measure(page: Page, values: dict[str, str]) -> None:
    type_values(page, values)
    page.get_by_role("button", name="Save the values").click()
    expect(page.get_by_text(f"{len(values)} of {len(values)} measured")).to_be_visible()


def write_close_parts(page: Page, operation: Operation) -> None:
    """Each section of which something is due after the run, opened from the list and filled in."""
    for section in operation.sections.all():
        due = [key for key, _label, part in section.progress.get("missing", ()) if part in ("open", "close")]
        if not due:
            continue
        page.goto(f"/records/{operation.pk}/close/")
        title = title_of(section)
        page.locator(".tasks").get_by_role("link", name=title).click()
        for key in due:
            page.locator(f"[name='{key}']").fill(f"Written after the run, {key.rpartition('/')[2]}")
        page.get_by_role("button", name="Save and exit").click()
        expect(page).not_to_have_url(re.compile("/sections/"))


def sign(page: Page, pk: int, outcome: str) -> None:
    page.goto(f"/records/{pk}/close/")
    page.locator("label.choice", has_text=outcome).click()
    page.get_by_role("button", name="Read the final text and sign").click()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Sign and send for sign-off").click()
    expect(page.get_by_role("heading", name="Waiting for sign-off")).to_be_visible()


def sign_off(page: Page, pk: int) -> None:
    page.goto(f"/records/{pk}/sign-off/")
    page.get_by_label("I compared plan and actual").check()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Sign off and finalize").click()
    expect(page.get_by_text("Signed off. The record is finalized")).to_be_visible()


def downloaded(page: Page, pk: int) -> str:
    """The Markdown that leaves."""
    page.goto(f"/records/{pk}/markdown/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download", exact=True).click()
    assert waiting.value.suggested_filename.endswith(".md")
    return Path(waiting.value.path()).read_bytes().decode()


def plan_bytes(text: str, operation: Operation) -> bytes:
    """The plan text of a record that left: what has to be the bytes that were approved."""
    assert operation.template is not None
    outline = operation.template.outline
    document = read_record(text, outline.document)
    return plan_text(document, outline.document, outline.settings).encode()

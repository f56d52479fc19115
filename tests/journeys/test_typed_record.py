"""Somebody types a whole record into the forms of the blank template; what leaves is the template, filled."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import whole_record as whole
from tests.journeys.eyes import leave
from tests.journeys.filled_copy import filled_copy
from tests.journeys.whole_record import Site
from tests.make import TEMPLATES

HEADER = {
    "title": "Two *new* rooms for `db-1` (part 2)",
    "Operation ID": "`2026-12-06-infrastructure-two-new-rooms`",
    "Date": "2026-12-06",
    "Time": "22:00:00 UTC",
    "Operator": "Mara Lindqvist",
    "Supervisor": "Tomas Okafor",
    "Risk Level": "High",
    "Service Impact": "Moderate",
}
# What the site calls the parts that the template has no heading for.
OURS = {"Details": "", "Status and sign-off": "---"}
NAMED = {own: title for title, own in OURS.items()}
# The empty fields of the form that lie open, in the order of the page: what each is called, and its name.
EMPTY = """form => [...form.querySelectorAll("textarea, input.form-control")]
    .filter(one => one.value === "" && one.checkVisibility())
    .map(one => [one.labels[0].innerText.trim(), one.name])"""
# Fields of a step, a metric or a risk that the template's text has no placeholder for.
BESIDE = re.compile(
    r"Phase name|Step title|Time estimate|Runs on|In a sentence|Expected result|Ask before|Name of a new detail.*"
    r"|Risk|Trigger|Title|.*: (?:Metric|Unit|Limit)"
)


@pytest.fixture
def site(transactional_db: None, browser, live_server):
    site = Site(browser, live_server.url)
    yield site
    site.close()


def begin(page: Page) -> int:
    page.goto("/records/new/")
    page.get_by_role("link", name="Infrastructure Operations Template").click()
    page.get_by_label("Brief Description").fill(HEADER["title"])
    for label in ("Date", "Time"):
        page.get_by_label(label, exact=True).fill(HEADER[label])
    for label in ("Operator", "Supervisor"):
        page.get_by_label(label, exact=True).select_option(label=HEADER[label])
    for label in ("Risk Level", "Service Impact"):
        page.get_by_role("group", name=label).get_by_label(HEADER[label], exact=True).check()
    page.get_by_label("Operation ID").fill(HEADER["Operation ID"].strip("`"))
    page.get_by_role("button", name="Create and open").click()
    expect(page).to_have_url(re.compile(r"/records/\d+/"))
    return int(re.findall(r"/records/(\d+)/", page.url)[0])


def type_section(page: Page, left: dict[str, list[tuple[str, str]]]) -> None:
    """Fill what the page asks, one field after the other, and go on."""
    everything = page.get_by_role("link", name="Open everything")
    if everything.count():
        leave(page, everything)
    title, form = page.locator("#h1").inner_text(), page.locator("form#f")
    expected = left.pop(OURS.get(title, title))
    empty = [(label, name) for label, name in form.evaluate(EMPTY) if not BESIDE.fullmatch(label)]
    assert (title, [label for label, _ in empty]) == (title, [label for label, _ in expected])
    for (_, name), (_, text) in zip(empty, expected, strict=True):
        form.locator(f"[name='{name}']").fill(text)
    leave(page, page.get_by_role("button", name="Save and continue"))


def test_a_typed_record_is_the_template_filled(site: Site, cast, template) -> None:
    filled = filled_copy((TEMPLATES / "infrastructure-operation.md").read_bytes().decode(), HEADER)
    left = dict(filled.typed)
    mara = site.sign_in("mara")
    pk = begin(mara)
    mara.goto(f"/records/{pk}/sections/header/")
    while left:
        if not mara.locator("form#f").count():  # all that is due for review is written; the rest may be, early
            mara.goto(f"/records/{pk}/")
            title = NAMED.get(next(iter(left)), next(iter(left)))
            leave(mara, mara.locator("main .tasks").get_by_role("link", name=title))
        type_section(mara, left)
    whole.send_for_review(mara, pk)
    assert whole.downloaded(mara, pk) == filled.text

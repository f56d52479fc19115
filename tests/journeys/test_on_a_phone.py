"""The night on a phone: what a thumb presses is 44 px high, and what is copied is the command, nothing behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from approvals import actions
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


# The jumps of the clock in one line, commands that are cut, whether a pressed button keeps its colour, and whether the
# bar at the foot leaves the title of the step free where no more than that is in sight.
OF_THE_STEP = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const step = document.querySelector("[aria-current=step]");
  const bar = step.querySelector(".at-hand");
  const start = bar.querySelector(".btn-primary");
  start.style.transition = "none";
  const colours = new Set([false, true].map((pressed) => {
    start.disabled = pressed;
    return getComputedStyle(start).backgroundColor + getComputedStyle(start).color;
  }));
  start.disabled = false;
  document.querySelector("main").style.paddingTop = "60rem";
  const block = document.querySelector(".code pre");
  block.hidden = false;
  block.textContent = "0123456789".repeat(20);
  const title = step.querySelector(".line1");
  scrollBy({ top: title.getBoundingClientRect().bottom - innerHeight + 20, behavior: "instant" });
  return {
    "lines of jumps": new Set(all(".jumps a").map((one) => one.offsetTop)).size,
    "cut by": block.scrollWidth - block.clientWidth,
    colours: colours.size,
    free: bar.getBoundingClientRect().top >= title.getBoundingClientRect().bottom,
  };
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
    wrong += too_low(page, f"{at}/close/")
    # What is chosen near the edge of the screen leaves the page where it is.
    choice = page.locator("label.choice").first
    choice.evaluate("(one) => scrollTo({ top: one.getBoundingClientRect().top + scrollY - 790, behavior: 'instant' })")
    stood = page.evaluate("scrollY")
    page.touchscreen.tap(120, 802)
    expect(choice.locator("input")).to_be_checked()
    assert page.evaluate("scrollY") == stood
    wrong += too_low(page, f"{at}/sign/?outcome=rolled_back")
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


def test_a_check_that_is_ticked_leaves_the_rows_below_where_they_are(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    run: Operation = make.make_in(State.RUNNING, cast, template)
    page = phone.new_page()
    sign_in(page, live_server.url, cast.jun)
    heights = "rows => rows.map((one) => one.getBoundingClientRect().height)"
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/records/{run.pk}/run/")
        rows = page.locator(".ticks > li")
        before = rows.evaluate_all(heights)
        open_ones = page.locator("button.tick[aria-pressed=false]").count()
        page.locator("button.tick[aria-pressed=false]").first.click()
        expect(page.locator("button.tick[aria-pressed=false]")).to_have_count(open_ones - 1)
        expect(rows.filter(has_text="Jun Park").first).to_be_visible()
        assert rows.evaluate_all(heights) == before, width


def test_what_matters_most_is_on_the_first_screen(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    asked = make.make_in(State.CHANGES_REQUESTED, cast, template)
    page = phone.new_page()
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"/records/{asked.pk}/")
    said, first = page.locator("#asked").bounding_box(), page.locator("main h2").nth(1).bounding_box()
    assert said and first and said["y"] + said["height"] < 700 and said["y"] < first["y"]
    page.goto("/records/")
    row = page.locator("tbody tr").first.bounding_box()
    assert row and row["y"] < 500, "filters that nobody set are folded"
    page.goto("/records/?state=changes_requested")
    assert page.get_by_label("State").is_visible(), "those that are set are shown"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/records/")
    assert page.get_by_label("Only mine").is_visible(), "where there is room all of them are"
    assert not page.get_by_text("More filters").is_visible()


def test_words_stand_beside_what_they_belong_to(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    page = phone.new_page()
    sign_in(page, live_server.url, cast.jun)
    run = make.make_in(State.RUNNING, cast, template)
    page.goto(f"/records/{run.pk}/run/")
    assert page.evaluate(OF_THE_STEP) == {"lines of jumps": 1, "cut by": 0, "colours": 1, "free": True}
    counts = 0
    for header in page.locator(".card-x > header:has(> h2):has(> .push)").all():
        title, count = header.locator("h2").bounding_box(), header.locator(".push").bounding_box()
        assert title and count
        if count["y"] > title["y"] + title["height"] / 2:
            counts += 1
            assert abs(count["x"] - title["x"]) < 2, "alone on a line it stands at its beginning"
    assert counts
    page.goto("/records/?state=running")
    box, words = page.get_by_label("Only mine"), page.locator("label", has_text="Only mine")
    middle = [place["y"] + place["height"] / 2 for one in (box, words) if (place := one.bounding_box())]
    assert abs(middle[0] - middle[1]) < 3
    draft = make.start_record(author=cast.mara, template=template, at=make.PLANNED, values={"title": "Disks"})
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"/records/{draft.pk}/people/")
    places = [label.bounding_box() for label in page.locator("fieldset label:has(> input)").all()]
    assert places and all(place and place["height"] > 43.5 for place in places)


def test_a_finalized_text_comes_before_the_list_of_what_is_in_it(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    final = make.make_in(State.FINALIZED, cast, template)
    page = phone.new_page()
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"/records/{final.pk}/")
    title = page.locator("article h1").bounding_box()
    assert title and title["y"] < 1000
    links = page.locator(".contents a")
    assert not links.first.is_visible()
    page.get_by_text("Contents and other pages").click()
    assert links.first.is_visible() and page.get_by_role("link", name="How the run went").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/records/{final.pk}/")
    assert links.first.is_visible(), "where there is room it stands beside the text"


def test_what_the_author_says_to_those_who_decide_is_on_the_first_screen(
    phone: BrowserContext, live_server, cast: Cast, template: OperationTemplate
) -> None:
    sent = make.make_draft(cast, template)
    actions.submit(sent, by=cast.mara, note="Only the way back is new. " * 20, at=make.PLANNED)
    page = phone.new_page()
    sign_in(page, live_server.url, cast.tomas)
    page.goto(f"/records/{sent.pk}/review/")
    said, bar = page.locator("#note").bounding_box(), page.locator(".savebar").bounding_box()
    assert said and bar and said["y"] + said["height"] < bar["y"]
    # A long one is folded: what is to be read begins below it.
    page.locator("#note summary").click()
    expect(page.locator("#note")).to_contain_text("“" + ("Only the way back is new. " * 20).strip()[:60])

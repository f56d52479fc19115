"""U12: themes, forced colours, paper and quiet motion, as the browser shows them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from records.models import Operation, OperationTemplate, Person, State
from tests import make
from tests.journeys.barriers import barriers
from tests.journeys.eyes import sign_in
from tests.people import Cast

STEPS = "infrastructure-operation-steps"
A4 = {"width": 794, "height": 1123}
LIGHTNESS = """(place) => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  paint.fillStyle = getComputedStyle(document.querySelector(place)).backgroundColor;
  paint.fillRect(0, 0, 1, 1);
  const [red, green, blue] = paint.getImageData(0, 0, 1, 1).data;
  return (red + green + blue) / 765;
}"""
MOVES = """() => [...document.querySelectorAll("*")].flatMap((one) => ["", "::before", "::after"].map((part) => {
  const style = getComputedStyle(one, part || null);
  const long = (text) => Math.max(...text.split(",").map(parseFloat));
  const moves = (style.animationName !== "none" && long(style.animationDuration)) || long(style.transitionDuration);
  return moves > 0.01 ? `${one.tagName}.${one.className}${part}` : "";
})).filter(Boolean)"""
# What only says something by its colour: no line around it, and forced colours take the tint away.
TINTS = """() => [...document.querySelectorAll(".pill, .choice")].filter((one) => one.checkVisibility())
  .filter((one) => getComputedStyle(one).borderTopStyle === "none").map((one) => one.outerHTML.slice(0, 100))"""
ON_SCREEN = """() => [...document.querySelectorAll("button, input:enabled, select, textarea, .btn, .top, .tabs a")]
  .filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 100))"""


@pytest.fixture
def page(transactional_db: None, browser: Browser, live_server) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def running(page: Page, cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.RUNNING, cast, template)


@pytest.mark.parametrize(("system", "dark"), [("light", False), ("dark", True)])
def test_a_theme_is_there_from_the_first_byte(page: Page, live_server, cast: Cast, system: str, dark: bool) -> None:
    """It follows the system; whoever chose one gets that one from the server, so that nothing flashes."""
    page.emulate_media(color_scheme=system)  # type: ignore[arg-type]
    page.goto("/sign-in/")
    assert (page.evaluate(LIGHTNESS, "body") < 0.5) == dark
    other = "light" if dark else "dark"
    Person.objects.filter(pk=cast.mara.pk).update(theme=other)
    sign_in(page, live_server.url, cast.mara)
    answer = page.goto("/")
    assert answer is not None and f'data-theme="{other}"' in answer.text()[:200]
    assert (page.evaluate(LIGHTNESS, "body") < 0.5) != dark


def test_forced_colours_leave_lines_where_tints_were(page: Page, live_server, running: Operation, cast: Cast) -> None:
    page.emulate_media(forced_colors="active")
    sign_in(page, live_server.url, cast.jun)
    for address in ("/records/", f"/records/{running.pk}/", f"/records/{running.pk}/rollback/"):
        page.goto(address)
        assert page.evaluate(TINTS) == []
        # axe reads the colours that the sheet says, not those that the system puts in their place.
        assert barriers(page, "color-contrast") == []


def test_nothing_moves_for_whoever_asked_for_that(
    page: Page, live_server, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"/records/{draft.pk}/sections/{STEPS}/")
    assert page.evaluate(MOVES) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVES) != []


def test_on_paper_a_record_is_black_on_white_with_nothing_to_press(
    page: Page, live_server, running: Operation, cast: Cast
) -> None:
    Person.objects.filter(pk=cast.jun.pk).update(theme="dark")
    sign_in(page, live_server.url, cast.jun)
    page.emulate_media(media="print")
    page.set_viewport_size(A4)  # type: ignore[arg-type]
    for address in (f"/records/{running.pk}/print/", f"/records/{running.pk}/", f"/records/{running.pk}/markdown/"):
        page.goto(address)
        assert page.evaluate(LIGHTNESS, "body") == 1, address
        assert page.evaluate(ON_SCREEN) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"], address


def test_a_run_on_paper_holds_what_a_night_needs_and_no_forms(
    page: Page, live_server, running: Operation, cast: Cast
) -> None:
    sign_in(page, live_server.url, cast.jun)
    page.emulate_media(media="print")
    page.set_viewport_size(A4)  # type: ignore[arg-type]
    page.goto(f"/records/{running.pk}/run/")
    for words in ("Roll back if", "Log", "In charge"):
        expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()
    expect(page.locator(".steps .code").last).to_be_visible()
    expect(page.locator("button.tick").first).to_be_visible()
    assert page.locator("main textarea:visible, main summary:visible, main .btn:visible").all_inner_texts() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]

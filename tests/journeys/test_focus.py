"""U6: whoever goes through a page by Tab comes to everything, always sees where they are, and no bar lies over it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from records.models import Operation, OperationTemplate, Person, State
from tests import make
from tests.journeys.eyes import sign_in
from tests.people import Cast

STEPS, WAY_BACK = "infrastructure-operation-steps", "disaster-recovery-plan"
MOST = 400
# What is wrong with where the focus is now: "" for nothing, null at the end of the page.
NOW = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  one.reached = true;
  const named = one.outerHTML.slice(0, 120);
  const around = [one, one.labels?.[0], one.closest("label")].filter(Boolean);
  const drawn = (each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
  };
  if (!around.some(drawn)) return `not seen: ${named}`;
  const belongs = (found) => found && around.some((each) => each.contains(found) || found.contains(each));
  const shows = (box) => [0.5, 0.05, 0.95].some((x) => [0.5, 0.05, 0.95].some((y) => {
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
    const found = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
    return right > left && bottom > top && belongs(found) && found !== document.body && found.id !== "main";
  }));
  return around.some((each) => [...each.getClientRects()].some(shows)) ? "" : `hidden: ${named}`;
}"""

# Whatever can be pressed or written and was not come to; of the choices of one question any.
PASSED_OVER = """() => {
  const pressed = ":is(a[href], button, input, select, textarea, summary)";
  const all = [...document.querySelectorAll(`main ${pressed}, .savebar ${pressed}`)];
  const reached = new Set(all.filter((one) => one.reached && one.type === "radio").map((one) => one.name));
  return all.filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !one.reached)
    .filter((one) => one.type !== "radio" || !reached.has(one.name))
    .map((one) => `passed over: ${one.outerHTML.slice(0, 120)}`);
}"""


def walked(page: Page, key: str = "Tab") -> tuple[int, list[str]]:
    """How far ``key`` leads from here to the end of the page, and what was wrong on the way."""
    wrong = []
    for stops in range(MOST):
        page.keyboard.press(key)
        said = page.evaluate(NOW)
        if said is None:
            return stops, wrong
        if said:
            wrong.append(said)
    raise AssertionError(f"{MOST} stops at {page.url}")


@pytest.mark.parametrize("width", [390, pytest.param(640, marks=pytest.mark.long)])
def test_on_a_narrow_screen_no_bar_lies_over_the_focus_and_no_redraw_takes_it(
    width: int, transactional_db: None, browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> None:
    """Back and forth on the pages with a bar; and in a section through autosave, a removal and its undo."""
    draft = make.make_draft(cast, template)
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 700}, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, live_server.url, cast.mara)
    page.goto(f"/records/{draft.pk}/sections/{WAY_BACK}/")
    field = page.get_by_label("Threshold").first
    field.fill("Above 2% for 5 min")
    expect(page.locator("[data-save-state=saved]")).to_be_visible()
    expect(field).to_be_focused()
    first, second = (page.locator("li.line-row").nth(at).get_attribute("id") for at in (0, 1))
    page.get_by_role("button", name="Remove Performance Issues").press("Enter")
    expect(page.locator(f"[id='{second}']")).to_be_focused()
    assert walked(page)[1] == []
    page.get_by_role("button", name="Undo the removal").press("Enter")
    expect(page.locator(f"[id='{first}']")).to_be_focused()
    make.submit(cast, make.fresh(draft))
    sign_in(page, live_server.url, cast.ada)
    page.goto(f"/records/{draft.pk}/review/")
    stops, wrong = walked(page)
    assert (wrong, walked(page, "Shift+Tab")[1], stops > 20) == ([], [], True)
    context.close()


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.long)])
def test_the_focus_is_seen_wherever_tab_leads(
    width: int, transactional_db: None, browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    Operation.objects.filter(pk=draft.pk).update(operation_id="2026-11-28-infrastructure-another")
    running = make.make_in(State.RUNNING, cast, template)
    opened: list[tuple[Person | None, str]] = [
        (None, "/sign-in/"),
        (cast.mara, "/"),
        (cast.mara, f"/records/{draft.pk}/"),
        (cast.mara, f"/records/{draft.pk}/sections/{STEPS}/"),
        (cast.jun, f"/records/{running.pk}/run/"),
        (cast.jun, f"/records/{running.pk}/rollback/"),
    ]
    wrong: list[tuple[str, str]] = []
    for person, address in opened:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 700}, reduced_motion="reduce"
        )
        page = context.new_page()
        if person:
            sign_in(page, live_server.url, person)
        page.goto(address)
        page.evaluate("document.activeElement.reached = true; document.activeElement.blur()")
        page.evaluate("document.documentElement.scrollTo(0, 0)")
        found = [*walked(page)[1], *page.evaluate(PASSED_OVER)]
        wrong += [(address, said) for said in found]
        context.close()
    assert wrong == []

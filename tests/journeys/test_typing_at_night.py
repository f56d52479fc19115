"""What somebody types on the run page, and where they are on it, outlives every answer that arrives meanwhile."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from records.models import LogEntry, Operation, OperationTemplate, State
from records.run import logbook
from records.run.plan import RunPlan, run_plan
from tests import make
from tests.journeys.faults import PORTAL
from tests.journeys.night import begun
from tests.journeys.whole_record import Site
from tests.people import Cast
from tests.processes import until

STARTED = re.compile(r"^Started \d\d:\d\d")

# Afterwards `window.read` waits for an answer to be read, and for all that follows from it at once.
WAIT_FOR_READING = """() => {
  const parse = DOMParser.prototype.parseFromString;
  window.read = new Promise((go) => {
    DOMParser.prototype.parseFromString = function (...all) {
      setTimeout(go);
      return parse.apply(this, all);
    };
  });
}"""


@pytest.fixture
def run(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    return begun(cast, template)


@pytest.fixture
def jun(run: Operation, browser: Browser, live_server) -> Iterator[Page]:
    site = Site(browser, live_server.url)
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


def another(page: Page, waiting: list[Route], act: Callable[[], object]) -> Route:
    """The request that ``act`` leads to, once it is held."""
    before = len(waiting)
    act()
    until(lambda: len(waiting) > before or bool(page.wait_for_timeout(20)))
    return waiting[before]


def test_a_text_typed_while_a_press_is_on_its_way_stays_with_whoever_types(jun: Page) -> None:
    presses = held(jun, lambda request: request.method == "POST")
    start = jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Start "))
    press = another(jun, presses, start.click)
    jun.locator("[aria-current=step]").get_by_text("Attach output or a picture").click()
    log = jun.get_by_label("Add to the log")
    log.fill("Lag is back at 0")
    with jun.expect_response(lambda answer: answer.request.method == "POST"):
        press.continue_()
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()
    expect(log).to_have_value("Lag is back at 0")
    expect(log).to_be_focused()
    output = jun.locator("[aria-current=step]").get_by_label("Output, pasted")
    expect(output).to_be_visible()
    output.fill("lag 0")
    jun.locator("[aria-current=step]").get_by_role("button", name="Keep it").click()
    expect(jun.locator("[aria-current=step]").get_by_text("output-1.txt")).to_be_visible()
    expect(output).to_be_hidden()

    # Output that isn't kept yet goes with what ends its step; a reason whose form is gone waits in the log's note.
    jun.unroute_all()
    jun.context.grant_permissions(["clipboard-read", "clipboard-write"])
    jun.get_by_role("button", name="Copy command 2").click()
    expect(jun.locator(".cmds li:has([data-copied])").get_by_text("Copied")).to_be_visible()
    second = jun.locator("[id='step-1.2']")
    second.get_by_text("Work this step now").click()
    second.get_by_label("Another reason").fill("It only waits")
    jun.locator("[aria-current=step]").get_by_text("Attach output or a picture").click()
    output.fill("lag 1")
    jun.locator("#check-1 button.tick").click()
    expect(jun.locator("#check-1 button.tick[aria-pressed=true]")).to_be_visible()
    jun.mouse.down(click_count=2)
    jun.mouse.up(click_count=2)  # the second of a double click, after the answer to the first
    expect(jun.locator(".cmds li:has([data-copied])")).to_have_count(1)
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Done ")).click()
    expect(jun.locator("[id='step-1.1']").get_by_text("output-2.txt")).to_be_visible()
    expect(jun.get_by_text("1 of 3 steps done").first).to_be_visible()
    expect(log).to_have_value("It only waits Lag is back at 0")
    expect(jun.locator("#board [data-news]")).to_be_hidden()
    done = jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Done "))
    jun.locator("[aria-current=step]").get_by_text("Change time").click()
    jun.locator("[aria-current=step]").get_by_label("It was at").fill("15:51")
    expect(done).to_have_text("Done 1.2 at 15:51")
    assert not LogEntry.objects.filter(kind="untick_check").exists()


@pytest.mark.parametrize("by_key", [False, True], ids=["mouse", "space"])
def test_no_answer_is_put_in_under_a_finger(jun: Page, by_key: bool) -> None:
    """A button that is replaced between press and release would never be clicked."""
    presses = held(jun, lambda request: request.method == "POST")
    step = jun.locator("[aria-current=step]")
    press = another(jun, presses, step.get_by_role("button", name=re.compile("^Start ")).click)
    done = step.get_by_role("button", name=re.compile("^Done "))
    if by_key:
        done.focus()
        jun.keyboard.down(" ")
    else:
        done.hover()
        jun.mouse.down()
    jun.evaluate(WAIT_FOR_READING)
    press.continue_()
    jun.evaluate("() => window.read")
    jun.unroute_all()
    if by_key:
        jun.keyboard.up(" ")
    else:
        jun.mouse.up()
    expect(jun.get_by_text("1 of 3 steps done").first).to_be_visible()
    assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True))[-2:] == ["start_step", "finish_step"]


def test_done_of_the_step_that_comes_to_hand_rests_for_a_second(jun: Page) -> None:
    """A slow second press on the Done before it finds nothing to press."""
    jun.clock.install()
    jun.reload()
    jun.clock.pause_at(dt.datetime.now() + dt.timedelta(hours=1))

    def done(number: str) -> Locator:
        return jun.locator("[aria-current=step]").get_by_role("button", name=re.compile(f"^Done {number} at"))

    done("1.1").click()
    jun.clock.run_for(1)  # the click is over
    expect(done("1.2")).to_be_disabled()
    jun.clock.run_for(1000)
    expect(done("1.2")).to_be_enabled()


def test_what_a_proxy_refuses_is_sent_once_and_said_and_holds_nothing_else_up(jun: Page) -> None:
    sent: list[str] = []

    def too_large(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=413, content_type="text/html", body="<center><h1>413 Request Too Large</h1></center>")

    jun.route("**/evidence/", too_large)
    step = jun.locator("[aria-current=step]")
    step.get_by_text("Attach output or a picture").click()
    step.get_by_label("Output, pasted").fill("lag 0")
    step.get_by_role("button", name="Keep it").click()
    told = "Not taken over: something before the site refused it. Tell whoever runs the site this number: 413"
    expect(jun.locator("#queue")).to_contain_text(told)
    assert len(sent) == 1
    step.get_by_role("button", name=re.compile("^Start ")).click()
    expect(step.get_by_text(STARTED)).to_be_visible()
    jun.unroute("**/evidence/")
    jun.locator("#queue").get_by_role("button", name="Send it again").click()
    expect(step.get_by_text("output-1.txt")).to_be_visible()


def test_a_page_that_another_network_answers_with_takes_no_press_and_no_text_along(jun: Page, run: Operation) -> None:
    """A hotel's network, a proxy or a page of maintenance answers 200 in the site's place: that is no network."""
    jun.clock.install()
    jun.reload()
    asked: list[str] = []

    def answered_elsewhere(route: Route) -> None:
        asked.append(route.request.method)
        route.fulfill(status=200, content_type="text/html", body=PORTAL)

    jun.route("**/records/**", answered_elsewhere)
    log, queue = jun.get_by_label("Add to the log"), jun.locator("#queue")
    log.fill("Lag 40 minutes, disk full on db2")
    jun.locator("section:has(#log)").get_by_role("button", name="Add", exact=True).click()
    expect(queue).to_contain_text("No network. These ticks and notes wait on this device")
    expect(queue).to_contain_text("Lag 40 minutes, disk full on db2")
    log.fill("and db3")
    jun.clock.run_for(6000)  # what looks for news is answered elsewhere too
    until(lambda: "GET" in asked or bool(jun.wait_for_timeout(20)))
    jun.get_by_role("link", name="Start rollback…").first.click()
    expect(jun.get_by_text("No network, so this page stays open")).to_be_visible()
    expect(log).to_have_value("and db3")
    jun.unroute_all()
    jun.evaluate("dispatchEvent(new Event('online'))")
    expect(queue).to_be_hidden()
    expect(jun.locator(".feed").get_by_text("noted: Lag 40 minutes, disk full on db2")).to_be_visible()
    expect(log).to_have_value("and db3")
    assert LogEntry.objects.filter(operation=run, kind="note").count() == 1


def test_an_answer_older_than_a_press_is_thrown_away(jun: Page, cast: Cast) -> None:
    jun.clock.install()
    jun.reload()
    looks = held(jun, lambda request: "since=" in request.url)

    def later() -> None:
        jun.clock.run_for(6000)

    look = another(jun, looks, later)
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile("^Start ")).click()
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()
    with jun.expect_response(re.compile("since=")):
        old = f'<body data-person="{cast.jun.pk}"><div id="board">old</div>'
        look.fulfill(status=200, content_type="text/html", body=old)
    another(jun, looks, later)  # by then the answer has come
    expect(jun.locator("[aria-current=step]").get_by_text(STARTED)).to_be_visible()


def test_the_focus_stays_where_somebody_is_by_keyboard(jun: Page, run: Operation, cast: Cast) -> None:
    """Through a press of their own, and whenever what others did is put in."""
    jun.locator("#check-1 button.tick").press("Space")
    expect(jun.locator("#check-1 button.tick[aria-pressed=true]")).to_be_focused()
    log = jun.get_by_label("Add to the log")
    log.fill("Lag 0")
    log.press("Enter")
    expect(jun.locator(".feed").get_by_text("noted: Lag 0")).to_be_visible()
    expect(log).to_be_focused()
    clock = jun.locator("#clock").get_by_role("link", name="Start rollback")
    for place in (jun.locator("#step-1\\.2 summary").last, clock):
        place.focus()
        entry = logbook.note(run, text=f"Seen by {place}", by=cast.noor)
        expect(jun.locator(".feed").get_by_text(entry.text)).to_be_visible()
        expect(place).to_be_focused()


def test_whose_tick_folds_a_phase_goes_on_with_what_comes_next(
    jun: Page, run: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_check_in_the_first_phase(*told: Any) -> RunPlan:
        plan = run_plan(*told)
        return replace(plan, checks=(replace(plan.checks[0], phase=plan.phases[0].key),))

    monkeypatch.setattr("records.run.emergency.run_plan", one_check_in_the_first_phase)
    make.end_phase(run, at=timezone.now())
    jun.reload()
    jun.locator("#check-1 button.tick").press("Space")
    expect(jun.locator("#phase-1-steps")).not_to_have_attribute("open", "")
    expect(jun.locator("section:has(#pause)")).to_be_focused()


def test_a_tick_that_a_wrong_clock_made_impossible_is_sent_again_with_its_time(jun: Page, run: Operation) -> None:
    """By both clocks of the device it waited for three hours: it would be from before the start."""
    jun.clock.install()
    jun.reload()
    jun.context.set_offline(True)
    pressed = timezone.now()
    step = jun.locator("[aria-current=step]")
    step.get_by_label("Note for this step").fill("Lag 0")
    step.get_by_role("button", name="Only note it").click()
    check = jun.locator("[id='check-1']")
    check.get_by_text("Add evidence").click()
    check.get_by_label("What shows it").fill("14 of 14 alerts")
    check.get_by_role("button", name="Tick with this evidence").click()
    queue = jun.locator("#queue")
    expect(queue).to_contain_text("No network")
    jun.clock.fast_forward("03:00:00")
    jun.context.set_offline(False)
    jun.evaluate("dispatchEvent(new Event('online'))")
    expect(queue).to_contain_text("a time after the start of the run")
    assert not LogEntry.objects.filter(operation=run, text__contains="Lag 0").exists()
    # Giving up what was typed asks first; as a note it is kept in any case.
    tick = queue.locator("li").filter(has_text="14 of 14 alerts")
    tick.get_by_role("button", name="Give it up").click()
    expect(tick.get_by_role("button", name="Throw away for good?")).to_be_visible()
    tick.get_by_role("button", name="Keep the words as a note").click()
    expect(tick).to_have_count(0)
    assert LogEntry.objects.get(operation=run, text__contains="14 of 14").kind == "note"
    expect(queue.get_by_label("Time, in UTC")).to_have_value(f"{pressed:%H:%M}")
    queue.get_by_role("button", name="Send it again").click()
    expect(queue).to_be_hidden()
    [entry] = LogEntry.objects.filter(operation=run, text__contains="Lag 0")
    assert abs(entry.at - pressed) < dt.timedelta(minutes=2)


def only_note(page: Page, words: str) -> None:
    step = page.locator("[aria-current=step]")
    step.get_by_label("Note for this step").fill(words)
    step.get_by_role("button", name="Only note it").click()
    expect(page.locator("#queue")).to_contain_text("No network")


def test_a_clock_that_was_put_on_makes_no_press_older_than_it_is(jun: Page, run: Operation) -> None:
    """The device was twelve minutes behind, and is put right once the network is back."""
    jun.clock.install(time=timezone.now() - dt.timedelta(minutes=12))
    jun.reload()
    jun.context.set_offline(True)
    pressed = timezone.now()
    only_note(jun, "Lag 0")
    expect(jun.locator("#queue li")).to_contain_text(f"{pressed:%H:%M} UTC")
    jun.clock.set_system_time(timezone.now())
    jun.context.set_offline(False)
    jun.evaluate("dispatchEvent(new Event('online'))")
    expect(jun.locator("#queue")).to_be_hidden()
    [entry] = LogEntry.objects.filter(operation=run, text__contains="Lag 0")
    assert abs(entry.at - pressed) < dt.timedelta(minutes=1)


@pytest.mark.parametrize("minutes", [0, 12])
def test_a_press_of_a_page_that_is_gone_has_its_time_or_is_asked_for_it(
    minutes: int, jun: Page, run: Operation
) -> None:
    """Loaded anew the page has one clock left, which may have been set meanwhile."""
    jun.clock.install()
    jun.reload()
    jun.route("**/run/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    pressed = timezone.now()
    only_note(jun, "Lag 0")
    if minutes:
        jun.clock.set_system_time(pressed + dt.timedelta(minutes=minutes))
    else:
        jun.clock.resume()
    jun.unroute_all()
    jun.reload()
    queue = jun.locator("#queue")
    if minutes:
        expect(queue).to_contain_text("the clock of this device was changed while it waited")
        expect(queue.get_by_label("Time, in UTC")).to_have_value(f"{pressed:%H:%M}")
        queue.get_by_role("button", name="Send it again").click()
    expect(queue).to_be_hidden()
    [entry] = LogEntry.objects.filter(operation=run, text__contains="Lag 0")
    assert abs(entry.at - pressed) < dt.timedelta(minutes=2)


def test_a_clock_that_was_set_back_makes_no_press_younger_than_it_waited(jun: Page, run: Operation) -> None:
    jun.clock.install()
    jun.reload()
    jun.context.set_offline(True)
    step = jun.locator("[aria-current=step]")
    step.get_by_label("Note for this step").fill("Lag 0")
    step.get_by_role("button", name="Only note it").click()
    pressed = timezone.now()
    expect(jun.locator("#queue")).to_contain_text("No network")
    jun.clock.fast_forward("10:00")
    jun.clock.set_system_time(pressed - dt.timedelta(hours=3))
    with jun.expect_request(lambda asked: asked.method == "POST" and "waited" in (asked.post_data or "")) as sent:
        jun.context.set_offline(False)
        jun.evaluate("dispatchEvent(new Event('online'))")
    [waited] = re.findall(r"waited=(\d+)", sent.value.post_data or "")
    assert 600 <= int(waited) < 700


def test_evidence_that_stands_typed_outlives_a_look_at_another_page_and_the_press_beside_it(
    transactional_db: None, browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> None:
    approved = make.make_in(State.APPROVED, cast, template)
    waiting = {"by": "2026-12-05", "reason": "They answer late", "evidence": "", "ticked_by": None}
    waiting |= {"ticked_by_name": "", "ticked_at": ""}
    conditions = [waiting | {"key": key, "label": key.upper()} for key in ("dns", "cdn")]
    Operation.objects.filter(pk=approved.pk).update(start_conditions=conditions)
    site, at = Site(browser, live_server.url), f"/records/{approved.pk}/run/"
    jun = site.sign_in("jun")
    jun.goto(at)
    for name in ("DNS", "CDN"):
        jun.get_by_label(f"Evidence for {name}").fill(f"Mail about {name}")
    jun.goto("/help/")
    jun.goto(at)
    expect(jun.get_by_label("Evidence for CDN")).to_have_value("Mail about CDN")
    expect(jun.get_by_text("It is back in the form")).to_be_visible()
    jun.locator("#condition-1").get_by_role("button", name="Confirm").click()
    expect(jun.locator("#condition-1")).to_contain_text("“Mail about DNS”")
    expect(jun.get_by_label("Evidence for CDN")).to_have_value("Mail about CDN")
    site.close()

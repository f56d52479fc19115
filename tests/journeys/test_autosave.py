"""A section saves itself while it is written, and nothing typed is lost, whatever goes wrong (cases 27, 32 to 35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from records.models import FieldChange, Person
from tests import make
from tests.journeys.barriers import barriers
from tests.journeys.desk import (
    COMPLIANCE,
    COST,
    SAVED,
    SUMMARY,
    Desk,
    area,
    kept_texts,
    line,
    says,
    told_by_its_saves_only,
)
from tests.journeys.faults import FAULTS
from tests.people import make_cast
from tests.processes import until


@pytest.fixture
def desk(
    transactional_db: None,
    browser: Browser,
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    browser_type_launch_args: dict[str, object],
) -> Iterator[Desk]:
    record = make.make_draft(make_cast(), make.make_template())
    desk = Desk(browser, live_server.url, record, monkeypatch, tmp_path, browser_type_launch_args)
    yield desk
    desk.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_typed_is_lost(fault: str, desk: Desk) -> None:
    FAULTS[fault](desk)


@pytest.mark.long
@pytest.mark.parametrize("turn", range(10))
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_typed_is_lost_ten_times_in_a_row(fault: str, turn: int, desk: Desk) -> None:
    FAULTS[fault](desk)


def test_what_is_wrong_is_said_at_once_and_goes_with_its_correction(desk: Desk) -> None:
    mara = desk.person("mara")
    date, who = mara.locator("[name='header/date']"), mara.locator("[name='who-supervisor']")
    desk.record.sections.filter(key="header").update(carried=["header/date", "header/time"])
    mara.goto(f"{desk.url}/records/{desk.record.pk}/sections/header/")
    expect(mara.locator(".carried")).to_have_count(2)
    date.fill("next week")
    date.blur()
    expect(mara.locator("[data-remark]")).to_contain_text("Write the date as")
    date.fill("6 Dec 2026")
    date.blur()
    expect(mara.locator("[data-remark]")).to_have_count(0)
    expect(date).to_have_value("2026-12-06")
    expect(mara.locator(".carried")).to_have_count(1)
    who.select_option("")
    mara.locator("[name='header/supervisor']").fill("")
    who.focus()
    says(mara, SAVED)
    mara.goto(f"{desk.url}/records/{desk.record.pk}/sections/header/?still=1")
    expect(mara.locator(".err-msg")).to_have_text("Fill in: Supervisor")
    expect(mara.get_by_role("link", name="Details In progress")).to_be_visible()
    who.select_option(label="Sam Whitfield")
    expect(mara.get_by_role("link", name="Details 1 to check")).to_be_visible()
    expect(mara.locator(".err-msg, .summary-err")).to_have_count(0)
    expect(mara.locator("[name='header/supervisor']")).to_have_value("Sam Whitfield")


def test_a_page_that_is_left_takes_along_what_was_typed_last(desk: Desk) -> None:
    mara = desk.section(desk.person("mara"), "header")
    mara.locator("[name='header/date']").fill("7 Dec 2026")  # is sent when it is left, and it never is
    mara.locator("nav[aria-label='Breadcrumb'] a").last.click()
    mara.wait_for_url(f"**/records/{desk.record.pk}/")
    expect(mara.locator("main")).to_contain_text("Mon 7 Dec 2026")
    desk.section(mara)
    area(mara).fill("Left by the address, at once.")
    mara.goto("/help/")
    until(lambda: desk.text(COMPLIANCE) == "Left by the address, at once.")
    mara.goto(f"/records/{desk.record.pk}/check/")
    mara.get_by_label("Note for the reviewers").fill("Look at the window")
    mara.locator("main a[href*='/sections/']").first.click()
    mara.wait_for_url("**/sections/**")
    mara.goto(f"/records/{desk.record.pk}/check/")
    expect(mara.get_by_label("Note for the reviewers")).to_have_value("Look at the window")
    expect(mara.get_by_text("It is back in the form")).to_be_visible()


def test_it_saves_a_second_after_a_pause_and_every_ten_while_typing(desk: Desk) -> None:
    mara = desk.person("mara")
    mara.clock.install()
    desk.section(mara)
    mara.clock.pause_at(timezone.now() + dt.timedelta(hours=1))
    area(mara).fill("a")
    says(mara, "Not saved yet")
    mara.clock.run_for(900)
    assert not FieldChange.objects.exists()
    with mara.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith(f"{SUMMARY}/")):
        mara.clock.run_for(200)
    says(mara, SAVED)
    assert desk.text(COMPLIANCE) == "a"
    sent: list[str] = []
    mara.on("request", lambda one: sent.append(one.url) if one.url.endswith(f"{SUMMARY}/") else None)
    for _turn in range(19):
        area(mara).press_sequentially("b")
        mara.clock.run_for(500)
    assert sent == []
    area(mara).press_sequentially("b")
    mara.clock.run_for(600)
    says(mara, SAVED)
    assert len(sent) == 1
    assert desk.text(COMPLIANCE) == "a" + "b" * 20


def share_a_line(page: Page) -> bool:
    """Whether the two buttons of the bar stand beside each other, as on a phone too."""
    exit_, onward = (page.get_by_role("button", name=f"Save and {act}").bounding_box() for act in ("exit", "continue"))
    return exit_ is not None and onward is not None and exit_["y"] == onward["y"]


def test_the_last_change_is_taken_back_without_a_question(desk: Desk) -> None:
    mara = desk.section(desk.person("mara"))
    before = desk.text(COMPLIANCE)
    area(mara).fill("A slip of the pen")
    says(mara, SAVED)
    mara.set_viewport_size({"width": 390, "height": 800})
    assert share_a_line(mara)
    mara.get_by_role("button", name="Undo the last change").click()
    expect(area(mara)).to_have_value(before)
    expect(area(mara)).to_be_focused()
    assert desk.text(COMPLIANCE) == before
    mara.get_by_role("button", name="Undo the last change").click()
    expect(area(mara)).to_have_value("A slip of the pen")


def test_signing_out_leaves_nothing_on_the_device(desk: Desk) -> None:
    mara = desk.section(desk.person("mara"))
    with desk.patch.context() as broken:
        broken.setattr("records.views.section.save", lambda sent: 1 / 0)
        area(mara).fill("Not for the next one here")
        says(mara, "The server could not save")
        assert kept_texts(mara) == ["Not for the next one here"]
        mara.get_by_text("Account: Mara Lindqvist").click(force=True)
        mara.get_by_role("button", name="Sign out").click()
        expect(mara.get_by_label("User name")).to_be_visible()
    assert kept_texts(mara) == []


def test_a_half_typed_name_names_nobody(desk: Desk) -> None:
    mara = desk.section(desk.person("mara"), "header")
    name = mara.locator("[name='header/operator']")
    mara.locator("[name='title']").evaluate("(field) => { field.value += '!'; }")
    name.fill("Noor Hadd")
    until(lambda: desk.text("title", "header").endswith("!"))
    says(mara, "Not saved yet")
    assert "Noor" not in desk.text("header/operator", "header")
    name.press_sequentially("ad")
    name.blur()
    says(mara, SAVED)
    desk.record.refresh_from_db()
    assert desk.record.operator is not None and desk.record.operator.username == "noor"
    expect(mara.get_by_label("Account that acts: Operator")).to_have_value(str(desk.record.operator.pk))

    # In a long list somebody is found by name or role, accents or not; who is ticked stays in sight.
    Person.objects.filter(username="olga").update(name="Ólga Petrenko")
    mara.goto(f"/records/{desk.record.pk}/people/")
    carl, olga, sam = (mara.get_by_role("checkbox", name=name).first for name in ("Carl Nyberg", "Ólga", "Sam W"))
    expect(carl).to_be_checked()
    mara.get_by_label("Find people").fill("olga")
    expect(mara.get_by_role("status").filter(has_text="People that fit")).to_contain_text("People that fit: 1")
    expect(olga).to_be_visible()
    expect(carl).to_be_visible()
    expect(sam).to_be_hidden()
    olga.check()
    mara.get_by_label("Find people").fill("supervisor")
    expect(sam).to_be_visible()
    expect(olga).to_be_visible()


def test_a_text_that_can_not_be_stored_is_said_and_the_others_are_saved(desk: Desk) -> None:
    mara = desk.section(desk.person("mara"))
    area(mara, COST).fill("x" * 270_000)
    says(mara, "Not saved. This section is larger than 256 KiB")
    area(mara, COST).fill("short")
    says(mara, SAVED)
    assert desk.text(COST) == "short"


def test_a_text_that_is_larger_than_a_save_may_be_is_said_and_the_others_are_saved(desk: Desk) -> None:
    """By the site, or by a proxy that takes less: it was told as offline, and sent again and again."""
    mara = desk.section(desk.person("mara"))
    refused: list[str] = []

    def proxy(route: Route) -> None:
        if len(route.request.post_data or "") < 100_000:
            return route.continue_()
        refused.append(route.request.url)
        return route.fulfill(status=413, content_type="text/html", body="<h1>413 Request Too Large</h1>")

    mara.route(f"**/sections/{SUMMARY}/", proxy)
    area(mara, COMPLIANCE).fill("x" * 200_000)
    area(mara, COST).fill("40 EUR")
    area(mara, COST).blur()
    says(mara, "Not saved. One text is larger than a save may be. It is kept on this device")
    until(lambda: desk.text(COST) == "40 EUR")
    assert len(refused) == 1
    until(lambda: kept_texts(mara) == ["x" * 200_000])
    area(mara, COMPLIANCE).fill("short")
    says(mara, SAVED)
    assert desk.text(COMPLIANCE) == "short"


def test_what_is_saved_stands_in_the_line_of_its_row_and_two_texts_have_all_its_width(desk: Desk) -> None:
    mara, carl = told_by_its_saves_only(desk.person("mara")), desk.person("carl")
    for page in (mara, carl):
        page.goto(f"/records/{desk.record.pk}/sections/disaster-recovery-plan/?open=all")
    host, trigger = "details[data-row] [name$='.host']", ".short-row textarea[name$='.text']"
    head = mara.locator("details[data-row] > summary").first
    carl.locator(host).first.fill("")
    says(carl, SAVED)
    mara.locator("details[data-row] [name$='.estimate']").first.fill("4 min")
    expect(head).to_contain_text("4 min, no host")
    mara.locator(host).first.fill("db-9")
    expect(head).not_to_contain_text("no host")
    carl.locator(trigger).first.fill("p95 above 400 ms for 5 min")
    says(carl, SAVED)
    mara.locator(trigger).first.fill("p95 above 300 ms for 5 min")
    says(mara, "Compare and choose")
    panel = mara.get_by_role("group", name="Two texts for one field")
    row = mara.locator(".short-row").first
    assert panel.bounding_box()["width"] >= row.bounding_box()["width"]
    panel.get_by_role("button", name="Keep my text").click()
    says(mara, SAVED)
    expect(panel).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_states_and_both_texts_are_accessible(theme: Any, desk: Desk) -> None:
    mara = desk.section(told_by_its_saves_only(desk.person("mara")))
    mara.emulate_media(color_scheme=theme)
    mara.set_viewport_size({"width": 320, "height": 800})
    carl = desk.section(desk.person("carl"))
    area(carl).fill("Carl's")
    says(carl, SAVED)
    area(mara).fill("Mara's")
    says(mara, "Compare and choose")
    assert barriers(mara) == []
    assert mara.evaluate("document.documentElement.scrollWidth") <= 320
    assert line(mara).is_visible() and share_a_line(mara)

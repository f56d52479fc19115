"""Reading and deciding as a reviewer does it: by keys at a desk, with a thumb on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from approvals.models import Comment, Decision, Viewed
from records.models import Operation, OperationTemplate, State
from tests import make
from tests.approvals.review_pages import sent_again
from tests.journeys.barriers import barriers
from tests.journeys.desk import sign_in as sign_in_by_hand
from tests.journeys.eyes import sign_in
from tests.journeys.keyboard import press
from tests.people import PASSWORD, Cast


def test_a_plan_is_read_by_keys_alone(
    browser: Browser,
    live_server,
    again: Operation,
    cast: Cast,
) -> None:
    """Tomas sees what changed since he asked: j to it, c writes what must be settled, v marks it, e decides."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, live_server.url, cast.tomas)
    page.goto(f"/records/{again.pk}/review/")
    expect(page.locator("body")).to_contain_text(
        "1 field in 1 section changed since you asked for changes on revision 1."
    )
    press(page, "j")
    expect(page.locator("[data-stop]").first).to_be_focused()
    press(page, "c")
    expect(page.locator("#write-text")).to_be_focused()
    page.keyboard.type("vjk: how long exactly?")
    assert Viewed.objects.count() == 0, "keys rest while somebody writes"
    page.get_by_label("Must be settled before anybody approves").check()
    assert barriers(page) == []
    page.get_by_role("button", name="Keep the comment").click()
    expect(page.locator(".thread")).to_contain_text("vjk: how long exactly?")
    expect(page.locator("body")).to_contain_text("0 of 1 section viewed")
    press(page, "v")
    expect(page.locator("body")).to_contain_text("1 of 1 section viewed")
    press(page, "e")
    expect(page.locator("#decision-1")).to_be_focused()
    press(page, "Space")
    page.get_by_label("Your password, again").fill(PASSWORD)
    press(page, "Control+Enter")
    expect(page.locator("#problems")).to_contain_text("Nothing was decided")
    expect(page.locator("body")).to_contain_text("which must be settled: settle it first, or ask for changes")
    assert (Decision.objects.filter(person=cast.tomas, kind="approve").count(), Comment.objects.get().sent_at) == (
        0,
        None,
    )
    context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-script", "without"])
def test_a_decision_takes_a_minute_on_a_phone(
    browser: Browser, live_server, cast: Cast, template: OperationTemplate, javascript: bool
) -> None:
    """From home to the brief, by the link that stays in sight to the decision, and signed.

    Sent again, it opens on what changed since, and that is on the first screen.
    """
    operation = make.make_in(State.IN_REVIEW, cast, template)
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 844},
        java_script_enabled=javascript,
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page, live_server.url, cast.ada)
    page.goto("/")
    page.get_by_role("link", name="Review it").click()
    expect(page.get_by_role("heading", name="In brief")).to_be_visible()
    jump = page.get_by_role("link", name="To the decision")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(jump).to_be_in_viewport()
    jump.click()
    for name in ("Your password, again", "Exactly revision 1, as shown here"):
        expect(page.get_by_label(name)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send the decision")).to_be_in_viewport(ratio=1)
    page.goto(f"/records/{operation.pk}/review/?view=whole")
    page.get_by_role("link", name="Comment on Infrastructure Operation Steps").click()
    page.locator(".part:has(#write) > header").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Keep the comment")).to_be_in_viewport(ratio=1)
    page.goto(f"/records/{operation.pk}/review/")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(jump).to_be_in_viewport()
    jump.click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_in_viewport()
    page.get_by_text("Exactly revision 1, as shown here").click()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Send the decision").click()
    expect(page.locator("body")).to_contain_text("You approved this revision. 1 of 2 signed")
    page.goto("/decisions/?show=decided")
    expect(page.locator("table")).to_contain_text("approved (revision 1)")
    assert Decision.objects.filter(revision__operation=operation, person=cast.ada).count() == 1
    sent_again(cast, make.fresh(operation), "Two minutes.", 1)
    page.goto(f"/records/{operation.pk}/review/")
    expect(page.locator("body")).to_contain_text("1 field in 1 section changed since you approved revision 1.")
    changed, bar = page.locator(".chg .val").first.bounding_box(), jump.bounding_box()
    assert changed and bar and changed["y"] + 24 <= bar["y"], "a line of it, above the link that stays in sight"
    context.close()


def test_who_is_signed_out_while_reading_loses_no_word_and_goes_on_where_they_wrote(
    browser: Browser, live_server, cast: Cast, again: Operation
) -> None:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, live_server.url, cast.tomas)
    page.goto(f"/records/{again.pk}/review/")
    page.locator(".chg [data-comment]").first.click()
    page.locator("#write-text").fill("How long exactly?")
    page.get_by_label("Reason or note").fill("Not like this")
    page.get_by_label("Your password, again").fill(PASSWORD)
    for button in ("Keep the comment", "Send the decision"):
        page.get_by_text("Ask for changes", exact=True).click()
        context.clear_cookies(name="sessionid")
        page.get_by_role("button", name=button).click()
        sign_in_by_hand(page, "tomas")
        expect(page.get_by_role("button", name="Send it now")).to_be_visible()
        page.get_by_role("link", name="Open the page without it").click()
        expect(page.locator("#id_reason")).to_have_value("Not like this")
        expect(page.locator("#id_password")).to_have_value("")
        if button == "Keep the comment":
            expect(page.locator("#write-text")).to_have_value("How long exactly?")
            page.get_by_role("button", name=button).click()
            expect(page.locator(".thread")).to_contain_text("How long exactly?")
    newest = again.revisions.order_by("-number")[0]
    assert not Decision.objects.filter(revision=newest, person=cast.tomas).exists()
    page.get_by_text("Ask for changes", exact=True).click()
    page.get_by_role("button", name="Send the decision").click()
    expect(page.locator("body")).to_contain_text("You asked for changes. The author has been told.")
    context.close()


def test_a_comment_on_a_draft_is_kept_for_whoever_is_signed_out_while_writing_it(
    browser: Browser, live_server, cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, live_server.url, cast.tomas)
    page.goto(f"/records/{draft.pk}/comments/?comment=header/date#write-text")
    page.locator("#write-text").fill("Why a Sunday?")
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Keep the comment").click()
    sign_in_by_hand(page, "tomas")
    page.get_by_role("link", name="Open the page without it").click()
    expect(page.locator("#write-text")).to_have_value("Why a Sunday?")
    expect(page.get_by_text("was kept on this device")).to_be_visible()
    page.get_by_role("button", name="Keep the comment").click()
    expect(page.locator(".thread")).to_contain_text("Why a Sunday?")
    page.goto(f"/records/{draft.pk}/comments/?comment=header/date#write-text")
    expect(page.locator("#write-text")).to_have_value("")
    context.close()

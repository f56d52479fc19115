"""The pages of writing in a real browser: light and dark, wide and narrow, readable by everybody, none too wide."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from records.models import Operation, OperationTemplate
from records.writing.saving import save_section
from tests.journeys.eyes import Eyes
from tests.make import PLANNED, make_draft, start_record
from tests.people import Cast

STEPS, VERIFY = "infrastructure-operation-steps", "post-operation-infrastructure-verification"
USERS = "operation-summary/business-impact/user-experience"


@pytest.fixture
def low(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    """A draft of the mildest level, so that much is folded, with a word in it that says nothing."""
    operation = make_draft(cast, template, level="Low")
    own = operation.sections.get(key="operation-summary")
    save_section(operation=operation, key=own.key, version=own.version, values={USERS: "TBD"}, by=cast.mara, at=PLANNED)
    return operation


def test_they_have_no_barrier_and_no_sideways_scroll(eyes: Eyes, low: Operation, cast: Cast) -> None:
    eyes.be(cast.mara)
    record = f"/records/{low.pk}"
    eyes.see(f"{record}/check/")
    page = eyes.page
    page.goto(f"{record}/comments/?comment={USERS}")
    page.get_by_label("Comment", exact=True).fill("For how long?")
    page.get_by_role("button", name="Keep the comment").click()
    expect(page.get_by_role("button", name="Send the comment")).to_be_visible()
    eyes.look("a comment on the draft, not sent yet")
    page.goto(f"{record}/sections/operation-summary/")
    page.locator(".preview > summary").click()
    expect(page.locator("#preview")).to_be_hidden()
    eyes.look("a section, its preview folded away")
    page.goto(f"{record}/sections/header/")
    expect(page.locator("#preview")).to_be_hidden()
    eyes.look("another section: the preview stays folded away")
    page.goto(f"{record}/sections/{STEPS}/paste/")
    page.get_by_label("Markdown").fill(
        "1. **Drain**\n\n   ```bash\n   " + "drain " * 40 + "\n   ```\n\n   - **Seen**: none\n"
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("button", name="Add this step")).to_be_visible()
    eyes.look("what was pasted")
    assert eyes.wrong == []


def test_a_field_begins_with_the_template_s_words_and_offers_nothing_more_once_it_is_filled(
    eyes: Eyes, low: Operation, cast: Cast
) -> None:
    eyes.be(cast.mara)
    page = eyes.page
    blank = start_record(author=cast.mara, template=low.template, at=PLANNED, values={"title": "Kernel update"})
    page.goto(f"/records/{blank.pk}/sections/{VERIFY}/")
    first, second = page.get_by_label("Check 1", exact=True), page.get_by_label("Check 2", exact=True)
    page.get_by_role("button", name="Start with this text: Check 1").click()
    expect(first).to_have_value("Service 1 responding correctly")
    expect(first).to_be_focused()
    expect(page.get_by_role("button", name="Start with this text: Check 1")).to_be_hidden()
    expect(page.get_by_role("button", name="Start with this text: Check 2")).to_be_visible()
    expect(second).to_have_value("")
    page.goto(f"/records/{blank.pk}/sections/operation-summary/")
    mark = page.get_by_role("button", name="Not applicable: User Experience")
    page.get_by_label("User Experience", exact=True).fill("Nobody notices")
    expect(mark).to_be_hidden()
    page.get_by_label("User Experience", exact=True).fill("")
    expect(mark).to_be_visible()
    # What says nothing is pointed out, and can be marked for later at once.
    page.get_by_label("User Experience", exact=True).fill("TBD")
    expect(page.get_by_role("button", name="To confirm later: User Experience")).to_be_visible()


def test_the_preview_shows_the_place_of_the_field_one_is_in(eyes: Eyes, low: Operation, cast: Cast) -> None:
    eyes.be(cast.mara)
    page = eyes.page
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"/records/{low.pk}/sections/{STEPS}/?open=all")
    heading = page.locator("#preview h3, #preview h4").last
    expect(heading).not_to_be_in_viewport()
    page.get_by_label("Phase name", exact=True).last.focus()
    expect(heading).to_be_in_viewport()
    page.get_by_label("Phase name", exact=True).first.focus()
    expect(heading).not_to_be_in_viewport()


def test_a_title_without_blanks_widens_no_page(eyes: Eyes, low: Operation, cast: Cast) -> None:
    eyes.be(cast.mara)
    long = start_record(author=cast.mara, template=low.template, at=PLANNED, values={"title": "A" * 200})
    soon = timezone.now() + dt.timedelta(days=2)
    Operation.objects.filter(pk=long.pk).update(window_start=soon, window_end=soon + dt.timedelta(hours=1))
    places = ["", "check/", "comments/", "sections/operation-summary/"]
    wide = []
    for width in (390, 1280):
        eyes.page.set_viewport_size({"width": width, "height": 800})
        for url in ["/", "/records/", *(f"/records/{long.pk}/{place}" for place in places)]:
            eyes.page.goto(url)
            if eyes.page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((width, url))
    assert wide == []


def test_a_text_runs_in_the_direction_of_its_letters(eyes: Eyes, low: Operation, cast: Cast) -> None:
    eyes.be(cast.mara)
    titles = {"הגירה של מסד הנתונים": True, "A move of the database": False}
    for title, from_the_right in titles.items():
        record = start_record(author=cast.mara, template=low.template, at=PLANNED, values={"title": title})
        eyes.page.goto(f"/records/{record.pk}/")
        ends = eyes.page.locator("h1").evaluate(
            "(h1) => { const words = document.createRange(); words.selectNodeContents(h1);"
            " return [words.getBoundingClientRect().right, h1.getBoundingClientRect().right]; }"
        )
        assert (abs(ends[0] - ends[1]) < 2) is from_the_right, title

"""The pages of writing in a real browser: light and dark, wide and narrow, readable by everybody, none too wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from records.models import Operation, OperationTemplate
from records.writing.saving import save_section
from tests.journeys.eyes import Eyes
from tests.make import PLANNED, make_draft
from tests.people import Cast

STEPS = "infrastructure-operation-steps"
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

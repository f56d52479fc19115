"""U2: a clone with ten changed fields, from sign-in to "in review", with no mouse and few keys beyond the text."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, State
from tests.journeys.keyboard import KEY, THOUGHT, Keyboard
from tests.make import make_in
from tests.people import PASSWORD, Cast

MOST = 45
FIVE_MINUTES = 300


def table(operation: Operation) -> dict[str, str]:
    return {key: text for section in document_of(operation).sections for key, text in table_of(section).items()}


def test_a_clone_with_ten_changed_fields_goes_to_review_in_few_keys(
    page: Page, live_server, transactional_db: None, cast: Cast, template: OperationTemplate
) -> None:
    source = make_in(State.REJECTED, cast, template)
    keys = Keyboard(page)
    page.goto(f"{live_server.url}/sign-in/")
    keys.type("mara")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.on("Enter")
    keys.on("c", "n")
    keys.on("2")
    keys.type("PostgreSQL")
    keys.on("Enter")
    keys.on("1")
    keys.change("PostgreSQL 16, payments cluster")
    keys.press("Tab")
    keys.type("2027-01-10")
    keys.press("Tab", "Tab", "Tab")  # past what fills it in with today, or from a calendar
    keys.type("22:30:00 UTC")
    keys.on("Control+Enter")
    changed = ["title", "header/date", "header/time"]
    keys.on("Control+Enter")
    for text in ("One", "Two", "Three", "Four", "Five", "Six", "Seven"):
        keys.press("f")
        assert keys.field, page.url
        changed.append(keys.field)
        keys.change(text)
        keys.on("Control+Enter")
    pages = 5 + len(changed)
    while "/check/" not in page.url:
        keys.on("Control+Enter")
        pages += 1
    keys.on("Control+Enter")
    expect(page.get_by_text("was sent for review")).to_be_visible()
    clone = Operation.objects.exclude(pk=source.pk).get()
    assert clone.state == State.IN_REVIEW
    before, after = table(source), table(clone)
    assert [key for key in changed if before[key] == after[key]] == []
    assert len(set(changed)) == 10
    assert [key for section in clone.sections.all() for key in section.carried] == []
    assert keys.pressed <= MOST, keys.pressed
    text = sum(len(after[key]) for key in changed)
    seconds = KEY * (keys.pressed + text) + THOUGHT * (pages + len(changed))
    print(f"{keys.pressed} keys beyond the text, {seconds:.0f} s")
    assert seconds <= FIVE_MINUTES

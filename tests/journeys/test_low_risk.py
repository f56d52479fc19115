"""U1: a change at the mildest risk level is written in ten minutes: what is asked for, and the keys that it takes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from records.models import Operation, OperationTemplate, State
from tests.journeys.keyboard import KEY, THOUGHT, Keyboard
from tests.people import PASSWORD, Cast

MOST_FIELDS, MOST_KEYS = 25, 125
# Description, date, time, supervisor, risk and impact stand in the short form of a new record.
IN_FORM = 6
TEXT = "Restart nginx on web-1, then web-2; look at the page in between."
WINDOWS = ["22:30-22:40", "22:40-23:00", "23:00-23:20"]
TEN_MINUTES = 600


def still_due(operation: Operation) -> list[str]:
    """The fields that the record asks for before review, by key."""
    sections = operation.sections.all()
    return [key for own in sections for key, _label, part in own.progress.get("missing", ()) if part == "plan"]


def test_a_low_risk_change_is_written_in_ten_minutes(
    page: Page, live_server, transactional_db: None, cast: Cast, template: OperationTemplate
) -> None:
    keys = Keyboard(page)
    page.goto(f"{live_server.url}/sign-in/")
    keys.type("mara")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.on("Enter")
    keys.on("c", "n")
    keys.on("1")
    keys.type("Renew the certificate of the status page")
    keys.press("Tab")
    keys.type("2027-01-10")
    keys.press("Tab", "Tab", "Tab")  # past what fills it in with today, or from a calendar
    keys.type("22:30:00 UTC")
    keys.press("Tab", "Tab", "Tab", "Tab")
    page.keyboard.type("T")  # of all people Tomas alone; a list forgets the letters of a slow typist
    keys.press("Tab", "Space", "Tab", "Space")
    keys.on("Control+Enter")
    operation, pages, written = Operation.objects.get(), 4, []
    wanted = still_due(operation)
    while "/check/" not in page.url:
        section = page.url.partition("/sections/")[2].partition("/")[0]
        for key in [key for key in wanted if key.partition("/")[0] == section]:
            if not keys.field:
                keys.press("f")
            while keys.field != key:
                keys.press("Tab")
            keys.type(TEXT if not key.endswith(".window") else WINDOWS.pop(0))
            written.append(key)
        keys.on("Control+Enter")
        pages += 1
    keys.on("Control+Enter")
    expect(page.get_by_text("was sent for review")).to_be_visible()
    operation.refresh_from_db()
    assert (operation.state, operation.risk_level) == (State.IN_REVIEW, "Low")
    assert sorted(written) == sorted(wanted)
    assert len(written) + IN_FORM <= MOST_FIELDS
    text = (len(written) + IN_FORM) * len(TEXT)
    seconds = KEY * (keys.pressed + text) + THOUGHT * (pages + len(written) + IN_FORM)
    print(f"{len(written) + IN_FORM} fields, {keys.pressed} keys beyond the text, {seconds:.0f} s")
    assert keys.pressed <= MOST_KEYS
    assert seconds <= TEN_MINUTES

"""Somebody without scripts whose session ended while they wrote: what they send waits until they have signed in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, Person
from tests import make
from tests.journeys.desk import COMPLIANCE, SUMMARY, area, sign_in
from tests.journeys.eyes import Eyes, leave
from tests.journeys.eyes import sign_in as be
from tests.people import PASSWORD, Cast, signed_in

TEXT = '\nThe first line is empty.\n\n<b>“Quotes”</b> & "others" </textarea>\n    four blanks before'


@pytest.fixture
def draft(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


def without_scripts(browser: Browser, url: str, person: Person) -> Page:
    page = browser.new_context(java_script_enabled=False, base_url=url).new_page()
    be(page, url, person)
    return page


def change_password(person: Person) -> None:
    """On another device, to the same one: every session that was open ends."""
    posted = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert signed_in(person).post("/account/password/", posted).status_code == 302


def stored(operation: Operation) -> str:
    return table_of(document_of(Operation.objects.get(pk=operation.pk)).section(SUMMARY))[COMPLIANCE]


@pytest.mark.postgresql
def test_a_section_is_saved_after_the_sign_in(browser: Browser, live_server, cast: Cast, draft: Operation) -> None:
    mara, before = without_scripts(browser, live_server.url, cast.mara), stored(draft)
    mara.goto(f"/records/{draft.pk}/sections/{SUMMARY}/")
    area(mara).fill(TEXT)
    change_password(cast.mara)
    leave(mara, mara.get_by_role("button", name="Save and exit"))
    expect(mara.get_by_text("You were signed out when you sent this, and nothing was saved yet.")).to_be_visible()
    mara.get_by_label("User name").fill("mara")
    mara.get_by_label("Password", exact=True).fill("wrong")
    leave(mara, mara.get_by_role("button", name="Sign in"))
    expect(mara.get_by_role("heading", name="You could not be signed in")).to_be_visible()
    sign_in(mara, "mara")
    expect(mara.get_by_role("heading", name="Nothing was saved yet")).to_be_visible()
    expect(mara.get_by_text("You are signed in as Mara Lindqvist")).to_be_visible()
    assert stored(draft) == before, "nothing is sent by itself"
    leave(mara, mara.get_by_role("button", name="Send it now"))
    expect(mara).to_have_url(f"{live_server.url}/records/{draft.pk}/")
    assert stored(draft) == TEXT


def test_a_comment_is_kept_after_the_sign_in(browser: Browser, live_server, cast: Cast, draft: Operation) -> None:
    """And who goes on without it goes on where it stood."""
    tomas = without_scripts(browser, live_server.url, cast.tomas)
    place = f"/records/{draft.pk}/comments/?comment=header%2Fdate#write-text"
    tomas.goto(place)
    tomas.locator("#write-text").fill(TEXT)
    tomas.context.clear_cookies(name="sessionid")
    leave(tomas, tomas.get_by_role("button", name="Keep the comment"))
    sign_in(tomas, "tomas")
    assert tomas.get_by_role("link", name="Open the page without it").get_attribute("href") == place
    leave(tomas, tomas.get_by_role("button", name="Send it now"))
    expect(tomas.locator(".thread")).to_contain_text("The first line is empty.")


def test_neither_page_has_a_barrier(eyes: Eyes, cast: Cast, draft: Operation) -> None:
    eyes.be(cast.mara)
    eyes.page.goto(f"/records/{draft.pk}/sections/{SUMMARY}/")
    eyes.page.context.clear_cookies(name="sessionid")
    eyes.press("Save and exit")
    eyes.look("signed out")
    eyes.page.get_by_label("User name").fill("mara")
    eyes.page.get_by_label("Password", exact=True).fill(PASSWORD)
    eyes.press("Sign in")
    eyes.page.get_by_text("What you sent", exact=True).click()
    eyes.look("not saved yet")
    assert eyes.wrong == []

"""What goes wrong while somebody writes: each fault is done to a real browser, and what was typed is looked for."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserType, Page, Route, expect

from records.views import section as section_view
from records.writing import section_news
from tests.journeys.desk import (
    COMPLIANCE,
    COST,
    SAVED,
    Desk,
    area,
    kept_texts,
    line,
    says,
    sign_in,
    signed_in,
    told_by_its_saves_only,
)
from tests.journeys.own_server import own_server
from tests.processes import until

PORTAL = "<!doctype html><title>Hotel Wi-Fi</title><p>Hotel guests accept the terms here."
HOTEL: dict[str, dict[str, Any]] = {
    "a page": {"status": 200, "content_type": "text/html", "body": PORTAL},
    "data": {"status": 200, "json": {"status": "ok"}},
    "a way elsewhere": {"status": 302, "headers": {"Location": "/static/img/mark.svg"}},
}


def server_error(desk: Desk) -> None:
    """The server answers 500; the text is kept, can be downloaded, and is saved once it answers again."""
    mara = desk.section(desk.person("mara"))
    with desk.patch.context() as broken:
        broken.setattr(section_view, "save", _broken)
        area(mara).fill("Written while it was broken")
        says(mara, "The server could not save. Trying again in")
        with mara.expect_download() as download:
            mara.get_by_role("button", name="Download what you wrote").click()
        assert "Written while it was broken" in Path(download.value.path()).read_text()
    says(mara, SAVED)
    assert desk.text(COMPLIANCE) == "Written while it was broken"


def _broken(*args: object) -> None:
    raise OSError("the disk is full")


def offline(desk: Desk) -> None:
    """The connection is gone for a while; nothing typed meanwhile is lost, and buttons lead nowhere else."""
    mara = desk.section(desk.person("mara"))
    mara.context.set_offline(True)
    area(mara).fill("Typed on the train")
    says(mara, "Offline. Changes kept on this device: 1. They are sent when the connection is back.")
    area(mara, COST).fill("Typed in the tunnel")
    says(mara, "Changes kept on this device: 2")
    mara.get_by_role("button", name="Save and continue").click()
    expect(area(mara, COST)).to_have_value("Typed in the tunnel")
    until(lambda: sorted(kept_texts(mara)) == ["Typed in the tunnel", "Typed on the train"])
    mara.context.set_offline(False)
    says(mara, SAVED)
    assert (desk.text(COMPLIANCE), desk.text(COST)) == ("Typed on the train", "Typed in the tunnel")
    until(lambda: kept_texts(mara) == [])


def portal(desk: Desk) -> None:
    """A hotel's network answers in the site's place, as if all were well: for this that is no network."""
    mara, address = desk.section(desk.person("mara")), "**/sections/**"
    for name, answer in HOTEL.items():
        before = desk.text(COMPLIANCE)
        mara.route(address, _answering(answer))
        area(mara).fill(f"Swallowed by {name}")
        says(mara, "Offline. Changes kept on this device: 1")
        until(lambda text=f"Swallowed by {name}": kept_texts(mara) == [text])
        expect(mara.locator("#preview[data-old]")).not_to_contain_text("Hotel")
        assert desk.text(COMPLIANCE) == before
        mara.unroute(address)
        mara.evaluate("dispatchEvent(new Event('online'))")
        says(mara, SAVED)
        assert desk.text(COMPLIANCE) == f"Swallowed by {name}"


def _answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(**answer)


def session_expired(desk: Desk) -> None:
    """Case 33: signed out while writing, signed in in a second tab, gone on in the same field."""
    mara = desk.section(desk.person("mara"))
    area(mara).fill("First half")
    says(mara, SAVED)
    Session.objects.all().delete()
    area(mara).press_sequentially(", second half")
    says(mara, "You were signed out. Nothing is lost. Sign in in a new tab, then go on here")
    expect(mara.locator("#preview[data-old]")).not_to_contain_text("Sign in")
    with mara.context.expect_page() as opened:
        mara.get_by_role("link", name="Sign in in a new tab").click()
    sign_in(opened.value, "mara")
    expect(opened.value.get_by_role("heading", name="You are signed in")).to_be_visible()
    says(mara, SAVED)
    mara.keyboard.type(", third half")
    until(lambda: desk.text(COMPLIANCE) == "First half, second half, third half")
    says(mara, SAVED)


def somebody_else_signed_in(desk: Desk) -> None:
    """After the sign-out somebody else signs in in this browser: Mara's text isn't saved under their name."""
    mara = desk.section(desk.person("mara"))
    before = desk.text(COMPLIANCE)
    mara.context.clear_cookies(name="sessionid")
    signed_in(mara.context.new_page(), "carl")
    area(mara).fill("Mara's words")
    says(mara, "You are signed in as Carl Nyberg now; this page was opened by somebody else")
    assert desk.text(COMPLIANCE) == before


def token_rotated(desk: Desk) -> None:
    """The CSRF token of the page no longer fits: it takes the new one, and no button is needed."""
    mara = desk.section(desk.person("mara"))
    mara.context.clear_cookies(name="csrftoken")
    area(mara).fill("With an old token")
    says(mara, SAVED)
    assert desk.text(COMPLIANCE) == "With an old token"
    mara.get_by_role("button", name="Save and exit").click()
    expect(mara).to_have_url(f"{desk.url}/records/{desk.record.pk}/")


def two_tabs(desk: Desk) -> None:
    """One person, two tabs: other fields merge, the same field shows both texts, and the choice stands."""
    first = desk.section(told_by_its_saves_only(desk.person("mara")))
    second = desk.section(first.context.new_page())
    area(first).fill("From the first tab")
    says(first, SAVED)
    area(second, COST).fill("From the second tab")
    says(second, SAVED)
    expect(area(second)).to_have_value("From the first tab")
    area(first, COST).fill("Also from the first")
    says(first, "Mara Lindqvist changed “Cost Optimization”")
    panel = first.get_by_role("group", name="Two texts for one field")
    expect(panel).to_contain_text("From the second tab")
    area(first).fill("Other fields go on")
    until(lambda: desk.text(COMPLIANCE) == "Other fields go on")
    assert desk.text(COST) == "From the second tab"
    panel.get_by_role("button", name="Keep my text").click()
    says(first, SAVED)
    expect(panel).to_have_count(0)
    assert desk.text(COST) == "Also from the first"


def two_people(desk: Desk) -> None:
    """Case 35: each sees the other; what one saves comes into the other's form; nobody is overwritten."""
    desk.patch.setattr(section_news, "PRESENT", dt.timedelta(hours=1))  # Mara looks once
    mara, carl = desk.section(told_by_its_saves_only(desk.person("mara"))), desk.section(desk.person("carl"))
    area(mara).fill("Mara's words")
    says(mara, SAVED)
    area(carl, COST).fill("Carl's words, long enough to stand in the middle of")
    expect(carl.get_by_text("Also here: Mara Lindqvist")).to_be_visible()
    area(carl, COST).evaluate("(area) => area.setSelectionRange(5, 5)")
    says(carl, SAVED)
    expect(area(carl)).to_have_value("Mara's words")
    where = "() => [document.activeElement.name, document.activeElement.selectionStart]"
    assert carl.evaluate(where) == [COST, 5]
    area(carl).fill("Carl's other words")
    until(lambda: desk.text(COMPLIANCE) == "Carl's other words")
    area(mara).fill("Mara's last words")
    says(mara, "Carl Nyberg changed “Compliance”")
    line(mara).get_by_role("link", name="Compare and choose").click()
    panel = mara.get_by_role("group", name="Two texts for one field")
    expect(panel.locator(".source")).to_have_text("Carl's other words")
    expect(area(mara)).to_have_value("Mara's last words")
    panel.get_by_role("button", name="Take theirs").click()
    says(mara, SAVED)
    expect(area(mara)).to_have_value("Carl's other words")
    assert desk.text(COMPLIANCE) == "Carl's other words"
    area(carl, COST).fill("His cost")
    says(carl, SAVED)
    area(mara, COST).fill("Her cost")
    says(mara, "Carl Nyberg changed “Cost Optimization”")
    mara.get_by_role("button", name="Save and exit").click()
    expect(mara.get_by_role("heading", name="Somebody else changed this too")).to_be_visible()
    assert desk.text(COST) == "His cost"
    mara.get_by_role("button", name="Save what I chose").click()
    expect(mara.get_by_role("heading", name="Somebody else changed this too")).to_have_count(0)
    assert desk.text(COST) == "Her cost"


def browser_killed(desk: Desk) -> None:
    """Case 34: the browser is killed before anything could be sent; the text is there in the next one."""
    profile = desk.folder / "profile"
    with _own_browser(desk, profile) as mara:
        desk.section(signed_in(mara, "mara"))
        area(mara).fill("Confirmed before")
        says(mara, SAVED)
        mara.context.set_offline(True)
        area(mara).press_sequentially(" and typed just now")
        until(lambda: kept_texts(mara) == ["Confirmed before and typed just now"])
        _kill(str(profile))
    assert desk.text(COMPLIANCE) == "Confirmed before"
    with _own_browser(desk, profile) as mara:
        mara.goto("/sign-in/")
        if mara.get_by_label("User name").count():
            signed_in(mara, "mara")
        desk.section(mara)
        expect(mara.get_by_text("What you had typed and not saved was kept on this device")).to_be_visible()
        expect(area(mara)).to_have_value("Confirmed before and typed just now")
        says(mara, SAVED)
        mara.context.close()
    assert desk.text(COMPLIANCE) == "Confirmed before and typed just now"


@contextmanager
def _own_browser(desk: Desk, profile: Path) -> Iterator[Page]:
    kind: BrowserType = desk.browser.browser_type
    context = kind.launch_persistent_context(profile, base_url=desk.url, **desk.launch)  # type: ignore[arg-type]
    page = context.pages[0]
    yield page


def _kill(profile: str) -> None:
    """Kill the processes of the browser that was started with this profile, all at once."""
    mark = f"--user-data-dir={profile}"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "cmdline").read_bytes().decode(errors="replace"):
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def server_killed(desk: Desk) -> None:
    """Case 27: the server dies in the middle of a save, before the commit, and after it but before its answer."""
    flag = desk.folder / "die"
    with own_server(flag) as site:
        for moment, stored in (("before", False), ("after", True)):
            before = desk.text(COMPLIANCE)
            mara = desk.section(desk.person("mara", site.url))
            flag.write_text(moment)
            area(mara).fill(f"Killed {moment} the commit")
            until(lambda: site.process.poll() is not None)
            assert desk.text(COMPLIANCE) == (f"Killed {moment} the commit" if stored else before)
            says(mara, "Offline. Changes kept on this device: 1")
            area(mara).press_sequentially(", and on it goes")
            flag.unlink()
            site.start()
            mara.evaluate("dispatchEvent(new Event('online'))")
            says(mara, SAVED)
            assert desk.text(COMPLIANCE) == f"Killed {moment} the commit, and on it goes"
            mara.context.close()


FAULTS: dict[str, Callable[[Desk], None]] = {
    one.__name__: one
    for one in (
        server_error,
        offline,
        portal,
        session_expired,
        somebody_else_signed_in,
        token_rotated,
        two_tabs,
        two_people,
        browser_killed,
        server_killed,
    )
}

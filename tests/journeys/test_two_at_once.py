"""A night in two browsers at once: one without network for a while, an answer that never arrives, the way back."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from records.models import Check, Evidence, LogEntry, Operation, OperationTemplate, State
from records.run import logbook
from records.run.step_order import in_order
from tests import make
from tests.journeys.night import assert_everything_once, begun, finish
from tests.journeys.whole_record import Site
from tests.people import PASSWORD, Cast
from tests.processes import until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200


@pytest.fixture
def site(transactional_db: None, browser: Browser, live_server) -> Iterator[Site]:
    site = Site(browser, live_server.url)
    yield site
    site.close()


@pytest.fixture
def run(cast: Cast, template: OperationTemplate, site: Site) -> Operation:
    return begun(cast, template)


def test_a_night_of_two_people_one_without_network(site: Site, cast: Cast, run: Operation) -> None:
    jun, noor = site.sign_in("jun"), site.sign_in("noor")
    jun.clock.install()
    for page in (jun, noor):
        page.goto(f"/records/{run.pk}/run/")
        expect(page.get_by_text("0 of 3 steps done").first).to_be_visible()

    # Without network: the page says so before anything is pressed, stays open whatever link is followed, and can be
    # read up to the way back; the device keeps what is pressed.
    jun.context.set_offline(True)
    expect(jun.get_by_text("No network. What you press waits on this device.")).to_be_visible()
    jun.get_by_role("link", name="Start rollback…").first.click()
    expect(jun.get_by_text("No network, so this page stays open")).to_be_visible()
    expect(jun.locator("#way-back [id=step-1]")).to_be_visible()
    begun = timezone.now()
    current = jun.locator("[aria-current=step]")
    current.get_by_label("Note for this step").fill("Lag 0 at the mast")
    current.get_by_role("button", name=re.compile(r"Done \S+ at")).click()
    expect(jun.get_by_text("No network. These ticks and notes wait")).to_be_visible()
    expect(jun.locator("[id='step-1.1']")).to_contain_text("done, waits to be sent")
    second = jun.locator("[id='step-1.2'][aria-current=step]")
    second.get_by_label("Note for this step").fill("PASS 38/38")
    second.get_by_role("button", name=re.compile("Done 1.2 at")).click()
    expect(second).to_have_count(0)
    third = jun.locator("[aria-current=step]")
    third.get_by_role("button", name=re.compile("^Start")).click()
    expect(jun.locator("#queue li")).to_have_count(3)
    jun.locator("#queue summary").click()
    jun.locator("#queue li").last.get_by_role("button", name="Take back").click()
    expect(jun.locator("#queue li")).to_have_count(2)
    check = jun.locator("[id='check-1']")
    check.get_by_text("Add evidence").click()
    check.get_by_label("What shows it").fill("14 of 14 alerts")
    check.get_by_role("button", name="Tick with this evidence").click()
    expect(jun.locator("#queue li")).to_have_count(3)
    attach(jun, [("lag.png", PNG), ("huge.png", PNG + bytes(9 * 1024 * 1024))])
    expect(jun.get_by_text("huge.png: larger than 8 MiB")).to_be_visible()
    attach(jun, [("lag.png", PNG)])
    expect(jun.locator("#queue li")).to_have_count(4)

    # Meanwhile the other one ticks; the answer to one press never arrives, though it was counted.
    lost: list[str] = []

    def lose_one(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status_text)
            route.abort()
        else:
            route.continue_()

    noor.route("**/run/", lose_one)
    noor.locator("[id='check-1'] button.tick").click()
    expect(noor.locator("button.tick[aria-pressed=true]")).to_have_count(1)
    expect(noor.locator("#queue")).to_be_hidden()
    # Another look may bring the tick before the answer that is lost has come.
    until(lambda: bool(lost) or bool(noor.wait_for_timeout(20)))

    # Back in the network after four minutes: sent once, with the time of then; the other one sees it by itself.
    jun.clock.fast_forward("04:00")
    assert not LogEntry.objects.filter(operation=run, kind="finish_step").exists()
    jun.context.set_offline(False)
    expect(jun.get_by_text("2 of 3 steps done")).to_be_visible()
    # What somebody else had done already isn't done twice, and what was typed with it stands in the log.
    expect(jun.locator("#queue").get_by_text("Noor Haddad ticked this already")).to_be_visible()
    jun.get_by_role("button", name="I have seen it").click()
    expect(jun.locator("#queue")).to_be_hidden()
    # The way back that was unfolded to be read stays so, and holds up nothing that others did.
    logbook.note(run, text="Seen from the other side", by=cast.noor)
    expect(jun.locator("#board")).to_contain_text("Seen from the other side")
    expect(jun.locator("#way-back [id=step-1]")).to_be_visible()
    notes = LogEntry.objects.filter(operation=run, person=cast.jun, kind="note").order_by("pk")
    assert [one.text.partition(" (")[0] for one in notes] == ["Lag 0 at the mast", "PASS 38/38", "14 of 14 alerts"]
    expect(noor.get_by_text("2 of 3 steps done")).to_be_visible()
    # By its clock the device waited four minutes, and as long as this here took.
    four, second = dt.timedelta(minutes=4), dt.timedelta(seconds=1)
    at_most = four + (timezone.now() - begun) + second
    done = LogEntry.objects.filter(operation=run, kind="finish_step").order_by("pk")
    assert [entry.person for entry in done] == [cast.jun, cast.jun]
    assert all(four - second <= entry.written_at - entry.at <= at_most for entry in done)
    [kept] = Evidence.objects.all()
    assert (kept.name, kept.sha256, bytes(kept.content)) == ("1-lag.png", hashlib.sha256(PNG).hexdigest(), PNG)
    shown = LogEntry.objects.get(operation=run, kind="evidence")
    assert (shown.person, shown.text) == (cast.jun, "Lag at the mast")
    assert four - second <= shown.written_at - shown.at <= at_most
    assert jun.evaluate("async () => (await indexedDB.databases()).length") == 1
    assert kept_on_device(jun) == 0, "what was sent is kept no longer"

    # The way back, from the other browser's point of view as well.
    jun.context.set_offline(True)
    jun.get_by_role("link", name="Start rollback…").first.click()
    jun.get_by_label("One sentence: what do you see?").fill("3% errors for 4 minutes")
    jun.get_by_role("button", name="Roll back now").click()
    jun.locator("#way-back [aria-current=step]").get_by_role("button", name=re.compile("^Start")).click()
    expect(jun.locator("#way-back li").first).to_contain_text("started, waits to be sent")
    jun.context.set_offline(False)
    expect(jun.get_by_role("heading", name="Recovery validation")).to_be_visible()
    expect(noor.get_by_text("is rolling back since")).to_be_visible()
    finish(cast, run)

    record = make.fresh(run)
    assert record.state == State.FINALIZED
    assert_everything_once(record)
    checks = Check.objects.filter(section__operation=record, ticked=True)
    assert checks.filter(ticked_by=cast.noor).count() == 1
    first, second = in_order(record)[:2]
    assert first.worked_by == second.worked_by == cast.jun


def attach(page: Page, files: list[tuple[str, bytes]]) -> None:
    """Files to the log, with what they show."""
    form = page.locator("#log").locator("xpath=ancestor::section").locator("form[enctype]")
    if not form.is_visible():
        page.locator("#log").locator("xpath=ancestor::section").get_by_text("Attach output or a picture").click()
    own = [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files]
    form.locator("input[type=file]").set_input_files(own)  # type: ignore[arg-type]
    form.get_by_label("What it shows").fill("Lag at the mast")
    form.get_by_role("button", name="Keep it").click()


def kept_on_device(page: Page) -> int:
    """How many entries the browser's database holds."""
    found: int = page.evaluate(
        """async () => {
          const asked = indexedDB.open("operation-records");
          await new Promise((done) => { asked.onsuccess = done; });
          const all = asked.result.transaction("kept").objectStore("kept").count();
          await new Promise((done) => { all.onsuccess = done; });
          asked.result.close();
          return all.result;
        }"""
    )
    return found


def test_what_counts_time_goes_on_without_network(site: Site, cast: Cast, run: Operation) -> None:
    jun = site.sign_in("jun")
    jun.clock.install()
    jun.goto(f"/records/{run.pk}/run/")
    words = jun.locator("#clock dd[data-counts]")
    before = [minutes_in(one) for one in words.all_inner_texts()]
    assert len(before) >= 2, "since the start, and to the end of the phase"
    jun.context.set_offline(True)
    jun.clock.fast_forward("10:00")
    expect(words.first).to_have_text(re.compile(r"^4\d min$"))
    after = [minutes_in(one) for one in words.all_inner_texts()]
    assert all(9 <= abs(now - then) <= 12 for then, now in zip(before, after, strict=True)), (before, after)


def minutes_in(words: str) -> int:
    """Of "until 05:00, in 1 h 45 min": 105."""
    found = {unit: int(number) for number, unit in re.findall(r"(\d+) (h|min)", words)}
    return found.get("h", 0) * 60 + found.get("min", 0)


def test_ticks_wait_for_whoever_was_signed_out_cases_33_and_34(site: Site, cast: Cast, run: Operation) -> None:
    jun = site.sign_in("jun")
    jun.goto(f"/records/{run.pk}/run/")
    Session.objects.all().delete()
    jun.locator("[aria-current=step]").get_by_label("Note for this step").fill("Before I signed in again")
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile(r"Done \S+ at")).click()
    expect(jun.get_by_text("You were signed out. These ticks and notes wait")).to_be_visible()
    assert not LogEntry.objects.filter(operation=run, kind="finish_step").exists()
    with jun.context.expect_page() as opened:
        jun.get_by_role("link", name="Sign in in another tab").click()
    signed_in_as(opened.value, "jun")
    expect(jun.get_by_text("1 of 3 steps done")).to_be_visible()
    expect(jun.locator("#queue")).to_be_hidden()
    kinds = LogEntry.objects.filter(operation=run).order_by("pk").values_list("kind", "person")
    assert kinds[0] == ("allow_start", cast.tomas.pk)
    assert list(kinds[1:]) == [("start", cast.jun.pk), ("note", cast.jun.pk), ("finish_step", cast.jun.pk)]


def test_what_waits_is_not_sent_by_whoever_else_signs_in_on_the_device(site: Site, cast: Cast, run: Operation) -> None:
    jun = site.sign_in("jun")
    jun.goto(f"/records/{run.pk}/run/")
    other = jun.context.new_page()
    signed_in_as(other, "noor")
    jun.bring_to_front()
    jun.locator("[aria-current=step]").get_by_role("button", name=re.compile(r"Done \S+ at")).click()
    expect(jun.get_by_text("These ticks and notes wait for Jun Park")).to_be_visible()
    assert not LogEntry.objects.filter(operation=run, kind="finish_step").exists()
    signed_in_as(other, "jun")
    expect(jun.locator("#queue")).to_be_hidden()
    assert LogEntry.objects.get(operation=run, kind="finish_step").person == cast.jun


def signed_in_as(page: Page, name: str) -> None:
    Session.objects.all().delete()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("Your work"))

"""A whole night by two people in their browsers: one loses the network and the tab, the server is killed once, the way
back is taken; then it is closed and signed off. The same without scripts, but for the network.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from records.models import Check, LogEntry, Operation, OperationTemplate, Press, RecoveryValidation, State
from records.run.step_order import in_order
from tests import make
from tests.journeys import whole_record as whole
from tests.journeys.night import assert_everything_once, begun
from tests.journeys.own_server import OwnServer, own_server
from tests.journeys.whole_record import Site
from tests.people import Cast
from tests.processes import until

AFTER = {
    "CPU Utilization": "48",
    "Memory Usage": "149",
    "Response Time": "141",
    "Throughput": "1,310",
    "Error Rate": "0.05",
}
SCRIPT, NO_SCRIPT = pytest.param(True, id="script"), pytest.param(False, id="no-script")


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    return tmp_path / "die"


@pytest.fixture
def server(transactional_db: None, flag: Path) -> Iterator[OwnServer]:
    with own_server(flag) as server:
        yield server


@pytest.fixture
def site(request: pytest.FixtureRequest, server: OwnServer, browser: Browser) -> Iterator[Site]:
    site = Site(browser, server.url, javascript=request.param)
    yield site
    site.close()


@pytest.mark.parametrize("site", [SCRIPT], indirect=True)
def test_case_27_a_server_killed_in_the_middle_of_a_press_counts_it_once(
    site: Site, server: OwnServer, flag: Path, cast: Cast, template: OperationTemplate
) -> None:
    """It was in the database and not answered: what was not answered is sent again, and counts once."""
    run = begun(cast, template)
    noor = opened(site, "noor", run)
    killed(server, flag, run, noor, "press after", counted=1)
    assert ticks(run) == 1
    assert Press.objects.filter(operation=run, person=cast.noor).count() == 1


@pytest.mark.long
@pytest.mark.parametrize("site", [SCRIPT], indirect=True)
def test_a_night_with_a_killed_server_and_a_lost_tab_cases_27_and_34(
    site: Site, server: OwnServer, flag: Path, cast: Cast, template: OperationTemplate
) -> None:
    run = begun(cast, template)
    jun, noor = opened(site, "jun", run), opened(site, "noor", run)

    # Without network, and then the tab is gone.
    jun.context.set_offline(True)
    done(jun, "Lag 0 at the mast")
    expect(jun.locator("#queue li")).to_have_count(1)
    jun.close()
    jun = jun.context.new_page()
    killed(server, flag, run, noor, "press after", counted=1)
    killed(server, flag, run, noor, "press before", counted=1)
    assert ticks(run) == 2

    # Back in the network, in a new tab: sent by itself, and both see it.
    jun.context.set_offline(False)
    jun.goto(f"/records/{run.pk}/run/")
    for page in (jun, noor):
        expect(page.get_by_text("1 of 3 steps done").first).to_be_visible()
    the_way_back_and_the_end(site, run, jun, noor)
    assert_the_night(cast, run)


@pytest.mark.long
@pytest.mark.parametrize("site", [NO_SCRIPT], indirect=True)
def test_a_night_with_a_killed_server_without_scripts(
    site: Site, server: OwnServer, flag: Path, cast: Cast, template: OperationTemplate
) -> None:
    run = begun(cast, template)
    jun, noor = opened(site, "jun", run), opened(site, "noor", run)
    done(jun, "Lag 0 at the mast")
    noor.locator("button.tick[aria-pressed=false]").first.click()
    expect(noor.locator("button.tick[aria-pressed=true]")).to_have_count(1)
    server.process.kill()
    server.process.wait()
    noor.locator("button.tick[aria-pressed=false]").first.click(no_wait_after=True)
    server.start()
    noor.goto(f"/records/{run.pk}/run/")
    noor.locator("button.tick[aria-pressed=false]").first.click()
    expect(noor.locator("button.tick[aria-pressed=true]")).to_have_count(2)
    the_way_back_and_the_end(site, run, jun, noor)
    assert_the_night(cast, run)


def killed(server: OwnServer, flag: Path, run: Operation, noor: Page, moment: str, *, counted: int) -> None:
    """The server dies at ``moment`` of a tick, with so many ticks in the database, and is there again."""
    flag.write_text(moment)
    noor.locator("button.tick[aria-pressed=false]").first.click()
    until(lambda: server.process.poll() is not None)
    assert ticks(run) == counted
    expect(noor.get_by_text("No network. These ticks and notes wait")).to_be_visible()
    flag.unlink()
    server.start()
    noor.evaluate("dispatchEvent(new Event('online'))")
    expect(noor.locator("#queue")).to_be_hidden()
    expect(noor.locator("button.tick[aria-pressed=true]")).to_have_count(counted + (moment == "press before"))


def opened(site: Site, name: str, run: Operation) -> Page:
    page = site.sign_in(name)
    page.goto(f"/records/{run.pk}/run/")
    return page


def done(page: Page, note: str) -> None:
    """The current step, with a note."""
    current = page.locator("[aria-current=step]")
    current.get_by_label("Note for this step").fill(note)
    current.get_by_role("button", name=re.compile(r"Done \S+ at")).click()


def ticks(run: Operation) -> int:
    return LogEntry.objects.filter(operation=run, kind="tick_check").count()


def the_way_back_and_the_end(site: Site, run: Operation, jun: Page, noor: Page) -> None:
    """Roll back, work the procedures, tick what shows that it worked, close, sign, sign off."""
    jun.goto(f"/records/{run.pk}/rollback/")
    jun.locator("label.choice").first.click()
    jun.get_by_label("One sentence: what do you see?").fill("3% errors for 4 minutes")
    jun.get_by_role("button", name="Roll back now").click()
    expect(jun.get_by_role("heading", name="Recovery validation")).to_be_visible()
    whole.work_steps(jun)
    noor.goto(f"/records/{run.pk}/rollback/")
    whole.tick_everything(noor)
    noor.goto(f"/records/{run.pk}/run/")
    whole.measure(noor, AFTER)
    jun.goto(f"/records/{run.pk}/rollback/")
    # What nobody came to since the way back was taken asks for no reason.
    jun.get_by_role("button", name="Finish the work").click()
    expect(jun).to_have_url(re.compile("/close/$"))
    whole.sign(jun, run.pk, "ROLLED BACK")
    whole.sign_off(site.sign_in("sam"), run.pk)


def assert_the_night(cast: Cast, run: Operation) -> None:
    record = make.fresh(run)
    assert record.state == State.FINALIZED
    assert_everything_once(record)
    first = in_order(record)[0]
    assert (first.worked_by, first.status) == (cast.jun, "done")
    of = {"section__operation": record, "loose": False}
    assert set(Check.objects.filter(**of).values_list("ticked_by", flat=True)) == {cast.noor.pk}
    assert set(RecoveryValidation.objects.filter(**of).values_list("ticked_by", flat=True)) == {cast.noor.pk}
    now = timezone.now()
    for entry in LogEntry.objects.filter(operation=record, kind__in=["finish_step", "tick_check"]):
        assert now - dt.timedelta(minutes=10) < entry.at <= entry.written_at <= now

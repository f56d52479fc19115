"""One record of the given template from new to finalized, in a real browser: what leaves is what was approved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from records.models import Operation, State
from tests.journeys import whole_record as whole
from tests.journeys.barriers import barriers
from tests.journeys.night import begun
from tests.journeys.whole_record import Site
from tests.people import Cast

AFTER = {
    "CPU Utilization": "48",
    "Memory Usage": "149 GB",
    "Response Time": "141ms",
    "Throughput": "1,310",
    "Error Rate": "0.05%",
}


WITH_SCRIPT = pytest.param(True, id="script", marks=pytest.mark.postgresql)


@pytest.fixture
def site(request: pytest.FixtureRequest, transactional_db: None, browser: Browser, live_server) -> Iterator[Site]:
    site = Site(browser, live_server.url, javascript=request.param)
    yield site
    site.close()


# Every day without a script: the record that is rolled back.
@pytest.mark.parametrize(
    "site", [WITH_SCRIPT, pytest.param(False, id="no-script", marks=pytest.mark.long)], indirect=True
)
def test_a_record_from_new_to_finalized(site: Site, cast: Cast, template) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    mara = site.sign_in("mara")
    pk = whole.bring_in(mara, whole.record_text(now))
    whole.send_for_review(mara, pk)
    whole.approve(site.sign_in("tomas"), pk)
    whole.approve(site.sign_in("ada"), pk)

    whole.start(mara, pk)
    whole.work_steps(mara, skipped="3.2")
    whole.tick_everything(mara)
    # With scripts values that only stand typed go with what ends the work.
    (whole.type_values if site.javascript else whole.measure)(mara, AFTER)
    expect(mara.locator("[aria-labelledby=finish]")).to_contain_text("Trigger not looked at")
    mara.get_by_label("One reason for all that are open").fill("The alerts of monitoring watched them")
    mara.get_by_role("button", name="Finish without these").click()
    expect(mara).to_have_url(re.compile("/close/$"))
    whole.write_close_parts(mara, Operation.objects.get(pk=pk))
    whole.sign(mara, pk, "COMPLETED SUCCESSFULLY")
    whole.sign_off(site.sign_in("sam"), pk)

    record = Operation.objects.get(pk=pk)
    assert record.state == State.FINALIZED
    text = whole.downloaded(site.sign_in("olga"), pk)
    assert record.final_text is not None
    assert text.encode() == bytes(record.final_text.text)
    assert whole.plan_bytes(text, record) == bytes(record.revisions.get().plan_text)
    assert_written(text, record, now)


def assert_written(text: str, record: Operation, now: dt.datetime) -> None:
    """What the run and the acts write, each in the template's own line."""
    lines = text.split("\n")
    assert [line for line in lines if line.startswith("- [ ]")] == []
    assert len([line for line in lines if line.startswith("- [x] ")]) == 5
    assert "CPU Utilization: 61% → 48%" in lines
    assert "Memory Usage: 151GB → 149GB" in lines
    assert "Response Time: 182ms → 141ms" in lines
    assert "Throughput: 1,240 req/sec → 1,310 req/sec" in lines
    assert "Error Rate: 0.08% → 0.05%" in lines
    assert "**Operation Status**: ✅ COMPLETED SUCCESSFULLY" in lines
    completed = next(line for line in lines if line.startswith("**Completion Time**: "))
    assert re.fullmatch(r"\*\*Completion Time\*\*: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", completed)
    digest = record.revisions.get().digest[:8]
    for label, name in (("DevOps Supervisor", "Tomas Okafor"), ("Infrastructure Approval", "Ada Brandt")):
        line = next(line for line in lines if line.startswith(f"**{label}**: "))
        assert name in line and f"revision 1, {digest}" in line
        assert now.strftime("%Y-%m-%d") in line or (now + dt.timedelta(days=1)).strftime("%Y-%m-%d") in line


@pytest.mark.parametrize("site", [pytest.param(False, id="no-script")], indirect=True)
def test_a_record_that_is_rolled_back(site: Site, cast: Cast, template) -> None:
    mara = site.sign_in("mara")
    pk = whole.bring_in(mara, whole.record_text(timezone.now().replace(second=0, microsecond=0)))
    whole.send_for_review(mara, pk)
    for name in ("tomas", "ada"):
        whole.approve(site.sign_in(name), pk)
    whole.start(mara, pk)
    mara.locator("button.tick[aria-pressed=false]").first.click()
    expect(mara.locator("button.tick[aria-pressed=true]")).to_have_count(1)
    current = mara.locator("[aria-current=step]")
    current.get_by_text("Skip with reason").click()
    current.get_by_role("button", name="Already so").click()
    expect(current).to_have_attribute("id", "step-1.2")
    expect(mara.locator("[id='step-1.1']")).to_contain_text("Already so")
    current.get_by_text("Problem", exact=True).click()
    current.get_by_label("What is wrong?").fill("Replication stands still")
    current.get_by_role("button", name="Note it and roll back…").click()

    mara.locator("label.choice", has_text="Error Rates").click()
    mara.get_by_label("One sentence: what do you see?").fill("3% errors for 4 minutes")
    mara.get_by_role("button", name="Roll back now").click()
    expect(mara.get_by_role("heading", name="Recovery validation")).to_be_visible()
    whole.work_steps(mara)
    mara.get_by_label("One reason for all that are open").fill("Rolled back before it was reached")
    mara.get_by_role("button", name="Finish without these").click()
    expect(mara).to_have_url(re.compile("/close/$"))
    mara.goto(f"/records/{pk}/run/")
    whole.measure(mara, AFTER)
    whole.write_close_parts(mara, Operation.objects.get(pk=pk))
    whole.sign(mara, pk, "ROLLED BACK")
    whole.sign_off(site.sign_in("sam"), pk)
    text = whole.downloaded(mara, pk)
    assert "**Operation Status**: 🔁 ROLLED BACK" in text
    assert text.count("- [x] ") == 1


@pytest.mark.parametrize("site", [True], indirect=True)
def test_watchers_see_ticks_without_pressing_anything(site: Site, cast: Cast, template) -> None:
    run = begun(cast, template)
    jun, olga = site.sign_in("jun"), site.sign_in("olga")
    for page in (jun, olga):
        page.goto(f"/records/{run.pk}/run/")
    expect(olga.get_by_text("0 of 3 steps done").first).to_be_visible()
    # On a phone: however long the commands are, what ends the step stays in sight.
    jun.set_viewport_size({"width": 390, "height": 520})
    jun.evaluate("document.querySelector('[aria-current=step] .code').style.minHeight = '3000px'")
    jun.evaluate("document.querySelector('[aria-current=step] .code').scrollIntoView()")
    done = jun.locator("[aria-current=step]").get_by_role("button", name=re.compile(r"Done \S+ at"))
    expect(done).to_be_in_viewport(ratio=1)
    done.click()
    # Who pressed goes on from the next step, longer than the screen too; its title stands below the clock.
    step = jun.locator("[aria-current=step]")
    expect(step).to_have_attribute("id", "step-1.2")
    expect(step).to_be_focused()
    places = [jun.locator(one).bounding_box() for one in ("#clock", "[aria-current=step] .line1")]
    assert places[0] and places[1] and places[1]["y"] >= places[0]["y"] + places[0]["height"]
    expect(olga.get_by_text("1 of 3 steps done")).to_be_visible()
    assert barriers(olga) == []
    assert barriers(jun) == []

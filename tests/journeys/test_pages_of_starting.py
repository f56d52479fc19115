"""The pages of starting a record, and of an approved plan, in a browser: no barrier, no sideways scroll."""

from __future__ import annotations

from playwright.sync_api import expect

from approvals.emergency import start_from_nothing
from records.models import OperationTemplate, State
from records.run import running, unplanned
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from tests import make
from tests.journeys.eyes import Eyes
from tests.make import NIGHT, PLANNED, make_in
from tests.people import Cast

STATE = "pre-operation-infrastructure-state"


def test_they_have_no_barrier_and_no_sideways_scroll(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    approved = make_in(State.APPROVED, cast, template)
    said = Opening("Payments", date="2027-01-10", time="22:30:00 UTC", risk="High", operator=cast.mara)
    clone = clone_record(approved, opening=said, by=cast.mara, at=PLANNED)
    started = ["/records/new/", "/records/new/clone/?q=PostgreSQL", "/records/new/past/"]
    pages = [f"/records/{clone.pk}/{page}" for page in ("", "clone/", "afterwards/", f"sections/{STATE}/")]
    eyes.be(cast.mara)
    for address in [*started, *pages, f"/records/{approved.pk}/"]:
        eyes.see(address)
    assert eyes.wrong == []


def test_no_page_of_an_emergency_has_a_barrier(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    eyes.be(cast.jun)
    eyes.see("/records/new/emergency/")
    eyes.press("Start now")
    eyes.page.get_by_text("5 answers are missing").wait_for()
    eyes.look("emergency with nothing answered")
    bare = start_from_nothing(template, answers=make.ANSWERS, by=cast.jun, at=NIGHT)
    at = f"/records/{bare.pk}"
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    running.roll_back(make.fresh(bare), trigger="It got worse", sentence="No writes", by=cast.jun, at=NIGHT)
    unplanned.add_step(make.fresh(bare), title="Promote the old primary", reason="", by=cast.jun, at=NIGHT)
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    running.finish_work(make.fresh(bare), by=cast.jun, not_reached="It holds", at=NIGHT)
    for page in ("", "close/", "complete-plan/", "sections/header/"):
        eyes.see(f"{at}/{page}")
    eyes.page.goto(f"{at}/complete-plan/")
    eyes.press("The plan is complete")
    eyes.look("plan that lacks something")
    begun = make.begin_emergency(cast, make.make_draft(cast, template))
    running.finish_work(begun, by=cast.jun, not_reached="It holds", at=NIGHT)
    closing, at = make.complete_plan(cast, make.fresh(begun)), f"/records/{begun.pk}"
    eyes.see(f"{at}/close/?take=all")
    signed = make.sign(cast, closing)
    eyes.see(f"{at}/close/")
    eyes.be(cast.tomas)
    eyes.page.set_viewport_size({"width": 1280, "height": 844})
    eyes.page.goto(f"{at}/sign-off/")
    eyes.page.locator(".paper > :last-child").scroll_into_view_if_needed()
    expect(eyes.page.get_by_role("button", name="Sign off and finalize")).to_be_in_viewport(ratio=1)
    eyes.page.get_by_label("I compared plan and actual").check()
    eyes.page.get_by_label("Note (required)").fill("Orders were being lost")
    eyes.page.get_by_label("Your password, again").fill("wrong")
    eyes.press("Sign off and finalize")
    eyes.look("sign-off that was refused")
    assert eyes.page.evaluate("document.activeElement.type") == "password"
    make.sign_off(cast, signed, note="Orders were being lost")
    eyes.see(f"{at}/")
    assert eyes.wrong == []

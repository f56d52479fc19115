"""One record through its whole life, and every page that can go wrong: no barrier, nothing to scroll sideways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from approvals.actions import amend
from records.models import Check, Operation, OperationTemplate
from records.run.starting import allow_start
from tests import make
from tests.journeys.eyes import Eyes
from tests.people import Cast


def test_no_state_of_a_record_has_a_page_with_a_barrier(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    at = f"/records/{draft.pk}"
    night = timezone.now().replace(second=0, microsecond=0)
    eyes.be(cast.mara)
    eyes.see(f"{at}/check/")
    operation = make.submit(cast, draft)
    eyes.be(cast.tomas)
    eyes.see(f"{at}/review/")
    operation = make.approve_by(cast, operation, "tomas", "ada")
    eyes.be(cast.mara)
    eyes.see(f"{at}/change-plan/")
    eyes.see(f"{at}/reschedule/")
    eyes.be(cast.jun)
    eyes.see(f"{at}/run/")
    allow_start(make.fresh(operation), reason="The shop is closed", by=cast.tomas, at=night)
    operation = make.start(cast, make.fresh(operation), at=night)
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    make.stop(make.end_phase(operation, at=night), by=cast.jun, at=night)
    eyes.be(cast.tomas)
    for page in ("run", "window"):
        eyes.see(f"{at}/{page}/")
    eyes.be(cast.olga)
    eyes.see(f"{at}/run/")
    operation = make.roll_back(cast, operation, at=night)
    eyes.be(cast.jun)
    for page in ("run", "rollback"):
        eyes.see(f"{at}/{page}/")
    operation = make.work(cast, operation, at=night)
    check = Check.objects.filter(section__operation=operation)[:1]
    Check.objects.filter(pk__in=check.values("pk")).update(ticked=False, observe_until=night + dt.timedelta(days=1))
    eyes.see(f"{at}/close/")
    Check.objects.filter(section__operation=operation).update(ticked=True)
    eyes.see(f"{at}/close/")
    eyes.page.locator("label.choice", has_text="ROLLED BACK").click()
    eyes.press("Read the final text and sign")
    eyes.look("sign")
    operation = make.sign(cast, operation, outcome="rolled_back", at=night)
    for person in (cast.tomas, cast.jun):
        eyes.be(person)
        eyes.see(f"{at}/sign-off/")
    operation = make.sign_off(cast, operation, at=night)
    amend(operation, text="The limit was raised.", by=cast.mara, at=night)
    eyes.be(cast.mara)
    eyes.see(f"{at}/amend/")
    eyes.be(cast.tomas)
    eyes.see(f"{at}/addenda/1/")
    for page in ("", "review/", "run/", "close/", "markdown/", "history/", "print/"):
        eyes.see(f"{at}/{page}")
    assert eyes.wrong == []


def refusals(eyes: Eyes, cast: Cast, draft: Operation) -> dict[str, Callable[[], None]]:
    at = f"/records/{draft.pk}"

    def send_too_much() -> None:
        eyes.page.goto("/records/new/")
        area = eyes.page.get_by_label("Paste the Markdown")
        area.evaluate("(area) => { area.style.display = 'none'; }")  # to lay it out takes as long as ten pages
        area.evaluate("(area) => { area.value = 'x'.repeat(12 * 1024 * 1024); area.form.submit(); }")
        eyes.page.wait_for_url("**/records/new/text/")
        eyes.look("413")

    def send_without_its_token() -> None:
        eyes.page.goto(f"{at}/sections/operation-summary/")
        eyes.page.context.clear_cookies(name="csrftoken")
        eyes.press("Save and exit")
        eyes.page.get_by_role("button", name="Send again").wait_for()
        eyes.look("old form")

    return {
        "400": lambda: eyes.see("/records/?page=%00", 400),
        "403": lambda: eyes.see("/audit/", 403),
        "404": lambda: eyes.see("/records/999999/", 404),
        "409": lambda: eyes.see(f"{at}/run/", 409),
        "413": send_too_much,
        "500": lambda: eyes.see("/broken/", 500),
        "old form": send_without_its_token,
    }


def test_no_page_that_refuses_or_welcomes_has_a_barrier(
    eyes: Eyes, cast: Cast, template: OperationTemplate, settings
) -> None:
    settings.ROOT_URLCONF = "tests.opsrecords.faulty_urls"
    draft = make.make_draft(cast, template)
    eyes.be(cast.mara)
    for refuse in refusals(eyes, cast, draft).values():
        refuse()
    for page in ("/help/", "/records/new/clone/?q=none"):
        eyes.see(page)
    eyes.be(None)
    eyes.see("/sign-in/?next=/records/")
    eyes.page.get_by_label("User name").fill("mara")
    eyes.page.get_by_label("Password", exact=True).fill("wrong")
    eyes.press("Sign in")
    eyes.look("not signed in")
    assert eyes.wrong == []

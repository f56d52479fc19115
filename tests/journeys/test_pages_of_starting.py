"""The pages of starting a record, and of an approved plan, in a browser: no barrier, no sideways scroll."""

from __future__ import annotations

from records.models import OperationTemplate, State
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from tests.journeys.eyes import Eyes
from tests.make import PLANNED, make_in
from tests.people import Cast

STEPS, STATE = "infrastructure-operation-steps", "pre-operation-infrastructure-state"


def test_they_have_no_barrier_and_no_sideways_scroll(eyes: Eyes, cast: Cast, template: OperationTemplate) -> None:
    approved = make_in(State.APPROVED, cast, template)
    said = Opening("Payments", date="2027-01-10", time="22:30:00 UTC", risk="High", operator=cast.mara)
    clone = clone_record(approved, opening=said, by=cast.mara, at=PLANNED)
    started = ["/records/new/", "/records/new/clone/?q=PostgreSQL", "/records/new/past/"]
    of_clone = ["", "clone/", "afterwards/", "people/", f"sections/{STEPS}/?open=all", f"sections/{STATE}/"]
    of_approved = ["", "change-plan/", "reschedule/"]
    pages = [f"/records/{clone.pk}/{page}" for page in of_clone]
    pages += [f"/records/{approved.pk}/{page}" for page in of_approved]
    eyes.be(cast.mara)
    for address in [*started, *pages]:
        eyes.see(address)
    assert eyes.wrong == []

"""Go or no-go: what stands before the start, who starts, who lets it start out of its window, and calling it off."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from records.models import (
    Delivery,
    Operation,
    Person,
    Role,
    RoleHolding,
    State,
)
from records.run.plan import RunPlan
from records.run.start_asked import ask_for_start, starts_asked_of
from records.run.starting import allow_start, conditions_of
from records.writing.saving import save_section
from tests import make
from tests.make import NIGHT, fresh, make_draft
from tests.people import PASSWORD, Cast, signed_in
from tests.records.run_pages.asking import Clock, press, shown, step

pytestmark = pytest.mark.django_db


def go_button(page: str) -> str:
    """How the button looks; empty where there is none, since the start would be refused."""
    found = re.search(r'<button class="([^"]+)"[^>]* name="do" value="start"', page)
    return found[1] if found else ""


def test_before_approval_there_is_nothing_to_run(cast: Cast, template) -> None:
    draft = make_draft(cast, template)
    answer = signed_in(cast.mara).get(reverse("run", args=[draft.pk]))
    assert answer.status_code == 409
    assert "nothing to run" in answer.content.decode()


def test_go_names_the_approvers_and_starts(cast: Cast, approved: Operation) -> None:
    page = shown(cast.jun, approved)
    assert "by Tomas Okafor and Ada Brandt" in page
    assert "Go: start the run" in page and "Before the start:" not in page
    assert go_button(page) == "btn btn-primary"
    assert "Start rollback" not in page
    assert press(cast.jun, approved, "start").status_code == 303
    assert fresh(approved).state == State.RUNNING


def test_only_operator_and_deputy_get_the_button_and_a_get_starts_nothing(cast: Cast, approved: Operation) -> None:
    assert "Go: start the run" not in shown(cast.olga, approved)
    assert press(cast.olga, approved, "start").status_code == 403
    signed_in(cast.jun).get(reverse("run", args=[approved.pk]), {"do": "start"})
    assert fresh(approved).state == State.APPROVED


def test_too_early_is_said_and_the_page_stays(cast: Cast, approved: Operation, clock: Clock) -> None:
    clock(hours=-3)
    answer = press(cast.jun, approved, "start")
    assert answer.status_code == 409
    assert "too early" in answer.content.decode()
    assert "<title>Error: " in answer.content.decode()


def test_what_was_to_be_confirmed_is_ticked_with_evidence_before_the_start(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "operation-summary/infrastructure-rationale/cost-optimization"
    section = draft.sections.get(key="operation-summary")
    values = {key: "To confirm by 2026-11-27: the price list"}
    save_section(
        operation=draft, key=section.key, version=section.version, values=values, by=cast.mara, at=timezone.now()
    )
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    page = shown(cast.jun, approved)
    assert "the price list" in page and "to confirm by 2026-11-27" in page
    assert "Before the start:" in page and "Confirm, with evidence" in page
    assert go_button(page) == ""
    assert "1 to confirm before the start" in shown(cast.jun, approved, "record")
    answer = press(cast.jun, approved, "start")
    assert answer.status_code == 400
    assert "Still needed: Cost Optimization" in answer.content.decode()
    assert press(cast.olga, approved, "confirm", key=key, evidence="x").status_code == 403
    assert press(cast.noor, approved, "confirm", key=key, evidence=" ").status_code == 400
    assert press(cast.noor, approved, "confirm", key=key, evidence="Offer 4711").status_code == 303
    assert "Offer 4711" in shown(cast.olga, approved)
    overview = shown(cast.olga, approved, "record")
    assert "“Offer 4711”" in overview and "Noor Haddad" in overview
    assert "Complete, 1 confirmed" in overview and "1 to confirm" not in overview
    assert press(cast.jun, approved, "start").status_code == 303


def test_an_open_part_that_is_still_to_be_confirmed_stands_before_go(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "infrastructure-communication/technical-team-coordination/security-team"
    section = draft.sections.get(key="infrastructure-communication")
    told = {"key": section.key, "version": section.version, "values": {key: "To confirm by 2026-11-27: a scan"}}
    save_section(operation=draft, **told, by=cast.mara, at=timezone.now())
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    for condition in conditions_of(approved):
        press(cast.noor, approved, "confirm", key=condition.key, evidence="Asked")
    page = shown(cast.jun, approved)
    assert "Security Team, to be confirmed" in page and go_button(page) == ""
    assert "Everything that was to be confirmed" not in page, "not while a part waits for it"
    assert f'href="{reverse("section", args=[approved.pk, section.key])}#f-{key}"' in page, "straight to the line"
    assert press(cast.jun, approved, "start").status_code == 400
    url = reverse("section", args=[approved.pk, section.key])
    section.refresh_from_db()
    written = {"version": section.version, "act": "exit", key: "Noor scans at 20:00"}
    back = signed_in(cast.mara).post(url, written)
    assert back["Location"] == reverse("run", args=[approved.pk]), "and from there to what waits for it"


def test_a_close_part_that_is_to_be_confirmed_holds_no_start_up(cast: Cast, template, clock: Clock) -> None:
    draft = make_draft(cast, template)
    key = "operational-procedures/documentation-updates/runbooks"
    section = draft.sections.get(key="operational-procedures")
    told = {"key": section.key, "version": section.version, "values": {key: "To confirm by 2026-12-09: the new one"}}
    save_section(operation=draft, **told, by=cast.mara, at=timezone.now())
    approved = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    assert key not in [one.key for one in conditions_of(approved)], "it is answered after the run"
    for condition in conditions_of(approved):
        press(cast.noor, approved, "confirm", key=condition.key, evidence="Asked")
    page = shown(cast.jun, approved)
    assert "Runbooks" not in page and go_button(page) == "btn btn-primary"
    assert press(cast.jun, approved, "start").status_code == 303


def test_what_an_approver_said_stands_at_the_gate_and_on_the_overview(cast: Cast, template, clock: Clock) -> None:
    record = make.submit(cast, make_draft(cast, template))
    digest = record.revisions.get().digest
    actions.approve(record, digest=digest, password=PASSWORD, note="Mind the storage", by=cast.tomas, at=NIGHT)
    make.approve_by(cast, record, "ada")
    for name in ("run", "record"):
        assert "“Mind the storage”" in shown(cast.jun, record, name)


def test_a_supervisor_lets_it_start_late(cast: Cast, approved: Operation, clock: Clock) -> None:
    clock(hours=5)
    assert "too late" in press(cast.jun, approved, "start").content.decode()
    assert "Let it start nevertheless" in shown(cast.tomas, approved)
    page = shown(cast.jun, approved)
    assert "Ask Tomas Okafor to allow the start." in page
    assert go_button(page) == ""
    assert "Too late to start" in shown(cast.jun, approved, "record")
    assert press(cast.tomas, approved, "allow_start", reason="Agreed with sales").status_code == 303
    page = shown(cast.jun, approved)
    assert "Too late; allowed by Tomas Okafor at 6 Dec 07:00 UTC, because: Agreed with sales" in page
    assert "In its window" not in page
    assert go_button(page) == "btn btn-primary"
    assert "Too late, but the start is allowed" in shown(cast.jun, approved, "record")
    assert press(cast.jun, approved, "start").status_code == 303


def test_without_a_window_that_can_be_read_the_page_waits_for_the_supervisor(
    cast: Cast, template, clock: Clock
) -> None:
    draft = make_draft(cast, template)
    told = {"key": "header", "version": draft.sections.get(key="header").version}
    save_section(operation=draft, **told, values={"header/time": "02:00:00 CET"}, by=cast.mara, at=make.PLANNED)
    in_review = make.submit(cast, fresh(draft))
    review = shown(cast.ada, in_review, "review")
    assert "so the record has no window, and a supervisor has to allow its start: “CET”" in review
    approved = make.approve_by(cast, in_review, "tomas", "ada")
    page, unread = shown(cast.jun, approved), "No window can be read from “2026-12-06, 02:00:00 CET”"
    assert unread in page and go_button(page) == "" and "Ask to allow the start" in page
    assert "Ask Tomas Okafor to allow the start." in page and "Wait until the window" not in page
    assert "No window, so a supervisor has to allow the start" in shown(cast.jun, approved, "record")
    assert unread in press(cast.jun, approved, "start").content.decode()
    assert press(cast.jun, approved, "ask_for_start", reason="They said two").status_code == 303
    mail = Delivery.objects.get(event="start_asked", person=cast.tomas)
    assert "No window can be read in its plan: the start waits for your word." in mail.body
    assert "As long as you don’t, it can’t start." in shown(cast.tomas, approved)
    assert press(cast.tomas, approved, "allow_start", reason="It is two in Berlin").status_code == 303
    page = shown(cast.jun, approved)
    assert "No window can be read; allowed by Tomas Okafor at 6 Dec 02:00 UTC, because: It is two in Berlin" in page
    assert "No window, but the start is allowed" in shown(cast.jun, approved, "record")
    assert go_button(page) == "btn btn-primary" and press(cast.jun, approved, "start").status_code == 303


def test_the_operator_asks_for_a_start_and_the_supervisor_finds_it(
    cast: Cast, approved: Operation, clock: Clock
) -> None:
    assert press(cast.jun, approved, "ask_for_start", reason="Please").status_code == 409, "it can start now"
    now = clock(hours=-10)
    assert "Ask to allow the start" not in shown(cast.mara, approved), "who can't start it needn't ask"
    assert press(cast.mara, approved, "ask_for_start", reason="Please").status_code == 403
    assert "Let it start nevertheless" not in shown(cast.tomas, approved)
    page = shown(cast.jun, approved)
    assert "or ask Tomas Okafor." in page and go_button(page) == ""
    assert press(cast.jun, approved, "ask_for_start", reason=" ").status_code == 400
    for _again in "12":
        assert press(cast.jun, approved, "ask_for_start", reason="The line is free").status_code == 303
    assert Delivery.objects.filter(event="start_asked", person=cast.tomas).count() == 1
    page = shown(cast.jun, approved)
    assert "Wait until Tomas Okafor allows the start." in page and "Ask to allow the start" not in page
    assert "Jun Park asked to start outside the window: “The line is free”" in page
    assert "Let it start nevertheless" in shown(cast.tomas, approved)
    home = signed_in(cast.tomas).get(reverse("home")).content.decode()
    assert "Jun Park asks to start outside the window: “The line is free”" in home and "Look at what is asked" in home
    for other in (cast.jun, cast.ada, cast.mara):
        assert "asks to start outside" not in signed_in(other).get(reverse("home")).content.decode()
    assert starts_asked_of(cast.tomas, at=now + dt.timedelta(hours=12)) == [], "it is an old story by then"
    assert press(cast.tomas, approved, "allow_start", reason="Go").status_code == 303
    assert Delivery.objects.filter(event="start_allowed", person=cast.jun).count() == 1
    assert "asks to start outside" not in signed_in(cast.tomas).get(reverse("home")).content.decode()
    assert go_button(shown(cast.jun, approved)) == "btn btn-primary"


@pytest.mark.parametrize("named", ["", "mara", "jun", "carl", "ines", "vera"])
def test_where_no_supervisor_can_act_all_who_supervise_are_asked_but_who_wrote_or_runs_it(
    named: str, cast: Cast, approved: Operation, clock: Clock
) -> None:
    """Nobody is named, or Mara, Jun, Carl or Ines, who write or run it, or Vera, who left."""
    Operation.objects.filter(pk=approved.pk).update(supervisor=getattr(cast, named) if named else None)
    Person.objects.filter(pk=cast.vera.pk).update(is_active=False)
    cast.vera.refresh_from_db()
    RoleHolding.objects.create(person=cast.mara, role=Role.SUPERVISOR, since=NIGHT.date())
    now = clock(hours=-10)
    ask_for_start(fresh(approved), reason="The line is free", by=cast.jun)
    told = {one.person for one in Delivery.objects.filter(event="start_asked")}
    assert told == {person for person in cast.all().values() if starts_asked_of(person, at=now)}
    assert {cast.tomas, cast.sam} <= told and not {cast.mara, cast.jun} & told


def test_late_in_its_window_only_what_has_an_estimate_is_said_to_fit(
    cast: Cast, approved: Operation, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(minutes=5)
    page = shown(cast.jun, approved)
    assert "5 min after the planned start; the steps still fit." in page
    assert "No rollback deadline: not every procedure has an estimate" in page and "way back still fit" not in page
    monkeypatch.setattr(RunPlan, "rollback_minutes", 20)
    page = shown(cast.jun, approved)
    assert "5 min after the planned start; work and way back still fit." in page and "No rollback deadline" not in page


def test_minutes_before_its_window_it_may_start_and_is_not_said_to_be_in_it(
    cast: Cast, approved: Operation, clock: Clock
) -> None:
    clock(minutes=-10)
    page = shown(cast.jun, approved)
    assert "Shortly before its window:" in page and "In its window:" not in page and go_button(page)


def test_who_allowed_the_start_is_named_before_it_is_needed(cast: Cast, approved: Operation) -> None:
    allow_start(approved, reason="The vendor may be late", by=cast.tomas, at=NIGHT)
    page = shown(cast.jun, approved)
    assert "In its window:" in page and "Shortly before" not in page
    assert "Outside its window: allowed by Tomas Okafor at 6 Dec 02:00 UTC, because: The vendor may be late" in page


def test_home_says_how_an_approved_record_stands_to_its_window(cast: Cast, approved: Operation, clock: Clock) -> None:
    def said() -> str:
        return signed_in(cast.jun).get(reverse("home")).content.decode()

    clock(hours=-3)
    assert "Its window is close." in said()
    clock(minutes=5)
    assert "Its window has begun." in said()
    clock(hours=5)
    assert "It is too late to start it in its window." in said()
    Operation.objects.filter(pk=approved.pk).update(window_end=None)
    assert "Its window has begun." in said()
    clock(hours=25)
    assert "It is too late to start it in its window." in said(), "a day is as much as a window without an end lasts"


def test_the_activity_of_a_record_quotes_what_was_noted(cast: Cast, running: Operation) -> None:
    press(cast.ines, running, "note", note="The queue\nis empty " + "and so is the other one " * 9)
    told = shown(cast.mara, running, "record")
    assert "noted: “The queue is empty and so is the other one" in told and "…”" in told


def test_a_start_is_called_off_before_the_first_step_only(cast: Cast, running: Operation) -> None:
    assert press(cast.jun, running, "call_off").status_code == 400
    assert press(cast.jun, running, "start_step", key=step(running, 0).key).status_code == 303
    assert press(cast.jun, running, "call_off", reason="Storage alarm").status_code == 409
    assert fresh(running).state == State.RUNNING

"""An emergency is ratified by somebody who had no part in it, and its pages say so."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from approvals.bundle import bundle_of
from approvals.bundle_verifier import check
from approvals.closing_page import tasks_of
from approvals.models import Decision
from approvals.plan_against_actual import plan_against_actual, planned_in
from approvals.trail import first_untrue
from records.content.assembly import load_all
from records.decided import DecisionKind
from records.models import (
    Operation,
    Person,
    Role,
    RoleHolding,
    State,
    Step,
)
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import running, unplanned
from records.run.loaded import load_run
from records.transfer.account import account_of
from records.transfer.companion import companion_of
from tests import make
from tests.approvals.acts import write
from tests.approvals.emergencies.asking import AT, finish, sign_off
from tests.browserless import look
from tests.people import SINCE, Cast, signed_in


def test_a_supervisor_who_had_no_part_in_it_ratifies_it(cast: Cast, complete: Operation) -> None:
    signed = make.sign(cast, complete)
    assert signed.final_text
    text = bytes(signed.final_text.text).decode()
    why = f"nobody approved it beforehand, because: {make.ANSWERS['why']}"
    assert f"**DevOps Supervisor**: Not applicable: started as an emergency, {why}\n" in text
    RoleHolding.objects.create(person=cast.ines, role=Role.SUPERVISOR, since=SINCE)
    for person in (cast.jun, cast.ines, cast.carl, cast.leo, cast.root):
        with pytest.raises(Refused):
            sign_off(signed, person)
    with pytest.raises(Incomplete, match="why it was right"):
        sign_off(signed, cast.tomas, " ")
    assert make.fresh(signed).state == State.CLOSING
    sign_off(signed, cast.tomas)
    done = make.fresh(signed)
    ratified, plan = Decision.objects.get(kind=DecisionKind.RATIFY), done.revisions.order_by("-number")[0]
    assert (done.state, ratified.revision, ratified.digest) == (State.FINALIZED, plan, plan.digest)
    assert not Decision.objects.filter(kind=DecisionKind.APPROVE).exists()
    assert first_untrue() is None
    page = look(signed_in(cast.olga), f"/records/{done.pk}/").text
    assert "Started as an emergency." in page and make.ANSWERS["awake"] in page
    assert "Tomas Okafor ratified it" in page and "“Orders were being lost”" in page
    log = companion_of(done).decode().split("\n")
    assert [line.split("**")[1] for line in log[2:5]] == ["Approved", "Why it was done first", "Ratified"]


def test_who_signs_off_sees_what_was_written_after_the_start(cast: Cast, begun: Operation) -> None:
    closing = finish(begun, cast.jun)
    write(closing, cast.mara, "Baskets were read only")
    signed = make.sign(cast, make.complete_plan(cast, closing))
    page = look(signed_in(cast.tomas), f"/records/{signed.pk}/sign-off/").text
    url = f"{reverse('history', args=[signed.pk])}?from=1&amp;to=2"
    assert url in page and "ratifies what nobody approved" in page and "Note (required)" in page
    assert "Baskets were read only" in look(signed_in(cast.tomas), url.replace("&amp;", "&")).text


def test_log_json_and_bundle_say_it(cast: Cast, complete: Operation) -> None:
    sign_off(make.sign(cast, complete), cast.tomas)
    done = make.fresh(complete)
    log = companion_of(done).decode()
    assert "- **Approved**: Nobody approved it: started as an emergency\n" in log
    assert f"- **Why now, before an approval?**: {make.ANSWERS['why']}\n" in log
    assert "ratified revision 2" in log
    told = account_of(done, load_all(done))["emergency"]
    assert told == {**make.ANSWERS, "plan_due_at": None}
    manifest, decisions = check(bundle_of(done))
    assert manifest["unapproved"] == "Nobody approved it: started as an emergency"
    assert [one["kind"] for one in decisions] == ["sign", "ratify", "sign_off"]


def test_a_reopened_emergency_is_run_on_and_closed_again(cast: Cast, complete: Operation) -> None:
    signed = make.sign(cast, complete)
    running.reopen_run(signed, evidence="The lag", by=cast.tomas, at=AT)
    again = make.fresh(signed)
    assert (again.state, again.emergency["why"]) == (State.RUNNING, make.ANSWERS["why"])
    with pytest.raises(WrongOrder):
        running.call_off(again, reason="No", by=cast.jun, at=AT)
    sign_off(make.sign(cast, finish(again, cast.jun)), cast.sam)
    assert make.fresh(again).state == State.FINALIZED


# ---------------------------------------------------------------- what its pages say


def test_without_procedures_no_page_speaks_of_a_rollback_plan(cast: Cast, bare: Operation) -> None:
    Person.objects.filter(pk__in=[cast.ines.pk, cast.sam.pk, cast.ada.pk]).update(phone="+46 70 000 00 09")
    awake = {"awake": "Carl, and ines duarte on the phone; ada may be"}
    Operation.objects.filter(pk=bare.pk).update(emergency=bare.emergency | awake)
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/run/").text
    assert "Roll back…" in page and "Start rollback…" not in page and "Rollback deadline" not in page
    assert "approved text" not in page.lower()
    call = page.split('id="call"')[1]
    assert 'href="tel:+46700000009">+46 70 000 00 09</a>' in call
    assert re.search(r"<b>Ines Duarte</b>, awake", call) and re.search(r"<b>Sam Whitfield</b>, supervisor", call)
    assert "Ada Brandt" not in call, "a name to sign in with names nobody"
    numbers = [signed_in(one).get(f"/records/{bare.pk}/run/").text.count("+46 70") for one in (cast.sam, cast.olga)]
    assert numbers == [2, 0], "whoever only reads it sees no number that the record doesn't name"
    told = "In an emergency also to its team and supervisors, if you are a supervisor or were named as awake."
    assert told in look(signed_in(cast.ines), reverse("account")).text, "and that is what whoever gives it was told"
    way = look(signed_in(cast.jun), f"/records/{bare.pk}/rollback/")
    assert "record each step here as you do it" in way.text and make.ANSWERS["way_back"] in way.text
    client, url = signed_in(cast.jun), reverse("rollback", args=[bare.pk])
    client.post(
        url, {"do": "roll_back", "trigger": "other", "other": "It got worse", "sentence": "Back to the old one"}
    )
    client.post(url, {"do": "add_step", "title": "Promote the old primary"})
    shown = look(client, url).text
    assert "Promote the old primary" in shown and "Done U1 at" in shown and 'value="add_step"' in shown


def test_a_record_without_approval_names_no_revision_and_counts_no_stages(cast: Cast, begun: Operation) -> None:
    page = look(signed_in(cast.jun), f"/records/{finish(begun, cast.jun).pk}/close/").text
    assert "Revision 1" not in page and "stage 3" not in page and "never reviewed or approved" in page
    assert "Jun Park completes the plan" in page, "from the start of closing, not only in a reminder"


def test_sections_of_the_rest_lead_to_each_other_and_then_to_its_page(cast: Cast, bare: Operation) -> None:
    closing = finish(bare, cast.jun)
    seen, page = [], look(signed_in(cast.jun), f"/records/{closing.pk}/sections/header/")
    while "/sections/" in page.address and page.address not in seen:
        seen.append(page.address)
        page = page.send(act="continue")
    lacking = [one.url for one in tasks_of(closing, "plan") if not one.is_done]
    assert set(lacking) <= set(seen), "one press leads to the next that lacks something"
    page = look(signed_in(cast.jun), lacking[0]).send(act="exit")
    assert page.address == reverse("complete_plan", args=[closing.pk])
    assert all(url in page.text for url in lacking)


def test_the_sign_off_compares_what_was_planned_and_lists_what_was_added(cast: Cast, bare: Operation) -> None:
    unplanned.add_step(bare, title="Promote the replica", reason="", by=cast.jun, at=AT)
    closing = finish(bare, cast.jun)
    run = load_run(closing)
    assert run is not None and planned_in(run) == frozenset()
    [added] = [one for one in plan_against_actual(run, ()) if one.number == "U1"]
    assert (added.title, added.planned) == ("Promote the replica", "added during the run")


def test_what_stood_in_the_plan_at_the_start_was_planned(cast: Cast, begun: Operation) -> None:
    closing = finish(begun, cast.jun)
    Step.objects.filter(section__operation=closing).update(status="done", started_at=None, ended_at=None)
    run = load_run(make.complete_plan(cast, closing))
    assert run is not None
    told = plan_against_actual(run, planned_in(run))
    assert {one.status for one in told} == {"Said afterwards"}
    assert any(one.planned for one in told) and "written down afterwards" not in {one.planned for one in told}

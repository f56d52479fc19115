"""An emergency starts at once on five answers; it is marked, completed, ratified, and never shows as approved."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.bundle import bundle_of
from approvals.bundle_verifier import check
from approvals.closing_page import tasks_of
from approvals.eligibility import involved_in
from approvals.emergency import Went, start_from_nothing
from approvals.emergency_forms import CompleteForm
from approvals.models import Decision
from approvals.plan_against_actual import plan_against_actual, planned_in
from approvals.standing import standing
from approvals.trail import first_untrue
from records import audit
from records.content.assembly import document_of, load_all
from records.decided import DecisionKind
from records.document.write import write as write_document
from records.life_cycle import Act
from records.models import (
    AuditEntry,
    Check,
    Delivery,
    Operation,
    OperationTemplate,
    Person,
    Role,
    RoleHolding,
    State,
    Step,
)
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import left_undone, running, stopping, unplanned, working
from records.run.emergency import plan_due
from records.run.loaded import load_run
from records.transfer.account import account_of
from records.transfer.companion import companion_of
from records.views.head import stages
from records.writing.people import Pick, name_people
from records.writing.readiness import missing
from records.writing.saving import save_section
from tests import make
from tests.approvals.test_actions import write
from tests.browserless import look
from tests.people import PASSWORD, SINCE, Cast

AT = make.NIGHT


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def begun(cast: Cast, template: OperationTemplate) -> Operation:
    return make.begin_emergency(cast, make.make_draft(cast, template))


@pytest.fixture
def bare(cast: Cast, template: OperationTemplate) -> Operation:
    """Jun had nothing but his phone."""
    return make.fresh(start_from_nothing(template, answers=make.ANSWERS, by=cast.jun, at=AT))


@pytest.fixture
def complete(cast: Cast, begun: Operation) -> Operation:
    return make.complete_plan(cast, finish(begun, cast.jun))


def finish(operation: Operation, by: Person) -> Operation:
    running.finish_work(operation, by=by, not_reached="It holds", at=AT)
    return make.fresh(operation)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sign_off(operation: Operation, by: Person, note: str = "Orders were being lost") -> None:
    assert operation.final_text
    digest = operation.final_text.digest
    actions.sign_off(operation, digest=digest, actual_seen=True, password=PASSWORD, by=by, note=note, at=AT)


# ---------------------------------------------------------------- the start


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_it_runs_at_once_and_whoever_could_ratify_it_is_told(
    state: State, cast: Cast, template: OperationTemplate
) -> None:
    operation = make.begin_emergency(cast, make.make_in(state, cast, template))
    assert (operation.state, operation.started_at, operation.submitted_at) == (State.RUNNING, AT, AT)
    assert operation.emergency == {**make.ANSWERS, "by": cast.jun.pk}
    assert operation.plan_due_at == dt.datetime(2026, 12, 8, 2, tzinfo=dt.UTC)
    entry = audit.newest(operation)
    assert entry is not None and (entry.act, entry.person) == (Act.EMERGENCY_START, cast.jun)
    newest = operation.revisions.order_by("-number")[0]
    facts = audit.facts_in(entry)
    assert (facts["digest"], facts["why"]) == (newest.digest, make.ANSWERS["why"])
    told = Delivery.objects.filter(event="emergency").values_list("person__username", flat=True)
    assert {"tomas", "sam", "mara"} <= set(told) and "jun" not in told
    assert first_untrue() is None


def test_what_was_said_is_bound_by_the_digest(begun: Operation) -> None:
    revision = begun.revisions.get()
    assert json.loads(bytes(revision.annex))["emergency"]["why"] == make.ANSWERS["why"]
    Operation.objects.filter(pk=begun.pk).update(emergency=begun.emergency | {"why": "Nothing"})
    forged = finish(make.fresh(begun), begun.operator)  # type: ignore[arg-type]
    Operation.objects.filter(pk=begun.pk).update(plan_due_at=None)
    with pytest.raises(Changed, match="no longer what was approved"):
        make.ending(make.fresh(forged))


@pytest.mark.parametrize("name", ["mara", "carl", "ines", "tomas", "ada", "leo", "root"])
def test_only_the_operator_starts_it(name: str, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    with pytest.raises(Refused, match="Only the operator can start it as an emergency"):
        actions.emergency_start(draft, answers=make.ANSWERS, by=getattr(cast, name), at=AT)
    assert make.fresh(draft).state == State.DRAFT


@pytest.mark.parametrize("missing", list(make.ANSWERS))
def test_every_one_of_the_five_is_answered(missing: str, cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    for answer in (" ", "x" * 2001, "\0"):
        with pytest.raises(Incomplete):
            actions.emergency_start(draft, answers={**make.ANSWERS, missing: answer}, by=cast.jun, at=AT)
    assert (make.fresh(draft).state, draft.revisions.count()) == (State.DRAFT, 0)


def test_two_thousand_characters_are_an_answer_and_a_second_press_starts_nothing_more(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    answers = {**make.ANSWERS, "why": "x" * 2000}
    revision = actions.emergency_start(draft, answers=answers, by=cast.jun, at=AT)
    told = Delivery.objects.count()
    assert actions.emergency_start(make.fresh(draft), answers=make.ANSWERS, by=cast.jun, at=AT) == revision
    assert (draft.revisions.count(), Delivery.objects.count()) == (1, told)
    assert make.fresh(draft).emergency["why"] == answers["why"]


def test_a_tick_that_came_in_with_a_text_is_nobodys_when_it_starts(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    checks = Check.objects.filter(section__operation=draft)
    assert checks.update(ticked=True)
    make.begin_emergency(cast, draft)
    assert not checks.filter(ticked=True).exists()


def test_an_approval_that_was_given_before_does_not_count_any_more(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    digest = operation.revisions.get().digest
    actions.approve(operation, digest=digest, password=PASSWORD, by=cast.tomas, at=make.PLANNED)
    now = standing(make.begin_emergency(cast, make.fresh(operation)))
    assert (now.counted, [one.person for one in now.void]) == ((), [cast.tomas])


def test_it_never_shows_as_approved(cast: Cast, begun: Operation) -> None:
    now = standing(begun)
    assert (now.counted, now.is_complete, now.words) == ((), False, "Nobody approved it: started as an emergency")
    assert [stage.word for stage in stages(begun, 0, 0)] == ["Draft", "Running", "Closing", "Finalized"]
    for page in ("", "review/", "run/", "rollback/", "history/", "close/"):
        text = look(signed_in(cast.olga), f"/records/{begun.pk}/{page}").text
        assert "Started as an emergency." in text and make.ANSWERS["why"] in text, page
        assert "Approved by" not in text and "Approved text is locked" not in text, page
        assert text.count("Nobody approved it") == (2 if page == "review/" else 1), "said once, aloud"
    assert "Emergency, not approved" in look(signed_in(cast.olga), "/records/").text


def test_nobody_approves_it_calls_it_off_or_carries_it_over_to_another_night(cast: Cast, begun: Operation) -> None:
    digest = begun.revisions.get().digest
    with pytest.raises(WrongOrder):
        actions.approve(begun, digest=digest, password=PASSWORD, by=cast.tomas, at=AT)
    with pytest.raises(WrongOrder, match="no plan to go back to"):
        running.call_off(begun, reason="It holds", by=cast.jun, at=AT)
    with pytest.raises(WrongOrder, match="another night"):
        stopping.stop_at_phase_end(
            begun, reason="Tired", start=AT + dt.timedelta(1), end=AT + dt.timedelta(2), by=cast.jun, at=AT
        )
    with pytest.raises(WrongOrder):
        running.start(begun, by=cast.jun, at=AT)


@pytest.mark.parametrize(
    ("start", "due"),
    [("2026-11-27", "2026-12-01"), ("2026-11-28", "2026-12-01"), ("2026-11-30", "2026-12-02")],
    ids=["Friday", "Saturday", "Monday"],
)
def test_two_working_days_leave_out_the_weekend(start: str, due: str) -> None:
    moments = [dt.datetime.fromisoformat(f"{day} 23:00+00:00") for day in (start, due)]
    assert plan_due(moments[0]) == moments[1]


# ---------------------------------------------------------------- from nothing, on a phone


def test_a_record_with_nothing_but_the_answers_is_run_and_finished(cast: Cast, bare: Operation) -> None:
    assert (bare.state, bare.author, bare.operator, bare.title) == (
        State.RUNNING, cast.jun, cast.jun, make.ANSWERS["doing"]
    )  # fmt: skip
    assert bare.operation_id == "2026-12-06-infrastructure-fail-over-the-orders-database-to-the-standby"
    run = load_run(bare)
    assert run is not None and (run.plan.steps, run.plan.checks, run.plan.triggers) == ((), (), ())
    assert left_undone.left_undone(bare) == []
    assert "No step was planned" in look(signed_in(cast.jun), f"/records/{bare.pk}/run/").text
    step = unplanned.add_step(bare, title="Promote db2", reason="db1 fails", by=cast.jun, at=AT)
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/run/").text
    assert f'name="reason:{step.key}"' in page and "No step was planned" not in page
    assert "Promote db2" in page and "terraform" not in page and "Traffic Routing" not in page
    assert [str(row) for row in left_undone.left_undone(bare)] == ["Promote db2"]
    working.finish_step(bare, key=step.key, by=cast.jun, at=AT)
    running.finish_work(bare, by=cast.jun, at=AT)
    assert make.fresh(bare).state == State.CLOSING


def test_the_way_back_of_one_without_a_plan_can_be_taken(cast: Cast, bare: Operation) -> None:
    running.roll_back(bare, trigger="Errors", sentence="The standby lags", by=cast.jun, at=AT)
    unplanned.add_step(make.fresh(bare), title="Promote db1", reason="Back", by=cast.jun, at=AT)
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/rollback/").text
    assert "Promote db1" in page and make.ANSWERS["way_back"] in page
    assert finish(make.fresh(bare), cast.jun).state == State.CLOSING


def test_five_fields_on_a_page_start_a_new_record(cast: Cast, template: OperationTemplate) -> None:
    client, url = signed_in(cast.jun), reverse("emergency_new")
    assert look(client, "/records/new/").text.count("Start it as an emergency") == 1
    answer = client.post(url, {**make.ANSWERS, "why": ""})
    assert answer.status_code == 400 and "Answer this: Why now, before an approval?" in answer.content.decode()
    assert not Operation.objects.exists()
    answer = client.post(url, make.ANSWERS)
    own = Operation.objects.get()
    assert (answer["Location"], own.state) == (reverse("run", args=[own.pk]), State.RUNNING)


def test_a_draft_is_started_on_its_page(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    url = reverse("emergency", args=[draft.pk])
    assert url in look(signed_in(cast.jun), f"/records/{draft.pk}/").text
    assert url not in look(signed_in(cast.mara), f"/records/{draft.pk}/").text
    assert signed_in(cast.mara).post(url, make.ANSWERS).status_code == 403
    assert signed_in(cast.jun).post(url, make.ANSWERS)["Location"] == reverse("run", args=[draft.pk])


def test_an_id_that_can_not_be_used_stops_nobody(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "`../etc`", "header/operation-id")
    begun = make.begin_emergency(cast, make.fresh(draft))
    assert begun.operation_id and begun.operation_id.startswith("2026-12-06-infrastructure-")
    make.complete_plan(cast, finish(begun, cast.jun))
    assert first_untrue() is None


# ---------------------------------------------------------------- the rest of the plan


def test_nobody_signs_before_the_plan_is_complete(cast: Cast, begun: Operation) -> None:
    closing = finish(begun, cast.jun)
    with pytest.raises(Incomplete, match="the rest of the plan"):
        make.ending(closing)
    write(closing, cast.mara, "")
    with pytest.raises(Incomplete, match="User Experience"):
        actions.complete_plan(closing, Went(left_out="No"), by=cast.mara, at=AT)
    write(closing, cast.mara, "Baskets are read only")
    complete = make.complete_plan(cast, closing)
    assert (complete.state, complete.plan_due_at, complete.revisions.count()) == (State.CLOSING, None, 2)
    with pytest.raises(WrongOrder):
        write(complete, cast.mara, "Nothing happened")
    with pytest.raises(WrongOrder, match="complete"):
        actions.complete_plan(complete, Went(), by=cast.carl, at=AT)
    assert actions.complete_plan(complete, Went(), by=cast.mara, at=AT).number == 2, "a second press"
    assert complete.log.filter(kind=Act.COMPLETE_PLAN).count() == 1


def test_nothing_is_still_to_be_confirmed_of_what_has_been_done(cast: Cast, begun: Operation) -> None:
    closing = finish(begun, cast.jun)
    write(closing, cast.mara, "To confirm by 2026-12-09: the shop team counts baskets")
    with pytest.raises(Incomplete, match="User Experience, which can't be “to confirm” any more"):
        make.complete_plan(cast, closing)
    assert make.fresh(closing).plan_due_at is not None


@pytest.mark.parametrize(("after", "late"), [(dt.timedelta(0), False), (dt.timedelta(seconds=1), True)])
def test_the_trail_says_whether_the_plan_came_late(
    after: dt.timedelta, late: bool, cast: Cast, begun: Operation
) -> None:
    closing = finish(begun, cast.jun)
    assert closing.plan_due_at is not None
    make.complete_plan(cast, closing, at=closing.plan_due_at + after)
    assert audit.facts_in(AuditEntry.objects.get(act=Act.COMPLETE_PLAN))["late"] is late


def test_the_plan_stays_closed_while_it_runs(cast: Cast, begun: Operation) -> None:
    with pytest.raises(WrongOrder):
        write(begun, cast.mara, "Something else")


def test_who_ran_it_stays_who_ran_it(cast: Cast, begun: Operation) -> None:
    """Else the operator became a supervisor who had no part in it."""
    closing = finish(begun, cast.jun)
    people = {"operator": cast.olga, "supervisor": cast.tomas, "deputies": [cast.ines], "co_authors": [cast.carl]}
    with pytest.raises(Refused, match="stays as it was"):
        name_people(closing, by=cast.mara, **people, team=[cast.noor], at=AT)  # type: ignore[arg-type]
    picks, version = {"operator": Pick(cast.jun.pk, cast.olga.pk)}, closing.sections.get(key="header").version
    with pytest.raises(Refused, match="stays as it was"):
        save_section(operation=closing, key="header", version=version, values={}, picks=picks, by=cast.mara, at=AT)
    signed = make.sign(cast, make.complete_plan(cast, closing))
    Operation.objects.filter(pk=closing.pk).update(operator=cast.olga)  # by whatever way
    assert cast.jun.pk in involved_in(make.fresh(signed), with_run=True).workers
    with pytest.raises(Refused, match="can't sign it off"):
        sign_off(make.fresh(signed), cast.jun)


def test_a_step_that_was_worked_stays_in_the_plan(cast: Cast, begun: Operation) -> None:
    step = Step.objects.filter(section__operation=begun, phase__isnull=False).order_by("pk")[0]
    working.finish_step(begun, key=step.key, reason="At hand", asked=True, by=cast.jun, at=AT)
    closing = finish(begun, cast.jun)
    section = closing.sections.get(pk=step.section_id)
    url = reverse("section", args=[closing.pk, section.key])
    answer = signed_in(cast.mara).post(url, {"version": section.version, "act": f"remove:{step.key}"})
    assert Step.objects.filter(pk=step.pk).exists(), answer.status_code


def test_the_pages_of_closing_lead_to_the_rest(cast: Cast, bare: Operation) -> None:
    finish(bare, cast.jun)
    url = reverse("complete_plan", args=[bare.pk])
    for page in ("", "close/"):
        assert url in look(signed_in(cast.jun), f"/records/{bare.pk}/{page}").text
    assert signed_in(cast.tomas).get(url).status_code == 403
    answer = signed_in(cast.jun).post(url, {"left_out": "Not needed"})
    assert answer.status_code == 409 and "Still needed before the plan is complete" in answer.content.decode()


def test_it_is_completed_on_its_page(cast: Cast, begun: Operation) -> None:
    closing = finish(begun, cast.jun)
    answer = signed_in(cast.mara).post(reverse("complete_plan", args=[closing.pk]), {})
    assert answer["Location"] == reverse("close", args=[closing.pk])
    assert make.fresh(closing).plan_due_at is None


def test_no_step_counts_as_done_before_somebody_says_so(cast: Cast, template: OperationTemplate) -> None:
    written = make.make_draft(cast, template)
    assert CompleteForm(written).fields["done"].choices  # type: ignore[attr-defined]
    assert CompleteForm(written)["done"].value() == []


def test_only_steps_with_words_of_their_own_are_offered_and_what_was_added_is_listed(
    cast: Cast, bare: Operation
) -> None:
    unplanned.add_step(bare, title="Restarted the queue", reason="It hung", by=cast.jun, at=AT)
    closing = finish(bare, cast.jun)
    form = CompleteForm(closing)
    offered = [words for name in ("done", "held") if name in form.fields for _key, words in form.fields[name].choices]  # type: ignore[attr-defined]
    assert offered == [] and "left_out" not in form.fields, "they hold the template's placeholders and sample commands"
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/complete-plan/").text
    assert "Recorded in the run, not in the plan yet" in page and "U1 Restarted the queue" in page


MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def written_down(cast: Cast, bare: Operation) -> Operation:
    """Two steps were recorded in the run; closing, they stand in the plan, with all else that one needs."""
    for minutes, title in ((0, "Restart the queue"), (5, "Flush what waited")):
        told = {"title": title, "reason": "It hung", "commands": "postqueue -f\n"}
        step = unplanned.add_step(bare, **told, by=cast.jun, at=AT + minutes * MINUTE)
        working.finish_step(bare, key=step.key, by=cast.jun, at=AT + (minutes + 3) * MINUTE)
    closing = finish(bare, cast.jun)
    url = reverse("complete_plan", args=[closing.pk])
    assert signed_in(cast.jun).post(url, {"do": "write_recorded"})["Location"] == url
    assert signed_in(cast.jun).post(url, {"do": "write_recorded"}).status_code == 409, "a second click writes nothing"
    answered(closing, cast.jun)
    return make.fresh(closing)


def answered(operation: Operation, by: Person) -> None:
    """All that is still asked of the plan of a Low change, but for its steps."""
    write(operation, by, "Low", "header/risk-level")
    for one in missing(document_of(operation), operation.outline, "Low"):
        if not one.key.startswith("infrastructure-operation-steps/"):
            write(operation, by, "Said", one.key)


def steps_of(operation: Operation) -> list[Step]:
    steps = Step.objects.filter(section__operation=operation, phase__isnull=False)
    return list(steps.order_by("phase__position", "position"))


def completed(operation: Operation, by: Person, **answers: str) -> Operation:
    """Completed as its page is sent, with ``answers`` instead of those that it shows."""
    form = CompleteForm(operation)
    bound = CompleteForm(operation, {field.html_name: field.value() or "" for field in form} | answers)
    assert bound.is_valid(), bound.errors
    actions.complete_plan(operation, bound.went(), by=by, at=AT)
    return make.fresh(operation)


def test_a_recorded_step_that_is_written_into_the_plan_is_one_thing(cast: Cast, written_down: Operation) -> None:
    text = write_document(document_of(written_down))
    assert text.count("**Restart the queue**") == 1 and "### Phase 1: Pre-Migration Setup (02:00-02:00)" in text
    assert "Traffic Routing" not in text and "### Phase 2" not in text
    first, second = steps_of(written_down)
    done = completed(written_down, cast.jun, left_out="Not looked at")
    run = load_run(done)
    assert run is not None and run.unplanned == []
    told = plan_against_actual(run, planned_in(run))
    assert [(one.number, one.actual, one.status, one.planned) for one in told] == [
        ("1.1", "02:00, 3 min", "Done", "written down afterwards"),
        ("1.2", "02:05, 3 min", "Done", "written down afterwards"),
    ]
    log = companion_of(done).decode()
    assert log.count("### ") == 2 and "added step 1.1, which nobody planned: Restart the queue: It hung" in log
    assert "- **Recorded in the run**: Restart the queue: It hung\n" in log
    written = [one["written_as"] for one in account_of(done, load_all(done))["unplanned"]]
    assert written == [first.key, second.key]
    assert "U1" not in look(signed_in(cast.jun), f"/records/{done.pk}/run/").text


def test_what_was_recorded_may_be_another_step_or_none_of_the_plan(cast: Cast, written_down: Operation) -> None:
    first, second = steps_of(written_down)
    with pytest.raises(Incomplete, match="Flush what waited"):
        completed(written_down, cast.jun, **{"is-2": ""})
    with pytest.raises(Incomplete, match="which step of the plan"):
        actions.complete_plan(written_down, Went(written={"unplanned/1": "no such step"}), by=cast.jun, at=AT)
    done = completed(written_down, cast.jun, **{"is-2": first.key, "left_out": "The same again"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.started_at, first.ended_at, second.status) == (AT, AT + 8 * MINUTE, "not_reached")
    running.reopen_run(done, evidence="The lag", by=cast.tomas, at=AT)
    with pytest.raises(Http404):
        working.finish_step(make.fresh(done), key="unplanned/1", by=cast.jun, at=AT)


def test_steps_in_which_nobody_wrote_go_when_the_plan_is_complete(cast: Cast, bare: Operation) -> None:
    closing = finish(bare, cast.jun)
    answered(closing, cast.jun)
    first = steps_of(closing)[0]
    assert first.phase
    for key, text in ((f"{first.phase.key}.window", "0200-0230"), (first.parts[0]["key"], "systemctl restart postfix")):
        with pytest.raises(Incomplete, match="Still needed"):
            actions.complete_plan(closing, Went(), by=cast.jun, at=AT)
        write(closing, cast.jun, text, key)
    assert "Service Verification" in write_document(document_of(closing))
    completed(closing, cast.jun, left_out="Not needed")
    assert [str(step) for step in steps_of(closing)] == [first.title]


# ---------------------------------------------------------------- ratified, and told


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
    assert "Promote the old primary" in shown and "Done at" in shown and 'value="add_step"' in shown


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

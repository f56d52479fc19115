"""The rest of the plan of an emergency, written after the work."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils.html import strip_tags

from approvals import actions
from approvals.emergency import Went, start_from_nothing
from approvals.emergency_forms import CompleteForm
from approvals.involvement import involved_in
from approvals.plan_against_actual import plan_against_actual, planned_in
from records import audit
from records.content.assembly import document_of, load_all
from records.document.write import write as write_document
from records.life_cycle import Act
from records.models import (
    AuditEntry,
    Check,
    Operation,
    OperationTemplate,
    Person,
    State,
    Step,
)
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import running, unplanned, working
from records.run.loaded import load_run
from records.transfer.account import account_of
from records.transfer.companion import companion_of
from records.writing.from_the_run import write_recorded_steps
from records.writing.people import Pick, name_people
from records.writing.readiness import missing
from records.writing.saving import save_section
from tests import make
from tests.approvals.acts import write
from tests.approvals.emergencies.asking import AT, finish, sign_off
from tests.browserless import look
from tests.people import Cast, signed_in


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
    again = Went(left_out="Not needed")
    assert actions.complete_plan(complete, again, by=cast.mara, at=AT).number == 2, "a second press"
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
    assert text.count("**Restart the queue**") == 1
    assert "### Phase 1: Pre-Migration Setup (02:00-02:01)" in text, "what took seconds has a window too"
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
    page = strip_tags(look(signed_in(cast.jun), f"/records/{done.pk}/run/").text)
    assert "Restart the queue" in page and not re.search(r"\bU1\b", page)


def test_who_recorded_a_step_has_written_it_whoever_puts_it_into_the_plan(cast: Cast, begun: Operation) -> None:
    step = unplanned.add_step(begun, title="Restart the queue", reason="It hung", by=cast.noor, at=AT)
    working.finish_step(begun, key=step.key, by=cast.jun, at=AT)
    closing = finish(begun, cast.jun)
    write_recorded_steps(closing, by=cast.carl, at=AT)
    told = AuditEntry.objects.filter(operation=closing, act="write_plan").order_by("number")
    assert list(told.values_list("person_name", flat=True)) == ["Carl Nyberg", "Noor Haddad"]
    assert audit.facts_in(told[1])["through"] == "add_step"


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


@pytest.mark.parametrize("do", ["start_step", "finish_step", "skip", "tick_check", "skip_check"])
def test_a_press_on_what_only_the_template_has_is_refused_in_words(do: str, cast: Cast, bare: Operation) -> None:
    rows = (Check if "check" in do else Step).objects.filter(section__operation=bare, loose=False)
    row = rows.exclude(key__contains="rollback")[0]
    before = rows.filter(pk=row.pk).values().get()
    answer = signed_in(cast.jun).post(
        reverse("run", args=[bare.pk]), {"do": do, "key": row.key, "reason": "?", "evidence": "?"}
    )
    assert answer.status_code == 409 and "was not planned when the emergency began" in answer.text
    assert rows.filter(pk=row.pk).values().get() == before


def test_what_was_written_down_is_no_work_of_a_run_that_is_opened_again(cast: Cast, written_down: Operation) -> None:
    """It is what was added, once more: the page shows that, and nobody has to say why the other was not reached."""
    running.reopen_run(written_down, evidence="The screenshots", by=cast.tomas, at=AT)
    running.finish_work(make.fresh(written_down), not_reached="Nothing else", by=cast.jun, at=AT)
    assert [one.status for one in steps_of(written_down)] == ["todo", "todo"]
    completed(make.fresh(written_down), cast.jun, left_out="Not looked at")
    assert [one.status for one in steps_of(written_down)] == ["done", "done"]


@pytest.mark.parametrize("doing", ["Not applicable: x", "To confirm by 2026-12-09: x", "[Brief Description]"])
def test_an_emergency_says_what_is_done_in_words_that_are_a_title(
    doing: str, cast: Cast, template: OperationTemplate
) -> None:
    with pytest.raises(Incomplete, match="What do you do"):
        start_from_nothing(template, answers={**make.ANSWERS, "doing": doing}, by=cast.jun, at=AT)

"""An emergency starts at once on five answers, from a draft or from nothing, and never shows as approved."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from approvals import actions
from approvals.standing import standing
from approvals.trail import first_untrue
from records import audit
from records.life_cycle import Act
from records.models import (
    Check,
    Delivery,
    Operation,
    OperationTemplate,
    State,
)
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import left_undone, running, stopping, unplanned, working
from records.run.emergency import plan_due
from records.run.loaded import load_run
from records.views.head import stages
from tests import make
from tests.approvals.acts import write
from tests.approvals.emergencies.asking import AT, finish
from tests.browserless import follow, look
from tests.people import PASSWORD, Cast, signed_in


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
    assert actions.emergency_start(make.fresh(draft), answers=answers, by=cast.jun, at=AT) == revision
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
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/run/").text
    assert "No step was planned" in page and "0 of 0" not in page and "Go to step" not in page
    step = unplanned.add_step(bare, title="Promote db2", reason="db1 fails", by=cast.jun, at=AT)
    page = look(signed_in(cast.jun), f"/records/{bare.pk}/run/").text
    assert f'name="reason:{step.key}"' in page and "No step was planned" not in page
    assert page.count('href="#step-U1"') == 3, "the clock, the head of the page and the end of the work lead to it"
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


def test_a_start_that_arrives_twice_leads_to_the_record_that_the_first_one_began(
    cast: Cast, template: OperationTemplate
) -> None:
    """The answer was lost in a bad network, and the button is pressed again."""
    client, url = signed_in(cast.jun), reverse("emergency_new")

    def form() -> dict[str, str]:
        [found] = [one for one in look(client, url).parsed.forms.values() if "doing" in dict(one)]
        return dict(found) | make.ANSWERS

    opened = form()
    answers = [client.post(url, opened) for _turn in range(2)]
    own = Operation.objects.get()
    assert [answer["Location"] for answer in answers] == [reverse("run", args=[own.pk])] * 2
    told = Delivery.objects.filter(event="emergency").count()
    # With other words it is no second press of the same: they are refused, and stay in hand.
    other = client.post(url, opened | {"why": "Orders are lost by now"})
    assert other.status_code == 409 and "Orders are lost by now" in other.content.decode()
    # What was lacking is filled in on the page that says so, which is the same press still.
    lacking = follow(client, client.post(url, form() | {"why": ""}), url)
    [again] = [dict(one) for one in lacking.parsed.forms.values() if "doing" in dict(one)]
    assert lacking.status == 400 and Operation.objects.count() == 1
    assert [client.post(url, again | {"why": "Now"}).status_code for _turn in range(2)] == [302, 302]
    assert Operation.objects.filter(state=State.RUNNING).count() == 2, "another page is another emergency"
    assert Delivery.objects.filter(event="emergency").count() == 2 * told
    assert client.post(url, form() | {"press": "<short>"}).status_code == 400


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

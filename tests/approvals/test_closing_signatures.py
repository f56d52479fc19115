"""The two signatures that end a record: on exactly what was shown, by whom they are asked of, and once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.models import Decision
from approvals.plan_against_actual import sign_off_context
from approvals.signing import NotSigned
from approvals.standing import standing
from records import triggers
from records.decided import DecisionKind
from records.models import (
    FieldChange,
    FinalText,
    Operation,
    OperationTemplate,
    Outcome,
    Role,
    State,
    Step,
)
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import logbook, running, stopping, witnessing, working
from records.run.loaded import load_run
from records.run.logbook import NoteKind
from records.run.step_order import in_order
from records.transfer.companion import companion_of
from tests import make
from tests.approvals.acts import AT, write
from tests.people import PASSWORD, Cast

# ---------------------------------------------------------------- the closing signatures


def test_sign_off_needs_the_text_that_was_seen_and_a_look_at_the_actual(
    cast: Cast, template: OperationTemplate
) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    assert operation.final_text
    own = {"password": PASSWORD, "by": cast.tomas, "at": make.NIGHT}
    with pytest.raises(Changed, match="Another text"):
        actions.sign_off(operation, digest="0" * 64, actual_seen=True, **own)
    with pytest.raises(Incomplete, match="plan against actual"):
        actions.sign_off(operation, digest=operation.final_text.digest, actual_seen=False, **own)
    once = actions.sign_off(operation, digest=operation.final_text.digest, actual_seen=True, **own)
    assert make.fresh(operation).state == State.FINALIZED
    assert actions.sign_off(operation, digest=operation.final_text.digest, actual_seen=True, **own) == once
    with pytest.raises(WrongOrder):
        actions.sign_off(operation, digest="0" * 64, actual_seen=True, **own)


def test_bytes_that_were_put_in_the_place_of_the_signed_ones_are_signed_off_by_nobody(
    cast: Cast, template: OperationTemplate
) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    assert operation.final_text
    triggers.remove()
    FinalText.objects.filter(pk=operation.final_text_id).update(text=b"# Nothing happened\n")
    with pytest.raises(Changed, match="stored bytes of the final text no longer fit its digest") as refused:
        make.sign_off(cast, make.fresh(operation))
    assert refused.value.current == operation.final_text
    assert make.fresh(operation).state == State.CLOSING
    assert not operation.final_text.decisions.filter(kind=DecisionKind.SIGN_OFF).exists()
    answer = sign_off_page(cast, operation, {**page_of(cast, operation), "actual_seen": "on", "password": PASSWORD})
    assert answer.status_code == 409 and "no longer fit its digest" in answer.content.decode()


def test_the_same_text_beside_another_actual_is_looked_at_again(cast: Cast, template: OperationTemplate) -> None:
    """Sent back to its run and signed again, it may be the same to the byte, though a step was never done."""
    signed = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    posted = page_of(cast, signed)
    running.reopen_run(signed, evidence="Who did the switch?", by=cast.tomas, at=make.NIGHT)
    step = in_order(signed)[0].key
    working.reopen_step(make.fresh(signed), key=step, by=cast.noor, at=make.NIGHT)
    working.skip_step(make.fresh(signed), key=step, reason="Was never done", by=cast.noor, at=make.NIGHT)
    again = make.sign(cast, make.finish_work(cast, make.fresh(signed)))
    assert again.final_text and again.final_text.digest == posted["digest"]
    answer = sign_off_page(cast, again, {**posted, "actual_seen": "on", "password": PASSWORD})
    assert answer.status_code == 409 and "Another text was signed meanwhile" in answer.content.decode()
    assert make.fresh(signed).state == State.CLOSING
    answer = sign_off_page(cast, again, {**page_of(cast, again), "actual_seen": "on", "password": PASSWORD})
    assert make.fresh(signed).state == State.FINALIZED


def sign_off_page(cast: Cast, operation: Operation, posted: dict[str, str] | None = None) -> Any:
    client = Client()
    client.force_login(cast.tomas)
    address = reverse("sign_off", args=[operation.pk])
    return client.post(address, posted) if posted else client.get(address)


def page_of(cast: Cast, operation: Operation) -> dict[str, str]:
    """What the page of the sign-off would post, but for what is ticked and typed."""
    page = sign_off_page(cast, operation).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(digest|number)" value="([^"]*)">', page))


def test_a_stop_and_a_witness_are_before_the_eyes_of_who_signs_off(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    Step.objects.filter(pk=in_order(draft)[0].pk).update(witness=True)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    working.start_step(run, key=in_order(run)[0].key, by=cast.jun, at=make.NIGHT)
    witnessing.witness_step(run, key=in_order(run)[0].key, by=cast.olga, words="Lag was 0", at=make.NIGHT)
    page = Client()
    page.force_login(cast.jun)
    shown = page.get(reverse("run", args=[run.pk])).content.decode()
    assert '<b>Witness:</b> “Lag was 0” <span class="muted">Olga Petrenko' in shown
    stopped = make.stop(make.end_phase(run), by=cast.jun)
    make.confirm_window(stopped, cast.tomas, cast.ada)
    next_night = make.NIGHT + dt.timedelta(hours=24)
    stopping.go_on(stopped, by=cast.jun, at=next_night)
    signed = make.sign(cast, make.work(cast, make.fresh(stopped), at=next_night), at=next_night)
    told = sign_off_context(signed, cast.tomas)
    assert told["compared"][0].who == "Jun Park, witness Olga Petrenko"
    assert told["compared"][1].who == "Jun Park"
    until = "goes on 7 Dec 02:00 UTC, until 7 Dec 05:00 UTC"
    words = f"6 Dec 02:00 UTC: The backup is slow ({until}); went on 7 Dec 02:00 UTC"
    text = companion_of(make.fresh(signed)).decode()
    assert re.search(r"\*\*Witness\*\*: Olga Petrenko, 2026-12-06 02:00(:00)? UTC: Lag was 0\n", text)
    assert re.search(r"\*\*Stopped\*\*: .*; went on 2026-12-07 02:00(:00)? UTC\n", text)
    assert ("Stopped", words) in told["run_facts"]


def test_a_row_says_when_its_step_began_how_long_it_took_and_what_was_noted_at_it(
    cast: Cast, template: OperationTemplate
) -> None:
    """Against the plan; what was noted elsewhere stands below, and nothing twice."""
    draft = make.make_draft(cast, template)
    Step.objects.filter(section__operation=draft, phase__isnull=False).update(estimate="5 min")
    run = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    plan = load_run(run)
    assert plan
    first, second, third = plan.plan.steps[:3]
    for step, began, took in ((first, 3, 1), (second, 4, 5), (third, 10, 5)):
        at = make.NIGHT + dt.timedelta(minutes=began)
        working.start_step(run, key=step.key, by=cast.jun, asked=True, at=at)
        working.finish_step(run, key=step.key, by=cast.jun, at=at + dt.timedelta(minutes=took))
    told = {"kind": NoteKind.DEVIATION, "by": cast.jun}
    logbook.note(run, text="On db2 instead", step_key=second.key, at=make.NIGHT, **told)
    logbook.note(run, text="The call was late", at=make.NIGHT, **told)
    signed = make.sign(cast, make.work(cast, run))
    shown = sign_off_context(signed, cast.sam)
    one, two, three = shown["compared"][:3]
    assert one.difference == "began 3 min late, 4 min shorter"
    assert two.difference == "began 1 min early, took as long as planned"
    assert three.difference == "as planned"
    assert [entry.text for entry in two.noted] == ["On db2 instead"] and not one.noted
    assert [entry.text for entry in shown["deviations"]] == ["The call was late"]
    client = Client()
    client.force_login(cast.sam)
    page = client.get(reverse("sign_off", args=[signed.pk])).content.decode()
    row = page.partition(f"{second.number} {second.title}")[2].partition("</tr>")[0]
    assert "“On db2 instead”" in row and page.count("“On db2 instead”") == 1


def test_the_last_signature_asks_for_the_password_like_every_other(cast: Cast, template: OperationTemplate) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    assert operation.final_text
    seen = {"digest": operation.final_text.digest, "actual_seen": True, "by": cast.tomas, "at": make.NIGHT}
    with pytest.raises(NotSigned):
        actions.sign_off(operation, password="guess", **seen)
    assert make.fresh(operation).state == State.CLOSING
    assert not operation.final_text.decisions.filter(kind=DecisionKind.SIGN_OFF).exists()


def test_nothing_is_noted_after_the_operator_signed(cast: Cast, template: OperationTemplate) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    lines = operation.log.count()
    with pytest.raises(WrongOrder):
        logbook.note(operation, text="One more thing", by=cast.jun, at=make.NIGHT)
    assert operation.log.count() == lines


def test_an_approval_by_whoever_may_not_give_one_does_not_count_however_it_came(
    cast: Cast, template: OperationTemplate
) -> None:
    """Written into the table past every act: the author's own name fills no role, and nobody signs on it."""
    operation = make.approve_by(cast, make.submit(cast, make.make_draft(cast, template)), "tomas")
    revision = operation.revisions.get()
    Decision.objects.create(
        kind=DecisionKind.APPROVE,
        revision=revision,
        person=cast.mara,
        person_name=cast.mara.name,
        role=Role.INFRASTRUCTURE_APPROVER,
        roles=[Role.INFRASTRUCTURE_APPROVER],
        at=AT,
        digest=revision.digest,
    )
    assert not standing(operation).is_complete


def test_no_operator_signs_over_approvals_that_no_longer_count(cast: Cast, template: OperationTemplate) -> None:
    """An approver turns out to have written in the plan: what they gave is void, and the closing stops there."""
    operation = make.make_in(State.CLOSING, cast, template)
    facts = {"section_key": "header", "key": "header/date", "version": 1, "at": AT}
    FieldChange.objects.create(operation=operation, person=cast.tomas, is_plan=True, **facts)
    with pytest.raises(Changed, match="no longer complete"):
        make.sign(cast, operation)
    assert make.fresh(operation).final_text is None


def test_nobody_signs_off_before_the_operator(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.CLOSING, cast, template)
    with pytest.raises(WrongOrder, match="The operator has to sign first"):
        actions.sign_off(operation, digest="", actual_seen=True, password=PASSWORD, by=cast.tomas, at=make.NIGHT)


def test_a_supervisor_who_ticked_a_check_does_not_sign_it_off(cast: Cast, template: OperationTemplate) -> None:
    """Sam joined the team for the night: taking part is enough, whatever the list said."""
    draft = make.make_draft(cast, template)
    draft.team.add(cast.sam)
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    operation = make.sign(cast, make.work(cast, make.start(cast, operation)))
    with pytest.raises(Refused, match="you took part in the operation"):
        make.sign_off(cast, operation, "sam")


@pytest.mark.parametrize("outcome", ["", "in_progress", "rolled_back", "great"])
def test_an_outcome_that_does_not_fit(outcome: str, cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.CLOSING, cast, template)
    with pytest.raises(Incomplete, match="outcome"):
        make.sign(cast, operation, outcome)
    assert make.fresh(operation).final_text is None


def test_the_operator_signs_the_text_that_was_shown_and_no_other(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.CLOSING, cast, template)
    shown = make.ending(operation)
    own = {**shown, "password": PASSWORD, "by": cast.jun, "at": make.NIGHT}
    write(operation, cast.mara, "Worse than before", "footer/infrastructure-status")
    with pytest.raises(Changed, match="changed since its final text was shown"):
        actions.sign_as_operator(operation, **own)
    assert make.fresh(operation).final_text is None
    own |= make.ending(operation)
    signed = actions.sign_as_operator(operation, **own)
    assert signed.digest == own["digest"]
    assert actions.sign_as_operator(operation, **own) == signed, "a second click"
    with pytest.raises(Changed):
        actions.sign_as_operator(operation, **{**own, **shown})


def test_what_was_rolled_back_did_not_complete(cast: Cast, template: OperationTemplate) -> None:
    operation = make.work(cast, make.make_in(State.ROLLING_BACK, cast, template))
    with pytest.raises(Incomplete, match="rolled back, or failed"):
        make.sign(cast, operation, Outcome.COMPLETED)
    assert make.sign(cast, operation, Outcome.ROLLED_BACK).outcome == Outcome.ROLLED_BACK


def test_a_reopened_run_voids_the_signed_text(cast: Cast, template: OperationTemplate) -> None:
    from records.run import running

    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    assert operation.final_text
    first = operation.final_text.digest
    running.reopen_run(operation, evidence="A picture of the lag", by=cast.tomas, at=make.NIGHT)
    operation = make.fresh(operation)
    assert (operation.state, operation.final_text) == (State.RUNNING, None)
    running.finish_work(operation, by=cast.jun, at=make.NIGHT + dt.timedelta(hours=1))
    operation = make.sign(cast, make.fresh(operation))
    assert operation.final_text
    assert operation.final_text.number == 2
    with pytest.raises(Changed):
        actions.sign_off(operation, digest=first, actual_seen=True, password=PASSWORD, by=cast.tomas, at=make.NIGHT)

"""What was done before anybody approved it is recorded, marked loudly and ratified; it never shows as approved."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.models import Decision
from approvals.standing import standing
from approvals.trail import first_untrue
from records import audit
from records.decided import DecisionKind
from records.life_cycle import Act
from records.models import (
    AuditEntry,
    Check,
    Delivery,
    LogEntry,
    Operation,
    OperationTemplate,
    Person,
    RoleHolding,
    State,
    Step,
    StepStatus,
)
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import running
from records.views.head import stages
from records.writing.counts import Count
from tests import make
from tests.approvals.acts import USERS, write
from tests.browserless import look
from tests.people import PASSWORD, Cast, signed_in

AT = make.NIGHT + dt.timedelta(hours=4)


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


@pytest.fixture
def recorded(cast: Cast, draft: Operation) -> Operation:
    actions.record_afterwards(draft, make.happened(draft), by=cast.mara, at=AT)
    return make.fresh(draft)


def sign_off(operation: Operation, by: Person, note: str = "Waiting would have lost the array") -> None:
    assert operation.final_text
    digest = operation.final_text.digest
    actions.sign_off(operation, digest=digest, actual_seen=True, password=PASSWORD, by=by, note=note, at=AT)


def test_it_goes_from_draft_to_closing_with_the_times_that_were_said(cast: Cast, recorded: Operation) -> None:
    assert (recorded.state, recorded.afterwards_reason) == (State.CLOSING, "The array was losing disks")
    assert (recorded.started_at, recorded.finished_at) == (make.NIGHT - dt.timedelta(hours=1), make.NIGHT)
    steps = Step.objects.filter(section__operation=recorded, phase__isnull=False)
    assert {(step.status, step.worked_by, step.started_at) for step in steps} == {("done", cast.jun, None)}
    checks = Check.objects.filter(section__operation=recorded)
    assert set(checks.values_list("ticked", "ticked_by")) == {(True, cast.jun.pk)}
    entry = audit.newest(recorded)
    assert entry is not None and (entry.act, entry.person) == (Act.RECORD_AFTERWARDS, cast.mara)
    assert LogEntry.objects.get(operation=recorded).kind == Act.RECORD_AFTERWARDS
    told = Delivery.objects.filter(event="recorded_afterwards").values_list("person__username", flat=True)
    assert set(told) == {"tomas", "sam"}


def test_how_each_step_and_check_went_is_told_as_it_was_said(cast: Cast, draft: Operation) -> None:
    """Done and held, or left out and why; what was noted of the others before stays as it was."""
    of = {"section__operation": draft, "loose": False}
    done, left, known = Step.objects.filter(**of, phase__isnull=False).order_by("pk")[:3]
    held, open_one, ticked = Check.objects.filter(**of).order_by("pk")[:3]
    Step.objects.filter(pk=known.pk).update(status=StepStatus.SKIPPED, run_reason="Not here", worked_by=cast.ines)
    Check.objects.filter(pk=ticked.pk).update(ticked=True, ticked_by=cast.ines, ticked_at=make.NIGHT)
    with pytest.raises(Incomplete, match=r"why .* was left out"):
        actions.record_afterwards(
            draft, make.happened(draft, done=make.happened(draft).done, held=[held.key]), by=cast.mara, at=AT
        )
    told = make.happened(draft, done=[done.key], held=[held.key], left_out="No time")
    actions.record_afterwards(draft, told, by=cast.mara, at=AT)
    for row in (done, left, known, held, open_one, ticked):
        row.refresh_from_db()
    assert [(one.status, one.run_reason, one.worked_by) for one in (done, left, known)] == [
        (StepStatus.DONE, "", cast.jun),
        (StepStatus.NOT_REACHED, "No time", cast.jun),
        (StepStatus.SKIPPED, "Not here", cast.ines),
    ]
    checks = (held, open_one, ticked)
    assert [(one.ticked, one.ticked_at, one.ticked_by, one.unticked_because) for one in checks] == [
        (True, AT, cast.jun, ""),
        (False, None, None, "No time"),
        (True, make.NIGHT, cast.ines, ""),
    ]


def test_it_never_shows_as_approved(cast: Cast, recorded: Operation) -> None:
    now = standing(recorded)
    assert (now.counted, now.is_complete, now.words) == ((), False, "Nobody approved it: recorded afterwards")
    assert [stage.word for stage in stages(recorded, Count())] == ["Draft", "Closing", "Finalized"]
    for page in ("", "close/", "review/", "run/"):
        text = look(signed_in(cast.tomas), f"/records/{recorded.pk}/{page}").text
        assert "Recorded afterwards" in text, page
        assert "Approved by" not in text, page
    assert "Recorded afterwards" in look(signed_in(cast.olga), "/records/").text


def test_the_final_text_says_so_and_a_supervisor_ratifies_it(cast: Cast, recorded: Operation) -> None:
    signed = make.sign(cast, recorded, at=AT)
    assert signed.final_text
    text = bytes(signed.final_text.text).decode()
    why = recorded.afterwards_reason
    unsigned = f"Not applicable: recorded afterwards, nobody approved it beforehand, because: {why}"
    assert f"**DevOps Supervisor**: {unsigned}\n" in text
    assert f"**Infrastructure Approval**: {unsigned}\n" in text
    with pytest.raises(Refused, match="you wrote part"):
        sign_off(signed, cast.carl)
    with pytest.raises(Incomplete, match="why it was right"):
        sign_off(signed, cast.tomas, "  ")
    assert not Decision.objects.filter(kind=DecisionKind.RATIFY).exists()
    sign_off(signed, cast.tomas)
    done = make.fresh(signed)
    assert done.state == State.FINALIZED
    ratified, plan = Decision.objects.get(kind=DecisionKind.RATIFY), done.revisions.get()
    assert (ratified.revision, ratified.person, ratified.digest) == (plan, cast.tomas, plan.digest)
    entry = AuditEntry.objects.get(operation=done, act="ratify")
    assert (entry.person, audit.facts_in(entry)["decision"]) == (cast.tomas, ratified.pk)
    assert first_untrue() is None
    assert "Nobody approved it beforehand" in look(signed_in(cast.olga), f"/records/{done.pk}/").text


def test_a_plan_that_was_ever_sent_for_review_has_to_be_approved(cast: Cast, draft: Operation) -> None:
    submitted = make.submit(cast, draft)
    actions.withdraw(submitted, by=cast.mara, at=make.PLANNED)
    with pytest.raises(WrongOrder, match="sent for review before"):
        actions.record_afterwards(make.fresh(draft), make.happened(draft), by=cast.mara, at=AT)
    assert make.fresh(draft).state == State.DRAFT


def test_it_is_neither_approved_nor_run_nor_reopened_into_a_run(cast: Cast, recorded: Operation) -> None:
    digest = recorded.revisions.get().digest
    with pytest.raises(WrongOrder):
        actions.approve(recorded, digest=digest, password=PASSWORD, by=cast.tomas, at=AT)
    with pytest.raises(WrongOrder):
        running.start(recorded, by=cast.jun, at=AT)
    signed = make.sign(cast, recorded, at=AT)
    running.reopen_run(signed, evidence="No picture of the array", by=cast.tomas, at=AT)
    again = make.fresh(signed)
    assert (again.state, again.final_text, again.finished_at) == (State.CLOSING, None, make.NIGHT)
    sign_off(make.sign(cast, again, at=AT), cast.sam)
    assert make.fresh(again).state == State.FINALIZED


def test_nobody_to_ratify_is_said_before_anything_is_recorded(cast: Cast, draft: Operation) -> None:
    RoleHolding.objects.filter(person__in=[cast.tomas, cast.sam]).delete()
    with pytest.raises(Refused, match="Nobody could ratify this"):
        actions.record_afterwards(draft, make.happened(draft), by=cast.mara, at=AT)
    assert (make.fresh(draft).state, draft.revisions.count()) == (State.DRAFT, 0)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": " "}, "a reason"),
        ({"ended": AT + dt.timedelta(minutes=1)}, "an end that lies in the past"),
        ({"started": make.NIGHT + dt.timedelta(minutes=1)}, "an end that comes after the start"),
        ({"done": []}, "why .* was left out"),
        ({"held": []}, "why .* was left out"),
    ],
)
def test_what_is_not_said_or_can_not_be_is_asked_for(
    more: dict[str, object], words: str, cast: Cast, draft: Operation
) -> None:
    with pytest.raises(Incomplete, match=words):
        actions.record_afterwards(draft, make.happened(draft, **more), by=cast.mara, at=AT)
    assert make.fresh(draft).state == State.DRAFT
    assert not Step.objects.filter(section__operation=draft, status="done").exists()


def test_an_answer_to_be_confirmed_is_not_enough_afterwards(cast: Cast, draft: Operation) -> None:
    write(draft, cast.mara, "To confirm by 2026-11-30: the shop team counts baskets")
    with pytest.raises(Incomplete, match="User Experience, which can't be “to confirm” any more"):
        actions.record_afterwards(draft, make.happened(draft), by=cast.mara, at=AT)
    assert draft.revisions.count() == 0


def test_it_is_recorded_on_its_page(cast: Cast, draft: Operation) -> None:
    assert "record it afterwards" in look(signed_in(cast.mara), f"/records/{draft.pk}/").text
    assert "record it afterwards" not in look(signed_in(cast.carl), f"/records/{draft.pk}/").text
    url, client = reverse("afterwards", args=[draft.pk]), signed_in(cast.mara)
    steps, checks = list(make.happened(draft).done), list(make.happened(draft).held)
    posted = {"reason": "", "started": "2026-12-06 01:00", "ended": "noon", "done": steps[:-1], "held": checks}
    answer = client.post(url, posted)
    page = answer.content.decode()
    assert (answer.status_code, "Say why it was done first" in page, "Write day and time as" in page) == (
        400,
        True,
        True,
    )
    edges = {"reason": "Disks", "started": "0001-01-01 00:00 +05:00", "ended": "9999-12-31 23:00 -05:00"}
    assert client.post(url, posted | edges).status_code == 400
    posted |= {"reason": "Disks were failing", "ended": "2026-12-06 02:00"}
    answer = client.post(url, posted)
    assert (answer.status_code, "was left out" in answer.content.decode()) == (409, True)
    answer = client.post(url, posted | {"left_out": "No need on this array"})
    assert answer["Location"] == reverse("close", args=[draft.pk])
    left = Step.objects.get(section__operation=draft, key=steps[-1])
    assert (left.status, left.run_reason) == ("not_reached", "No need on this array")


def test_what_the_plan_lacks_is_said_with_the_way_to_it(cast: Cast, draft: Operation) -> None:
    write(draft, cast.mara, "")
    posted = {"reason": "Disks", "started": "2026-12-06 01:00", "ended": "2026-12-06 02:00"}
    answer = signed_in(cast.mara).post(reverse("afterwards", args=[draft.pk]), posted)
    assert answer.status_code == 409
    assert f"#f-{USERS}" in answer.content.decode()

"""An approved plan is opened again, or moved to another date: both name whose approval that costs."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

import pytest
from django.db import transaction
from django.urls import reverse

from approvals import actions
from approvals.models import Decision
from approvals.rescheduling import NewTimes, times_of
from approvals.standing import standing
from approvals.trail import first_untrue
from records.content.assembly import document_of
from records.content.freezing import digest_again, document_in
from records.content.frozen import frozen
from records.document.differences import differences
from records.models import Delivery, FieldChange, Operation, OperationTemplate, Person, RoleHolding, State, Step
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run import running
from records.run.starting import conditions_of, tick_condition
from records.writing.section_writing import write_fields
from tests import make
from tests.approvals.acts import write
from tests.browserless import Page, look
from tests.people import Cast, signed_in

AT = make.PLANNED
LATER = NewTimes("2026-12-13", "03:30:00 UTC")


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.APPROVED, cast, template)


def digest(operation: Operation) -> str:
    return operation.revisions.order_by("-number")[0].digest


def reschedule(operation: Operation, by: Person, times: NewTimes = LATER) -> object:
    return actions.reschedule(operation, times, digest=digest(operation), by=by, at=AT)


def form_of(page: Page) -> str:
    """The name of the page's own form; the others sign out and search."""
    return next(name for name, fields in page.parsed.forms.items() if {"voids", "digest"} & set(dict(fields)))


# ---------------------------------------------------------------- change the plan


def test_the_page_names_the_approvals_that_a_change_voids(cast: Cast, approved: Operation) -> None:
    review = look(signed_in(cast.mara), f"/records/{approved.pk}/review/")
    assert "This voids the approval of Tomas Okafor and of Ada Brandt." in " ".join(review.text.split())
    page = look(signed_in(cast.mara), reverse("change_plan", args=[approved.pk]))
    assert all(f"<b>{name}</b>" in page.text for name in ("Tomas Okafor", "Ada Brandt"))
    page.send(form=form_of(page))
    # A browserless form posts the last of several values alone: one approval was not named.
    assert make.fresh(approved).state == State.APPROVED
    voids = list(Decision.objects.filter(revision__operation=approved).values_list("pk", flat=True))
    answer = signed_in(cast.mara).post(reverse("change_plan", args=[approved.pk]), {"voids": [*voids, "x"]})
    assert (answer.status_code, make.fresh(approved).state) == (302, State.DRAFT)
    history = look(signed_in(cast.mara), f"/records/{approved.pk}/review/?view=history")
    assert "void" in history.text


def test_an_approval_that_was_not_shown_is_not_voided(cast: Cast, approved: Operation) -> None:
    answer = signed_in(cast.mara).post(reverse("change_plan", args=[approved.pk]), {"voids": ["1"]})
    assert answer.status_code == 409
    assert "Tomas Okafor" in answer.content.decode()
    assert make.fresh(approved).state == State.APPROVED


# ---------------------------------------------------------------- another date


def test_only_date_time_and_windows_change(cast: Cast, approved: Operation) -> None:
    before = approved.revisions.get()
    reschedule(approved, cast.mara)
    after = make.fresh(approved).revisions.order_by("-number")[0]
    changed = differences(document_in(before), document_in(after), frozen(before).facts, frozen(after).facts)
    told = {(one.key.rpartition(".")[2], one.before, one.after) for section in changed for one in section.changes}
    assert told == {
        ("header/date", "2026-12-06", "2026-12-13"),
        ("header/time", "02:00:00 UTC", "03:30:00 UTC"),
        ("window", "02:00-02:45", "03:30-04:15"),
        ("window", "02:45-04:30", "04:15-06:00"),
        ("window", "04:30-05:30", "06:00-07:00"),
    }
    assert (bytes(after.rule), frozen(after).people) == (bytes(before.rule), frozen(before).people)
    assert digest_again(after) == after.digest != before.digest
    moved = make.fresh(approved)
    assert (moved.state, moved.window_start) == (State.IN_REVIEW, dt.datetime(2026, 12, 13, 3, 30, tzinfo=dt.UTC))
    assert moved.operation_id == approved.operation_id
    assert {change.key.rpartition(".")[2] for change in FieldChange.objects.filter(operation=approved)} <= {
        "header/date",
        "header/time",
        "window",
    }


def test_those_who_approved_see_just_that_and_confirm_with_one_act(cast: Cast, approved: Operation) -> None:
    reschedule(approved, cast.mara)
    now = standing(make.fresh(approved))
    assert (now.counted, len(now.void)) == ((), 2)
    asked = dict(Delivery.objects.filter(event="rescheduled").values_list("person__username", "body"))
    assert set(asked) == {"tomas", "ada"}
    assert all("It was planned for 6 Dec 02:00 UTC." in body for body in asked.values())
    subjects = set(Delivery.objects.filter(event="rescheduled").values_list("subject", flat=True))
    assert subjects == {f"[High, 13 Dec 03:30 UTC] Moved to another date, to be confirmed: {approved}"}
    assert all("Window 13 Dec 03:30 UTC to" in body for body in asked.values())
    page = look(signed_in(cast.ada), f"/records/{approved.pk}/review/")
    assert page.response.context["view"] == "changes"
    assert page.response.context["since"].startswith("Only times changed, 5 fields in 2 sections, since you approved")
    labels = [change.shown.label for section in page.response.context["sections"] for change in section.changes]
    assert labels == ["Date", "Time", "Phase 1, window", "Phase 2, window", "Phase 3, window"]
    again = make.approve_by(cast, make.fresh(approved), "ada", "tomas")
    assert (again.state, len(standing(again).counted)) == (State.APPROVED, 2)
    assert first_untrue() is None
    with pytest.raises(WrongOrder, match="too early"):
        running.start(again, by=cast.jun, at=make.NIGHT)


def test_a_second_click_moves_it_once_and_other_windows_are_no_second_click(cast: Cast, approved: Operation) -> None:
    seen, page = digest(approved), look(signed_in(cast.mara), reverse("reschedule", args=[approved.pk]))
    windows = dict(times_of(document_of(approved), approved.outline).windows)
    first, *_others = windows
    moved = [
        actions.reschedule(approved, NewTimes("2026-12-13", "03:30", windows), digest=seen, by=cast.mara, at=AT)
        for _click in range(2)
    ]
    assert moved[0] == moved[1]
    others = windows | {first: "03:30-04:00"}
    with pytest.raises(WrongOrder, match="moved it already, to other times than these"):
        actions.reschedule(approved, NewTimes("2026-12-13", "03:30", others), digest=seen, by=cast.mara, at=AT)
    page = page.send({"date": "2026-12-13", "time": "03:30", "window-1": "03:30-04:00"}, form=form_of(page))
    assert (page.status, approved.revisions.count()) == (409, 2)
    assert "to other times than these" in page.text


def test_what_differs_in_more_than_times_is_not_called_so(cast: Cast, approved: Operation) -> None:
    reschedule(approved, cast.mara)
    actions.withdraw(make.fresh(approved), by=cast.mara, at=AT)
    write(make.fresh(approved), cast.mara, "Five minutes.")
    make.submit(cast, make.fresh(approved))
    page = look(signed_in(cast.ada), f"/records/{approved.pk}/review/")
    assert page.response.context["since"].startswith("6 fields in 3 sections changed since you approved")


def test_no_start_on_the_old_approval(cast: Cast, approved: Operation) -> None:
    reschedule(approved, cast.carl)
    with pytest.raises(WrongOrder, match="in review"):
        running.start(make.fresh(approved), by=cast.jun, at=dt.datetime(2026, 12, 13, 3, 30, tzinfo=dt.UTC))


def test_conditions_are_ticked_anew(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write(draft, cast.mara, "To confirm by 2026-11-30: the shop team counts baskets")
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    tick_condition(operation, key=conditions_of(operation)[0].key, evidence="Counted", by=cast.noor, at=AT)
    reschedule(make.fresh(operation), cast.mara)
    assert [one.is_ticked for one in conditions_of(make.fresh(operation))] == [False]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (NewTimes("2026-12-06", "02:00:00 UTC"), "another date, time or window"),
        (NewTimes("next week", "02:00:00 UTC"), "a date such as"),
        (NewTimes("2026-12-13", "two in the morning"), "a time such as 02:00 UTC"),
        (NewTimes("2026-11-01", "02:00:00 UTC"), "a start that is still to come"),
        (NewTimes("2026-12-13", "02:00:00 UTC", {"first": "soon"}), "windows such as 02:00-02:45"),
    ],
)
def test_times_that_can_not_be_are_said_and_nothing_changes(
    times: NewTimes, words: str, cast: Cast, approved: Operation
) -> None:
    phases = times_of(document_of(approved), approved.outline).windows
    first = {next(iter(phases)): text for text in times.windows.values()}
    with pytest.raises(Incomplete, match=words):
        reschedule(approved, cast.mara, NewTimes(times.date, times.time, first))
    assert (make.fresh(approved).state, approved.revisions.count()) == (State.APPROVED, 1)
    assert not FieldChange.objects.filter(operation=approved).exists()


@pytest.mark.parametrize(("late", "is_taken"), [(0, True), (4, True), (5, False)])
def test_a_start_of_now_is_one_that_is_still_to_come(
    late: int, is_taken: bool, cast: Cast, approved: Operation
) -> None:
    """The page offers "Now": it is still taken when the rest of the page is filled in."""
    start = dt.datetime(2026, 12, 5, 23, 10, tzinfo=dt.UTC)
    times, at = NewTimes(f"{start:%Y-%m-%d}", f"{start:%H:%M} UTC"), start + dt.timedelta(minutes=late)
    with nullcontext() if is_taken else pytest.raises(Incomplete, match="still to come"):
        actions.reschedule(approved, times, digest=digest(approved), by=cast.mara, at=at)


def test_another_revision_than_was_seen_is_not_moved(cast: Cast, approved: Operation) -> None:
    with pytest.raises(Changed, match="Another revision"):
        actions.reschedule(approved, LATER, digest="0" * 64, by=cast.mara, at=AT)


def test_a_plan_that_is_not_the_approved_one_is_not_moved(cast: Cast, approved: Operation) -> None:
    """Only the times differ from what was approved: nothing slips in with them."""
    Step.objects.filter(section__operation=approved, phase__isnull=False).update(host="elsewhere")
    with pytest.raises(Changed, match="no longer what was approved"):
        reschedule(approved, cast.mara)
    assert (make.fresh(approved).state, approved.revisions.count()) == (State.APPROVED, 1)


def test_if_nobody_can_confirm_it_stays_as_it_is(cast: Cast, approved: Operation) -> None:
    RoleHolding.objects.filter(person=cast.ada).delete()
    with pytest.raises(Refused, match="Nobody could approve this"):
        reschedule(approved, cast.mara)
    assert (make.fresh(approved).state, approved.revisions.count()) == (State.APPROVED, 1)


def test_a_date_is_moved_on_the_page(cast: Cast, approved: Operation) -> None:
    page = look(signed_in(cast.mara), f"/records/{approved.pk}/")
    assert "Move it to another date" in page.text
    page = look(signed_in(cast.mara), reverse("reschedule", args=[approved.pk]))
    assert "Tomas Okafor and Ada Brandt approved the present date" in page.text
    form = form_of(page)
    assert page.fields(form)["window-1"] == "02:00-02:45"
    wrong = page.send({"date": "soon"}, form=form)
    assert (wrong.status, "Write the date as 2026-12-06" in wrong.text) == (400, True)
    assert wrong.fields(form_of(wrong))["date"] == "soon"
    done = wrong.send({"date": "2027-12-13", "window-3": "04:30-06:00"}, form=form_of(wrong))
    assert "asked to confirm" in done.text
    assert times_of(document_of(approved), approved.outline).date == "2027-12-13"
    assert list(times_of(document_of(approved), approved.outline).windows.values())[2] == "04:30-06:00"


def test_times_in_the_text_that_stay_are_named_to_the_author_and_to_who_confirms(
    cast: Cast, approved: Operation
) -> None:
    page = look(signed_in(cast.mara), reverse("reschedule", args=[approved.pk])).text
    assert "texts name the day or a time, and stay as they are" in page
    assert (
        "Operation ID</a>: 2026-12-06" in page
        and "Time Limits</a>: 04:50 UTC" in page
        and "DevOps Team</a>: 01:45" in page
    )
    reschedule(approved, cast.mara)
    seen = {
        name: look(signed_in(getattr(cast, name)), reverse("review", args=[approved.pk])).text
        for name in ("tomas", "carl")
    }
    assert "texts still name the former day, or a time outside of the new window" in seen["tomas"]
    assert "Operation ID: 2026-12-06" in seen["tomas"] and "1 Service Outage, Detection: 02:40" in seen["tomas"]
    assert "Time Limits: 04:50" not in seen["tomas"], "the new window is from 03:30 to 07:00"
    assert "former day" not in seen["carl"], "nobody else saw it with its former day"


def test_a_form_that_nobody_touched_moves_nothing(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    loose = {"header/date": "6 Dec 2026", "header/time": "02:00 UTC"}
    with transaction.atomic():
        write_fields(draft, "header", loose, by=cast.mara, at=AT)
    approved = make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada")
    page = look(signed_in(cast.mara), reverse("reschedule", args=[approved.pk]))
    form = form_of(page)
    assert {name: page.fields(form)[name] for name in ("date", "time")} == {"date": "6 Dec 2026", "time": "02:00 UTC"}
    same = page.send(form=form)
    assert (same.status, "another date, time or window than it has" in same.text) == (400, True)
    assert (make.fresh(approved).state, approved.revisions.count()) == (State.APPROVED, 1)
    same.send({"date": "13 Dec 2026"}, form=form_of(same))
    moved = times_of(document_of(approved), approved.outline)
    assert (moved.date, moved.time) == ("2026-12-13", "02:00 UTC")

"""Reminders: the window, old reviews, closing, observations, owed plans, the next review; each person once."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager

import pytest

from approvals import actions, reminding
from approvals.reminding import remind
from records.models import Check, Delivery, Operation, OperationTemplate, Person, State
from records.outbox import Event
from records.run import due_later
from tests import make
from tests.people import Cast

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEAM = {"mara", "carl", "jun", "ines", "noor", "tomas"}


def told(event: Event) -> list[str]:
    return sorted(Delivery.objects.filter(event=event).values_list("person__username", flat=True))


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.APPROVED, cast, template)


def test_the_team_is_reminded_a_day_before_the_window_once(approved: Operation) -> None:
    assert remind(at=make.NIGHT - DAY - HOUR) == 0
    assert remind(at=make.NIGHT - DAY + HOUR) == 1
    assert told(Event.WINDOW_NEAR) == sorted(TEAM)
    assert remind(at=make.NIGHT - HOUR) == 0
    assert remind(at=make.NIGHT + HOUR) == 0
    row = Delivery.objects.filter(event=Event.WINDOW_NEAR)[0]
    assert "] Starts soon: PostgreSQL" in row.subject
    assert f"/records/{approved.pk}/run/" in row.body
    assert "Starts soon, 5 Dec 03:00 UTC" in row.body, "nobody did it"


def test_what_starts_soon_has_not_begun(approved: Operation) -> None:
    assert remind(at=make.NIGHT) == 0
    assert remind(at=make.NIGHT + HOUR) == 0
    assert told(Event.WINDOW_NEAR) == []


def test_what_another_worker_told_meanwhile_is_not_told_twice(
    approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first of three is told, somebody else tells of the second."""
    copies = []
    for number in (2, 3):
        copy = make.fresh(approved)
        copy.pk, copy.operation_id = None, f"2026-12-06-number-{number}"
        copy.save(force_insert=True)
        copies.append(copy)
    locking = reminding.acting

    def beaten(operation: Operation) -> AbstractContextManager[Operation]:
        if operation == approved:
            at = make.NIGHT - HOUR
            Delivery.objects.create(operation=copies[0], event=Event.WINDOW_NEAR, next_at=at, created_at=at)
        return locking(operation)

    monkeypatch.setattr(reminding, "acting", beaten)
    assert remind(at=make.NIGHT - HOUR) == 2
    rows = Delivery.objects.filter(event=Event.WINDOW_NEAR)
    assert [rows.filter(operation=one).count() for one in (approved, *copies)] == [len(TEAM), 1, 3]


def test_a_window_that_moved_is_reminded_of_anew(cast: Cast, approved: Operation) -> None:
    remind(at=make.NIGHT - HOUR)
    at = make.NIGHT - HOUR / 2
    Operation.objects.filter(pk=approved.pk).update(submitted_at=at, window_start=make.NIGHT + DAY)
    assert remind(at=make.NIGHT + HOUR) == 1
    assert told(Event.WINDOW_NEAR) == sorted([*TEAM, *TEAM])


def test_who_can_still_decide_is_reminded_after_a_day(cast: Cast, in_review: Operation) -> None:
    make.approve_by(cast, in_review, "tomas")
    assert remind(at=make.PLANNED + DAY - HOUR) == 0
    assert remind(at=make.PLANNED + DAY) == 1
    assert told(Event.REVIEW_WAITS) == ["ada"]
    assert remind(at=make.PLANNED + DAY + HOUR) == 0
    actions.withdraw(make.fresh(in_review), by=cast.mara, at=make.PLANNED + DAY + HOUR)
    make.submit(cast, make.fresh(in_review), at=make.PLANNED + DAY + HOUR)
    assert remind(at=make.PLANNED + DAY + 2 * HOUR) == 0
    assert remind(at=make.PLANNED + 2 * DAY + HOUR) == 1
    assert told(Event.REVIEW_WAITS) == ["ada", "ada", "tomas"]


def test_after_three_days_whoever_supervises_and_the_writers_know(in_review: Operation) -> None:
    remind(at=make.PLANNED + 2 * DAY)
    assert told(Event.REVIEW_UNDECIDED) == []
    assert remind(at=make.PLANNED + 3 * DAY) == 1
    assert told(Event.REVIEW_UNDECIDED) == ["ada", "carl", "jun", "mara", "sam", "tomas"]
    assert remind(at=make.PLANNED + 4 * DAY) == 0


def test_a_window_that_is_near_escalates_earlier(in_review: Operation) -> None:
    Operation.objects.filter(pk=in_review.pk).update(window_start=make.PLANNED + DAY + 2 * HOUR)
    assert remind(at=make.PLANNED + DAY) == 2
    assert "mara" in told(Event.REVIEW_UNDECIDED)


def test_what_was_decided_or_archived_is_nobodys_to_be_reminded_of(cast: Cast, in_review: Operation) -> None:
    digest = in_review.revisions.get().digest
    actions.reject(in_review, digest=digest, reason="No", by=cast.tomas, at=make.PLANNED)
    assert remind(at=make.PLANNED + 9 * DAY) == 0


def test_the_operator_is_reminded_to_close_then_those_who_sign_off(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.CLOSING, cast, template)
    Operation.objects.filter(pk=operation.pk).update(finished_at=make.NIGHT)
    assert remind(at=make.NIGHT + DAY - HOUR) == 0
    assert remind(at=make.NIGHT + DAY) == 1
    assert told(Event.CLOSING_DUE) == ["jun"]
    make.sign(cast, make.fresh(operation), at=make.NIGHT + DAY + HOUR)
    assert remind(at=make.NIGHT + DAY + 2 * HOUR) == 0
    assert remind(at=make.NIGHT + 2 * DAY + HOUR) == 1
    assert told(Event.CLOSING_DUE) == ["jun", "sam", "tomas"]
    assert remind(at=make.NIGHT + 3 * DAY) == 0


def observed(cast: Cast, template: OperationTemplate, *until: dt.datetime) -> list[Check]:
    """Checks of one closing record, whose work ended in the night, that are looked at until then."""
    operation = make.make_in(State.CLOSING, cast, template)
    Operation.objects.filter(pk=operation.pk).update(finished_at=make.NIGHT)
    checks = list(Check.objects.filter(section__operation=operation, loose=False)[: len(until)])
    nothing = {"ticked": False, "ticked_at": None, "ticked_by": None, "unticked_because": ""}
    for check, end in zip(checks, until, strict=True):
        Check.objects.filter(pk=check.pk).update(**nothing, observe_until=end)
    return checks


def test_what_is_observed_for_two_days_is_told_at_its_end_and_closing_not_before(
    cast: Cast, template: OperationTemplate
) -> None:
    observed(cast, template, make.NIGHT + 2 * DAY)
    assert remind(at=make.NIGHT + 2 * DAY - HOUR) == 0
    assert remind(at=make.NIGHT + 2 * DAY) == 2
    assert told(Event.OBSERVATION_OVER) == sorted(TEAM)
    assert told(Event.CLOSING_DUE) == ["jun"]
    assert remind(at=make.NIGHT + 3 * DAY) == 0


def test_the_end_of_each_observation_is_told_and_swallows_no_closing(cast: Cast, template: OperationTemplate) -> None:
    observed(cast, template, make.NIGHT + 10 * HOUR, make.NIGHT + 20 * HOUR)
    assert remind(at=make.NIGHT + 10 * HOUR) == 1
    assert remind(at=make.NIGHT + 19 * HOUR) == 0
    assert remind(at=make.NIGHT + 20 * HOUR) == 1
    assert told(Event.OBSERVATION_OVER) == sorted([*TEAM, *TEAM])
    assert told(Event.CLOSING_DUE) == []
    assert remind(at=make.NIGHT + DAY) == 1
    assert told(Event.CLOSING_DUE) == ["jun"]


def test_the_plan_that_an_emergency_owes_is_told_once_to_who_writes_it(cast: Cast, template: OperationTemplate) -> None:
    operation = make.begin_emergency(cast, make.make_draft(cast, template))
    due = make.NIGHT + 3 * DAY
    Operation.objects.filter(pk=operation.pk).update(plan_due_at=due)
    assert remind(at=due) == 0, "while it runs, nobody writes"
    Operation.objects.filter(pk=operation.pk).update(state=State.CLOSING, finished_at=due)
    assert remind(at=due - HOUR) == 0
    assert remind(at=due) == 1
    assert told(Event.PLAN_OWED) == ["carl", "jun", "mara"]
    assert remind(at=due + HOUR) == 0


def test_records_of_those_who_left_hold_up_no_others(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "MOST", 1)
    first = make.make_in(State.CLOSING, cast, template)
    Operation.objects.filter(pk=first.pk).update(operation_id="2026-12-06-other")
    second = make.make_in(State.CLOSING, cast, template)
    Operation.objects.filter(pk__in=[first.pk, second.pk]).update(finished_at=make.NIGHT)
    Operation.objects.filter(pk=first.pk).update(in_charge=cast.leo, author=cast.leo)
    first.deputies.clear()
    Person.objects.filter(pk=cast.leo.pk).update(is_active=False)
    assert remind(at=make.NIGHT + DAY) == 1
    assert told(Event.CLOSING_DUE) == ["jun"]
    assert Delivery.objects.get(event=Event.CLOSING_DUE).operation == second


def test_the_day_of_the_next_review_is_told_once(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.FINALIZED, cast, template)
    day = dt.date(2027, 3, 1)
    Operation.objects.filter(pk=operation.pk).update(review_on=day)
    at = dt.datetime(2027, 3, 1, 0, 5, tzinfo=dt.UTC)
    assert list(due_later.reviews_due(day)) == [operation]
    assert remind(at=at - HOUR) == 0
    assert remind(at=at) == 1
    assert told(Event.REVIEW_DATE_DUE) == ["jun", "mara", "tomas"]
    assert remind(at=at + DAY) == 0


def test_nothing_to_remind_of_costs_a_query_each(cast: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(8):
        assert remind(at=make.PLANNED) == 0

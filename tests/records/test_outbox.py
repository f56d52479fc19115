"""What must leave: rows in the transaction of the act, to those concerned; sent by the worker, whatever fails (I4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connections, transaction
from django.utils import timezone

from approvals import actions
from opsrecords.deliveries import tasks
from opsrecords.deliveries.tasks import ATTEMPTS, LEASE, sweep, wait_after
from records import outbox
from records.models import Delivery, DeliveryState, Operation, OperationTemplate, Person, State
from records.outbox import PAGES, Event, Message
from records.rights import may_see
from records.writing.opening import Opening, open_record
from records.writing.people import Pick, name_people
from records.writing.saving import save_section
from tests import make
from tests.people import Cast, make_cast

CONCERNED = {"mara", "carl", "jun", "ines", "noor", "tomas"}


def told(event: Event) -> set[str]:
    return set(Delivery.objects.filter(event=event).values_list("person__username", flat=True))


def put(cast: Cast, operation: Operation, *people: Person, words: str = "") -> None:
    message = Message(Event.REVIEW_ASKED, "Read the plan.", words)
    with transaction.atomic():
        outbox.put(message, operation, to=people, by=cast.mara, at=timezone.now())


@pytest.fixture
def operation(cast: Cast, template: OperationTemplate) -> Operation:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    Delivery.objects.all().delete()
    return operation


# ---------------------------------------------------------------- who is told what


def test_each_act_tells_those_concerned_but_not_who_did_it(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.FINALIZED, cast, template)
    assert told(Event.REVIEW_ASKED) == {"tomas", "ada"}
    assert told(Event.SIGNED) == CONCERNED - {"tomas"}
    assert told(Event.APPROVED) == CONCERNED
    assert told(Event.STARTED) == {*CONCERNED, "ada"} - {"jun"}, "whoever approved it is told"
    assert told(Event.WORK_FINISHED) == {*CONCERNED, "ada"} - {"jun"}
    assert told(Event.SIGN_OFF_ASKED) == {"tomas", "sam"}, "everybody who may sign it off"
    assert told(Event.FINALIZED) == {*CONCERNED, "ada"} - {"tomas"}
    assert operation.deliveries.count() == Delivery.objects.count()


def test_whoever_is_named_sees_the_draft_and_is_told_so_once(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    people = {"operator": cast.jun, "supervisor": cast.tomas, "co_authors": [cast.carl], "team": [cast.noor]}
    for deputies in ([cast.ines, cast.olga], [cast.ines], [cast.ines, cast.olga]):
        name_people(draft, by=cast.mara, deputies=deputies, **people)
        assert bool(may_see(cast.olga, make.fresh(draft))) == (cast.olga in deputies)
    name_people(draft, by=cast.mara, deputies=[cast.ines], **people | {"team": [cast.noor, cast.olga]})
    [message] = Delivery.objects.filter(event=Event.NAMED)
    assert (message.person, "as a deputy, and see it" in message.body) == (cast.olga, True)
    assert may_see(cast.olga, make.fresh(draft)), "the team is named too"
    line = draft.outline and draft.outline.bound("supervisor")
    picks = {"supervisor": Pick(cast.tomas.pk, cast.sam.pk)}
    assert line
    now, values = timezone.now(), {line.key: "Sam"}
    save_section(operation=draft, key="header", version=1, values=values, picks=picks, by=cast.mara, at=now)
    opening = Opening("Small", operator=cast.jun, supervisor=cast.tomas)
    open_record(opening, author=cast.jun, template=template)
    assert told(Event.NAMED) == {"olga", "sam", "tomas"}, "who names themselves knows"


def test_a_rollback_is_told_at_once(cast: Cast, template: OperationTemplate) -> None:
    make.make_in(State.ROLLING_BACK, cast, template)
    assert told(Event.ROLLBACK) == {*CONCERNED, "ada"} - {"jun"}


def test_who_left_is_told_nothing_and_nobody_is_told_twice(cast: Cast, operation: Operation) -> None:
    cast.ada.is_active = False
    put(cast, operation, cast.tomas, cast.tomas, cast.mara, cast.ada)
    assert told(Event.REVIEW_ASKED) == {"tomas"}


def test_an_act_that_is_rolled_back_tells_nobody(cast: Cast, operation: Operation) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.cancel(operation, reason="No", by=cast.mara, at=make.PLANNED)
        assert Delivery.objects.exists()
        raise ZeroDivisionError
    assert not Delivery.objects.exists()


# ---------------------------------------------------------------- what a mail says


def test_a_mail_says_what_to_do_first_and_ends_with_a_line_for_a_chat(cast: Cast, operation: Operation) -> None:
    put(cast, operation, cast.tomas, words="Only the window moved.")
    row = Delivery.objects.get()
    link = f"http://127.0.0.1:8000/records/{operation.pk}/review/"
    assert row.subject == "[High, 6 Dec 02:00 UTC] Review asked: PostgreSQL 14 to 16 migration, orders cluster"
    lines = row.body.splitlines()
    assert lines[0] == "Read the plan."
    assert lines[2:4] == [
        "PostgreSQL 14 to 16 migration, orders cluster",
        "2026-12-06-infrastructure-postgresql-16-orders",
    ]
    assert lines[4].startswith("Review asked by Mara Lindqvist, ")
    assert lines[5].startswith("Window 6 Dec 02:00 UTC to 6 Dec 05:30 UTC (when this was written: ")
    assert "Only the window moved." in lines
    assert [line for line in lines if line.startswith("http")] == [link]
    assert lines[-2:] == [
        "To copy for a chat:",
        "Review asked: PostgreSQL 14 to 16 migration, orders cluster "
        f"(2026-12-06-infrastructure-postgresql-16-orders) {link}",
    ]


@pytest.mark.parametrize("event", list(Event), ids=str)
def test_every_mail_links_to_a_page_that_there_is(event: Event, cast: Cast, operation: Operation) -> None:
    assert outbox.address_of(operation, PAGES.get(event, "record")).startswith("http://127.0.0.1:8000/records/")


def test_a_title_with_line_ends_makes_no_header(cast: Cast, operation: Operation) -> None:
    operation.title = "Harmless\r\nBcc: everybody@example.com\u2028x" + "y" * 400
    put(cast, operation, cast.tomas)
    assert sweep() == 1
    subject = mail.outbox[0].subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) == 300
    assert mail.outbox[0].recipients() == ["tomas@example.com"]


def test_without_level_or_window_the_subject_begins_with_the_event(cast: Cast) -> None:
    draft = make.import_text(author=cast.mara, text="Notes", template=None, at=make.PLANNED)
    assert outbox.subject_of(Message(Event.CANCELLED, ""), draft) == "Cancelled: Untitled record"


# ---------------------------------------------------------------- sending


def test_a_sweep_sends_what_is_due_once_with_a_stable_id(cast: Cast, operation: Operation) -> None:
    put(cast, operation, cast.tomas, cast.ada)
    assert sweep() == 2
    assert sweep() == 0
    row = Delivery.objects.get(person=cast.tomas)
    assert (row.state, row.attempts, row.leased_until) == (DeliveryState.SENT, 1, None)
    assert row.sent_at is not None
    sent = next(one for one in mail.outbox if one.to == ["tomas@example.com"])
    assert (sent.subject, sent.body) == (row.subject, row.body)
    assert sent.extra_headers["Message-ID"] == f"<{row.delivery_id}@127.0.0.1>"


def failing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    tried: list[int] = []

    def refuse(delivery: Delivery) -> None:
        tried.append(delivery.pk)
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(tasks, "CHANNELS", {"mail": refuse})
    return tried


def test_what_fails_waits_longer_each_time_and_fails_for_good_after_a_day(
    cast: Cast, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cast, operation, cast.tomas)
    tried = failing(monkeypatch)
    for attempt in range(1, ATTEMPTS):
        assert sweep() == 0
        row = Delivery.objects.get()
        assert (row.attempts, row.state, row.error) == (attempt, "waiting", "ConnectionRefusedError: no mail server")
        waits = row.next_at - timezone.now()
        assert dt.timedelta(0) <= wait_after(attempt) - waits < dt.timedelta(seconds=20)
        assert sweep() == 0  # not before its time
        Delivery.objects.update(next_at=timezone.now())
    sweep()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, len(tried)) == (DeliveryState.FAILED, ATTEMPTS, ATTEMPTS)
    Delivery.objects.update(next_at=timezone.now())
    sweep()
    assert len(tried) == ATTEMPTS


def test_waits_grow_up_to_an_hour() -> None:
    assert [wait_after(n).total_seconds() for n in range(1, 10)] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_somebody_without_an_address_fails_at_once(cast: Cast, operation: Operation) -> None:
    Person.objects.filter(pk=cast.tomas.pk).update(email="")
    put(cast, operation, cast.tomas)
    assert sweep() == 0
    row = Delivery.objects.get()
    assert (row.state, row.error) == (DeliveryState.FAILED, "Undeliverable: No e-mail address is known.")


def test_one_that_fails_holds_up_no_other(cast: Cast, operation: Operation) -> None:
    Person.objects.filter(pk=cast.tomas.pk).update(email="")
    put(cast, operation, cast.tomas, cast.ada)
    assert sweep() == 1


def test_case_28_what_a_killed_worker_held_is_sent_when_its_lease_ends(cast: Cast, operation: Operation) -> None:
    put(cast, operation, cast.tomas)
    now = timezone.now()
    Delivery.objects.update(leased_until=now + LEASE, attempts=1)
    assert sweep() == 0
    Delivery.objects.update(leased_until=now - dt.timedelta(seconds=1))
    assert sweep() == 1
    assert Delivery.objects.get().attempts == 2


def test_a_worker_that_dies_of_it_each_time_is_not_tried_for_ever(cast: Cast, operation: Operation) -> None:
    put(cast, operation, cast.tomas)
    Delivery.objects.update(attempts=ATTEMPTS, leased_until=timezone.now() - LEASE)
    assert sweep() == 0
    assert (Delivery.objects.get().state, mail.outbox) == (DeliveryState.FAILED, [])


@pytest.mark.parametrize("late", [None, ConnectionRefusedError("no mail server")], ids=["sent", "failed"])
def test_a_worker_whose_lease_ran_out_writes_over_nobody(
    late: Exception | None, cast: Cast, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was slow; another one has taken the delivery meanwhile, and what became of it is theirs to say."""
    put(cast, operation, cast.tomas)
    theirs = timezone.now() + 2 * LEASE

    def slowly(delivery: Delivery) -> str:
        Delivery.objects.filter(pk=delivery.pk).update(leased_until=theirs, attempts=2)
        if late:
            raise late
        return "250 taken"

    monkeypatch.setattr(tasks, "CHANNELS", {"mail": slowly})
    sweep()
    row = Delivery.objects.get()
    assert (row.state, row.leased_until, row.attempts, row.error) == (DeliveryState.WAITING, theirs, 2, "")


def test_what_was_put_off_meanwhile_is_not_taken(cast: Cast, operation: Operation) -> None:
    put(cast, operation, cast.tomas)
    row = Delivery.objects.get()
    Delivery.objects.update(next_at=timezone.now() + dt.timedelta(minutes=1))
    assert tasks.send(row.pk) == tasks.TAKEN
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once() -> None:
    cast = make_cast()
    operation = make.submit(cast, make.make_draft(cast, make.make_template()))
    Delivery.objects.all().delete()
    put(cast, operation, *[person for name, person in cast.all().items() if name != "mara"])

    def work(_: int) -> int:
        try:
            return int(sweep())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 11
    assert sorted(one.to[0] for one in mail.outbox) == sorted({one.to[0] for one in mail.outbox})


# ---------------------------------------------------------------- the worker is woken


def test_the_worker_is_woken_after_the_commit(
    cast: Cast,
    operation: Operation,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(outbox.current_app, "send_task", lambda name, **_: woken.append(name))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        actions.cancel(operation, reason="No", by=cast.mara, at=make.PLANNED)
        assert woken == []
    assert woken == ["opsrecords.deliveries.sweep"]


def test_case_29_with_the_broker_down_the_act_is_done_and_the_mail_waits(
    cast: Cast,
    operation: Operation,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    def down(*_: object, **__: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(outbox.current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        actions.cancel(operation, reason="No", by=cast.mara, at=make.PLANNED)
    assert make.fresh(operation).state == State.CANCELLED
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert sweep() == Delivery.objects.count()


def test_the_beat_knows_the_task(settings: object) -> None:
    from opsrecords.celery import app

    app.loader.import_default_modules()
    assert len(app.conf.beat_schedule) == 3
    assert {one["task"] for one in app.conf.beat_schedule.values()} <= set(app.tasks)

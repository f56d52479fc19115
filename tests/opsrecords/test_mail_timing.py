"""When a mail goes, and what goes with it: as its reader wishes, nobody is flooded, and nobody waits at night."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone

from opsrecords.deliveries.tasks import sweep
from records import outbox
from records.mail_wishes import ALWAYS, GROUP_OF, IN_GROUP, PROMPT, Wish, morning_after, wish_of
from records.models import Delivery, FinalText, Operation, OperationTemplate, Person, State, Step
from records.outbox import Event
from records.overtaken import OPEN_IN, answered
from tests import make
from tests.opsrecords.mails import due, put, states
from tests.people import Cast

# ---------------------------------------------------------------- as its reader wishes


def test_every_event_belongs_to_one_group() -> None:
    told = [event for events in IN_GROUP.values() for event in events]
    assert sorted([*told, *ALWAYS]) == sorted(Event)
    assert set(GROUP_OF) == set(Event.values) - ALWAYS


def test_a_second_mail_about_a_record_waits_ten_minutes_and_takes_the_third_along(cast: Cast, draft: Operation) -> None:
    put(draft, Event.COMMENTED, cast.mara)
    assert sweep() == 1
    put(draft, Event.COMMENTED, cast.mara)
    put(draft, Event.ANSWERED, cast.mara)
    assert sweep() == 0
    assert {row.attempts for row in Delivery.objects.filter(state="waiting")} == {0}
    assert all(
        row.next_at > timezone.now() + dt.timedelta(minutes=9) for row in Delivery.objects.filter(state="waiting")
    )
    Delivery.objects.filter(state="sent").update(sent_at=timezone.now() - dt.timedelta(minutes=10))
    due()
    assert sweep() == 1
    assert len(mail.outbox) == 2
    assert mail.outbox[1].subject.endswith("(and 1 more)")
    assert "Do commented." in mail.outbox[1].body and "Do answered." in mail.outbox[1].body
    assert states() == {"sent": 3}


def test_a_gathered_mail_is_named_after_what_matters_most(cast: Cast, draft: Operation) -> None:
    """What its reader is asked for, not the oldest remark; and that is read first."""
    put(draft, Event.COMMENTED, cast.mara)
    sweep()
    let_it_ask(draft, Event.REVIEW_ASKED)
    for event in (Event.COMMENTED, Event.WITHDRAWN, Event.REVIEW_ASKED, Event.ANSWERED):
        put(make.fresh(draft), event, cast.mara)
    Delivery.objects.filter(state="sent").update(sent_at=timezone.now() - dt.timedelta(minutes=10))
    due()
    assert sweep() == 1
    [_first, gathered] = mail.outbox
    assert re.search(r"Review asked: .* \(and 3 more\)$", gathered.subject), gathered.subject
    told = re.findall(r"Do (\w+)\.", str(gathered.body))
    assert told == ["review_asked", "commented", "withdrawn", "answered"]
    oldest = Delivery.objects.order_by("pk")[1]
    assert oldest.event == "commented" and gathered.extra_headers["X-Delivery-ID"] == str(oldest.delivery_id)


def let_it_ask(operation: Operation, event: str) -> None:
    """Bring the record to where a message of ``event`` asks for something."""
    if event in OPEN_IN:
        Operation.objects.filter(pk=operation.pk).update(state=min(OPEN_IN[event]))
    if event == Event.WITNESS_ASKED:
        step = Step.objects.filter(section__operation=operation)[:1]
        Step.objects.filter(pk__in=step).update(witness=True, status="started")
    if event == Event.SIGN_OFF_ASKED:
        frozen = {"number": 1, "text": b"", "content": b"{}", "digest": "0" * 64, "frozen_by": operation.author}
        final = FinalText.objects.create(operation=operation, frozen_at=make.PLANNED, **frozen)
        Operation.objects.filter(pk=operation.pk).update(final_text=final)


@pytest.mark.parametrize("event", sorted(PROMPT))
def test_what_is_prompt_waits_for_nothing_and_goes_alone(cast: Cast, draft: Operation, event: str) -> None:
    """However much was written about the record just before, and waits; and it delays nothing that comes after it."""
    put(draft, Event.COMMENTED, cast.mara)
    sweep()
    put(draft, Event.ANSWERED, cast.mara)
    assert sweep() == 0
    let_it_ask(draft, event)
    put(draft, Event(event), cast.mara)
    put(draft, Event(event), cast.mara)
    assert sweep() == 2
    [first, second] = mail.outbox[1:]
    assert first.subject == second.subject == Delivery.objects.filter(event=event)[0].subject
    assert "Do answered." not in str(first.body)
    Delivery.objects.filter(event=Event.COMMENTED).update(sent_at=timezone.now() - dt.timedelta(minutes=10))
    due()
    assert sweep() == 1


def test_who_is_held_up_at_night_is_not_put_off() -> None:
    """What a run page promises a mail for."""
    for event in ("start_asked", "start_allowed", "started", "witness_asked", "window_asked", "window_confirmed"):
        assert event in PROMPT
    for event in ("handed_over", "rollback", "sign_off_asked"):
        assert event in PROMPT


def test_two_that_are_prompt_go_in_one_mail_where_the_person_wants_one_a_day(cast: Cast, draft: Operation) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(mail_wishes={"asked": "daily", "decided": "daily"})
    for event in (Event.REOPENED, Event.APPROVED):
        put(draft, event, cast.mara, at=timezone.now() - dt.timedelta(days=2))
    assert sweep() == 1
    assert "Do reopened." in str(mail.outbox[0].body) and "Do approved." in str(mail.outbox[0].body)


def test_another_record_and_another_person_are_not_held_up(
    cast: Cast, template: OperationTemplate, draft: Operation
) -> None:
    put(draft, Event.COMMENTED, cast.mara)
    sweep()
    other = make.import_text(author=cast.mara, text="Notes", template=None, at=make.PLANNED)
    put(draft, Event.COMMENTED, cast.carl)
    put(other, Event.COMMENTED, cast.mara)
    assert sweep() == 2


def test_once_a_day_comes_at_seven_in_one_mail(cast: Cast, template: OperationTemplate, draft: Operation) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(mail_wishes={"comments": "daily", "decided": "daily"})
    other = make.import_text(author=cast.mara, text="Notes", template=None, at=make.PLANNED)
    Operation.objects.filter(pk=other.pk).update(title="Another")
    yesterday = timezone.now() - dt.timedelta(days=2)
    put(draft, Event.COMMENTED, cast.mara)
    assert sweep() == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.next_at) == ("waiting", 0, morning_after(row.created_at, cast.mara))
    put(make.fresh(other), Event.APPROVED, cast.mara)
    put(draft, Event.STARTED, cast.mara)
    assert sweep() == 1, "what she wants at once comes at once, and alone"
    Delivery.objects.filter(state="waiting").update(created_at=yesterday)
    due()
    assert sweep() == 1
    assert mail.outbox[1].subject == "2 messages about 2 records"
    assert "Do commented." in mail.outbox[1].body and "Approved: Another" in mail.outbox[1].body
    assert states() == {"sent": 3}


@pytest.mark.parametrize(
    ("zone", "at", "morning"),
    [
        ("UTC", "2026-11-28T06:59:00+00:00", "2026-11-28T07:00:00+00:00"),
        ("UTC", "2026-11-28T07:00:00+00:00", "2026-11-29T07:00:00+00:00"),
        ("Europe/Berlin", "2026-03-28T20:00:00+00:00", "2026-03-29T05:00:00+00:00"),
        ("America/New_York", "2026-11-28T03:00:00+00:00", "2026-11-28T12:00:00+00:00"),
        ("Nowhere/Else", "2026-11-28T08:00:00+00:00", "2026-11-29T07:00:00+00:00"),
    ],
)
def test_the_morning_is_the_readers(zone: str, at: str, morning: str) -> None:
    person = Person(time_zone=zone)
    assert morning_after(dt.datetime.fromisoformat(at), person) == dt.datetime.fromisoformat(morning)


def test_what_is_not_wanted_by_mail_stays_in_the_inbox(cast: Cast, in_review: Operation) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(mail_wishes={"run": "never"})
    in_review.muted_by.add(cast.carl)
    put(in_review, Event.STARTED, cast.mara, cast.carl)
    put(in_review, Event.REVIEW_ASKED, cast.carl)
    put(in_review, Event.ROLLBACK, cast.carl, cast.mara)
    sweep()
    due()
    sweep()
    rows = {(one.event, one.person.username): one.state for one in Delivery.objects.all() if one.person}
    assert rows == {
        ("started", "mara"): "kept",
        ("started", "carl"): "kept",
        ("review_asked", "carl"): "sent",
        ("rollback", "carl"): "sent",
        ("rollback", "mara"): "kept",
    }


@pytest.mark.parametrize("muted", [False, True])
def test_what_is_not_wanted_by_mail_goes_in_nobodys_mail(cast: Cast, in_review: Operation, muted: bool) -> None:
    """Neither with a mail about the same record, nor where all of the record is muted."""
    if muted:
        in_review.muted_by.add(cast.mara)
    else:
        Person.objects.filter(pk=cast.mara.pk).update(mail_wishes={"comments": "never"})
    put(in_review, Event.REVIEW_ASKED, cast.mara)
    put(in_review, Event.COMMENTED, cast.mara)
    sweep()
    (one,) = mail.outbox
    assert "Do commented." not in str(one.body)
    assert states() == {"sent": 1, "kept": 1}


def test_the_mail_of_the_day_leaves_out_what_is_muted(
    cast: Cast, template: OperationTemplate, draft: Operation
) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(mail_wishes={"comments": "daily"})
    Operation.objects.filter(pk=draft.pk).update(operation_id="2026-12-06-other")
    other = make.make_in(State.DRAFT, cast, template)
    other.muted_by.add(cast.mara)
    for operation, event in ((draft, Event.COMMENTED), (other, Event.ANSWERED)):
        put(operation, event, cast.mara, at=timezone.now() - dt.timedelta(days=2))
    sweep()
    (one,) = mail.outbox
    assert "Do commented." in str(one.body) and "Do answered." not in str(one.body)
    assert states() == {"sent": 1, "kept": 1}


def test_what_is_about_no_record_is_neither_held_up_nor_put_together(cast: Cast) -> None:
    told = {"event": Event.PASSWORD_SET, "to": cast.mara, "by": cast.leo, "at": timezone.now()}
    Person.objects.filter(pk=cast.mara.pk).update(mail_wishes=dict.fromkeys(["run", "asked", "decided"], "never"))
    outbox.put_about_account("Your password was set", "Choose another.", **told)
    outbox.put_about_account("Your password was set", "Choose another.", **told)
    assert sweep() == 2


def test_who_left_gets_no_mail(cast: Cast, draft: Operation) -> None:
    put(draft, Event.STARTED, cast.carl)
    Person.objects.filter(pk=cast.carl.pk).update(is_active=False)
    assert sweep() == 0
    assert states() == {"kept": 1}


def test_an_unknown_wish_is_none(cast: Cast) -> None:
    cast.mara.mail_wishes = {"run": "perhaps"}
    assert wish_of(cast.mara, Event.STARTED) == Wish.AT_ONCE


# ---------------------------------------------------------------- what was answered meanwhile


def test_what_the_record_has_overtaken_is_asked_by_no_mail(cast: Cast, in_review: Operation) -> None:
    """Neither by one of its own, nor along with another; it stays in the inbox."""
    put(in_review, Event.COMMENTED, cast.tomas)
    sweep()
    put(in_review, Event.COMMENTED, cast.tomas)
    put(in_review, Event.REVIEW_ASKED, cast.tomas, cast.ada)
    Operation.objects.filter(pk=in_review.pk).update(state=State.APPROVED)
    Delivery.objects.filter(state="sent").update(sent_at=timezone.now() - dt.timedelta(minutes=10))
    sweep()
    assert [one.to for one in mail.outbox] == [["tomas@example.com"], ["tomas@example.com"]]
    assert "Do review_asked." not in str(mail.outbox[1].body)
    assert states() == {"sent": 2, "kept": 2}


def test_who_gave_their_word_is_not_asked_for_it_by_mail(cast: Cast, in_review: Operation) -> None:
    """One of two approvals: the record still waits, but not for this person."""
    put(in_review, Event.REVIEW_ASKED, cast.tomas, cast.ada)
    answered(in_review, by=cast.tomas, at=timezone.now())
    sweep()
    assert [one.to for one in mail.outbox] == [["ada@example.com"]]
    assert states() == {"sent": 1, "kept": 1}


def test_a_start_is_asked_for_by_mail_again_once_what_was_allowed_has_run_out(cast: Cast, draft: Operation) -> None:
    now, allowed_until = timezone.now(), timezone.now() - dt.timedelta(hours=1)
    Operation.objects.filter(pk=draft.pk).update(state=State.APPROVED, start_allowed_until=allowed_until)
    put(draft, Event.START_ASKED, cast.tomas, at=now - dt.timedelta(hours=14))
    put(draft, Event.START_ASKED, cast.tomas, at=now)
    assert sweep() == 1
    assert [one.state for one in Delivery.objects.order_by("created_at")] == ["kept", "sent"]

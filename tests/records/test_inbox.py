"""The inbox: the same messages as by mail, unread first, and how many on every page; without a script."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from records import outbox
from records.bar import bar_told
from records.inbox import address_of
from records.models import Delivery, Operation, OperationTemplate, Person, State
from records.outbox import PAGES, Event, Message
from records.overtaken import OPEN_IN, overtaken
from records.writing.people import name_people
from records.writing.saving import save_section
from tests import make
from tests.people import PASSWORD, Cast, signed_in

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def operation(cast: Cast, template: OperationTemplate) -> Operation:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    Delivery.objects.all().delete()
    return operation


def put(operation: Operation, event: Event, *people: Person) -> Delivery:
    outbox.put(Message(event, "Do it."), operation, to=people, by=None, at=timezone.now())
    return Delivery.objects.order_by("-pk")[0]


def subjects(page: str) -> list[str]:
    return re.findall(r'<button class="as-link"[^>]*>(?:\[[^\]]*\] )?([^:<]*)', page)


def press(client: Client, act: str) -> int:
    return client.post(reverse("inbox"), {"act": act}).status_code


def test_unread_comes_first_and_opening_one_marks_it_and_leads_to_its_page(cast: Cast, operation: Operation) -> None:
    first = put(operation, Event.REVIEW_ASKED, cast.tomas)
    put(operation, Event.COMMENTED, cast.tomas)
    put(operation, Event.STARTED, cast.ada)
    tomas = signed_in(cast.tomas)
    assert subjects(tomas.get(reverse("inbox")).content.decode()) == ["Comments", "Review asked"]
    answer = tomas.post(reverse("inbox"), {"act": f"open:{first.pk}"})
    assert answer["Location"] == reverse("review", args=[operation.pk])
    put(operation, Event.APPROVED, cast.tomas)
    page = tomas.get(reverse("inbox")).content.decode()
    assert subjects(page) == ["Approved", "Comments", "Review asked"]
    assert "Inbox, 2 unread messages" in page
    assert page.index('id="read-title"') < page.index("Review asked")


def test_every_page_says_how_many_are_unread_for_no_query_of_its_own(cast: Cast, operation: Operation) -> None:
    tomas = signed_in(cast.tomas)
    assert '<span class="visually-hidden">Inbox</span>' in tomas.get(reverse("record_list")).content.decode()
    with CaptureQueriesContext(connection) as queries:
        assert bar_told(cast.tomas).unread == 0
    assert len(queries) == 1
    for _number in range(3):
        put(operation, Event.COMMENTED, cast.tomas, cast.ada)
    for url in (reverse("record_list"), reverse("home"), reverse("record", args=[operation.pk])):
        with CaptureQueriesContext(connection) as queries:
            assert "Inbox, 3 unread messages" in tomas.get(url).content.decode()
        [told] = [query["sql"] for query in queries if "COUNT" in query["sql"] and "delivery" in query["sql"]]
        assert told.startswith('SELECT "records_person"'), "it comes with who is signed in"
    assert bar_told(cast.tomas).unread == 3


def test_read_and_unread_and_all_that_was_shown(cast: Cast, operation: Operation) -> None:
    tomas = signed_in(cast.tomas)
    one, two = (put(operation, Event.COMMENTED, cast.tomas) for _ in range(2))
    put(operation, Event.COMMENTED, cast.ada)
    assert press(tomas, f"read:{one.pk}") == 302
    assert bar_told(cast.tomas).unread == 1
    press(tomas, f"unread:{one.pk}")
    shown = tomas.get(reverse("inbox")).content.decode()
    assert f'value="read_all:{two.pk}"' in shown
    put(operation, Event.APPROVED, cast.tomas)
    press(tomas, f"read_all:{two.pk}")
    assert bar_told(cast.tomas).unread == 1, "what came since it was shown stays unread"
    assert bar_told(cast.ada).unread == 1, "and so does everybody else's"


def test_case_9_nobody_touches_somebody_elses_messages(cast: Cast, operation: Operation) -> None:
    theirs = put(operation, Event.REVIEW_ASKED, cast.ada)
    for act in ("open", "read", "unread"):
        assert press(signed_in(cast.tomas), f"{act}:{theirs.pk}") == 404
    assert Delivery.objects.get().read_at is None


def test_case_9_a_draft_of_somebody_is_not_muted_by_its_number(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_in(State.DRAFT, cast, template)
    assert press(signed_in(cast.olga), f"mute:{draft.pk}") == 404


@pytest.mark.parametrize("act", ["", "open", "open:", "open:x", "open:-1", "burn:1", "read_all:" + "9" * 30, "open:١"])
def test_an_unknown_button_is_refused(cast: Cast, act: str) -> None:
    assert press(signed_in(cast.tomas), act) == 400


def test_a_record_is_muted_and_heard_again(cast: Cast, operation: Operation) -> None:
    put(operation, Event.COMMENTED, cast.tomas)
    tomas = signed_in(cast.tomas)
    assert press(tomas, f"mute:{operation.pk}") == 302
    page = tomas.get(reverse("inbox")).content.decode()
    assert "is muted: only what asks you" in page and "Unmute" in page
    assert list(operation.muted_by.all()) == [cast.tomas]
    assert bar_told(cast.tomas).unread == 0
    press(tomas, f"unmute:{operation.pk}")
    assert not operation.muted_by.exists()


def unread_of(person: Person) -> list[str]:
    return subjects(signed_in(person).get(reverse("inbox")).content.decode().split('id="read-title"')[0])


def test_what_later_events_overtook_is_not_unread_and_says_why(cast: Cast, operation: Operation) -> None:
    """Approved by others, withdrawn, cancelled: nobody has to open what asks for nothing any more."""
    put(operation, Event.REVIEW_ASKED, cast.sam, cast.noor)
    put(operation, Event.COMMENTED, cast.sam)
    assert unread_of(cast.sam) == ["Comments", "Review asked"]
    Operation.objects.filter(pk=operation.pk).update(state=State.APPROVED)
    assert unread_of(cast.sam) == ["Comments"]
    assert (bar_told(cast.sam).unread, bar_told(cast.noor).unread) == (1, 0)
    page = signed_in(cast.sam).get(reverse("inbox")).content.decode()
    assert "overtaken: the record is “approved” by now" in page
    Operation.objects.filter(pk=operation.pk).update(state=State.IN_REVIEW)
    assert unread_of(cast.sam) == ["Comments", "Review asked"], "it asks again"


def asked_of(person: Person) -> set[str]:
    return set(Delivery.objects.filter(~overtaken(), person=person).values_list("event", flat=True))


def test_what_is_done_is_overtaken_before_the_state_says_so(cast: Cast, template: OperationTemplate) -> None:
    """A start that was allowed; results after the operator signed; an emergency's plan that was written."""
    closing = make.make_in(State.CLOSING, cast, template)
    put(closing, Event.CLOSING_DUE, cast.mara)
    put(closing, Event.PLAN_OWED, cast.mara)
    put(closing, Event.COMMENTED, cast.mara)
    Operation.objects.filter(pk=closing.pk).update(plan_due_at=timezone.now())
    assert {Event.CLOSING_DUE, Event.PLAN_OWED} <= asked_of(cast.mara)
    Operation.objects.filter(pk=closing.pk).update(plan_due_at=None)
    assert Event.PLAN_OWED not in asked_of(cast.mara)
    make.sign(cast, make.fresh(closing), at=timezone.now())
    assert Event.CLOSING_DUE not in asked_of(cast.mara)
    assert Event.COMMENTED in asked_of(cast.mara), "an answer is wanted as before"
    assert "overtaken: it is done by now" in signed_in(cast.mara).get(reverse("inbox")).content.decode()
    put(closing, Event.CLOSING_DUE, cast.tomas)
    assert Event.CLOSING_DUE in asked_of(cast.tomas), "it asks whoever signs it off"


def test_who_decided_has_read_what_asked_for_it(cast: Cast, operation: Operation) -> None:
    put(operation, Event.REVIEW_ASKED, cast.tomas, cast.ada)
    posted = {"digest": operation.revisions.get().digest, "decision": "approve", "reason": "", "password": PASSWORD}
    assert signed_in(cast.tomas).post(reverse("decide", args=[operation.pk]), posted).status_code == 302
    assert (unread_of(cast.tomas), "Review asked" in unread_of(cast.ada)) == ([], True)


@pytest.mark.parametrize("asks_back", [False, True])
def test_the_act_itself_marks_as_read_what_asked_for_it(cast: Cast, operation: Operation, asks_back: bool) -> None:
    other = make.fresh(operation)
    other.pk, other.operation_id = None, "2026-12-06-another"
    other.save(force_insert=True)
    elsewhere = put(other, Event.REVIEW_ASKED, cast.tomas)
    earlier = put(operation, Event.REVIEW_ASKED, cast.tomas)
    Delivery.objects.filter(pk=earlier.pk).update(read_at=make.PLANNED - HOUR)
    asking, digest = put(operation, Event.REVIEW_ASKED, cast.tomas), operation.revisions.get().digest
    if asks_back:
        actions.ask_for_changes(operation, digest=digest, reason="No way back", by=cast.tomas, at=make.PLANNED)
    else:
        actions.approve(operation, digest=digest, password=PASSWORD, by=cast.tomas, at=make.PLANNED)
    read = [Delivery.objects.get(pk=row.pk).read_at for row in (asking, earlier, elsewhere)]
    assert read == [make.PLANNED, make.PLANNED - HOUR, None], "what asks for another record asks on"


def test_every_message_that_can_be_overtaken_is_one_that_is_sent() -> None:
    assert set(OPEN_IN) <= set(Event.values)


def test_a_get_changes_nothing(cast: Cast, operation: Operation) -> None:
    row = put(operation, Event.REVIEW_ASKED, cast.tomas)
    signed_in(cast.tomas).get(reverse("inbox"), {"act": f"read:{row.pk}"})
    assert Delivery.objects.get().read_at is None


def test_a_long_inbox_costs_no_more_queries(cast: Cast, operation: Operation, django_assert_max_num_queries) -> None:
    for number in range(60):
        put(operation, Event.COMMENTED, cast.tomas)
        if number % 2:
            Delivery.objects.update(read_at=timezone.now())
    tomas = signed_in(cast.tomas)
    with django_assert_max_num_queries(6):
        page = tomas.get(reverse("inbox")).content.decode()
    assert "Older" in page


@pytest.mark.parametrize("event", list(Event), ids=str)
def test_each_message_leads_to_the_page_of_its_mail(event: Event) -> None:
    assert address_of(Delivery(event=event, operation_id=7)) == reverse(PAGES.get(event, "record"), args=[7])


def test_a_message_about_no_record_leads_to_what_it_is_about() -> None:
    assert address_of(Delivery(event=Event.PASSWORD_SET)) == "/account/"
    assert address_of(Delivery(event=Event.TEMPLATE_OFFERED)) == "/templates/"
    assert address_of(Delivery(event="of an earlier release")) == "/inbox/"
    assert address_of(Delivery(event="of an earlier release", operation_id=7)) == "/records/7/"


def test_who_is_no_longer_named_in_a_draft_reads_no_new_title(cast: Cast, template: OperationTemplate) -> None:
    op = make.make_draft(cast, template)
    people = {"operator": cast.jun, "supervisor": cast.tomas, "co_authors": [cast.carl], "deputies": [cast.ines]}
    name_people(make.fresh(op), by=cast.mara, **people, team=[cast.noor, cast.olga], at=make.PLANNED)
    name_people(make.fresh(op), by=cast.mara, **people, team=[cast.noor], at=make.PLANNED)
    version = make.fresh(op).sections.get(key="header").version
    values = {"title": "Sell the whole plant"}
    save_section(operation=make.fresh(op), key="header", version=version, values=values, by=cast.mara, at=make.PLANNED)
    client = signed_in(cast.olga)
    assert client.get(reverse("record", args=[op.pk])).status_code == 404
    assert "Sell the whole plant" not in client.get(reverse("inbox")).content.decode()

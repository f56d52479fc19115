"""The queue of decisions: by window, with risk and age; and what was decided is found again."""

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from records.models import Operation, OperationTemplate, Person, State
from tests import make
from tests.approvals.review_pages import save
from tests.browserless import words_of
from tests.people import Cast


def page(person: Person, query: str = "") -> str:
    client = Client()
    client.force_login(person)
    response = client.get(reverse("decisions") + query)
    assert response.status_code == 200
    return words_of(response.content.decode())


@pytest.fixture
def two(cast: Cast, template: OperationTemplate) -> tuple[Operation, Operation]:
    """Two in review: the one sent first has its window later."""
    found = []
    for title, days in (("Later", 9), ("Sooner", 2)):
        draft = make.make_draft(cast, template)
        save(draft, "header", {"header/operation-id": "", "title": title}, cast.mara)
        operation = make.submit(cast, make.fresh(draft))
        start = timezone.now() + dt.timedelta(days=days)
        Operation.objects.filter(pk=operation.pk).update(window_start=start, window_end=start + dt.timedelta(hours=2))
        found.append(make.fresh(operation))
    return found[0], found[1]


def test_what_waits_stands_in_the_order_of_its_windows(cast: Cast, two: tuple[Operation, Operation]) -> None:
    told = page(cast.tomas)
    assert told.index("Sooner") < told.index("Later")
    assert "To decide 2" in told
    assert told.count("Risk: High") == 2
    assert "New to you; 0 of 2 signed" in told
    assert "Nothing waits for your decision" in page(cast.mara), "nobody decides on their own"


def test_a_decision_that_is_late_says_so(cast: Cast, two: tuple[Operation, Operation]) -> None:
    assert " late " not in page(cast.tomas)
    now = timezone.now()
    late = Operation.objects.filter(pk=two[0].pk)
    late.update(window_start=now, window_end=now, submitted_at=now)
    assert " late " not in page(cast.tomas), "it was sent after the decision was wanted"
    late.update(submitted_at=now - dt.timedelta(days=3))
    assert " late " in page(cast.tomas)


def test_a_plan_that_was_sent_too_late_says_what_is_left_to_do(cast: Cast, two: tuple[Operation, Operation]) -> None:
    start = timezone.now() - dt.timedelta(hours=3)
    Operation.objects.filter(pk=two[0].pk).update(window_start=start, submitted_at=timezone.now())
    words = "decide now, or ask for another date"
    assert f"past when it was sent: {words}" in page(cast.tomas)
    client = Client()
    client.force_login(cast.tomas)
    review = client.get(reverse("review", args=[two[0].pk])).content.decode()
    assert f"wanted before it was sent: {words}" in review and "Decision wanted by" not in review
    assert words in html.unescape(client.get(reverse("home")).content.decode())


def test_what_was_decided_is_found_again(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.FINALIZED, cast, template)
    told = page(cast.tomas, "?show=decided")
    assert told.index("signed off (the final text)") < told.index("approved (revision 1)")
    assert str(operation) in told
    assert "You have not decided anything yet" in page(cast.sam, "?show=decided")
    assert "approved (revision 1)" in page(cast.tomas, "?show=decided&q=postgresql orders")
    assert "Nothing matches" in page(cast.tomas, "?show=decided&q=redis")


def test_the_reason_stands_with_it_and_nothing_hides(cast: Cast, two: tuple[Operation, Operation]) -> None:
    digest = two[0].revisions.get().digest
    actions.reject(two[0], digest=digest, reason="Too <b>early\u202e", by=cast.ada, at=make.PLANNED)
    told = page(cast.ada, "?show=decided")
    assert "rejected (revision 1) “Too <b>early⟨U+202E⟩”" in told
    assert "Later" not in page(cast.ada)


def test_older_decisions_are_a_page_away(cast: Cast, template: OperationTemplate) -> None:
    operation = make.submit(cast, make.make_draft(cast, template))
    for number in range(28):
        at = make.PLANNED + dt.timedelta(minutes=number)
        digest = make.fresh(operation).revisions.order_by("-number")[0].digest
        actions.ask_for_changes(operation, digest=digest, reason=f"Reason {number:02}.", by=cast.tomas, at=at)
        operation = make.submit(cast, make.fresh(operation), at=at)
    client = Client()
    client.force_login(cast.tomas)
    first = client.get(reverse("decisions") + "?show=decided").content.decode()
    assert "Reason 27." in first
    assert "Reason 02." not in first
    older = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert older
    second = client.get(reverse("decisions") + html.unescape(older[1])).content.decode()
    assert "Reason 02." in second
    assert "Reason 27." not in second


def test_a_longer_queue_asks_the_database_no_more(cast: Cast, two: object, django_assert_max_num_queries) -> None:
    client = Client()
    client.force_login(cast.tomas)
    for query in ("", "?show=decided"):
        with django_assert_max_num_queries(10):
            client.get(reverse("decisions") + query)

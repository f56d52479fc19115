"""The list of records: who sees which, filters in the address, pages by key."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from records.models import Operation, OperationTemplate, State
from tests.people import Cast

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.fixture
def mara(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mara)
    return client


def add(cast: Cast, template: OperationTemplate, number: int, **columns: object) -> Operation:
    values = {
        "title": f"Number {number:03}",
        "author": cast.mara,
        "operator": cast.mara,
        "supervisor": cast.tomas,
        "template": template,
        "submitted_at": NOW,
        "state": State.IN_REVIEW,
        # Pairs were changed in the same moment: the number decides then.
        "updated_at": NOW - dt.timedelta(minutes=number // 2),
    }
    return Operation.objects.create(**(values | columns))


def titles(client: Client, query: str = "") -> list[str]:
    response = client.get(reverse("record_list") + query)
    assert response.status_code == 200
    return re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a>', response.content.decode())


def link(client: Client, query: str, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', client.get(reverse("record_list") + query).content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def test_pages_by_key_show_each_record_once_there_and_back(
    cast: Cast, template: OperationTemplate, mara: Client
) -> None:
    for number in range(60):
        add(cast, template, number)
    query, pages = "", []
    while not pages or query:
        pages.append(titles(mara, query))
        query, last = link(mara, query, "next"), query
    assert [len(page) for page in pages] == [25, 25, 10]
    assert len({title for page in pages for title in page}) == 60
    back = link(mara, last, "prev")
    assert titles(mara, back) == pages[1]
    assert titles(mara, link(mara, back, "prev")) == pages[0]
    assert link(mara, "", "prev") == ""


@pytest.mark.parametrize("key", ["x", "1-", "99999999999999999-1", "-5-5", "1-2-3", "é", "0" * 200])
def test_a_key_that_nobody_gave_is_the_start(cast: Cast, template: OperationTemplate, mara: Client, key: str) -> None:
    add(cast, template, 1)
    assert mara.get(reverse("record_list"), {"after": key}).status_code == 200
    assert mara.get(reverse("record_list"), {"before": key}).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=kafka", {"Kafka upgrade"}),
        ("?q=okafor+kafka", {"Kafka upgrade"}),
        ("?q=2026-12-06-x", {"Kafka upgrade"}),
        ("?q=nothing-like-it", set()),
        ("?state=approved", {"Redis rehearsal"}),
        ("?state=nonsense", {"Kafka upgrade", "Redis rehearsal"}),
        ("?risk=High", {"Kafka upgrade"}),
        ("?operator=jun", {"Redis rehearsal"}),
        ("?supervisor=okafor", {"Kafka upgrade", "Redis rehearsal"}),
        ("?mine=on", {"Kafka upgrade"}),
        ("?mine=on&state=approved", set()),
    ],
)
def test_filters_live_in_the_address(
    cast: Cast, template: OperationTemplate, mara: Client, query: str, found: set[str]
) -> None:
    add(cast, template, 1, title="Kafka upgrade", risk_level="High", operation_id="2026-12-06-x")
    add(cast, template, 2, title="Redis rehearsal", state=State.APPROVED, author=cast.noor, operator=cast.jun)
    assert set(titles(mara, query)) == found


def test_each_filter_has_a_chip_that_takes_it_away(cast: Cast, template: OperationTemplate, mara: Client) -> None:
    add(cast, template, 1, title="Kafka upgrade")
    page = mara.get(reverse("record_list"), {"q": "kafka", "state": "in_review", "after": ""}).content.decode()
    chips = re.findall(r'<li><a href="(\?[^"]*)">(.*?) <svg', page)
    assert chips == [("?state=in_review", "“kafka”"), ("?q=kafka", "In review")]


def test_drafts_are_listed_for_those_they_concern(cast: Cast, template: OperationTemplate) -> None:
    add(cast, template, 1, title="Secret", state=State.DRAFT, submitted_at=None, operator=None)
    seen = []
    for name, person in cast.all().items():
        client = Client()
        client.force_login(person)
        if titles(client):
            seen.append(name)
    assert seen == ["mara", "tomas", "vera"]


def test_nothing_is_an_invitation_or_a_way_back(mara: Client) -> None:
    assert "No records yet" in mara.get(reverse("record_list")).content.decode()
    page = mara.get(reverse("record_list"), {"q": "<script>"}).content.decode()
    assert "Nothing matches" in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_asks_the_database_at_most_six_times(
    cast: Cast, template: OperationTemplate, mara: Client, count: int, django_assert_max_num_queries
) -> None:
    for number in range(count):
        add(cast, template, number)
    with django_assert_max_num_queries(6):
        mara.get(reverse("record_list"), {"q": "number", "mine": "on", "operator": "mara"})

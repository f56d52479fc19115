"""Search among many records: on PostgreSQL a rare word is found by an index, and no list is walked for it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from records.forms.record_filter import RecordFilter
from records.models import Operation, OperationTemplate, Person, State
from records.rights import visible_to
from tests.people import Cast

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

MANY = 20_000


@pytest.fixture
def many(cast: Cast, template: OperationTemplate) -> None:
    """Records enough for the planner to choose; one of them holds the rare word."""
    Operation.objects.bulk_create(
        Operation(
            title="Zeppelin mooring" if number == MANY // 2 else f"Kafka upgrade {number}",
            operation_id=f"2026-11-24-kafka-{number}",
            author=cast.mara,
            state=State.CANCELLED,
            submitted_at=NOW,
            updated_at=NOW,
        )
        for number in range(MANY)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for column in ("title", "operation_id"):
                cursor.execute(f"SELECT gin_clean_pending_list('operation_search_{column}')")
        cursor.execute("ANALYZE")


def found_for(person: Person, words: str) -> QuerySet[Operation]:
    asked = RecordFilter(QueryDict(f"q={words}"), ["High"])
    return asked.narrowed(visible_to(person), person).order_by("-updated_at", "-pk")[:26]


def test_a_rare_word_is_found_by_an_index_however_many_records_there_are(cast: Cast, many: None) -> None:
    rows = found_for(cast.jun, "eppelin")
    assert [row.title for row in rows] == ["Zeppelin mooring"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few records may as well be read all
        plan = rows.explain()
        assert "operation_search_title" in plan, plan
        assert "operation_newest" not in plan, plan


def test_people_are_asked_for_once_however_many_words_there_are(cast: Cast, many: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert len(list(found_for(cast.jun, "lindqvist kafka upgrade 17"))) > 0
    assert len(asked) == 2

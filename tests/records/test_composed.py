"""A statement that is kept answers what its queryset would, whoever asks, whenever, in whichever thread."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections, models, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from records.composed import Asked, Kept
from records.models import Operation, OperationTemplate, Person, Section
from records.writing.drafting import store_document
from tests import make
from tests.people import Cast

MOMENT = models.DateTimeField()


def of(author: int | Asked, since: dt.datetime | Asked) -> QuerySet[Operation]:
    """What a page asks: conditions, others in the same row, a column from elsewhere, and not all of the own ones."""
    theirs = Operation.objects.filter(author=author, pk=OuterRef("pk"))
    found = Operation.objects.filter(Q(author=author) | Q(operator=author), updated_at__gte=since)
    return found.select_related("template", "operator").annotate(is_theirs=Exists(theirs)).defer("start_conditions")


kept = Kept(lambda: of(Asked("author"), Asked("since", MOMENT)))


def told(rows: list[Operation]) -> list[tuple[object, ...]]:
    return [
        (one.pk, one.title, one.updated_at, str(one.template), one.operator, one.is_theirs, one.stops)  # type: ignore[attr-defined]
        for one in rows
    ]


@pytest.fixture
def records(cast: Cast, template: OperationTemplate) -> list[Operation]:
    blank = template.outline.document
    found = [
        store_document(author=who, template=template, document=blank, at=make.PLANNED) for who in (cast.mara, cast.olga)
    ]
    for days, one in enumerate(found):
        Operation.objects.filter(pk=one.pk).update(updated_at=make.PLANNED + dt.timedelta(days), operator=cast.mara)
    return found


def test_it_answers_each_time_what_its_queryset_would(cast: Cast, records: list[Operation]) -> None:
    day = dt.timedelta(days=1)
    for who in (cast.mara, cast.olga, cast.vera):
        for since in (make.PLANNED - day, make.PLANNED + day / 2, make.PLANNED + 2 * day):
            asked = told(kept(author=who.pk, since=since))
            assert asked == told(list(of(who.pk, since)))
            first = kept.first(author=who.pk, since=since)
            assert (told([first]) if first else []) == asked[:1]
    assert len(told(kept(author=cast.mara.pk, since=make.PLANNED))) == 2


def test_what_was_changed_since_is_seen(cast: Cast, records: list[Operation]) -> None:
    (before,) = kept(author=cast.olga.pk, since=make.PLANNED)
    Operation.objects.filter(pk=before.pk).update(title="Another one")
    (after,) = kept(author=cast.olga.pk, since=make.PLANNED)
    assert (before.title, after.title) == (records[1].title, "Another one")


def test_its_rows_are_whole_models(
    cast: Cast,
    records: list[Operation],
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    with django_assert_num_queries(1):
        one = kept.first(author=cast.olga.pk, since=make.PLANNED)
        assert one and one.template and one.operator == cast.mara
    with django_assert_num_queries(1):
        assert one.start_conditions == []
    one.title = "Renamed"
    one.save(update_fields=["title"])
    assert make.fresh(one).title == "Renamed"


def test_values_come_as_they_would(cast: Cast, records: list[Operation]) -> None:
    def counted(operation: int | Asked) -> QuerySet[Section, tuple[str, int]]:
        own = Section.objects.filter(operation=operation).order_by("kind").values("kind")
        return own.annotate(number=Count("pk")).values_list("kind", "number")

    sections = Kept(lambda: counted(Asked("operation")))
    for one in records:
        assert sections(operation=one.pk) == list(counted(one.pk)) != []


def test_one_row_is_got_or_is_not_there(cast: Cast) -> None:
    people = Kept(lambda: Person.objects.filter(pk=Asked("person")))
    assert people.get(person=cast.mara.pk) == cast.mara
    with pytest.raises(Person.DoesNotExist):
        people.get(person=0)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_alone(cast: Cast) -> None:
    """Whoever composed it: the second time Django would not look."""
    people = Kept(lambda: Person.objects.select_for_update().filter(pk=Asked("person")))
    with transaction.atomic():
        assert people.get(person=cast.mara.pk) == cast.mara
    with pytest.raises(transaction.TransactionManagementError):
        people.get(person=cast.mara.pk)


def test_it_is_composed_once(cast: Cast, records: list[Operation]) -> None:
    made = []

    def people() -> QuerySet[Person]:
        made.append(1)
        return Person.objects.filter(pk=Asked("person"))

    once = Kept(people)
    assert [once(person=who.pk) for who in (cast.mara, cast.olga)] == [[cast.mara], [cast.olga]]
    assert made == [1]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection(cast: Cast) -> None:
    people = Kept(lambda: Person.objects.filter(pk=Asked("person")))
    assert people(person=cast.mara.pk) == [cast.mara]
    found: list[object] = []

    def ask() -> None:
        try:
            found.extend(people(person=cast.olga.pk))
        except Exception as error:  # whatever it is, it must not be
            found.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [cast.olga]

"""Archiving: what has ended leaves the lists and stays whole; nothing is deleted."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from records.archiving import archive, bring_back
from records.audit import verify
from records.models import AuditEntry, Operation, OperationTemplate, Person, State
from records.models.states import ENDED
from records.refusals import Refused, WrongOrder
from tests.make import NIGHT, fresh, make_in
from tests.people import Cast, signed_in


def listed(person: Person, query: str = "") -> bool:
    page = signed_in(person).get(reverse("record_list") + query).content.decode()
    return "PostgreSQL 14 to 16 migration" in page


@pytest.mark.parametrize("state", State)
def test_only_what_has_ended_is_archived(cast: Cast, template: OperationTemplate, state: State) -> None:
    operation = make_in(state, cast, template)
    if state in ENDED:
        archive(operation, by=cast.mara, at=NIGHT)
        assert fresh(operation).archived_at == NIGHT
    else:
        with pytest.raises(WrongOrder, match="Only what has ended is archived"):
            archive(operation, by=cast.mara, at=NIGHT)
    assert fresh(operation).state == state


def test_those_whose_names_are_on_it_archive_it_and_administrators(cast: Cast, template: OperationTemplate) -> None:
    operation = make_in(State.CANCELLED, cast, template)
    allowed = []
    for name, person in cast.all().items():
        try:
            archive(operation, by=person)
            bring_back(operation, by=person)
            allowed.append(name)
        except Refused:
            assert fresh(operation).archived_at is None
    assert allowed == ["mara", "jun", "tomas", "leo", "root"]


def test_it_leaves_the_lists_and_nothing_else(cast: Cast, template: OperationTemplate) -> None:
    operation = make_in(State.FINALIZED, cast, template)
    mara, url = signed_in(cast.mara), reverse("record_archive", args=[operation.pk])
    before = bytes(Operation.objects.get(pk=operation.pk).final_text.text)  # type: ignore[union-attr]
    assert listed(cast.mara) and not listed(cast.mara, "?archived=on")
    assert url in mara.get(reverse("record", args=[operation.pk])).content.decode()
    assert mara.post(url, {"archived": "yes"}, follow=True).status_code == 200
    assert listed(cast.mara, "?archived=on") and not listed(cast.mara) and not listed(cast.mara, "?state=finalized")
    page = mara.get(reverse("record", args=[operation.pk])).content.decode()
    assert "Archived: lists show it only where" in page
    assert bytes(fresh(operation).final_text.text) == before  # type: ignore[union-attr]
    assert mara.get(reverse("record_download", args=[operation.pk])).content == before
    assert mara.get(reverse("finalized_zip")).status_code == 200
    mara.post(url, {"archived": "no"})
    assert listed(cast.mara) and not listed(cast.mara, "?archived=on")


def test_each_time_stands_in_the_trail_and_a_second_click_does_not(cast: Cast, template: OperationTemplate) -> None:
    operation = make_in(State.REJECTED, cast, template)
    for act in (archive, archive, bring_back, bring_back):
        act(operation, by=cast.mara, at=NIGHT)
    told = AuditEntry.objects.filter(operation=operation, act__in=["archive", "bring_back"]).order_by("number")
    assert [entry.act for entry in told] == ["archive", "bring_back"]
    assert verify() is None
    feed = signed_in(cast.mara).get(reverse("record", args=[operation.pk])).content.decode()
    assert re.search(r"put this record back into the lists", feed)


def test_somebody_who_was_faster_is_told_about(cast: Cast, template: OperationTemplate) -> None:
    operation = make_in(State.DRAFT, cast, template)
    page = signed_in(cast.mara).post(reverse("record_archive", args=[operation.pk]))
    assert (page.status_code, "Only what has ended is archived" in page.content.decode()) == (409, True)

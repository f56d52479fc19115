"""A reader's marks of what they have read: their own, by section of a revision, without a script."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.models import Viewed
from records.models import AuditEntry, Operation, Person
from records.refusals import Changed, Refused
from tests.browserless import Page, look
from tests.people import Cast


def opened(person: Person, operation: Operation, view: str) -> Page:
    client = Client()
    client.force_login(person)
    return look(client, reverse("review", args=[operation.pk]) + f"?view={view}")


def press(page: Page, section: str) -> Page:
    """The button of ``section``."""
    form = next(name for name, fields in page.parsed.forms.items() if ("section", section) in fields)
    value = next(value for owner, name, value in page.parsed.buttons if (owner, name) == (form, "viewed"))
    return page.send(form=form, viewed=value)


def progress(page: Page) -> str:
    found = re.search(r"\d+ of \d+ sections? viewed", page.text)
    assert found
    return found[0]


def test_a_section_is_marked_and_the_next_one_is_led_to(cast: Cast, again: Operation) -> None:
    page = opened(cast.tomas, again, "changes")
    assert progress(page) == "0 of 2 sections viewed"
    page = press(page, "operation-summary")
    assert page.address.endswith("view=changes&base=1#s-infrastructure-operation-steps")
    assert progress(page) == "1 of 2 sections viewed"
    page = press(page, "infrastructure-operation-steps")
    assert progress(page) == "2 of 2 sections viewed"
    page = press(page, "operation-summary")
    assert progress(page) == "1 of 2 sections viewed"
    assert Viewed.objects.get().sections == ["infrastructure-operation-steps"]


def test_the_marks_are_ones_own_and_those_of_this_revision(cast: Cast, again: Operation) -> None:
    entries = AuditEntry.objects.count()
    page = press(opened(cast.ada, again, "whole"), "operation-summary")
    sections = [own.key for own in again.sections.all()]
    assert page.address.endswith(f"view=whole#s-{sections[sections.index('operation-summary') + 1]}")
    assert progress(page).startswith("1 of ")
    assert progress(opened(cast.sam, again, "whole")).startswith("0 of ")
    assert AuditEntry.objects.count() == entries, "reading is nobody's business"
    actions.withdraw(again, by=cast.mara)
    actions.submit(again, by=cast.mara)
    assert progress(opened(cast.ada, again, "whole")).startswith("0 of ")
    with pytest.raises(Changed, match="Revision 3 was sent for review meanwhile"):
        actions.mark_viewed(again, revision=2, section="operation-summary", viewed=True, by=cast.ada)


def test_only_a_section_of_the_plan_can_be_viewed(cast: Cast, submitted: Operation) -> None:
    for section in ("", "no-such", "x" * 10_000, "operation-summary/intro"):
        with pytest.raises(Refused, match="There is no such section in revision 1"):
            actions.mark_viewed(submitted, revision=1, section=section, viewed=True, by=cast.ada)
    assert not Viewed.objects.exists()

"""Earlier texts come back into a draft: revisions and single fields, by whoever may write them, never silently."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from records.content.assembly import document_of
from records.content.freezing import plan_now
from records.content.frozen import frozen, text_of
from records.document.differences import differences
from records.document.fields import table_of
from records.document.write import write
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, State
from records.refusals import Refused, WrongOrder
from records.writing.people import name_people
from records.writing.restoring import restore_field, restore_revision
from records.writing.saving import save_section
from tests import make
from tests.browserless import look
from tests.people import Cast

AT = make.PLANNED
SUMMARY = "operation-summary"
USERS = "operation-summary/business-impact/user-experience"
STEPS = "infrastructure-operation-steps"
IMPACT = "infrastructure-impact-assessment"


def write_in(operation: Operation, by: Person, key: str, values: dict[str, str]) -> None:
    version = operation.sections.get(key=key).version
    save_section(operation=operation, key=key, version=version, values=values, by=by, at=AT)


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    """Sent for review once, and taken back."""
    operation = make.make_in(State.IN_REVIEW, cast, template)
    actions.withdraw(operation, by=cast.mara, at=AT)
    return make.fresh(operation)


def turned_over(draft: Operation, cast: Cast) -> None:
    """Texts, rows, order, phases, plan facts and people are others than in revision 1; so is a close part."""
    first, second = draft.sections.get(key=STEPS).phase_set.order_by("position")[:2]
    steps = [step.key for step in first.steps.order_by("position")]
    values = {
        f"{STEPS}.phases": f'["{second.key}", "{STEPS}/new", "{first.key}"]',
        f"{STEPS}/new.title": "Another phase",
        f"{steps[0]}.title": "Another title",
        f"{steps[0]}.estimate": "99 min",
        f"{first.key}/steps.rows": f'["{steps[-1]}", "{steps[0]}", "{first.key}/steps/extra"]',
        f"{first.key}/steps/extra.title": "An extra step",
    }
    write_in(draft, cast.mara, STEPS, values)
    write_in(draft, cast.carl, SUMMARY, {USERS: "Something else."})
    risks = "infrastructure-risk-assessment"
    rows = {key: "[]" for key in table_of(document_of(draft).section(risks)) if key.endswith(".rows")}
    write_in(draft, cast.carl, risks, rows)
    name_people(draft, by=cast.mara, operator=cast.noor, supervisor=cast.sam, co_authors=[cast.carl], team=[cast.ines])


def test_a_restored_plan_is_that_of_the_revision_byte_for_byte(cast: Cast, draft: Operation) -> None:
    revision = draft.revisions.get()
    turned_over(draft, cast)
    assert differences(frozen(revision).document, plan_now(draft).document)
    changed = restore_revision(draft, number=1, by=cast.carl, at=AT)
    now = plan_now(make.fresh(draft))
    assert write(now.document) == text_of(revision)
    assert (now.facts, now.people) == (frozen(revision).facts, frozen(revision).people)
    assert changed > 10


def test_it_can_be_sent_again_at_once_and_says_who_brought_it_back(cast: Cast, draft: Operation) -> None:
    turned_over(draft, cast)
    restore_revision(draft, number=1, by=cast.carl, at=AT)
    assert AuditEntry.objects.get(act="restore_revision").person == cast.carl
    last = FieldChange.objects.filter(operation=draft, key=USERS).first()
    assert last is not None
    assert (last.person, last.before) == (cast.carl, "Something else.")
    again = make.submit(cast, make.fresh(draft), at=AT + dt.timedelta(hours=1))
    one, two = again.revisions.order_by("number")
    assert bytes(one.plan_text) == bytes(two.plan_text)
    assert bytes(one.annex) == bytes(two.annex)


def test_what_is_no_part_of_the_plan_stays_as_it_is(cast: Cast, draft: Operation) -> None:
    key = next(key for key in table_of(document_of(draft).section(IMPACT)) if "/" in key and "." not in key)
    write_in(draft, cast.mara, IMPACT, {key: "Seen during the night."})
    turned_over(draft, cast)
    before = table_of(document_of(draft).section(IMPACT))
    restore_revision(draft, number=1, by=cast.mara, at=AT)
    assert table_of(document_of(make.fresh(draft)).section(IMPACT)) == before
    assert before[key] == "Seen during the night."


def test_bringing_back_what_is_there_changes_nothing(cast: Cast, draft: Operation) -> None:
    changes = FieldChange.objects.count()
    assert restore_revision(draft, number=1, by=cast.mara, at=AT) == 0
    assert FieldChange.objects.count() == changes


@pytest.mark.parametrize("name", ["tomas", "ada", "jun", "noor", "root", "olga"])
def test_only_who_writes_the_plan_brings_it_back(cast: Cast, draft: Operation, name: str) -> None:
    write_in(draft, cast.mara, SUMMARY, {USERS: "Something else."})
    change = FieldChange.objects.get(after="Something else.")
    with pytest.raises(Refused):
        restore_revision(draft, number=1, by=getattr(cast, name), at=AT)
    with pytest.raises(Refused):
        restore_field(draft, change=change.pk, by=getattr(cast, name), at=AT)


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.APPROVED, State.RUNNING, State.FINALIZED, State.CANCELLED])
def test_nothing_comes_back_into_a_plan_that_is_not_open(cast: Cast, template: OperationTemplate, state: State) -> None:
    operation = make.make_in(state, cast, template)
    text = document_of(operation)
    change = FieldChange.objects.create(
        operation=operation, section_key=SUMMARY, key=USERS, before="Sneaked in", version=1, person=cast.mara, at=AT
    )
    with pytest.raises(Refused):
        restore_revision(operation, number=1, by=cast.mara, at=AT)
    with pytest.raises((Refused, WrongOrder)):
        restore_field(operation, change=change.pk, by=cast.mara, at=AT)
    assert document_of(make.fresh(operation)) == text


def test_a_field_gets_its_earlier_text_back_and_nothing_else(cast: Cast, draft: Operation) -> None:
    texts = table_of(document_of(draft).section(SUMMARY))
    for text in ("First.", "Second."):
        write_in(draft, cast.mara, SUMMARY, {USERS: text})
    write_in(draft, cast.carl, SUMMARY, {USERS: ""})
    second = FieldChange.objects.get(key=USERS, before="Second.")
    first = FieldChange.objects.get(key=USERS, after="First.")
    assert restore_field(draft, change=second.pk, by=cast.carl, at=AT) == SUMMARY
    assert table_of(document_of(draft).section(SUMMARY)) == texts | {USERS: "Second."}
    restore_field(draft, change=first.pk, by=cast.mara, at=AT)
    assert table_of(document_of(draft).section(SUMMARY)) == texts
    assert AuditEntry.objects.filter(act="restore_field").count() == 2


def test_a_field_of_a_row_that_is_gone_says_so(cast: Cast, draft: Operation) -> None:
    turned_over(draft, cast)
    gone = FieldChange.objects.filter(section_key="infrastructure-risk-assessment", key__endswith=".title")[0]
    with pytest.raises(Refused, match="is not in the draft any more"):
        restore_field(draft, change=gone.pk, by=cast.mara, at=AT)
    with pytest.raises(Refused, match="There is no such change"):
        restore_field(draft, change=10**9, by=cast.mara, at=AT)


# ---------------------------------------------------------------- the page


def test_the_history_leads_to_every_value_of_a_field_and_back(cast: Cast, draft: Operation) -> None:
    for text in ("First.", "Second."):
        write_in(draft, cast.mara, SUMMARY, {USERS: text})
    client = Client()
    client.force_login(cast.mara)
    history = reverse("history", args=[draft.pk])
    page = look(client, history)
    assert f'href="?field={USERS.replace("/", "%2F")}"' in page.text
    page = look(client, f"{history}?field={USERS}")
    assert page.text.count("Bring the earlier text back") == 2
    number = FieldChange.objects.get(key=USERS, after="Second.").pk
    page = page.send(form="restore", change=str(number))
    assert page.address == reverse("section", args=[draft.pk, SUMMARY])
    assert page.fields()[USERS] == "First."
    client.force_login(cast.tomas)
    assert "Bring the earlier text back" not in look(client, f"{history}?field={USERS}").text


def test_a_revision_comes_back_from_its_difference_to_the_draft(cast: Cast, draft: Operation) -> None:
    write_in(draft, cast.mara, SUMMARY, {USERS: "Something else."})
    client = Client()
    client.force_login(cast.mara)
    page = look(client, reverse("history", args=[draft.pk]) + "?from=1&to=draft")
    assert "1 field differs" in page.text
    form = next(owner for owner, name, _value in page.parsed.buttons if name == "revision")
    page = page.send(form=form, revision="1")
    assert page.address == reverse("record", args=[draft.pk])
    assert re.search(r"Revision 1 is back in the draft\. 1 field changed\.", page.text)
    assert "Bring revision 1 back" not in look(client, reverse("history", args=[draft.pk]) + "?from=1&to=draft").text

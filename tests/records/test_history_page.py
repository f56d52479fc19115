"""History and trail: every field's change and every act, narrowed in the address; revisions side by side."""

import csv
import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from approvals import actions
from records import triggers
from records.models import AuditEntry, Check, FieldChange, Operation, OperationTemplate, State, Step
from records.reading.field_history import Narrowed, history_of
from records.run import running
from records.trail import inert
from records.writing.people import name_people
from records.writing.saving import save_section
from tests import make
from tests.browserless import words_of
from tests.people import Cast

SUMMARY = "operation-summary"
USERS = "operation-summary/business-impact/user-experience"


def page(reader, url: str, **asked: str) -> str:
    client = Client()
    client.force_login(reader)
    response = client.get(url, asked)
    assert response.status_code == 200
    return words_of(response.content.decode())


def save(operation: Operation, person, text: str, minutes: int) -> None:
    version = operation.sections.get(key=SUMMARY).version
    at = make.PLANNED + dt.timedelta(minutes=minutes)
    save_section(operation=operation, key=SUMMARY, version=version, values={USERS: text}, by=person, at=at)


@pytest.fixture
def twice(cast: Cast, template: OperationTemplate) -> Operation:
    """Sent for review twice; between, Mara and Carl changed the same field."""
    operation = make.submit(cast, make.make_draft(cast, template))
    actions.withdraw(operation, by=cast.mara, at=make.PLANNED + dt.timedelta(minutes=1))
    operation = make.fresh(operation)
    save(operation, cast.mara, "Orders fail for six minutes.", 2)
    save(operation, cast.carl, "Orders fail for two minutes.", 3)
    return make.submit(cast, operation, at=make.PLANNED + dt.timedelta(minutes=4))


def test_saves_and_acts_stand_in_order_with_who_and_what(cast: Cast, twice: Operation) -> None:
    told = page(cast.sam, reverse("history", args=[twice.pk]))
    first, second = told.index("Carl Nyberg changed 1 field"), told.index("Mara Lindqvist changed 1 field")
    assert first < second < told.index("withdrew it from review")
    assert "removed: six added: two" in told
    assert "state in review → draft" in told


def test_an_operation_id_that_the_site_made_is_nobody_s_edit(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    key = draft.outline.bound("id").key
    section, at = key.partition("/")[0], make.PLANNED + dt.timedelta(minutes=1)
    own = draft.sections.get(key=section)
    save_section(operation=draft, key=section, version=own.version, values={key: ""}, by=cast.mara, at=at)
    operation = make.submit(cast, make.fresh(draft), at=at + dt.timedelta(minutes=1))
    for field in ("", key):
        told = page(cast.mara, reverse("history", args=[operation.pk]), field=field)
        assert "1 field was written by the site as it was sent for review, in" in told
    client = Client()
    client.force_login(cast.mara)
    feed = client.get(reverse("record", args=[operation.pk])).context["feed"]
    assert [one.words for one in feed if one.moment == operation.submitted_at] == ["sent it for review"]


def test_what_was_not_reached_and_signed_is_told_in_words(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.RUNNING, cast, template)
    running.finish_work(operation, by=cast.jun, not_reached="No time", at=make.NIGHT)
    operation = make.sign(cast, make.fresh(operation))
    told = page(cast.sam, reverse("history", args=[operation.pk]))
    left = told.split("not reached ")[1].split(" reason ")[0]
    step = Step.objects.filter(section__operation=operation, loose=False, phase__isnull=False)[0]
    assert step.title and step.title in left
    rows = [*Step.objects.filter(section__operation=operation), *Check.objects.filter(section__operation=operation)]
    assert not [row.key for row in rows if row.key in left]
    assert "signed the final text" in told and "final text 1" not in told


def test_a_long_save_is_folded_under_words(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    facts = {"operation": draft, "section_key": SUMMARY, "version": 9, "person": cast.mara, "at": make.PLANNED}
    FieldChange.objects.bulk_create(FieldChange(key=f"{USERS}-{at}", after="x", **facts) for at in range(4))
    client = Client()
    client.force_login(cast.mara)
    shown = client.get(reverse("history", args=[draft.pk])).content.decode()
    summary = re.search(r'<details class="diff event"><summary>.*?</summary>', shown, re.DOTALL)
    assert summary and "What changed" in summary[0] and 'class="chev"' in summary[0]


def test_the_template_s_own_words_are_replaced_as_a_whole(cast: Cast, template: OperationTemplate) -> None:
    draft = make.start_record(author=cast.mara, template=template, at=make.PLANNED, values={"title": "Small"})
    own = template.outline.texts[USERS]
    for version, (before, after) in enumerate([(own, f"{own} or so"), (f"{own} or so", f"{own} or more")]):
        facts = {"before": before, "after": after, "version": version, "person": cast.mara, "at": make.NIGHT}
        FieldChange.objects.create(operation=draft, section_key=SUMMARY, key=USERS, **facts)
    [entry] = history_of(draft, Narrowed(field=USERS, person="mara"), {}).entries
    whole, by_word = sorted((list(one.parts) for one in entry.changes), key=len)
    assert whole == [("del", own), ("ins", f"{own} or so")]
    assert ("same", f"{own} or ") in by_word or len(by_word) > 2


def test_it_is_narrowed_by_field_and_by_person(cast: Cast, twice: Operation) -> None:
    url = reverse("history", args=[twice.pk])
    for field in ("user exp", USERS):
        told = page(cast.sam, url, field=field)
        assert "changed 1 field" in told
        assert "withdrew it" not in told
    told = page(cast.sam, url, person="carl")
    assert "Carl Nyberg changed 1 field" in told
    assert "Mara Lindqvist changed" not in told
    assert "Nothing matches" in page(cast.sam, url, field="no such")


def test_revisions_that_name_other_people_alone_are_not_called_the_same(cast: Cast, twice: Operation) -> None:
    actions.withdraw(twice, by=cast.mara, at=make.PLANNED + dt.timedelta(minutes=5))
    now = {"operator": cast.jun, "supervisor": cast.tomas, "co_authors": [cast.carl], "team": [cast.noor]}
    name_people(make.fresh(twice), by=cast.mara, **now, at=make.PLANNED + dt.timedelta(minutes=6))
    make.submit(cast, make.fresh(twice), at=make.PLANNED + dt.timedelta(minutes=7))
    told = page(cast.sam, reverse("history", args=[twice.pk]), **{"from": "2", "to": "3"})
    assert "They name other people as operator, supervisor or deputies." in told
    assert "Their plans are the same." not in told


def test_two_revisions_are_compared_in_either_order(cast: Cast, twice: Operation) -> None:
    url = reverse("history", args=[twice.pk])
    told = page(cast.sam, url, **{"from": "1", "to": "2"})
    assert "1 field differs" in told
    assert "added: two minutes" in told or "added: two" in told
    assert "1 field differs" in page(cast.sam, url, **{"from": "2", "to": "1"})
    for pair in ({"from": "1", "to": "1"}, {"from": "x", "to": "9" * 30}, {"from": "1", "to": "7"}):
        assert "differs" not in page(cast.sam, url, **pair)


def test_a_long_history_comes_in_pages_and_no_save_is_cut(cast: Cast, twice: Operation) -> None:
    rows = [
        FieldChange(
            operation=twice,
            section_key=SUMMARY,
            key=f"{USERS}-{field}",
            label=f"Field {save_number}-{field}",
            after="x",
            version=9 + save_number,
            person=cast.mara,
            at=make.PLANNED + dt.timedelta(hours=1, minutes=save_number),
        )
        for save_number in range(30)
        for field in range(3)
    ]
    FieldChange.objects.bulk_create(rows)
    client = Client()
    client.force_login(cast.sam)
    url, seen = reverse("history", args=[twice.pk]), []
    query = ""
    for _ in range(9):
        text = client.get(url + query).content.decode()
        seen += re.findall(r"Field (\d+-\d)<", text)
        found = re.search(r'href="([^"]*)" rel="next"', text)
        if not found:
            break
        query = html.unescape(found[1])
    assert sorted(seen) == sorted(f"{save_number}-{field}" for save_number in range(30) for field in range(3))


def test_the_page_asks_the_database_as_often_for_few_as_for_many(
    cast: Cast, twice: Operation, django_assert_max_num_queries
) -> None:
    client = Client()
    client.force_login(cast.sam)
    with django_assert_max_num_queries(15):  # one of them for how many approvals the head counts
        client.get(reverse("history", args=[twice.pk]), {"from": "1", "to": "2"})


# ---------------------------------------------------------------- the trail of the whole site


def test_auditors_read_the_trail_and_check_its_chain(cast: Cast, twice: Operation) -> None:
    told = page(cast.vera, reverse("audit"), check="1")
    assert "Every link of the chain holds, and what was signed is what it says." in told
    assert "withdrew it from review" in told
    assert "named the people" in told
    assert "operator Jun Park" in told
    assert page(cast.vera, reverse("audit"), act="withdraw").count("withdrew it from review") == 2, "once as a choice"
    assert "Nothing matches" in page(cast.vera, reverse("audit"), person="nobody")
    assert "sent it for review" in page(cast.leo, reverse("audit"), record=str(twice.operation_id))


def test_a_changed_entry_is_named_on_the_page(cast: Cast, twice: Operation) -> None:
    connection.check_constraints()  # PostgreSQL drops no trigger while checks of foreign keys are pending
    table, name = "records_auditentry", triggers.name_of("records_auditentry", "update")
    with connection.cursor() as cursor:
        # What a database administrator could do.
        cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
        cursor.execute(f"UPDATE {table} SET person_name = 'Somebody' WHERE number = 2")
    assert "Entry 2 is wrong:" in page(cast.vera, reverse("audit"), check="1")


def test_a_draft_s_title_is_not_told_to_an_administrator(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    assert str(draft) in page(cast.vera, reverse("audit"))
    told = page(cast.leo, reverse("audit"))
    assert str(draft) not in told
    assert f"Record {draft.pk}" in told
    assert "Nothing matches" in page(cast.leo, reverse("audit"), record="PostgreSQL")


def test_the_trail_is_narrowed_by_days(cast: Cast, twice: Operation) -> None:
    day = make.PLANNED.date().isoformat()
    before, after = (str(make.PLANNED.date() + dt.timedelta(days=days)) for days in (-1, 1))
    assert "withdrew it from review" in page(cast.vera, reverse("audit"), since=day, until=day, act="withdraw")
    written = f"{dt.date.fromisoformat(day):%d %b %Y}"
    assert "withdrew it from review" in page(cast.vera, reverse("audit"), since=written, until=written, act="withdraw")
    assert "Write the date as" in page(cast.vera, reverse("audit"), since="some day")
    for wrong in ({"since": after}, {"until": before}):
        assert "Nothing matches" in page(cast.vera, reverse("audit"), act="withdraw", **wrong)
    for unread in ("yesterday", "2026-13-01", "9999-12-31", "0001-01-01", "\u0662026-01-01"):
        told = page(cast.vera, reverse("audit"), until=unread, since=unread)
        assert told.count("Write the date as") == 2 and reverse("audit_csv") not in told
        client = Client()
        client.force_login(cast.vera)
        answer = client.get(reverse("audit_csv"), {"until": unread})
        assert (answer.status_code, "Still needed: a date such as" in answer.content.decode()) == (409, True)


def table(reader, **asked: str) -> list[dict[str, str]]:
    client = Client()
    client.force_login(reader)
    response = client.get(reverse("audit_csv"), asked)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_the_trail_leaves_as_a_table_file_with_every_entry_that_fits(cast: Cast, twice: Operation) -> None:
    rows = table(cast.vera)
    entries = list(AuditEntry.objects.order_by("-number"))
    assert [(row["number"], row["hash"], row["act"]) for row in rows] == [
        (str(one.number), one.hash, one.act) for one in entries
    ]
    assert [row["person"] for row in table(cast.vera, act="withdraw")] == ["Mara Lindqvist"]
    assert not table(cast.vera, since="1 Jan 2030")
    assert "revision: 2" in next(row["facts"] for row in rows if row["act"] == "submit")


@pytest.mark.parametrize("text", ['=cmd|"/c calc"!A1', "+1", "-1", "@SUM(1)", "\t=1", " =1", "＝1", "\u00a0=1"])
def test_no_cell_of_the_table_file_is_a_formula_case_23(cast: Cast, twice: Operation, text: str) -> None:
    assert inert(text) == f"'{text}"
    Operation.objects.filter(pk=twice.pk).update(title=text)
    named = {row["record"] for row in table(cast.vera)} - {""}
    assert all(name.startswith("'") for name in named)
    assert named
    assert inert("a = 1") == "a = 1"


def test_the_table_file_tells_an_administrator_no_more_than_the_page(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    told = {row["record"] for row in table(cast.leo)}
    assert f"Record {draft.pk}" in told
    assert str(draft) not in told
    assert str(draft) in {row["record"] for row in table(cast.vera)}


def test_a_long_trail_leaves_with_few_queries(cast: Cast, twice: Operation, django_assert_max_num_queries) -> None:
    client = Client()
    client.force_login(cast.vera)
    with django_assert_max_num_queries(6):
        b"".join(client.get(reverse("audit_csv")).streaming_content)  # type: ignore[attr-defined]

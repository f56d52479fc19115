"""What is typed into a section: bad input (case 19), people and times, and what a page costs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records.content.assembly import document_of
from records.document.fields import table_of
from records.document.write import write
from records.models import FieldChange, Operation, OperationTemplate, State, Step
from tests.browserless import look
from tests.make import PLANNED, import_text, start_record
from tests.people import Cast, signed_in
from tests.records.section_pages.asking import (
    COST,
    PHASE,
    RECOVERY,
    RISKS,
    ROOT,
    STATE,
    STEPS,
    SUMMARY,
    USERS,
    VERIFY,
    page,
    rows,
    table,
)


def test_what_cant_be_stored_is_said_at_the_field_and_still_on_the_page(blank: Operation, cast: Cast) -> None:
    answer = page(cast.mara, blank, SUMMARY).send({COST: "half\0a", USERS: "and this"}, act="save")
    assert answer.status == 400
    assert "NUL" in answer.text
    assert answer.fields()[USERS] == "and this"
    assert not FieldChange.objects.exists()


def test_a_section_over_its_size_is_still_on_the_page(blank: Operation, cast: Cast) -> None:
    answer = page(cast.mara, blank, SUMMARY).send({COST: "x" * 300_000}, act="save")
    assert answer.status == 400
    assert "256 KiB" in answer.text
    assert len(answer.fields()[COST]) == 300_000


@pytest.mark.parametrize("size", ["fields", "bytes"])
def test_a_huge_post_is_a_413_in_words(size: str, blank: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    form = {f"{SUMMARY}/{n}": "" for n in range(100_000)} if size == "fields" else {COST: "x" * 10_000_000}
    answer = client.post(f"/records/{blank.pk}/sections/{SUMMARY}/", form)
    assert answer.status_code == 413
    assert "<h1" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (f"{STEPS}.phases", "no json"),
        (f"{STEPS}.phases", '{"a": 1}'),
        (f"{STEPS}.phases", "[1, null]"),
        (f"{STEPS}.phases", "[" * 5000),
        (f"{PHASE}/steps.rows", '["../../etc", ""]'),
        (f"{PHASE}/service-transition.parts", '[["commands"]]'),
        ("version", "-1"),
        ("version", "9" * 400),
        (f"{PHASE}/service-transition.estimate", "9" * 70),
        ("unknown/field", "text"),
    ],
)
def test_malformed_fields_are_no_500(name: str, value: str, full: Operation, cast: Cast) -> None:
    form = page(cast.mara, full, STEPS).fields() | {name: value}
    answer = signed_in(cast.mara).post(f"/records/{full.pk}/sections/{STEPS}/", form)
    assert answer.status_code in (303, 400, 409)


# ---------------------------------------------------------------- header


def test_people_are_named_by_their_name_or_by_picking_their_account(full: Operation, cast: Cast) -> None:
    page(cast.mara, full, "header").send({"header/operator": "Noor Haddad"}, act="save")
    full.refresh_from_db()
    assert (full.operator, full.supervisor) == (cast.noor, cast.tomas)
    page(cast.mara, full, "header").send({"who-supervisor": str(cast.sam.pk)}, act="save")
    full.refresh_from_db()
    assert full.supervisor == cast.sam
    # The name of the one before gives way to the new one's; what somebody wrote in their own words stays.
    assert table_of(document_of(full).section("header"))["header/supervisor"] == "Sam Whitfield"
    page(cast.mara, full, "header").send({"header/supervisor": "Sam, on call"}, act="save")
    page(cast.mara, full, "header").send({"who-supervisor": str(cast.tomas.pk)}, act="save")
    assert table_of(document_of(full).section("header"))["header/supervisor"] == "Sam, on call"
    page(cast.mara, full, "header").send({"header/supervisor": "", "who-supervisor": str(cast.sam.pk)}, act="save")
    assert table_of(document_of(full).section("header"))["header/supervisor"] == "Sam Whitfield"
    full.refresh_from_db()
    page(cast.mara, full, "header").send({"header/operator": "somebody new"}, act="save")
    full.refresh_from_db()
    assert (full.operator, list(full.co_authors.all()), list(full.team.all())) == (None, [cast.carl], [cast.noor])


def test_who_supervises_stands_first_where_a_supervisor_is_picked(full: Operation, cast: Cast) -> None:
    select = page(cast.mara, full, "header").text.split('name="who-supervisor"')[1].split("</select>")[0]
    first, others = (re.findall(r">([^<]+)</option>", one) for one in select.split("<optgroup")[1:])
    assert first == sorted(first) and {"Sam Whitfield", "Tomas Okafor"} <= set(first)
    assert "Ada Brandt" in others and not set(first) & set(others)
    operators = page(cast.mara, full, "header").text.split('name="who-operator"')[1].split("</select>")[0]
    assert "optgroup" not in operators and "Ada Brandt" in operators


def test_what_steps_lack_for_the_run_is_said_and_blocks_nothing(full: Operation, cast: Cast) -> None:
    Step.objects.filter(section__operation=full, phase__isnull=False).update(estimate="20 min", host="db-1")
    whole = page(cast.mara, full, STEPS)
    assert "without an estimate" not in whole.text and "without a host" not in whole.text
    step = f"{PHASE}/service-transition"
    told = whole.send({f"{step}.estimate": "", f"{step}.host": ""}, act="save").text
    remark = (
        "1 step without an estimate: the run can&#x27;t tell whether it is late; "
        "1 step without a host: the run can&#x27;t say where to work"
    )
    assert remark in told and "no estimate, no host" in told
    assert remark in look(signed_in(cast.mara), f"/records/{full.pk}/").text


def test_a_line_is_seen_whole_and_stays_one_line(full: Operation, cast: Cast) -> None:
    long = "Restore the complete infrastructure of the orders cluster " * 3
    row = rows(full, RECOVERY, f"{RECOVERY}/rollback-procedures/steps")[0]
    shown = page(cast.mara, full, RECOVERY).send({f"{row}.title": long.replace("of the", "of\nthe")}, act="save")
    assert table(full, RECOVERY)[f"{row}.title"] == long.strip()
    assert re.search(
        rf'<textarea[^>]* name="{re.escape(row)}.title" rows="1"[^>]*>\n{long.strip()}</textarea>', shown.text
    )
    assert f"<b>{long.strip()}</b>" in shown.text, "so does the line that it is folded to"


def test_a_text_without_a_label_is_called_as_its_heading(blank: Operation, cast: Cast) -> None:
    blank_page = page(cast.mara, blank, STATE).text
    assert ">Text</label>" not in blank_page
    assert 'class="visually-hidden">Current Architecture</label>' in blank_page


def test_what_can_not_be_read_as_a_time_is_said_at_its_field(full: Operation, cast: Cast) -> None:
    step = f"{PHASE}/service-transition.estimate"
    header = page(cast.mara, full, "header").send({"header/date": "24 November"}, act="save")
    assert (header.status, "Write the date as 2026-12-06" in header.text) == (200, True)
    assert "Write the date as" not in header.send({"header/date": "2026-12-06"}, act="save").text
    steps = page(cast.mara, full, STEPS).send({f"{PHASE}.window": "after lunch", step: "a while"}, act="save")
    assert "Write the window as 02:00-02:45" in steps.text
    assert "Write the estimate as 20 min or 1 h 30 min" in steps.text
    assert "its window can&#x27;t be read: after lunch" in look(signed_in(cast.mara), f"/records/{full.pk}/").text


def test_the_operation_id_stays_in_its_backticks_and_is_refused_twice(
    blank: Operation, full: Operation, cast: Cast
) -> None:
    saved = page(cast.mara, blank, "header").send(
        {"header/operation-id": "2026-12-06-infrastructure-kernel"}, act="save"
    )
    blank.refresh_from_db()
    assert blank.operation_id == "2026-12-06-infrastructure-kernel"
    assert "**Operation ID**: `2026-12-06-infrastructure-kernel`" in write(document_of(blank))
    twice = saved.send({"header/operation-id": full.operation_id or ""}, act="save")
    assert twice.status == 400
    assert twice.fields()["header/operation-id"] == full.operation_id


# ---------------------------------------------------------------- costs


@pytest.mark.parametrize("key", [SUMMARY, STATE, STEPS, VERIFY, RISKS, RECOVERY, "header", "footer"])
def test_a_section_takes_at_most_twelve_queries(
    key: str, full: Operation, cast: Cast, django_assert_max_num_queries
) -> None:
    client = signed_in(cast.mara)
    client.get(f"/records/{full.pk}/sections/{key}/")
    with django_assert_max_num_queries(12):
        client.get(f"/records/{full.pk}/sections/{key}/")


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (SUMMARY, COST),
        (STEPS, f"{PHASE}.title"),
        (STEPS, f"{PHASE}.window"),
        (RECOVERY, f"{RECOVERY}/rollback-triggers/time-limits.text"),
        (VERIFY, f"{VERIFY}/infrastructure-validation/service-1-responding-correctly.text"),
        ("header", "header/time"),
    ],
)
def test_a_save_takes_at_most_twelve_queries(key: str, field: str, full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    form = page(cast.mara, full, key).fields() | {field: "03:00:00 UTC", "act": "save"}
    with CaptureQueriesContext(connection) as captured:
        client.post(f"/records/{full.pk}/sections/{key}/", form)
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(asked) <= 12, asked
    assert table(full, key)[field] == "03:00:00 UTC"


def test_guidance_is_shown_and_not_asked(cast: Cast) -> None:
    text = (ROOT / "tests/data/templates/certificate-rotation.md").read_text()
    template = OperationTemplate.objects.create(name="rotation", text=text)
    record = start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Rotate"})
    shown = page(cast.mara, record, "guidance")
    assert "Notes for Whoever Fills This In" in shown.text
    assert "f" not in shown.parsed.forms


def test_a_record_without_a_template_is_edited_as_markdown(cast: Cast) -> None:
    text = (ROOT / "tests/data/messy/san-switch-notes.md").read_bytes().decode()
    record = import_text(author=cast.mara, text=text, template=None, at=PLANNED)
    section = record.sections.first()
    assert section is not None
    shown = page(cast.mara, record, section.key)
    name = next(name for name in shown.fields() if "/" in name)
    shown.send({name: "rewritten"}, act="save")
    assert "rewritten" in write(document_of(record))
    assert record.state == State.DRAFT

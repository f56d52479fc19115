"""Starting a record from a template, and a draft as Markdown and JSON: what the pages say, to whom."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.test import Client

from records.content.assembly import document_of
from records.document.write import write
from records.models import AuditEntry, Operation, OperationTemplate
from tests.browserless import look
from tests.make import PLANNED, start_record
from tests.people import Cast, signed_in


def test_a_record_starts_from_a_few_facts_that_stand_in_its_lines(cast: Cast, template: OperationTemplate) -> None:
    form = look(signed_in(cast.mara), f"/records/new/?template={template.pk}")
    assert form.fields("form-3" if "form-3" in form.parsed.forms else "form-2")["operator"] == str(cast.mara.pk)
    answers = {
        "title": "Kernel update, edge nodes",
        "date": "2026-12-06",
        "time": "02:00:00 UTC",
        "operator": str(cast.mara.pk),
        "supervisor": str(cast.sam.pk),
        "risk": "Low",
        "impact": "Minimal",
        "operation_id": "",
    }
    signed_in(cast.mara).post(f"/records/new/?template={template.pk}", answers)
    record = Operation.objects.get()
    text = write(document_of(record))
    for line in (
        "# Infrastructure Operation: Kernel update, edge nodes",
        "**Operation ID**: `2026-12-06-infrastructure-kernel-update-edge-nodes`",
        "**Time**: 02:00:00 UTC",
        "**Operator**: Mara Lindqvist",
        "**Supervisor**: Sam Whitfield",
        "**Risk Level**: Low",
        "**Service Impact**: Minimal",
    ):
        assert f"{line}\n" in text
    assert (record.operator, record.supervisor, record.author) == (cast.mara, cast.sam, cast.mara)
    assert (record.operation_id, record.risk_rank) == ("2026-12-06-infrastructure-kernel-update-edge-nodes", 1)
    assert AuditEntry.objects.get().act == "create"


def test_what_the_short_form_was_left_without_is_said_where_the_record_opens(
    cast: Cast, template: OperationTemplate
) -> None:
    """Enter in a line sends it."""
    client, url = signed_in(cast.mara), f"/records/new/?template={template.pk}"
    facts = {"title": "Kernel", "operator": str(cast.mara.pk), "time": "02:00 UTC", "impact": "Minimal"}
    page = client.post(url, facts, follow=True).content.decode()
    assert "Left empty so far: “Date”, “Supervisor”, “Risk Level”." in page
    again = {"date": "2026-12-06", "supervisor": str(cast.sam.pk), "risk": "Low"}
    page = client.post(url, facts | again, follow=True).content.decode()
    assert "The record is open." in page and "Left empty" not in page


def test_date_and_time_are_understood_as_people_write_them_or_refused_where_they_stand(
    cast: Cast, template: OperationTemplate
) -> None:
    url = f"/records/new/?template={template.pk}"
    wrong = signed_in(cast.mara).post(url, {"title": "Kernel", "date": "05/06/2026", "time": "6 o'clock"})
    page = wrong.content.decode()
    which = "Which day: 6 May 2026 or 5 June 2026? Write the date as 2026-05-06 or 2026-06-05"
    assert (wrong.status_code, page.count(which), page.count("Write the time as")) == (400, 2, 2)
    signed_in(cast.mara).post(url, {"title": "Kernel", "date": "28 Nov 2026", "time": "1820"})
    record = Operation.objects.get()
    text = write(document_of(record))
    assert "**Date**: 2026-11-28\n**Time**: 18:20:00 UTC\n" in text
    assert record.operation_id == "2026-11-28-infrastructure-kernel"
    assert record.window_start == dt.datetime(2026, 11, 28, 18, 20, tzinfo=dt.UTC)


def test_facts_that_no_line_holds_stand_beside_the_record(cast: Cast) -> None:
    text = "# Note: [What]\n\n**Who**: [Name]\n\n## What\n\n- **Why**: [Reason]\n\n---\n\n**End**: [State]\n"
    template = OperationTemplate.objects.create(name="note", text=text)
    answers = {"title": "Small", "date": "2026-12-06", "time": "02:00 UTC", "supervisor": str(cast.sam.pk)}
    answers |= {"operator": str(cast.jun.pk), "operation_id": "2026-12-06-small"}
    signed_in(cast.mara).post(f"/records/new/?template={template.pk}", answers)
    record = Operation.objects.get()
    assert write(document_of(record)) == text.replace("[What]", "Small", 1)
    assert (record.operator, record.supervisor, record.operation_id) == (cast.jun, cast.sam, "2026-12-06-small")
    assert record.window_start is not None
    page = look(signed_in(cast.mara), f"/records/{record.pk}/sections/header/")
    page.send({"title": "Small thing"}, act="save")
    record.refresh_from_db()
    assert (record.title, record.operation_id, record.operator) == ("Small thing", "2026-12-06-small", cast.jun)
    assert record.window_start is not None


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"title": ""}, "required"),
        ({"title": "a\0b"}, "Null characters"),
        ({"title": "x", "operation_id": "../../etc/passwd"}, "small letters"),
        ({"title": "x", "operation_id": "2026-12-06-infrastructure-postgresql-16-orders"}, "There is a record"),
        ({"title": "x", "risk": "Enormous"}, "valid choice"),
        ({"title": "x", "operator": "999999"}, "valid choice"),
    ],
)
def test_what_a_start_can_not_take_is_said_and_kept_on_the_page(
    answers: dict[str, str], words: str, full: Operation, cast: Cast
) -> None:
    assert full.template_id
    answer = signed_in(cast.mara).post(f"/records/new/?template={full.template_id}", answers)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("query", ["?template=999", "?template=x", "?template=1%00"])
def test_a_template_that_is_not_there_is_no_500(query: str, cast: Cast) -> None:
    assert signed_in(cast.mara).get(f"/records/new/{query}").status_code in (400, 404)


def test_a_template_that_has_no_line_for_the_time_is_not_asked_one(cast: Cast) -> None:
    """And a heading that is all the template's own words isn't what its title is called."""
    text = "# Moving a mail domain\n\n**Day**: YYYY-MM-DD\n\n## Why\n\n- **Reason**: [Why now]\n"
    template = OperationTemplate.objects.create(name="Mail", version="1", text=text, toml='[bind]\ntime = ""\n')
    page = look(signed_in(cast.mara), f"/records/new/?template={template.pk}")
    names = {name for owned in page.parsed.forms.values() for name, _value in owned}
    assert "date" in names and "time" not in names
    assert re.search(r'<label[^>]*for="id_title"[^>]*>\s*Title', page.text)
    draft = start_record(author=cast.mara, template=template, at=PLANNED, values={})
    told = look(signed_in(cast.mara), f"/records/{draft.pk}/sections/header/").text
    assert re.findall('<label for="f-title"[^>]*>([^<]*)', told) == ["Title"]


# ---------------------------------------------------------------- Markdown and JSON


def test_a_draft_is_shown_copied_and_downloaded_as_one(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    text = write(document_of(full))
    source = look(client, f"/records/{full.pk}/markdown/?view=source")
    assert "Not final" in source.text
    assert client.get(f"/records/{full.pk}/print/").status_code == 200
    download = client.get(f"/records/{full.pk}/download.md")
    assert download.content.decode() == text
    assert download["Content-Disposition"] == f'attachment; filename="DRAFT-{full.operation_id}.md"'


def test_the_record_leaves_as_json_with_its_people(full: Operation, cast: Cast) -> None:
    data = json.loads(signed_in(cast.mara).get(f"/records/{full.pk}/record.json").content)
    assert data["people"]["operator"]["user"] == "jun"


@pytest.mark.parametrize(
    "page", ["", "markdown/", "print/", "download.md", "record.json", "sections/header/", "check/"]
)
def test_a_draft_is_not_there_for_strangers(page: str, full: Operation, cast: Cast) -> None:
    assert signed_in(cast.olga).get(f"/records/{full.pk}/{page}").status_code == 404
    assert Client().get(f"/records/{full.pk}/{page}").status_code == 302

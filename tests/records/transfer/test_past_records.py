"""Finished records from elsewhere come in many at once, read-only: nothing of them is taken for decided here."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from records.content.assembly import document_of
from records.document.write import write
from records.life_cycle import possible
from records.models import AuditEntry, Operation, OperationTemplate, State
from records.rights import may_edit
from tests.browserless import look
from tests.make import FINAL
from tests.people import Cast, signed_in
from tests.records.transfer.archives import archive

TEXT = FINAL.read_bytes().decode()
ID = "2026-12-06-infrastructure-postgresql-16-orders"
URL = "/records/new/past/"


def look_through(client: Client, data: bytes, **more: object):
    return client.post(URL, {"archive": SimpleUploadedFile("past.zip", data), **more})


def bring_in(client: Client, shown) -> str:
    content = shown.context["back"].initial["content"]
    return client.post(f"{URL}bring-in/", {"content": content}).content.decode()


def test_an_archive_is_looked_through_then_comes_in_byte_for_byte(cast: Cast, template: OperationTemplate) -> None:
    client, free = signed_in(cast.olga), "# A note of 2019\n\nWe moved the rack.\n"
    data = archive(("ops/orders.md", TEXT.encode()), ("ops/2019/rack.md", free.encode()), ("ops/plan.pdf", b"%PDF"))
    shown = look_through(client, data)
    page = shown.content.decode()
    assert "2 records can come in; nothing is stored yet" in page
    assert "no Markdown file" in page
    assert str(template) in page
    assert not Operation.objects.exists()
    assert "2 records came in" in bring_in(client, shown)
    first, second = Operation.objects.order_by("pk")
    assert [write(document_of(one)) for one in (first, second)] == [TEXT, free]
    assert (first.operation_id, first.template, second.template) == (ID, template, None)
    assert AuditEntry.objects.filter(act="import", person=cast.olga).count() == 2


def test_what_came_in_is_read_only_and_says_what_it_is_worth(cast: Cast, template: OperationTemplate) -> None:
    client = signed_in(cast.mara)
    bring_in(client, look_through(client, archive(("a.md", TEXT.encode()))))
    past = Operation.objects.get()
    assert (past.state, past.submitted_at, past.final_text) == (State.IMPORTED, None, None)
    assert (possible(past.state), past.revisions.count(), past.start_conditions) == ([], 0, [])
    assert not may_edit(cast.mara, past)
    page = look(signed_in(cast.olga), f"/records/{past.pk}/").text
    assert "Approved elsewhere, not verified here" in page
    section = past.sections.get(key="operation-summary")
    answer = client.post(
        f"/records/{past.pk}/sections/operation-summary/",
        {"version": section.version, "operation-summary/business-impact/availability": "none", "act": "save"},
    )
    assert answer.status_code in (403, 409)
    assert write(document_of(past)) == TEXT


def test_one_id_twice_and_one_that_is_taken_are_left_out_and_stop_nothing(
    cast: Cast, template: OperationTemplate
) -> None:
    client = signed_in(cast.mara)
    other = TEXT.replace(ID, "2026-12-07-infrastructure-other")
    data = archive(("a.md", TEXT.encode()), ("b.md", TEXT.encode()), ("c.md", other.encode()))
    shown = look_through(client, data)
    assert [bool(one.problem) for one in shown.context["found"]] == [False, True, False]
    page = bring_in(client, shown)
    assert "There is a record" in page and "2 records came in" in page
    again = look_through(client, data)
    assert "0 records can come in" in again.content.decode()
    assert again.content.decode().count("there is a record of this ID already") == 3


def test_misread_files_are_told_and_come_in_as_they_are(cast: Cast, template: OperationTemplate) -> None:
    client, misread = signed_in(cast.mara), "# Caf\u221a\u00a9\n"
    shown = look_through(client, archive(("a.md", misread.encode()), ("b.md", b"# Cafe\n")))
    assert "look misread" in shown.content.decode()
    rows = shown.content.decode().split('<tr><th scope="row"')[1:]
    assert ["Looks misread" in row for row in rows] == [True, False]
    bring_in(client, shown)
    assert sorted(write(document_of(one)) for one in Operation.objects.all()) == sorted([misread, "# Cafe\n"])


@pytest.mark.parametrize("data", [b"", b"no archive", archive(("../evil.md", b"# Evil"))])
def test_what_is_no_archive_or_reaches_outside_is_refused_in_words_case_23(data: bytes, cast: Cast) -> None:
    answer = look_through(signed_in(cast.mara), data)
    assert answer.status_code == 400
    assert "err-msg" in answer.content.decode()


@pytest.mark.parametrize("content", ["", "%%%", "AAA=AAA", "AAAA"])
def test_an_archive_that_came_back_broken_is_no_500(content: str, cast: Cast) -> None:
    answer = signed_in(cast.mara).post(f"{URL}bring-in/", {"content": content})
    assert answer.status_code == 400
    assert not Operation.objects.exists()

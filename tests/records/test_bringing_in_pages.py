"""A text or a file that comes in, as Markdown or JSON: it is shown first, and comes in whole or is kept."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from records.audit import facts_in
from records.content.assembly import document_of
from records.document.digest import sha256
from records.document.write import write
from records.library.templates_in import take_template
from records.models import AuditEntry, Operation, OperationTemplate, State
from records.transfer.records_in import import_file
from tests.make import PLANNED, RECORD, approve_by, make_draft, submit
from tests.people import Cast, signed_in

ROOT = Path(__file__).parents[2]

RECEIVED = ROOT / "tests/data/infrastructure-operation.as-received.md"


def test_markdown_is_shown_before_it_comes_in(cast: Cast, template: OperationTemplate) -> None:
    client = signed_in(cast.mara)
    text = RECORD.read_bytes().decode()
    answer = client.post("/records/new/text/", {"text": text.replace("\n", "\r\n")})
    assert "Read along Infrastructure Operations Template v1.0.0" in answer.content.decode()
    assert not Operation.objects.exists()
    client.post("/records/new/bring-in/", {"content": _carried(text), "template": template.pk})
    record = Operation.objects.get()
    assert write(document_of(record)) == text
    assert (record.operator, record.supervisor, record.state) == (cast.mara, cast.tomas, State.DRAFT)


def test_a_file_comes_in_byte_for_byte(cast: Cast, template: OperationTemplate) -> None:
    client = signed_in(cast.mara)
    data = RECORD.read_bytes().replace(b"\n", b"\r\n")
    shown = client.post("/records/new/text/", {"file": SimpleUploadedFile("record.md", data)})
    content = shown.context["form"].initial["content"]
    client.post("/records/new/bring-in/", {"content": content, "template": template.pk})
    assert write(document_of(Operation.objects.get())).encode() == data


def test_what_does_not_fit_is_shown_and_kept(cast: Cast, template: OperationTemplate) -> None:
    text = (ROOT / "tests/data/messy/ingress-controller-restoration.md").read_bytes().decode()
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": text, "template": template.pk})
    assert "third never scheduled" in answer.content.decode().split("Kept as it is")[1]


def test_what_the_template_says_itself_is_nothing_that_was_brought_along(cast: Cast) -> None:
    own = "---\nsite: ops\n---\n\n# T: [x]\n\n## S\n\n> Ask first.\n\n- **L**: [l]\n"
    asking = take_template(own, name="Asking").template
    text = own.replace("[x]", "x").replace("[l]", "l")
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": text, "template": asking.pk})
    assert answer.context["loose"] == []
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": f"{text}\n> Or not.\n", "template": asking.pk})
    assert answer.context["loose"] == ["> Or not."]


def test_a_section_that_the_template_does_not_know_is_not_ticked(cast: Cast, template: OperationTemplate) -> None:
    text = "# Swap batteries\n\n## Why\n\nThey are old.\n\n## Operation Summary\n\nWhy not.\n"
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": text, "template": template.pk})
    read = {one.title: one.is_known for one in answer.context["sections"]}
    assert (read["Why"], read["Operation Summary"], read["Details"]) == (False, True, True)
    assert answer.content.decode().count("not in the template") == 1


@pytest.mark.parametrize(("repair", "stands"), [("yes", "🔄 IN PROGRESS"), ("no", "Infrastructure Validation")])
def test_a_misread_text_is_repaired_only_if_asked(
    repair: str, stands: str, cast: Cast, template: OperationTemplate
) -> None:
    client = signed_in(cast.mara)
    data = RECEIVED.read_bytes()
    shown = client.post("/records/new/text/", {"file": SimpleUploadedFile("record.md", data)})
    assert "Some signs were misread" in shown.content.decode()
    content = shown.context["form"].initial["content"]
    client.post("/records/new/bring-in/", {"content": content, "template": template.pk, "repair": repair})
    text = write(document_of(Operation.objects.get()))
    assert stands in text
    assert (text.encode() == data) is (repair == "no")


def test_every_line_that_a_repair_would_change_is_shown(cast: Cast, template: OperationTemplate) -> None:
    lines = [f"Caf\u221a\u00a9 {at}" for at in range(230)]
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": "# Note\n\n" + "\n".join(lines)})
    page = answer.content.decode()
    assert all(f"<ins>Café {at}</ins>" in page for at in range(200))
    assert "and 30 more lines" in page


def test_a_record_as_json_is_shown_and_comes_in_whole_without_what_was_decided_case_40(
    cast: Cast, template: OperationTemplate
) -> None:
    source = approve_by(cast, submit(cast, make_draft(cast, template)), "tomas", "ada")
    data = json.loads(signed_in(cast.mara).get(f"/records/{source.pk}/record.json").content)
    text = json.dumps(data).replace(source.operation_id or "", "2026-12-06-infrastructure-again")
    shown = signed_in(cast.olga).post("/records/new/text/", {"text": text})
    assert "what it says of its state, decisions, ticks and log does not come with it" in shown.content.decode()
    assert Operation.objects.count() == 1
    content = shown.context["form"].initial["content"]
    signed_in(cast.olga).post("/records/new/bring-in/", {"content": content, "template": template.pk})
    came = Operation.objects.exclude(pk=source.pk).get()
    assert (came.state, came.author, came.submitted_at) == (State.DRAFT, cast.olga, None)
    assert (came.revisions.count(), came.start_conditions) == (0, [])
    assert write(document_of(came)) == write(document_of(source)).replace(
        source.operation_id or "", "2026-12-06-infrastructure-again"
    )
    assert came.named.deputies == {cast.ines.pk}
    assert AuditEntry.objects.get(operation=came).act == "import"


def test_json_of_a_record_that_had_ended_comes_in_to_be_read(cast: Cast, template: OperationTemplate) -> None:
    source = make_draft(cast, template)
    data = json.loads(signed_in(cast.mara).get(f"/records/{source.pk}/record.json").content)
    data["account"]["state"] = "finalized"
    text = json.dumps(data).replace(source.operation_id or "", "2026-12-06-infrastructure-past")
    shown = signed_in(cast.olga).post("/records/new/text/", {"text": text})
    assert "approved elsewhere and not verified here" in shown.content.decode()
    content = shown.context["form"].initial["content"]
    page = signed_in(cast.olga).post("/records/new/bring-in/", {"content": content}, follow=True)
    assert "Approved elsewhere, not verified here" in page.content.decode()
    assert Operation.objects.exclude(pk=source.pk).get().state == State.IMPORTED


@pytest.mark.parametrize("text", ["{", '{"schema": 99}', '{"schema": 1}', "{" * 5000, '{"schema": NaN}'])
def test_json_that_is_no_record_is_refused_in_words_with_the_text_kept(text: str, cast: Cast) -> None:
    for address, name in (("text/", "text"), ("bring-in/", "content")):
        sent = _carried(text) if name == "content" else text
        answer = signed_in(cast.mara).post(f"/records/new/{address}", {name: sent})
        assert answer.status_code == 400
        assert text[:200] in answer.content.decode().replace("&quot;", '"')
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({}, "Paste the record"),
        ({"file": SimpleUploadedFile("large.md", b"a" * 1_400_001)}, "larger than 1.4 MB"),
        ({"text": "a\0b"}, "Null characters"),
        ({"file": SimpleUploadedFile("a.md", b"")}, "There is nothing in it"),
        ({"file": SimpleUploadedFile("a.md", b"\xef\xbb\xbf \n\n")}, "There is nothing in it"),
        ({"file": SimpleUploadedFile("a.md", b"\xff\xfe#")}, "UTF-16"),
        ({"file": SimpleUploadedFile("a.md", b"caf\xe9 \xff")}, "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_in_words(posted: dict[str, object], words: str, cast: Cast) -> None:
    answer = signed_in(cast.mara).post("/records/new/text/", posted)
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_a_text_that_names_no_template_is_read_along_the_one_whose_headings_it_has(
    cast: Cast, template: OperationTemplate
) -> None:
    OperationTemplate.objects.create(
        name="Other", text="# [T]\n\n## Status\n\n- **A**: [a]\n\n## Else\n\n- **B**: [b]\n"
    )
    lines = RECORD.read_bytes().decode().splitlines(keepends=True)
    text = "".join(line for line in lines if "Documentation Standard" not in line)
    client = signed_in(cast.mara)
    page = client.post("/records/new/text/", {"text": text})
    assert f"Its headings are those of {template}, so it is read along that one" in page.content.decode()
    assert page.context["sections"]
    as_markdown = {"content": _carried(text), "template": [template.pk, ""]}
    client.post("/records/new/bring-in/", as_markdown)
    assert Operation.objects.get().template is None
    other = client.post("/records/new/text/", {"text": "# Notes\n\n## Status\n\nx\n"}).content.decode()
    assert "kept as Markdown" in other


def test_who_wants_another_text_finds_the_one_that_was_pasted(cast: Cast, template: OperationTemplate) -> None:
    text = "# Notes\n\n- one\n"
    back = signed_in(cast.mara).post("/records/new/bring-in/", {"content": _carried(text), "again": "yes"})
    assert back.context["form"]["text"].value() == text
    assert "Look at it" in back.content.decode()
    assert not Operation.objects.exists()


def test_a_record_comes_in_by_the_same_act_whichever_way_it_takes(
    cast: Cast, template: OperationTemplate, tmp_path: Path
) -> None:
    """The page and the command: the same people are named, and the trail says the same of it."""
    text = RECORD.read_bytes().decode().replace("**Operation ID**: `", "**Operation ID**: `x")
    signed_in(cast.mara).post("/records/new/bring-in/", {"content": _carried(text), "template": template.pk})
    by_page = Operation.objects.get()
    path = tmp_path / "record.md"
    path.write_bytes(text.encode())
    by_command = import_file(path, operator="mara", at=PLANNED).operation
    entries = [AuditEntry.objects.get(operation=one) for one in (by_page, by_command)]
    assert [(one.act, one.person) for one in entries] == [("import", cast.mara)] * 2
    assert [facts_in(one) for one in entries] == [{"template": str(template), "digest": sha256(text.encode())}] * 2
    assert by_page.operator == by_command.operator == cast.mara
    assert by_page.supervisor == by_command.supervisor == cast.tomas


@pytest.mark.parametrize("content", ["", "%%%", "AAA=AAA", base64.b64encode(b"\xff").decode()])
def test_content_that_came_back_broken_is_no_500(content: str, cast: Cast) -> None:
    answer = signed_in(cast.mara).post("/records/new/bring-in/", {"content": content})
    assert answer.status_code == 400
    assert not Operation.objects.exists()


def test_a_second_record_of_the_same_id_is_refused_and_the_text_stays(full: Operation, cast: Cast) -> None:
    answer = signed_in(cast.mara).post(
        "/records/new/bring-in/", {"content": _carried(RECORD.read_bytes().decode()), "template": full.template_id}
    )
    assert answer.status_code == 409
    assert full.operation_id in answer.content.decode()
    assert Operation.objects.count() == 1


def _carried(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

"""Starting a record, its overview, its Markdown: what each page says, to whom, and what it asks the database."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approvals.standing import standing
from records.audit import facts_in
from records.content.assembly import document_of
from records.document.digest import sha256
from records.document.write import write
from records.models import AuditEntry, Operation, OperationTemplate, State
from records.refusals import Refused
from records.transfer.records_in import import_file
from records.writing.people import name_people
from tests.browserless import follow, look
from tests.make import PLANNED, RECORD, approve_by, fresh, make_draft, make_in, sign, start_record, submit
from tests.people import Cast, signed_in

ROOT = Path(__file__).parents[2]
RECEIVED = ROOT / "tests/data/infrastructure-operation.as-received.md"


@pytest.fixture
def full(cast: Cast, template: OperationTemplate) -> Operation:
    return make_draft(cast, template)


def the_only_record() -> Operation:
    return Operation.objects.get()


# ---------------------------------------------------------------- from a template


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
    record = the_only_record()
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
    record = the_only_record()
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
    record = the_only_record()
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


# ---------------------------------------------------------------- from Markdown


def test_markdown_is_shown_before_it_comes_in(cast: Cast, template: OperationTemplate) -> None:
    client = signed_in(cast.mara)
    text = RECORD.read_bytes().decode()
    answer = client.post("/records/new/text/", {"text": text.replace("\n", "\r\n")})
    assert "Read along Infrastructure Operations Template v1.0.0" in answer.content.decode()
    assert not Operation.objects.exists()
    client.post("/records/new/bring-in/", {"content": _carried(text), "template": template.pk})
    record = the_only_record()
    assert write(document_of(record)) == text
    assert (record.operator, record.supervisor, record.state) == (cast.mara, cast.tomas, State.DRAFT)


def test_a_file_comes_in_byte_for_byte(cast: Cast, template: OperationTemplate) -> None:
    client = signed_in(cast.mara)
    data = RECORD.read_bytes().replace(b"\n", b"\r\n")
    shown = client.post("/records/new/text/", {"file": SimpleUploadedFile("record.md", data)})
    content = shown.context["form"].initial["content"]
    client.post("/records/new/bring-in/", {"content": content, "template": template.pk})
    assert write(document_of(the_only_record())).encode() == data


def test_what_does_not_fit_is_shown_and_kept(cast: Cast, template: OperationTemplate) -> None:
    text = (ROOT / "tests/data/messy/ingress-controller-restoration.md").read_bytes().decode()
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": text, "template": template.pk})
    assert "third never scheduled" in answer.content.decode().split("Kept as it is")[1]


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
    text = write(document_of(the_only_record()))
    assert stands in text
    assert (text.encode() == data) is (repair == "no")


def test_every_line_that_a_repair_would_change_is_shown(cast: Cast, template: OperationTemplate) -> None:
    lines = [f"Caf\u221a\u00a9 {at}" for at in range(230)]
    answer = signed_in(cast.mara).post("/records/new/text/", {"text": "# Note\n\n" + "\n".join(lines)})
    page = answer.content.decode()
    assert all(f"<ins>Café {at}</ins>" in page for at in range(200))
    assert "and 30 more lines" in page


# ---------------------------------------------------------------- from JSON


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


# ---------------------------------------------------------------- overview


def test_the_overview_says_what_stops_a_draft_and_leads_there(cast: Cast, template: OperationTemplate) -> None:
    values = {"title": "Small", "header/risk-level": "Low"}
    low = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    page = look(signed_in(cast.mara), f"/records/{low.pk}/")
    assert "Before you can submit" in page.text
    assert "Continue: Details" in page.text
    assert "After approval" in page.text
    time_limits = "disaster-recovery-plan/rollback-triggers/time-limits"
    assert f"#f-{time_limits}.text" in page.text
    target = look(signed_in(cast.mara), f"/records/{low.pk}/sections/disaster-recovery-plan/?at={time_limits}")
    assert f"f-{time_limits}.text" in target.parsed.ids


def test_what_is_due_before_the_start_is_not_asked_for_review(cast: Cast, template: OperationTemplate) -> None:
    values = {"title": "Small", "header/risk-level": "High"}
    high = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    page = look(signed_in(cast.mara), f"/records/{high.pk}/")
    by_group = {group["anchor"]: [task.title for task in group["tasks"]] for group in page.response.context["groups"]}
    assert by_group["start"] == ["Infrastructure Communication"]
    assert "Infrastructure Communication" not in by_group["plan"]
    assert "Needed before the start, not for review." in page.text
    check = look(signed_in(cast.mara), f"/records/{high.pk}/check/")
    waiting = [one.status.title for one in check.response.context["sections"] if one.status.waits]
    assert waiting == ["Infrastructure Communication"]
    assert check.text.count("Needed before the start, not for review") == 1


def test_the_overview_follows_the_record_through_its_life(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    assert "Check answers and submit" in look(client, f"/records/{full.pk}/").text
    submit(cast, full)
    review = look(client, f"/records/{full.pk}/")
    assert "Open the review" in review.text
    assert "Withdraw it from review" in review.text
    assert "Revision 1" in review.text
    approve_by(cast, full, "tomas", "ada")
    approved = look(client, f"/records/{full.pk}/").text
    assert "Go to the run page" in approved
    assert "Before it can start" in approved and "Before it can be closed" not in approved
    assert re.search(
        r'class="pill (ok|warn|bad)"><svg[^>]*><use href="[^"]*#[a-z]+"></use></svg>(Ready|Too late|\d)', approved
    )


def test_somebody_who_may_not_act_gets_no_buttons_for_it(full: Operation, cast: Cast) -> None:
    submit(cast, full)
    page = look(signed_in(cast.olga), f"/records/{full.pk}/")
    assert "Withdraw it from review" not in page.text
    assert "Cancel this record" not in page.text


def test_cancelling_asks_for_a_reason_and_ends_the_record(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    page = look(client, f"/records/{full.pk}/")
    assert "Why is it not going to happen?" in page.text
    assert client.post(f"/records/{full.pk}/cancel/", {"reason": ""}).status_code == 400
    client.post(f"/records/{full.pk}/cancel/", {"reason": "bought instead"})
    assert Operation.objects.get().state == State.CANCELLED
    assert "cancelled it" in look(client, f"/records/{full.pk}/").text


def test_the_overview_draws_the_time_plan_with_the_way_back(full: Operation, cast: Cast) -> None:
    steps = "disaster-recovery-plan/rollback-procedures"
    page = look(signed_in(cast.mara), f"/records/{full.pk}/sections/disaster-recovery-plan/")
    names = [name for name in page.fields() if name.startswith(steps) and name.endswith(".estimate")]
    page.send(dict.fromkeys(names, "10 min"), act="save")
    text = look(signed_in(cast.mara), f"/records/{full.pk}/").text
    assert "02:45 to 04:30" in text
    assert f"{10 * len(names)} min: decide by 05:00" in text


@pytest.mark.parametrize("state", ["draft", "in_review", "changes_requested", "another level", "approved"])
def test_the_overview_takes_at_most_twelve_queries(
    state: str, full: Operation, cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    """Of a clone, too, whose source is somebody's draft."""
    source = start_record(author=cast.olga, template=template, at=PLANNED, values={"title": "Other"})
    Operation.objects.filter(pk=full.pk).update(cloned_from=source)
    if state != "draft":
        submit(cast, fresh(full))
    if state in ("changes_requested", "another level"):
        Operation.objects.filter(pk=full.pk).update(state=State.CHANGES_REQUESTED)
    if state == "another level":
        Operation.objects.filter(pk=full.pk).update(risk_level="Low")
    if state == "approved":
        approve_by(cast, full, "tomas", "ada")
    client = signed_in(cast.mara)
    with django_assert_max_num_queries(12):
        assert client.get(f"/records/{full.pk}/").status_code == 200


@pytest.mark.parametrize("reader", ["mara", "jun", "tomas", "sam"])
@pytest.mark.parametrize("state", [State.RUNNING, State.CLOSING, "signed", State.FINALIZED])
def test_the_overview_takes_no_more_from_the_run_to_the_sign_off(
    state: str, reader: str, cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    operation = make_in(State.CLOSING if state == "signed" else State(state), cast, template)
    if state == "signed":
        sign(cast, operation)
    source = start_record(author=cast.olga, template=template, at=PLANNED, values={"title": "Other"})
    Operation.objects.filter(pk=operation.pk).update(cloned_from=source)
    client = signed_in(getattr(cast, reader))
    # Who may sign it off costs two: everybody who had a part in it, and whoever supervises.
    with django_assert_max_num_queries(13 if state == "signed" else 12):
        assert client.get(f"/records/{operation.pk}/").status_code == 200


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
    assert "jun" in json.dumps(data)


@pytest.mark.parametrize(
    "page", ["", "markdown/", "print/", "download.md", "record.json", "sections/header/", "check/"]
)
def test_a_draft_is_not_there_for_strangers(page: str, full: Operation, cast: Cast) -> None:
    assert signed_in(cast.olga).get(f"/records/{full.pk}/{page}").status_code == 404
    assert Client().get(f"/records/{full.pk}/{page}").status_code == 302


# ---------------------------------------------------------------- people


def people_shown(client: Client, record: Operation) -> dict[str, list[str]]:
    """What the page of people would post, with every value of a name."""
    posted: dict[str, list[str]] = {}
    for name, value in look(client, f"/records/{record.pk}/people/").parsed.forms["form-3"]:
        posted.setdefault(name, []).append(value)
    return posted


def test_a_page_that_grew_old_undoes_nobodys_change(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    old = people_shown(client, full)
    named = {"operator": cast.jun, "supervisor": cast.tomas, "co_authors": [cast.carl]}
    name_people(full, by=cast.carl, deputies=[], team=[cast.noor, cast.sam], **named)
    assert client.post(f"/records/{full.pk}/people/", old | {"co_authors": [cast.olga.pk]}).status_code == 302
    full.refresh_from_db()
    lists = [set(people.all()) for people in (full.co_authors, full.deputies, full.team)]
    assert lists == [{cast.olga}, set(), {cast.noor, cast.sam}]


def test_two_who_name_another_operator_meet(full: Operation, cast: Cast) -> None:
    """Without a template no line names the operator; the page does."""
    Operation.objects.filter(pk=full.pk).update(template=None)
    client = signed_in(cast.mara)
    old = people_shown(client, full)
    lists = {"deputies": [cast.ines], "team": [cast.noor], "co_authors": [cast.carl]}
    name_people(full, by=cast.carl, operator=cast.olga, supervisor=cast.tomas, **lists)
    posted = old | {"operator": [cast.noor.pk], "deputies": [cast.sam.pk]}
    answer = client.post(f"/records/{full.pk}/people/", posted)
    assert answer.status_code == 400
    assert "Somebody else named Olga Petrenko meanwhile. Pick again." in answer.content.decode()
    again = follow(client, answer, f"/records/{full.pk}/people/").parsed.forms["form-3"]
    assert [value for name, value in again if name == "was-operator"] == [str(cast.olga.pk)]
    assert [value for name, value in again if name == "was-deputies"] == [str(cast.ines.pk)]
    assert client.post(f"/records/{full.pk}/people/", posted | {"was-operator": [cast.olga.pk]}).status_code == 302
    assert (fresh(full).operator, list(fresh(full).deputies.all())) == (cast.noor, [cast.sam])


def test_co_authors_deputies_and_team_are_named_and_others_stay(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    posted = people_shown(client, full) | {"co_authors": [cast.carl.pk, cast.olga.pk], "deputies": [cast.noor.pk]}
    assert client.post(f"/records/{full.pk}/people/", posted | {"team": []}).status_code == 302
    full.refresh_from_db()
    assert set(full.co_authors.all()) == {cast.carl, cast.olga}
    assert (list(full.deputies.all()), list(full.team.all())) == ([cast.noor], [])
    assert (full.operator, full.supervisor) == (cast.jun, cast.tomas)


def test_the_overview_tells_everybody_who_works_on_it(full: Operation, cast: Cast) -> None:
    page = look(signed_in(cast.carl), f"/records/{full.pk}/").text
    for words, name in (("Author", "Mara Lindqvist"), ("Deputies", "Ines Duarte"), ("Team", "Noor Haddad")):
        assert f"<dt>{words}</dt><dd>{name}</dd>" in page
    assert f"/records/{full.pk}/people/" in page
    submit(cast, full)
    page = look(signed_in(cast.olga), f"/records/{full.pk}/").text
    assert "<dt>Co-authors</dt><dd>Carl Nyberg</dd>" in page
    assert f"/records/{full.pk}/people/" not in page


def test_only_writers_name_people_and_only_the_author_co_authors(full: Operation, cast: Cast) -> None:
    assert signed_in(cast.tomas).get(f"/records/{full.pk}/people/").status_code == 403
    assert '"co_authors"' in look(signed_in(cast.mara), f"/records/{full.pk}/people/").text


def test_whoever_names_people_reads_their_roles_and_nobody_twice(full: Operation, cast: Cast) -> None:
    form = signed_in(cast.mara).get(f"/records/{full.pk}/people/").context["form"]
    shown = {name: dict(form.fields[name].choices) for name in ("co_authors", "deputies", "team")}
    names = {name: {str(pk): words for pk, words in one.items()} for name, one in shown.items()}
    tomas = names["team"][str(cast.tomas.pk)]
    assert tomas.startswith("Tomas Okafor (") and "upervisor" in tomas
    assert str(full.author_id) not in names["co_authors"]
    assert str(full.operator_id) not in {*names["deputies"], *names["team"]}
    assert {str(pk) for pk in full.named.deputies} <= set(names["deputies"])
    own = look(signed_in(cast.carl), f"/records/{full.pk}/people/").text
    assert '"deputies"' in own and '"co_authors"' not in own
    posted = people_shown(signed_in(cast.carl), full) | {"co_authors": [cast.carl.pk, cast.olga.pk]}
    assert signed_in(cast.carl).post(f"/records/{full.pk}/people/", posted).status_code == 302
    assert set(full.co_authors.all()) == {cast.carl}
    named = {"operator": cast.jun, "supervisor": cast.tomas, "deputies": [cast.ines], "team": [cast.noor]}
    with pytest.raises(Refused, match="Only the author"):
        name_people(full, by=cast.carl, co_authors=[cast.carl, cast.olga], **named)


def test_the_team_is_kept_up_to_date_until_the_end_and_nothing_else(full: Operation, cast: Cast) -> None:
    approved = approve_by(cast, submit(cast, full), "tomas", "ada")
    page = look(signed_in(cast.jun), f"/records/{full.pk}/people/").text
    assert '"team"' in page and '"deputies"' not in page
    posted = people_shown(signed_in(cast.jun), full) | {"team": [cast.noor.pk, cast.olga.pk]}
    assert signed_in(cast.jun).post(f"/records/{full.pk}/people/", posted).status_code == 302
    assert set(full.team.all()) == {cast.noor, cast.olga}
    assert (set(full.deputies.all()), set(full.co_authors.all())) == ({cast.ines}, {cast.carl})
    newest = AuditEntry.objects.filter(operation=approved).order_by("-number")[0]
    assert (newest.act, newest.person) == ("name_team", cast.jun)
    assert standing(fresh(approved)).is_complete
    with pytest.raises(Refused, match="can't be changed while"):
        name_people(fresh(full), by=cast.mara, operator=cast.jun, supervisor=cast.tomas, co_authors=[cast.carl])
    assert signed_in(cast.ines).get(f"/records/{full.pk}/people/").status_code == 403


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

"""A section is saved whole: alone, by two people at once, and while parts of it are locked."""

from __future__ import annotations

import pytest

from records.content.assembly import document_of
from records.document.write import write, write_section
from records.models import FieldChange, Operation, OperationTemplate
from records.reading.rendering import render
from tests.make import PLANNED, import_text, submit
from tests.people import Cast, signed_in
from tests.records.section_pages.asking import COST, ROOT, STATE, SUMMARY, USERS, VERIFY, page, rows, table


@pytest.mark.parametrize("name", ["certificate-rotation", "quick-change", "given", "filled", "messy"])
def test_saving_a_page_as_it_came_changes_not_a_byte(name: str, cast: Cast, template: OperationTemplate) -> None:
    """Every section of every kind of record: what is hint, sample or unrecognised never becomes a value."""
    paths = {
        "given": ROOT / "records/operation_templates/infrastructure-operation.md",
        "filled": ROOT / "tests/data/records/postgresql-16-orders.md",
        "messy": ROOT / "tests/data/messy/ingress-controller-restoration.md",
    }
    path = paths.get(name, ROOT / f"tests/data/templates/{name}.md")
    text = path.read_bytes().decode()
    if name not in paths:
        template = OperationTemplate.objects.create(name=name, text=text)
    operation = import_text(author=cast.mara, text=text, template=template, at=PLANNED)
    for section in operation.sections.exclude(kind="guidance"):
        answer = page(cast.mara, operation, section.key).send(act="save")
        assert answer.status == 200
    assert write(document_of(operation)) == text
    assert not FieldChange.objects.exists()


def test_a_text_is_saved_and_shown_as_it_will_be_exported(blank: Operation, cast: Cast) -> None:
    saved = page(cast.mara, blank, SUMMARY).send({COST: "350 EUR a month\n\n- from `January`"}, act="save")
    assert saved.fields()[COST] == "350 EUR a month\r\n\r\n- from `January`"
    assert table(blank, SUMMARY)[COST] == "350 EUR a month\n\n- from `January`"
    assert str(render(write_section(document_of(blank).section(SUMMARY)))) in saved.text
    assert saved.text.count("<h1") == 1 == page(cast.mara, blank, "header").text.count("<h1")


@pytest.mark.parametrize(
    "text",
    [
        "\nbegins with a line end",
        "</textarea><script>alert(1)</script>",
        "# not a heading\n---\n- **Label**: no field",
        "  blanks around  ",
        "\u202egnp.exe \U0001f469\u200d\U0001f692",
    ],
)
def test_any_text_comes_back_as_it_was_written(text: str, full: Operation, cast: Cast) -> None:
    """Case 41: stored, shown inert, and the same after another save of the page."""
    key = f"{STATE}/current-architecture/text"
    saved = page(cast.mara, full, STATE).send({key: text}, act="save")
    assert table(full, STATE)[key] == text
    assert "<script>alert" not in saved.text
    saved.send(act="save")
    assert table(full, STATE)[key] == text


def test_preview_shows_what_is_not_saved_yet(blank: Operation, cast: Cast) -> None:
    form = page(cast.mara, blank, SUMMARY).fields() | {COST: "half *price*"}
    answer = signed_in(cast.mara).post(f"/records/{blank.pk}/sections/{SUMMARY}/preview/", form)
    assert "half <em>price</em>" in answer.content.decode()
    assert "[Regulatory or policy requirements]" in answer.content.decode()
    assert table(blank, SUMMARY)[COST] == "[Financial impact and savings]"


def test_the_preview_has_the_operation_id_as_the_export_has_it(full: Operation, cast: Cast) -> None:
    there = page(cast.mara, full, "header")
    values = {name: text for name, text in there.fields().items() if name not in ("act", "do")}
    answer = signed_in(cast.mara).post(f"/records/{full.pk}/sections/header/preview/", values).content.decode()
    assert f"<code>{full.operation_id}</code>" in answer


def test_save_and_continue_says_once_what_is_missing_and_then_goes_on(blank: Operation, cast: Cast) -> None:
    first = page(cast.mara, blank, SUMMARY).send({COST: "none"}, act="continue")
    assert "Still needed before review" in first.text
    assert first.text.count('class="field err"') == 9
    assert "<title>Error:" in first.text
    onward = first.send(act="continue")
    assert f"/sections/{STATE}/" in onward.address


def test_save_and_exit_leads_to_the_overview(blank: Operation, cast: Cast) -> None:
    left = page(cast.mara, blank, SUMMARY).send({COST: "none"}, act="exit")
    assert left.address == f"/records/{blank.pk}/"
    assert table(blank, SUMMARY)[COST] == "none"


# ---------------------------------------------------------------- two people


def test_untouched_fields_merge_and_the_same_field_shows_both_texts(full: Operation, cast: Cast) -> None:
    mine, theirs = page(cast.mara, full, SUMMARY), page(cast.carl, full, SUMMARY)
    theirs.send({COST: "theirs", USERS: "Carl's users"}, act="save")
    clash = mine.send({COST: "mine"}, act="save")
    assert clash.status == 409
    assert "Somebody else changed this too" in clash.text
    assert (table(full, SUMMARY)[COST], "mine" in clash.text, "theirs" in clash.text) == ("theirs", True, True)
    clash.send({f"choice:{COST}": "mine"}, act="save")
    assert (table(full, SUMMARY)[COST], table(full, SUMMARY)[USERS]) == ("mine", "Carl's users")


@pytest.mark.parametrize(("choice", "stands"), [("theirs", "theirs"), ("edited", "both"), ("mine", "mine")])
def test_the_person_chooses_which_text_stays(choice: str, stands: str, full: Operation, cast: Cast) -> None:
    mine = page(cast.mara, full, SUMMARY)
    page(cast.carl, full, SUMMARY).send({COST: "theirs"}, act="save")
    clash = mine.send({COST: "mine", USERS: "also mine"}, act="save")
    clash.send({f"choice:{COST}": choice, f"edited:{COST}": "both"}, act="save")
    assert (table(full, SUMMARY)[COST], table(full, SUMMARY)[USERS]) == (stands, "also mine")


def test_two_people_move_rows_of_different_lists(full: Operation, cast: Cast) -> None:
    checks = rows(full, VERIFY, f"{VERIFY}/infrastructure-validation/checks")
    metrics = rows(full, VERIFY, f"{VERIFY}/performance-comparison/metrics")
    mine, theirs = page(cast.mara, full, VERIFY), page(cast.carl, full, VERIFY)
    theirs.send(do=f"down:{checks[0]}")
    mine.send(do=f"down:{metrics[0]}")
    assert rows(full, VERIFY, f"{VERIFY}/infrastructure-validation/checks")[:2] == [checks[1], checks[0]]
    assert rows(full, VERIFY, f"{VERIFY}/performance-comparison/metrics")[:2] == [metrics[1], metrics[0]]


# ---------------------------------------------------------------- locks


def test_a_plan_in_review_is_shown_as_text_with_the_reason(full: Operation, cast: Cast) -> None:
    submit(cast, full)
    shown = page(cast.mara, full, SUMMARY)
    assert "in review" in shown.text
    assert "f" not in shown.parsed.forms


def test_close_and_open_parts_stay_editable_while_the_plan_is_locked(full: Operation, cast: Cast) -> None:
    submit(cast, full)
    key = f"{VERIFY}/capacity-assessment/headroom-available"
    shown = page(cast.mara, full, VERIFY)
    assert key in shown.fields()
    assert not any(
        name.endswith(".rows") and "checks" in name and shown.has_button(f"add:{name[:-5]}") for name in shown.fields()
    )
    shown.send({key: "12 points"}, act="save")
    assert table(full, VERIFY)[key] == "12 points"


SIGNED_LINES = ("footer/devops-supervisor", "footer/operation-status", "footer/completion-time")


@pytest.mark.parametrize("key", SIGNED_LINES)
def test_the_lines_of_the_closing_are_nobody_s_to_fill(key: str, blank: Operation, cast: Cast) -> None:
    """They have no control; a text that is posted for one all the same is refused, with the rest of the page kept."""
    before = table(blank, "footer")
    shown = page(cast.mara, blank, "footer")
    assert key not in shown.fields()
    forged = {key: "Tomas Okafor, DevOps supervisor, 2026-12-01 10:12 UTC", "footer/infrastructure-status": "Better"}
    answer = shown.send(forged, act="save")
    assert answer.status == 400
    assert "This line is written when the record is closed" in answer.text
    assert "Better" in answer.text
    assert table(blank, "footer") == before


def test_marking_the_whole_footer_leaves_the_lines_of_the_closing_alone(blank: Operation, cast: Cast) -> None:
    before = table(blank, "footer")
    page(cast.mara, blank, "footer").send({"mark": "na:footer", "reason": "Nothing to say"}, act="save")
    after = table(blank, "footer")
    assert after["footer/infrastructure-status"] == "Not applicable: Nothing to say"
    assert {key: after[key] for key in SIGNED_LINES} == {key: before[key] for key in SIGNED_LINES}


def test_a_text_for_a_plan_that_was_sent_meanwhile_is_handed_back(full: Operation, cast: Cast) -> None:
    """Case 4, a stale save that arrives after submission."""
    open_page = page(cast.mara, full, SUMMARY)
    before = table(full, SUMMARY)
    submit(cast, full)
    answer = open_page.send({COST: "a late thought"}, act="save")
    assert answer.status == 409
    assert "a late thought" in answer.text
    assert table(full, SUMMARY) == before


def test_who_may_not_write_the_plan_cannot_post_it(full: Operation, cast: Cast) -> None:
    form = page(cast.mara, full, SUMMARY).fields() | {COST: "sneaked in"}
    answer = signed_in(cast.tomas).post(f"/records/{full.pk}/sections/{SUMMARY}/", form)
    assert answer.status_code == 403
    assert "sneaked in" not in table(full, SUMMARY).values()

"""A section's page: every kind of block is edited, added, moved, removed and marked; nothing written is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from records.content.assembly import document_of, load
from records.document.fields import table_of
from records.document.write import write, write_section
from records.models import FieldChange, Operation, OperationTemplate, Person, State, Step
from records.reading.rendering import render
from tests.browserless import Page, look
from tests.make import PLANNED, import_text, make_draft, start_record, submit
from tests.people import Cast

ROOT = Path(__file__).parents[2]
STEPS, RECOVERY, RISKS = "infrastructure-operation-steps", "disaster-recovery-plan", "infrastructure-risk-assessment"
SUMMARY, VERIFY, STATE = (
    "operation-summary",
    "post-operation-infrastructure-verification",
    "pre-operation-infrastructure-state",
)
PHASE = f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm"
COST = f"{SUMMARY}/infrastructure-rationale/cost-optimization"
USERS = f"{SUMMARY}/business-impact/user-experience"


@pytest.fixture
def blank(cast: Cast, template: OperationTemplate) -> Operation:
    return start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Kernel update"})


@pytest.fixture
def full(cast: Cast, template: OperationTemplate) -> Operation:
    return make_draft(cast, template)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: Person, operation: Operation, key: str, query: str = "") -> Page:
    found = look(signed_in(person), f"/records/{operation.pk}/sections/{key}/{query}")
    assert found.status == 200
    return found


def table(operation: Operation, key: str) -> dict[str, str]:
    return table_of(document_of(operation).section(key))


def rows(operation: Operation, key: str, block: str) -> list[str]:
    return list(json.loads(table(operation, key)[f"{block}.rows"]))


# ---------------------------------------------------------------- saving


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


# ---------------------------------------------------------------- rows


def test_a_step_is_added_filled_moved_and_removed(full: Operation, cast: Cast) -> None:
    block = f"{PHASE}/steps"
    before = rows(full, STEPS, block)
    added = page(cast.mara, full, STEPS).send(do=f"add:{block}")
    new = rows(full, STEPS, block)[-1]
    assert new not in before
    commands = added.send({f"{new}.title": "Retire writers", f"{new}.estimate": "20 min"}, do=f"add-commands:{new}")
    part = next(name for name in commands.fields() if name.startswith(f"{new}/"))
    detail = commands.send({part: "systemctl stop old\n", f"label:{new}": "Evidence"}, do=f"add-detail:{new}")
    assert [entry[0] for entry in json.loads(table(full, STEPS)[f"{new}.parts"])] == ["commands", "detail"]
    assert table(full, STEPS)[part] == "systemctl stop old\n"
    assert Step.objects.get(key=new).minutes == 20
    detail.send(do=f"up:{new}")
    assert rows(full, STEPS, block) == [*before[:-1], new, before[-1]]
    page(cast.mara, full, STEPS).send(do=f"remove:{new}")
    assert rows(full, STEPS, block) == before


@pytest.mark.parametrize(
    ("section", "block"),
    [
        (RECOVERY, f"{RECOVERY}/rollback-triggers/triggers"),
        (RECOVERY, f"{RECOVERY}/rollback-procedures/steps"),
        (RECOVERY, f"{RECOVERY}/recovery-validation/validations"),
        (RISKS, f"{RISKS}/high-infrastructure-risks-mitigated/risks"),
        (VERIFY, f"{VERIFY}/infrastructure-validation/checks"),
        (VERIFY, f"{VERIFY}/performance-comparison/metrics"),
        (STATE, f"{STATE}/performance-baseline/metrics"),
        (STEPS, f"{PHASE}/steps"),
    ],
)
def test_what_was_removed_comes_back_by_undo_with_all_its_texts(
    section: str, block: str, full: Operation, cast: Cast
) -> None:
    facts = {f"{row}.estimate": "7 min" for row in rows(full, section, block) if "steps" in block}
    opened = page(cast.mara, full, section).send(facts, act="save")
    before = table(full, section), load([full.sections.get(key=section)])[0].annex()
    first, *others = rows(full, section, block)
    gone = opened.send(do=f"remove:{first}")
    assert rows(full, section, block) == others
    assert gone.address.partition("#")[2] in _anchors(others[0])
    name = next(text for one in ("title", "name", "text") if (text := before[0].get(f"{first}.{one}")))
    assert f"Removed: <b>{escape(name)}</b>" in " ".join(gone.text.split())
    undo = next(value for _form, name, value in gone.parsed.buttons if name == "do" and value.startswith("undo:"))
    back = gone.send(do=undo)
    assert (table(full, section), load([full.sections.get(key=section)])[0].annex()) == before
    assert back.address.partition("#")[2] in _anchors(first)


def test_who_removes_the_last_row_goes_on_at_the_one_before_or_where_one_is_added(full: Operation, cast: Cast) -> None:
    block = f"{RECOVERY}/rollback-triggers/triggers"
    shown = page(cast.mara, full, RECOVERY)
    for row, before in reversed(
        list(zip(rows(full, RECOVERY, block), ["", *rows(full, RECOVERY, block)], strict=False))
    ):
        shown = shown.send(do=f"remove:{row}")
        assert shown.address.endswith(f"#r-{before or block}")


def test_the_last_phase_stays(full: Operation, cast: Cast) -> None:
    first, *others = json.loads(table(full, STEPS)[f"{STEPS}.phases"])
    shown = page(cast.mara, full, STEPS)
    for phase in others:
        shown = shown.send(do=f"remove:{phase}")
    assert not shown.has_button(f"remove:{first}")
    form = shown.fields() | {"do": f"remove:{first}"}
    assert signed_in(cast.mara).post(f"/records/{full.pk}/sections/{STEPS}/", form).status_code == 400
    assert json.loads(table(full, STEPS)[f"{STEPS}.phases"]) == [first]


def test_a_part_that_was_removed_is_named(full: Operation, cast: Cast) -> None:
    kind, key, label = json.loads(table(full, STEPS)[f"{rows(full, STEPS, f'{PHASE}/steps')[0]}.parts"])[0]
    gone = page(cast.mara, full, STEPS).send(do=f"remove:{key}")
    assert f"Removed: <b>{label or kind}</b>" in " ".join(gone.text.split())


def _anchors(row: str) -> set[str]:
    return {f"r-{row}", f"f-{row}.name", f"f-{row}.text"}


def test_a_phase_is_added_moved_removed_and_brought_back(full: Operation, cast: Cast) -> None:
    before = table(full, STEPS)
    phases = json.loads(before[f"{STEPS}.phases"])
    added = page(cast.mara, full, STEPS).send(do=f"add-phase:{STEPS}")
    new = json.loads(table(full, STEPS)[f"{STEPS}.phases"])[-1]
    added.send({f"{new}.title": "Watch", f"{new}.window": "05:30-06:00"}, do=f"up:{new}")
    assert json.loads(table(full, STEPS)[f"{STEPS}.phases"]) == [*phases[:2], new, phases[2]]
    assert "### Phase 3: Watch (05:30-06:00)" in write(document_of(full))
    page(cast.mara, full, STEPS).send(do=f"remove:{new}")
    gone = page(cast.mara, full, STEPS).send(do=f"remove:{phases[1]}")
    undo = next(value for _form, name, value in gone.parsed.buttons if name == "do" and value.startswith("undo:"))
    gone.send(do=undo)
    assert table(full, STEPS) == before


def test_a_button_saves_what_was_typed_on_the_page_too(full: Operation, cast: Cast) -> None:
    check = rows(full, VERIFY, f"{VERIFY}/infrastructure-validation/checks")[0]
    page(cast.mara, full, VERIFY).send(
        {f"{check}.text": "Orders arrive"}, do=f"add:{VERIFY}/infrastructure-validation/checks"
    )
    assert table(full, VERIFY)[f"{check}.text"] == "Orders arrive"


@pytest.mark.parametrize(
    ("block", "first"),
    [(f"{VERIFY}/infrastructure-validation/checks", "text"), (f"{VERIFY}/performance-comparison/metrics", "name")],
)
def test_writing_goes_on_in_the_first_field_of_a_new_line(block: str, first: str, full: Operation, cast: Cast) -> None:
    added = page(cast.mara, full, VERIFY).send(do=f"add:{block}")
    assert added.address.endswith(f"#f-{rows(full, VERIFY, block)[-1]}.{first}")


def test_what_nobody_touched_is_not_started(blank: Operation, cast: Cast) -> None:
    shown = page(cast.mara, blank, STEPS)
    assert {words for _key, words in _pills(shown)} == {"Not started"}
    assert {words for _key, words in _pills(page(cast.mara, blank, RISKS))} == {"Not started"}
    begun = shown.send({f"{PHASE}/service-transition.estimate": "20 min"}, act="save")
    assert [key for key, words in _pills(begun) if words == "In progress"] == [PHASE, f"{PHASE}/service-transition"]


def _pills(shown: Page) -> list[tuple[str, str]]:
    """How far each phase and each boxed row of the page is said to be."""
    found = []
    for group in shown.response.context["editor"].groups:
        found += [(group.key, group.pill[2])] if group.number else []
        boxes = (block.rows for block in group.blocks if hasattr(block, "short"))
        found += [(row.key, row.pill[2]) for own in boxes for row in own]
    return found


@pytest.mark.parametrize("do", ["remove:nowhere", "fly:away", "add:nowhere", "undo:x", "set-na:nowhere", ":", "up:"])
def test_a_button_that_no_page_has_loses_nothing(do: str, blank: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    form = page(cast.mara, blank, SUMMARY).fields() | {COST: "kept", "do": do}
    answer = client.post(f"/records/{blank.pk}/sections/{SUMMARY}/", form)
    assert answer.status_code in (303, 400)
    assert "kept" in (answer.content.decode() or table(blank, SUMMARY)[COST])


# ---------------------------------------------------------------- marks


def test_a_field_is_marked_not_applicable_with_a_reason_and_undone(blank: Operation, cast: Cast) -> None:
    asking = page(cast.mara, blank, SUMMARY).send({USERS: "nobody notices"}, do=f"na:{COST}")
    assert table(blank, SUMMARY)[USERS] == "nobody notices"
    unsaid = asking.send({"reason": " "}, do=f"set-na:{COST}")
    assert unsaid.status == 400
    assert "Say why" in unsaid.text
    marked = unsaid.send({"reason": "the licence is free"}, do=f"set-na:{COST}")
    assert table(blank, SUMMARY)[COST] == "Not applicable: the licence is free"
    assert "because the licence is free" in marked.text
    marked.send(do=f"clear:{COST}")
    assert table(blank, SUMMARY)[COST] == "[Financial impact and savings]"


def test_a_field_is_marked_to_confirm_by_a_day(blank: Operation, cast: Cast) -> None:
    asking = page(cast.mara, blank, SUMMARY).send(do=f"confirm:{COST}")
    wrong = asking.send({"reason": "waits for the offer", "by": "soon"}, do=f"set-confirm:{COST}")
    assert "Say by which day" in wrong.text
    assert wrong.fields()["reason"] == "waits for the offer"
    wrong.send({"by": "2026-11-27"}, do=f"set-confirm:{COST}")
    assert table(blank, SUMMARY)[COST] == "To confirm by 2026-11-27: waits for the offer"


@pytest.mark.parametrize(
    "button", [{"act": "save"}, {"act": "continue"}, {"act": "exit"}, {"do": f"na:{USERS}"}, {"do": f"set-na:{COST}"}]
)
def test_a_reason_that_was_typed_is_set_whichever_button_is_pressed(
    button: dict[str, str], blank: Operation, cast: Cast
) -> None:
    """Enter in the line of the reason presses the form's first button: save."""
    asking = page(cast.mara, blank, SUMMARY).send(do=f"na:{COST}")
    asking.send({"reason": "the licence is free"}, **button)
    assert table(blank, SUMMARY)[COST] == "Not applicable: the licence is free"


def test_a_mark_that_cannot_be_set_is_not_dropped_by_a_save(blank: Operation, cast: Cast) -> None:
    asking = page(cast.mara, blank, SUMMARY).send(do=f"confirm:{COST}")
    wrong = asking.send({"reason": "waits for the offer"}, act="save")
    assert wrong.status == 400
    assert wrong.fields()["reason"] == "waits for the offer"
    nul = wrong.send({USERS: "half\0a", "by": "2026-11-27"}, act="save")
    assert (nul.fields()["reason"], nul.fields()["by"]) == ("waits for the offer", "2026-11-27")
    nul.send({USERS: "half a"}, act="save")
    assert table(blank, SUMMARY)[COST] == "To confirm by 2026-11-27: waits for the offer"


def test_a_mark_waits_for_the_choice_between_two_texts(full: Operation, cast: Cast) -> None:
    asking = page(cast.mara, full, SUMMARY).send({COST: ""}, act="save").send(do=f"na:{COST}")
    page(cast.carl, full, SUMMARY).send({USERS: "theirs"}, act="save")
    clash = asking.send({"reason": "the licence is free", USERS: "mine"}, do=f"set-na:{COST}")
    assert clash.status == 409
    clash.send(act="save")
    assert table(full, SUMMARY)[COST] == "Not applicable: the licence is free"


def test_a_mark_is_left_open_on_purpose(blank: Operation, cast: Cast) -> None:
    asking = page(cast.mara, blank, SUMMARY).send(do=f"na:{COST}")
    asking.send({"reason": "the licence", USERS: "nobody"}, do=f"leave:{COST}")
    assert (table(blank, SUMMARY)[COST], table(blank, SUMMARY)[USERS]) == ("[Financial impact and savings]", "nobody")


@pytest.mark.parametrize(("key", "count"), [(f"{SUMMARY}/infrastructure-rationale", 4), (SUMMARY, 9)])
def test_a_group_and_a_section_are_marked_at_once_without_touching_answers(
    key: str, count: int, blank: Operation, cast: Cast
) -> None:
    page(cast.mara, blank, SUMMARY).send({COST: "350 EUR"}, act="save")
    asking = page(cast.mara, blank, SUMMARY).send(do=f"na:{key}")
    asking.send({"reason": "routine"}, do=f"set-na:{key}")
    texts = table(blank, SUMMARY)
    assert texts[COST] == "350 EUR"
    assert list(texts.values()).count("Not applicable: routine") == count


def test_what_the_risk_level_does_not_ask_is_folded(cast: Cast, template: OperationTemplate) -> None:
    values = {"title": "Small", "header/risk-level": "Low"}
    low = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    shown = page(cast.mara, low, SUMMARY)
    assert "Not asked at this risk level, Low" in shown.text
    assert COST in shown.fields()
    shown.send({COST: "said nevertheless"}, act="save")
    assert table(low, SUMMARY)[COST] == "said nevertheless"


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


# ---------------------------------------------------------------- bad input (case 19)


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

"""Not applicable and to be confirmed: of a field, a group and a section."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate, State
from records.writing.saving import save_section
from tests.make import NIGHT, PLANNED, make_in, start_record
from tests.people import Cast
from tests.records.section_pages.asking import (
    COST,
    RECOVERY,
    SUMMARY,
    USERS,
    page,
    table,
)


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
    marked = wrong.send({"by": "2026-11-27"}, do=f"set-confirm:{COST}")
    assert table(blank, SUMMARY)[COST] == "To confirm by 2026-11-27: waits for the offer"
    assert 'aria-label="Answer it: Cost Optimization">Answer it</button>' in marked.text
    assert marked.send(do=f"clear:{COST}").fields()[COST] == ""


@pytest.mark.parametrize("words", ["Not applicable: on standby nodes", "To confirm by 2026-11-27: the host"])
def test_commands_are_typed_and_shown_as_they_are_whatever_they_begin_with(
    words: str, full: Operation, cast: Cast
) -> None:
    key = next(key for key in table(full, RECOVERY) if key.endswith("/commands"))
    text = f"{words}\npg_ctl promote -D /srv/pg"
    page(cast.mara, full, RECOVERY).send({key: text})
    assert table(full, RECOVERY)[key] == text
    assert page(cast.mara, full, RECOVERY).fields()[key].replace("\r\n", "\n") == text


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


def test_while_closing_nothing_is_put_off_any_more(template: OperationTemplate, cast: Cast) -> None:
    closing = make_in(State.CLOSING, cast, template)
    field = "infrastructure-communication/stakeholder-communication/progress-updates"
    emptied = page(cast.jun, closing, "infrastructure-communication").send({field: ""})
    assert f'value="na:{field}"' in emptied.text
    assert 'value="confirm:' not in emptied.text


def test_a_mark_that_cannot_be_set_is_not_dropped_by_a_save(blank: Operation, cast: Cast) -> None:
    asking = page(cast.mara, blank, SUMMARY).send(do=f"confirm:{COST}")
    wrong = asking.send({"reason": "waits for the offer"}, act="save")
    assert wrong.status == 400
    assert wrong.fields()["reason"] == "waits for the offer"
    nul = wrong.send({USERS: "half\0a", "by": "2026-11-27"}, act="save")
    assert (nul.fields()["reason"], nul.fields()["by"]) == ("waits for the offer", "2026-11-27")
    nul.send({USERS: "half a"}, act="save")
    assert table(blank, SUMMARY)[COST] == "To confirm by 2026-11-27: waits for the offer"


@pytest.mark.parametrize("state", [State.DRAFT, State.CLOSING])
def test_all_values_after_are_marked_at_once_when_they_can_be_known_no_more(
    state: State, template: OperationTemplate, cast: Cast
) -> None:
    """Before the run nobody can say so yet."""
    operation, verified = make_in(state, cast, template), "post-operation-infrastructure-verification"
    group = f"{verified}/performance-comparison"
    after = [key for key in table(operation, verified) if key.startswith(group) and key.endswith(".after")]
    section = operation.sections.get(key=verified)
    told = {"key": verified, "version": section.version, "values": dict.fromkeys(after, "")}
    save_section(operation=operation, **told, by=cast.mara, at=NIGHT)
    asking = page(cast.mara, operation, verified)
    offered = [f'value="na:{key}"' in asking.text for key in (group, verified)]
    assert offered == [state == State.CLOSING] * 2
    if state == State.CLOSING:
        asking.send(do=f"na:{verified}").send({"reason": "rolled back"}, do=f"set-na:{verified}")
        assert {table(operation, verified)[key] for key in after} == {"Not applicable: rolled back"}


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


def test_rows_say_that_the_risk_level_does_not_ask_for_them(cast: Cast, template: OperationTemplate) -> None:
    """Two of all fields are asked for: who reads "0 of 2 fields" sees which."""
    values = {"title": "Small", "header/risk-level": "Low"}
    low = start_record(author=cast.mara, template=template, at=PLANNED, values=values)

    def unasked() -> list[str]:
        shown = page(cast.mara, low, RECOVERY)
        groups = shown.response.context["editor"].groups
        rows = [row for group in groups for block in group.blocks for row in getattr(block, "rows", [])]
        short = [row for row in rows if row.is_unasked and not row.facts]
        assert shown.text.count('<p class="hint-x">Not asked at this risk level</p>') == len(short)
        return [row.name for row in rows if row.is_unasked]

    triggers = ["Performance Issues", "Error Rates", "Service Unavailability"]
    rest = [
        "Complete Infrastructure Restoration",
        "Data Restoration",
        "Service Health",
        "Data Integrity",
        "Performance",
    ]
    assert unasked() == [*triggers, *rest]
    assert page(cast.mara, low, RECOVERY).text.count("Not asked</span>") == 2
    page(cast.mara, low, RECOVERY).send({f"{RECOVERY}/rollback-triggers/error-rates.text": "Above 1%"}, act="save")
    assert unasked() == ["Performance Issues", "Service Unavailability", *rest]

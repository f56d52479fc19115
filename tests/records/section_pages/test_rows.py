"""The rows of a section: added, moved, removed, and brought back."""

from __future__ import annotations

import json

import pytest
from django.utils.html import escape

from records.content.assembly import document_of, load
from records.document.write import write
from records.models import Operation, Step
from tests.browserless import Page
from tests.people import Cast, signed_in
from tests.records.section_pages.asking import (
    COST,
    PHASE,
    RECOVERY,
    RISKS,
    STATE,
    STEPS,
    SUMMARY,
    VERIFY,
    page,
    rows,
    table,
)


def test_a_step_is_added_filled_moved_and_removed(full: Operation, cast: Cast) -> None:
    block = f"{PHASE}/steps"
    before = rows(full, STEPS, block)
    added = page(cast.mara, full, STEPS).send(do=f"add:{block}")
    new = rows(full, STEPS, block)[-1]
    assert new not in before
    assert added.address.endswith(f"#f-{new}.title"), "a new step begins with its title"
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


@pytest.mark.parametrize("act", ["save", "continue", "exit"])
def test_the_name_of_a_new_detail_is_one_whichever_button_is_pressed(act: str, full: Operation, cast: Cast) -> None:
    """Enter presses the form's first button; nothing that was typed goes without a word."""
    step = rows(full, STEPS, f"{PHASE}/steps")[0]
    there = page(cast.mara, full, STEPS).send({f"label:{step}": "Backup location"}, act=act)
    kind, new, label = json.loads(table(full, STEPS)[f"{step}.parts"])[-1]
    assert (kind, label) == ("detail", "Backup location")
    assert there.address.endswith(f"#f-{new}")


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


def test_a_step_moves_on_into_the_next_phase_with_all_that_it_says(full: Operation, cast: Cast) -> None:
    phases = json.loads(table(full, STEPS)[f"{STEPS}.phases"])
    one, two = (f"{phase}/steps" for phase in phases[:2])
    *stays, last = rows(full, STEPS, one)
    there = rows(full, STEPS, two)
    opened = page(cast.mara, full, STEPS).send({f"{last}.estimate": "7 min"}, act="save")
    before = table(full, STEPS), load([full.sections.get(key=STEPS)])[0].annex()
    assert not opened.has_button(f"up:{rows(full, STEPS, one)[0]}"), "no phase stands before the first"
    assert not opened.has_button(f"down:{rows(full, STEPS, f'{phases[-1]}/steps')[-1]}")
    moved = opened.send(do=f"down:{last}")
    assert (rows(full, STEPS, one), rows(full, STEPS, two)) == (stays, [last, *there])
    own = Step.objects.get(section__operation=full, key=last)
    assert (own.phase.key, own.position, own.estimate) == (phases[1], 0, "7 min")
    texts, facts = table(full, STEPS), load([full.sections.get(key=STEPS)])[0].annex()
    lists = {f"{one}.rows", f"{two}.rows"}
    assert {k: v for k, v in texts.items() if k not in lists} == {k: v for k, v in before[0].items() if k not in lists}
    assert facts == before[1]
    moved.send(do=f"up:{last}")
    assert (table(full, STEPS), load([full.sections.get(key=STEPS)])[0].annex()) == before


def test_a_step_that_two_people_moved_into_two_phases_stands_in_one(full: Operation, cast: Cast) -> None:
    one, two, three = (f"{phase}/steps" for phase in json.loads(table(full, STEPS)[f"{STEPS}.phases"]))
    (first, *_more) = rows(full, STEPS, two)
    theirs = page(cast.carl, full, STEPS)
    page(cast.mara, full, STEPS).send(do=f"up:{first}")
    form = theirs.fields() | {f"{three}.rows": json.dumps([first, *rows(full, STEPS, three)]), "act": "save"}
    signed_in(cast.carl).post(f"/records/{full.pk}/sections/{STEPS}/", form)
    found = [row for block in (one, two, three) for row in rows(full, STEPS, block)]
    assert found.count(first) == 1 and len(found) == len(set(found))


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
        found += [(group.key, group.pill[2])] if group.name else []
        boxes = (block.rows for block in group.blocks if hasattr(block, "short"))
        found += [(row.key, row.pill[2]) for own in boxes for row in own]
    return found


STEP = f"{PHASE}/steps/ab12cd34"
BACKUP = "operational-procedures/new-operational-requirements/backup"


@pytest.mark.parametrize(
    "key",
    [
        *("{step}/evil.after", "{step}/a.b", "{step}/", "{step}/a/b", "{step}", "{other}/note", STEP, BACKUP, "note"),
        *("{step}/a b", "{step}/" + "a" * 600, f"{STEPS}/evil", f"{STEPS}.after", "header/date"),
    ],
)
def test_no_part_comes_in_under_a_key_that_says_something_else_of_it(key: str, full: Operation, cast: Cast) -> None:
    """Under another line's it would be that line: due at another time, and bound by no approval."""
    step, other = rows(full, STEPS, f"{PHASE}/steps")[:2]
    key = key.format(step=step, other=other)
    parts = json.loads(table(full, STEPS)[f"{step}.parts"])
    _refused(full, cast, {f"{step}.parts": json.dumps([*parts, ["commands", key, "bash"]]), key: "echo harmless"})
    _refused(full, cast, {f"{step}.parts": json.dumps([*parts, parts[0]])})


@pytest.mark.parametrize(
    "key", ["unplanned/1", "evil", f"{STEP}.after", "header/date", f"{PHASE}/steps", PHASE, f"{STEPS}/a b", BACKUP]
)
def test_no_row_or_phase_comes_in_under_a_key_that_says_something_else_of_it(
    key: str, full: Operation, cast: Cast
) -> None:
    order = rows(full, STEPS, f"{PHASE}/steps")
    _refused(full, cast, {f"{PHASE}/steps.rows": json.dumps([*order, key]), f"{key}.title": "Innocent"})
    phases = json.loads(table(full, STEPS)[f"{STEPS}.phases"])
    if key not in phases:
        _refused(full, cast, {f"{STEPS}.phases": json.dumps([*phases, key]), f"{key}.title": "Innocent"})


def test_no_row_is_born_in_a_group_of_another_kind(full: Operation, cast: Cast) -> None:
    triggers, steps = f"{RECOVERY}/rollback-triggers/triggers", f"{RECOVERY}/rollback-procedures/steps"
    for block, other in ((triggers, steps), (steps, triggers)):
        order = rows(full, RECOVERY, block)
        _refused(full, cast, {f"{block}.rows": json.dumps([*order, f"{other}/evil"])}, RECOVERY)


def _refused(operation: Operation, cast: Cast, posted: dict[str, str], section: str = STEPS) -> None:
    before = table(operation, section)
    typed = next(key for key in before if key.endswith(".title"))
    form = page(cast.mara, operation, section).fields() | posted | {typed: "What I typed"}
    answer = signed_in(cast.mara).post(f"/records/{operation.pk}/sections/{section}/", form)
    assert answer.status_code == 400
    assert "What I typed" in answer.content.decode() and "key that something new" in answer.content.decode()
    assert table(operation, section) == before


@pytest.mark.parametrize("do", ["remove:nowhere", "fly:away", "add:nowhere", "undo:x", "set-na:nowhere", ":", "up:"])
def test_a_button_that_no_page_has_loses_nothing(do: str, blank: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    form = page(cast.mara, blank, SUMMARY).fields() | {COST: "kept", "do": do}
    answer = client.post(f"/records/{blank.pk}/sections/{SUMMARY}/", form)
    assert answer.status_code in (303, 400)
    assert "kept" in (answer.content.decode() or table(blank, SUMMARY)[COST])

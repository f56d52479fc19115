"""Saving a section: what one person changed is merged, what two changed is shown to both, nothing is lost."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from records.content.assembly import document_of
from records.document.fields import table_of
from records.document.write import write
from records.life_cycle import lock
from records.models import FieldChange, Operation, OperationTemplate, Person, State
from records.refusals import Refused, Unusable, WrongOrder
from records.writing.people import name_people
from records.writing.saving import Clashed, save_section
from tests.at_once import somebody_waits
from tests.make import import_text, start_record
from tests.processes import until

ROOT = Path(__file__).parents[3]
SUMMARY = "operation-summary"
USERS = "operation-summary/business-impact/user-experience"
COST = "operation-summary/infrastructure-rationale/cost-optimization"
STEPS = "infrastructure-operation-steps"
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.fixture
def template(db: None, infrastructure_template: str) -> OperationTemplate:
    toml = (ROOT / "records/operation_templates/infrastructure-operation.toml").read_text()
    return OperationTemplate.objects.create(
        name="Infrastructure Operations Template", version="1.0.0", text=infrastructure_template, toml=toml
    )


@pytest.fixture
def mara(db: None) -> Person:
    return Person.objects.create_user("mara", name="Mara Lindqvist")


@pytest.fixture
def jun(db: None) -> Person:
    return Person.objects.create_user("jun", name="Jun Park")


@pytest.fixture
def draft(template: OperationTemplate, mara: Person, jun: Person) -> Operation:
    """Mara's, with Jun as co-author."""
    draft = start_record(author=mara, template=template, at=NOW, values={"title": "Kernel update"})
    return name_people(draft, by=mara, operator=None, supervisor=None, co_authors=[jun], at=NOW)


def save(draft: Operation, by: Person, version: int, values: dict[str, str], key: str = SUMMARY, **more: object):
    return save_section(operation=draft, key=key, version=version, values=values, by=by, at=timezone.now(), **more)


def texts(draft: Operation, key: str = SUMMARY) -> dict[str, str]:
    return table_of(document_of(draft).section(key))


def test_a_new_record_is_the_template_with_its_title(draft: Operation, infrastructure_template: str) -> None:
    assert draft.title == "Kernel update"
    assert write(document_of(draft)) == infrastructure_template.replace("[Brief Description]", "Kernel update")


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("tests/data/messy/*.md"), *ROOT.glob("records/demo/*.md")]), ids=lambda path: path.stem
)
def test_any_record_comes_in_and_goes_out_byte_equal(path: Path, template: OperationTemplate, mara: Person) -> None:
    text = path.read_bytes().decode()
    imported = import_text(author=mara, text=text, template=template, at=NOW)
    assert write(document_of(Operation.objects.get(pk=imported.pk))) == text
    assert imported.state == State.DRAFT


def test_a_save_changes_that_field_and_says_so(draft: Operation, mara: Person) -> None:
    before = texts(draft)
    saved = save(draft, mara, 1, {USERS: "None expected.\r\nA reload at most."})
    assert saved.version == 2
    assert saved.changed == (USERS,)
    assert texts(draft) == before | {USERS: "None expected.\nA reload at most."}
    change = FieldChange.objects.get()
    assert (change.label, change.person, change.version) == ("User Experience", mara, 2)


def test_placeholders_that_come_back_empty_are_no_change(draft: Operation, mara: Person) -> None:
    assert save(draft, mara, 1, {USERS: "", COST: ""}).changed == ()
    assert draft.sections.get(key=SUMMARY).version == 1


def test_an_emptied_field_is_the_placeholder_again(draft: Operation, mara: Person) -> None:
    placeholder = texts(draft)[USERS]
    save(draft, mara, 1, {USERS: "None"})
    save(draft, mara, 2, {USERS: ""})
    assert texts(draft)[USERS] == placeholder


def test_fields_that_only_one_side_changed_are_merged(draft: Operation, mara: Person, jun: Person) -> None:
    save(draft, mara, 1, {USERS: "None", COST: ""})
    save(draft, jun, 1, {USERS: "", COST: "Two hosts less"})
    assert texts(draft)[USERS] == "None"
    assert texts(draft)[COST] == "Two hosts less"


def test_the_same_field_shows_both_texts_and_overwrites_nobody(draft: Operation, mara: Person, jun: Person) -> None:
    save(draft, mara, 1, {USERS: "None"})
    with pytest.raises(Clashed) as raised:
        save(draft, jun, 1, {USERS: "A short outage", COST: "Two hosts less"})
    clash = raised.value.clashes[0]
    assert (clash.label, clash.theirs, clash.mine) == ("User Experience", "None", "A short outage")
    assert texts(draft)[USERS] == "None"
    save(draft, jun, 1, {USERS: "A short outage", COST: "Two hosts less"}, choices={USERS: "None"})
    assert texts(draft)[USERS] == "A short outage"


def test_the_same_words_from_two_people_are_no_clash(draft: Operation, mara: Person, jun: Person) -> None:
    save(draft, mara, 1, {USERS: "None"})
    assert save(draft, jun, 1, {USERS: "None"}).changed == ()


def test_rows_are_added_moved_and_removed_with_their_keys(draft: Operation, mara: Person) -> None:
    phase = f"{STEPS}/phase-1-pre-migration-setup-hh-mm-hh-mm"
    first, second = f"{phase}/infrastructure-preparation", f"{phase}/testing-environment"
    new = f"{phase}/steps/n1"
    save(
        draft,
        mara,
        1,
        {
            f"{phase}/steps.rows": f'["{second}", "{new}", "{first}"]',
            f"{new}.title": "Fence the old host",
            f"{new}.parts": f'[["commands", "{new}/commands", ""]]',
            f"{new}/commands": "\n  fence old # now\n",
            f"{new}.estimate": "25 min",
        },
        key=STEPS,
    )
    text = write(document_of(draft))
    assert "1. **Testing Environment**" in text
    assert "2. **Fence the old host**\n\n   ```bash\n\n     fence old # now\n\n   ```\n\n3. **Infrastructure P" in text
    save(draft, mara, 2, {f"{phase}/steps.rows": f'["{first}"]'}, key=STEPS)
    assert [row.title for row in draft.sections.get(key=STEPS).step_set.filter(phase__number=1)] == [
        "Infrastructure Preparation"
    ]


def test_another_unit_stands_where_the_template_s_stood(draft: Operation, mara: Person) -> None:
    section = "post-operation-infrastructure-verification"
    row = f"{section}/performance-comparison/throughput"
    save(draft, mara, 1, {f"{row}.before": "142", f"{row}.unit": "Gbit/s"}, key=section)
    assert "Throughput: 142 Gbit/s → [after] Gbit/s\n" in write(document_of(draft))
    save(draft, mara, 2, {f"{row}.unit": "%"}, key=section)
    assert "Throughput: 142% → [after]%\n" in write(document_of(draft))


def test_header_facts_become_columns_and_the_level_counts_anew(draft: Operation, mara: Person) -> None:
    due = draft.sections.get(key=SUMMARY).progress["plan"]["due"]
    save(
        draft,
        mara,
        1,
        {
            "header/date": "2026-12-06",
            "header/time": "23:30:00 Europe/Stockholm",
            "header/risk-level": "Low",
            "header/operation-id": "2026-12-06-infrastructure-kernel",
        },
        key="header",
    )
    draft.refresh_from_db()
    assert draft.operation_id == "2026-12-06-infrastructure-kernel"
    assert (draft.risk_level, draft.risk_rank) == ("Low", 1)
    assert draft.window_start == dt.datetime(2026, 12, 6, 22, 30, tzinfo=dt.UTC)
    assert draft.sections.get(key=SUMMARY).progress["plan"]["due"] < due


def test_two_records_can_t_have_one_id(draft: Operation, mara: Person, template: OperationTemplate) -> None:
    save(draft, mara, 1, {"header/operation-id": "2026-12-06-infrastructure-kernel"}, key="header")
    other = start_record(author=mara, template=template, at=NOW, values={})
    with pytest.raises(Unusable, match="2026-12-06-infrastructure-kernel already"):
        save(other, mara, 1, {"header/operation-id": "2026-12-06-infrastructure-kernel"}, key="header")
    assert "YYYY-MM-DD" in texts(other, "header")["header/operation-id"]
    with pytest.raises(Refused):
        import_text(author=mara, text=write(document_of(draft)), template=template, at=NOW)


def test_a_stale_save_after_submission_changes_no_plan_but_may_close(draft: Operation, mara: Person) -> None:
    Operation.objects.filter(pk=draft.pk).update(state=State.IN_REVIEW)
    with pytest.raises(WrongOrder):
        save(draft, mara, 1, {USERS: "Late"})
    assert FieldChange.objects.count() == 0
    close = "operational-procedures/new-operational-requirements/monitoring"
    assert save(draft, mara, 1, {close: "New dashboard"}, key="operational-procedures").changed == (close,)


def test_too_large_a_section_is_refused_in_words(draft: Operation, mara: Person) -> None:
    with pytest.raises(Unusable, match="256 KiB"):
        save(draft, mara, 1, {USERS: "x" * (256 * 1024 + 1)})


def test_a_line_that_a_deviating_record_lacks_is_set_in(template: OperationTemplate, mara: Person) -> None:
    head = "# Infrastructure Operation: X\n\n**Date**: 2026-12-06\n\n"
    text = f"{head}## Operation Summary\n\nWhy.\n\n---\n\n**Operation Status**: x\n"
    draft = import_text(author=mara, text=text, template=template, at=NOW)
    save(draft, mara, 1, {USERS: "None", COST: ""})
    save(draft, mara, 1, {"header/operator": "Mara"}, key="header")
    written = write(document_of(draft))
    assert "Why.\n\n### Business Impact\n\n- **User Experience**: None\n\n---" in written
    assert "**Date**: 2026-12-06\n**Operator**: Mara\n\n## Op" in written


@pytest.mark.django_db(transaction=True)
def test_a_save_waits_for_the_record_with_no_section_in_its_hands(draft: Operation, mara: Person) -> None:
    """An act holds the record and then writes the section; a save that had locked that first would be a deadlock."""
    failed: list[BaseException] = []

    def late() -> None:
        try:
            save(draft, mara, 1, {USERS: "None"})
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    saving = threading.Thread(target=late)
    with transaction.atomic():
        lock(draft)
        saving.start()
        until(somebody_waits)
        draft.sections.filter(key=SUMMARY).update(saved_at=NOW)
    saving.join(30)
    assert failed == []
    assert texts(draft)[USERS] == "None"

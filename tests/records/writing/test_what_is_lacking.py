"""What a record hasn't got at all is asked for as well: sections of its template, and lists of which no row is left."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.urls import reverse

from approvals import actions
from records.content.assembly import document_of, load
from records.document.fields import table_of
from records.document.read import read_record
from records.document.write import write
from records.models import Operation, OperationTemplate, State, Step
from records.refusals import Incomplete, Refused
from records.transfer.records_out import markdown_of
from records.writing.people import name_people
from records.writing.putting_back import put_back
from records.writing.readiness import missing
from records.writing.saving import save_section
from tests import make
from tests.browserless import look, words_of
from tests.people import Cast, signed_in

RECORD = make.FINAL.read_bytes().decode().replace("**Operator**: Mara Lindqvist", "**Operator**: Jun Park")
STEPS, RISKS, BACK = "infrastructure-operation-steps", "infrastructure-risk-assessment", "disaster-recovery-plan"
VERIFY = "post-operation-infrastructure-verification"
SECTIONS = {
    STEPS: "Infrastructure Operation Steps",
    RISKS: "Infrastructure Risk Assessment",
    BACK: "Disaster Recovery Plan",
    VERIFY: "Post-Operation Infrastructure Verification",
    "pre-operation-infrastructure-state": "Pre-Operation Infrastructure State",
}


def without(*headings: str) -> str:
    """The finished record without the sections, or groups, whose headings hold these words."""
    kept, cut = [], 0
    for part in re.split(r"(?m)^(?=##|---$)", RECORD):
        level = len(part) - len(part.lstrip("#"))
        if not cut or level <= cut:
            cut = level if any(words in part.partition("\n")[0] for words in headings) else 0
            kept += [] if cut else [part]
    return "".join(kept)


def brought_in(cast: Cast, template: OperationTemplate, *headings: str) -> Operation:
    text = without(*headings).replace("-postgresql-16-orders`", f"-orders-{Operation.objects.count()}`", 1)
    operation = make.import_text(author=cast.mara, text=text, template=template, at=make.PLANNED)
    return name_people(
        operation, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, co_authors=[cast.carl], at=make.PLANNED
    )


def needed(operation: Operation) -> list[str]:
    now = make.fresh(operation)
    return [one.label for one in missing(document_of(now), now.outline, now.risk_level)]


def without_rows(operation: Operation, key: str, *, but: str = "") -> None:
    """All rows and phases of a section removed, but for those of the list ``but``."""
    own = load([operation.sections.get(key=key)])[0]
    fields = [field for field in table_of(own.document) if field.endswith((".rows", ".phases")) and field != but]
    values = dict.fromkeys(fields, "[]")
    version = own.section.version
    save_section(operation=operation, key=key, version=version, values=values, by=operation.author, at=make.PLANNED)


# ---------------------------------------------------------------- sections


def test_nothing_is_lacking_in_a_whole_record(cast: Cast, template: OperationTemplate) -> None:
    assert needed(brought_in(cast, template)) == []


@pytest.mark.parametrize("key", SECTIONS)
def test_a_section_that_was_cut_is_asked_for_and_comes_back(key: str, cast: Cast, template: OperationTemplate) -> None:
    """Where the template has it, with its own words, which are no answers."""
    whole = [section.key for section in template.outline.document.sections]
    operation = brought_in(cast, template, SECTIONS[key])
    told = f"“{SECTIONS[key]}”, a section that this record hasn't got"
    assert needed(operation) == [told]
    with pytest.raises(Incomplete, match=SECTIONS[key]):
        make.submit(cast, operation)
    mara = signed_in(cast.mara)
    check = look(mara, reverse("check", args=[operation.pk]))
    assert told in words_of(check.text)
    assert told in words_of(look(mara, reverse("record", args=[operation.pk])).text), "the record's page says so too"
    [there] = set(re.findall(rf'href="({re.escape(reverse("section", args=[operation.pk, key]))}[^"]*)"', check.text))
    back = look(mara, there).send(do=f"put-back:{key}")
    assert (back.status, back.address.partition("#")[0]) == (200, reverse("section", args=[operation.pk, key]))
    text = markdown_of(make.fresh(operation)).decode()
    assert [section.key for section in document_of(make.fresh(operation)).sections] == whole
    assert write(read_record(text, template.outline.document)) == text
    fields = needed(operation)
    assert fields and told not in fields
    assert make.fresh(operation).sections.get(key=key).progress["plan"]["due"] >= len(fields)


def test_what_is_asked_for_later_or_not_at_all_may_be_left_out(cast: Cast, template: OperationTemplate) -> None:
    """What nobody may write into a plan that is approved can't be asked for then either."""
    cut = brought_in(
        cast, template, "Infrastructure Communication", "Infrastructure Impact Assessment", "Operational Procedures"
    )
    assert needed(cut) == []
    low = brought_in(cast, template, SECTIONS[RISKS])
    section = low.sections.get(key="header")
    values = {"header/risk-level": "Low"}
    save_section(operation=low, key="header", version=section.version, values=values, by=cast.mara, at=make.PLANNED)
    assert needed(low) == []


@pytest.mark.parametrize("name", ["jun", "tomas", "olga", "noor"])
def test_only_who_writes_the_plan_puts_it_back(name: str, cast: Cast, template: OperationTemplate) -> None:
    operation = brought_in(cast, template, SECTIONS[BACK])
    person = getattr(cast, name)
    with pytest.raises(Refused):
        put_back(operation, key=BACK, by=person, at=make.PLANNED)
    sent = signed_in(person).post(reverse("section", args=[operation.pk, BACK]), {"do": f"put-back:{BACK}"})
    assert sent.status_code == 404
    assert not operation.sections.filter(key=BACK).exists()


def test_what_the_template_has_not_got_or_the_plan_is_closed_for_stays_away(
    cast: Cast, template: OperationTemplate
) -> None:
    operation = brought_in(cast, template, "Operational Procedures")
    with pytest.raises(Refused, match="has no such section"):
        put_back(operation, key="nowhere", by=cast.mara, at=make.PLANNED)
    operation = make.submit(cast, operation)
    plan = bytes(operation.revisions.get().plan_text)
    with pytest.raises(Refused):
        put_back(operation, key="operational-procedures", by=cast.mara, at=make.PLANNED)
    actions.withdraw(operation, by=cast.mara, at=make.PLANNED)
    put_back(operation, key="operational-procedures", by=cast.mara, at=make.PLANNED)
    make.submit(cast, make.fresh(operation))
    assert bytes(operation.revisions.get(number=2).plan_text) != plan


# ---------------------------------------------------------------- lists

LISTS = {
    STEPS: ["at least one step"],
    RISKS: ["High Infrastructure Risks (Mitigated): at least one risk"],
    BACK: [
        "Rollback Triggers: at least one trigger",
        "Rollback Procedures: at least one step",
        "Recovery Validation: at least one validation",
    ],
    VERIFY: ["Infrastructure Validation: at least one check"],
}


@pytest.mark.parametrize("key", LISTS)
def test_a_list_of_which_no_row_is_left_is_asked_for(key: str, cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_draft(cast, template)
    assert needed(operation) == []
    without_rows(operation, key)
    assert [re.sub(r"^\W+", "", label) for label in needed(operation)] == LISTS[key]
    due = make.fresh(operation).sections.get(key=key).progress["missing"]
    assert [label for _key, label, _part in due] == needed(operation)
    check = look(signed_in(cast.mara), reverse("check", args=[operation.pk])).text
    for there in re.findall(rf'href="({re.escape(reverse("section", args=[operation.pk, key]))}[?][^"]*)"', check):
        assert "Put it back" not in look(signed_in(cast.mara), unescape(there)).text or key == STEPS
    with pytest.raises(Incomplete, match="at least one"):
        make.submit(cast, operation)


def test_one_phase_or_the_risks_of_one_degree_may_be_gone(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_draft(cast, template)
    without_rows(operation, RISKS, but=f"{RISKS}/low-infrastructure-risks-accepted/risks.rows")
    own = load([operation.sections.get(key=STEPS)])[0]
    phases = json.loads(table_of(own.document)[f"{STEPS}.phases"])
    values = {f"{STEPS}.phases": json.dumps(phases[:1])}
    save_section(operation=operation, key=STEPS, version=1, values=values, by=cast.mara, at=make.PLANNED)
    assert needed(operation) == []
    assert make.submit(cast, make.fresh(operation)).state == State.IN_REVIEW


def test_what_the_level_does_not_ask_for_may_be_empty(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_draft(cast, template, level="Low")
    before = needed(operation)
    without_rows(operation, RISKS)
    assert needed(operation) == before
    without_rows(operation, STEPS)
    assert needed(operation) == [*before, "at least one step"]


@pytest.mark.parametrize(
    ("key", "headings"), [(BACK, ("Rollback Triggers", "Rollback Procedures")), (STEPS, ("### Phase",))]
)
def test_lists_that_have_no_place_any_more_come_back_from_the_sections_page(
    key: str, headings: tuple[str, ...], cast: Cast, template: OperationTemplate
) -> None:
    operation = brought_in(cast, template, *headings)
    assert any("at least one" in label for label in needed(operation))
    address = reverse("section", args=[operation.pk, key])
    assert "Put it back" not in look(signed_in(cast.noor), address).text
    page = look(signed_in(cast.mara), address)
    assert "Put it back" in page.text
    there = page.send(do=f"put-back:{key}")
    assert there.status == 200 and "Put it back" not in there.text
    version = operation.sections.get(key=key).version
    assert there.send(do=f"take-back:{version}").status == 200
    assert not any("at least one" in label for label in needed(operation)) and needed(operation)
    assert Step.objects.filter(section__operation=operation, section__key=key).count() == {BACK: 3, STEPS: 6}[key]
    text = markdown_of(make.fresh(operation)).decode()
    assert write(read_record(text, template.outline.document)) == text

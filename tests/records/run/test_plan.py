"""The run works along what was planned; what a small change was never asked is not waved at a tired person."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from approvals import actions
from records.content.frozen import frozen
from records.document.exchange import to_json
from records.document.outline import Group
from records.document.read import read_template
from records.document.with_fields import with_fields
from records.models import Check, Operation, OperationTemplate, Revision
from records.reading.brief import brief_of
from records.run import left_undone
from records.run.plan import run_plan
from records.writing.saving import save_section
from tests import make
from tests.people import Cast

WAY_BACK = "disaster-recovery-plan"
RISKS = "infrastructure-risk-assessment"


@pytest.fixture
def revision(cast: Cast, template: OperationTemplate):
    draft: Operation = make.make_draft(cast, template, level="High")
    reason = "Not applicable: one host, nobody notices"
    for section, key in (
        (WAY_BACK, f"{WAY_BACK}/rollback-triggers/performance-issues.text"),
        (RISKS, f"{RISKS}/low-infrastructure-risks-accepted/minor-configuration-drift.text"),
    ):
        version = draft.sections.get(key=section).version
        save_section(operation=draft, key=section, version=version, values={key: reason}, by=cast.mara, at=make.PLANNED)
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    return draft.revisions.get()


def test_triggers_and_risks_that_do_not_apply_are_not_looked_at(revision, template: OperationTemplate) -> None:
    plan = run_plan(revision, template)
    assert [trigger.title for trigger in plan.triggers] == ["Error Rates", "Service Unavailability", "Time Limits"]
    brief = brief_of(frozen(revision), plan, template.outline)
    assert "Minor Configuration Drift" not in [risk.title for risk in brief.risks]
    assert brief.risks
    bare = replace(frozen(revision), document=template.outline.document, facts={})
    unwritten = brief_of(bare, plan, template.outline)
    assert (unwritten.what, unwritten.risks) == ("", ()), "what the template has there says nothing of this change"


def test_the_brief_says_what_is_done_as_the_plan_does(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template, level="High")
    key, text = "operation-summary/intro/text", "Promote the standby\n\n- 340 shops\n# no heading"
    version = draft.sections.get(key="operation-summary").version
    save_section(
        operation=draft, key="operation-summary", version=version, values={key: text}, by=cast.mara, at=make.PLANNED
    )
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    sent = draft.revisions.get()
    brief = brief_of(frozen(sent), run_plan(sent, template), template.outline)
    assert brief.what == "Promote the standby\n\n\\- 340 shops\n\\# no heading"
    assert brief.what in bytes(sent.plan_text).decode()


def test_the_brief_counts_as_not_asked_what_the_site_says_of_fields_that_are_not(
    cast: Cast, template: OperationTemplate
) -> None:
    """Words that are only spelled like it are read, and so are its own ones where the level asks."""
    settings, key = template.outline.settings, "operation-summary"
    draft = make.make_draft(cast, template, level="Low")
    lines = [one.key for one in template.outline.section_answers[key] if not settings.is_asked(one.key, "Low")]
    values = dict(zip(lines, (settings.filler, settings.filler.replace(":", "\\:")), strict=False))
    version = draft.sections.get(key=key).version
    save_section(operation=draft, key=key, version=version, values=values, by=cast.mara, at=make.PLANNED)
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    sent = draft.revisions.get()
    document, plan = frozen(sent).document, run_plan(sent, template)
    brief = brief_of(frozen(sent), plan, template.outline)
    assert (brief.unasked, [one.reason for one in brief.not_applicable].count(settings.unasked)) == (1, 1)
    level = template.outline.bound("risk")
    header = with_fields(document.section("header"), {level.key: "High"})
    higher = replace(frozen(sent), document=replace(document, sections=(header, *document.sections[1:])))
    assert brief_of(higher, plan, template.outline).unasked == 0


def unheard_of(group: Group) -> Group:
    if group.heading is None:
        return group
    return replace(group, heading=replace(group.heading, text=group.heading.text.replace("Low", "Unheard-of")))


def test_risks_whose_list_names_no_level_come_first_in_the_brief(cast: Cast, template: OperationTemplate) -> None:
    """Else they would stand behind five small ones, as "and 3 more"."""
    draft = make.make_draft(cast, template, level="High")
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    sent = draft.revisions.get()
    plan = frozen(sent)
    sections = tuple(replace(one, groups=tuple(map(unheard_of, one.groups))) for one in plan.document.sections)
    renamed = replace(plan, document=replace(plan.document, sections=sections))
    brief = brief_of(renamed, run_plan(sent, template), template.outline)
    assert "Unheard-of" in brief.risks[0].level
    assert "High" in brief_of(plan, run_plan(sent, template), template.outline).risks[0].level


def test_a_check_that_does_not_apply_is_none(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template, level="High")
    Check.objects.filter(section__operation=draft).update(ticked=False)
    row = left_undone.undone_checks(draft)[0]
    key, values = row.section.key, {f"{row.key}.text": "Not applicable: one host"}
    version = draft.sections.get(key=key).version
    save_section(operation=draft, key=key, version=version, values=values, by=cast.mara, at=make.PLANNED)
    assert row.key not in {check.key for check in left_undone.undone_checks(draft)}
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    assert row.key not in {check.key for check in run_plan(draft.revisions.get(), template).checks}


def test_a_checklist_without_a_heading_is_called_as_its_section_and_knows_whether_it_comes_first() -> None:
    document = read_template((Path(__file__).parents[2] / "data/templates/firewall-cutover.md").read_text())
    checks = run_plan(Revision(content=json.dumps(to_json(document)).encode(), annex=b"{}"), None).checks
    first, second = [group.key for section in document.sections for group in section.groups if group.phase]
    assert [(one.group, one.phase, one.is_before) for one in checks] == [
        *[("Vorprüfung", "", True)] * 4,
        ("Etappe 1: Vorbereiten (HH:MM-HH:MM)", first, False),
        ("Etappe 2: Umschalten (HH:MM-HH:MM)", second, True),
    ], "of a phase those before its first step are told from those behind it"

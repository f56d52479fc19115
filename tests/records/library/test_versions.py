"""A record stays on its version until its author moves it; then nothing that was written is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from approvals import actions
from records import audit
from records.content.assembly import document_of
from records.document.read import read_record
from records.document.write import write
from records.library.versions import move_to_version, newer_than, preview
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, Role, RoleHolding, State, Step
from records.models.states import EDITABLE
from records.refusals import Refused, WrongOrder
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from records.writing.people import name_people
from records.writing.restoring import restore_field
from records.writing.saving import save_section
from tests import make
from tests.people import SINCE, Cast, signed_in
from tests.records.document.next_versions import COUNTED_TEXT
from tests.records.library.versions import COMPLIANCE, SUMMARY, text_of

pytestmark = pytest.mark.django_db


def test_answers_are_carried_and_the_rest_stays_in_place(
    cast: Cast, draft: Operation, newer: OperationTemplate
) -> None:
    before = text_of(draft)
    move_to_version(draft, template=newer, by=cast.mara, at=make.PLANNED)
    after = text_of(draft)
    lost = [line for line in before.splitlines() if line not in after.splitlines()]
    assert lost == ["**Documentation Standard**: Infrastructure Operations Template v1.0.0"]
    fresh = [line for line in after.splitlines() if line not in before.splitlines()]
    assert fresh == [
        next(line for line in newer.text.splitlines() if line.startswith("- **Audit**")),
        "## Lessons",
        "- **Learned**: [What]",
        "**Documentation Standard**: Infrastructure Operations Template v1.1.0",
    ]
    assert after.index("**Compliance**") < after.index("**Audit**") < after.index("### Business Impact")


def test_what_is_stored_is_what_its_text_says_along_the_new_template(
    cast: Cast, draft: Operation, newer: OperationTemplate
) -> None:
    moved = move_to_version(draft, template=newer, by=cast.mara)
    text = text_of(draft)
    again = read_record(text, newer.outline.document)
    assert {a.key: a.text for s in again.sections for a in s.answers()} == {
        a.key: a.text for s in document_of(make.fresh(draft)).sections for a in s.answers()
    }
    assert write(again) == text
    sections = list(make.fresh(draft).sections.values_list("key", "position"))
    assert [key for key, _at in sections] == [section.key for section in newer.outline.document.sections]
    assert (moved.risk_level, moved.operation_id) == (draft.risk_level, draft.operation_id)


def test_rows_keep_their_keys_and_their_facts(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    step = Step.objects.filter(section__operation=draft, phase__isnull=False).first()
    Step.objects.filter(pk=step.pk).update(estimate="25 min", host="db-1")
    rows = set(Step.objects.filter(section__operation=draft).values_list("pk", "key", "title", "estimate"))
    move_to_version(draft, template=newer, by=cast.mara)
    assert set(Step.objects.filter(section__operation=draft).values_list("pk", "key", "title", "estimate")) == rows


def test_what_somebody_called_a_phase_that_is_none_any_more_stays_and_is_told_before(cast: Cast) -> None:
    lines = "**ID**: `YYYY-MM-DD-[x]`\n**Date**: YYYY-MM-DD\n**Time**: HH:MM TZ\n**Operator**: [n]\n\n## Work\n"
    text = COUNTED_TEXT.replace("## Work\n", lines)
    anew = text.replace("### Stage 1", "### Stage 0: Announce\n\n1. **Tell**: [whom]\n\n### Stage 1")
    old, new = (
        OperationTemplate.objects.create(name="Counted", version=version, text=own)
        for version, own in (("1", text), ("2", anew))
    )
    operation = make.start_record(author=cast.mara, template=old, at=make.PLANNED, values={"title": "db9"})
    values = {"work/stage-2-go.title": "Cut over", "work/stage-2-go.window": "22:00-22:30"}
    save_section(operation=operation, key="work", version=1, values=values, by=cast.mara, at=make.PLANNED)
    told = preview(make.fresh(operation), new.outline).kept
    assert told == (("Stage 2: Go", "Stage 2: Cut over (22:00-22:30)"),)
    steps = set(Step.objects.filter(section__operation=operation).values_list("pk", "key"))
    move_to_version(operation, template=new, by=cast.mara, at=make.PLANNED)
    assert "### Stage 2: Cut over (22:00-22:30)\n\n### Stage 2: Go\n\n1. **Do**: [how]\n" in text_of(operation)
    assert steps < set(Step.objects.filter(section__operation=operation).values_list("pk", "key"))
    move_to_version(operation, template=old, by=cast.mara, at=make.PLANNED)
    assert set(Step.objects.filter(section__operation=operation, phase__isnull=False).values_list("pk", "key")) == steps


def test_it_goes_on_to_be_written_submitted_and_decided(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    move_to_version(draft, template=newer, by=cast.mara, at=make.PLANNED)
    section = draft.sections.get(key=SUMMARY)
    audit_line = f"{SUMMARY}/infrastructure-rationale/audit"
    assert audit_line in [key for key, *_rest in section.progress["missing"]]
    values = {audit_line: "Internal audit, May"}
    save_section(operation=draft, key=SUMMARY, version=section.version, values=values, by=cast.mara, at=make.PLANNED)
    lessons = draft.sections.get(key="lessons")
    learned = {"lessons/intro/learned": "Rehearse twice"}
    save_section(operation=draft, key="lessons", version=lessons.version, values=learned, by=cast.mara, at=make.PLANNED)
    operation = make.submit(cast, make.fresh(draft))
    assert operation.state == State.IN_REVIEW
    revision = operation.revisions.get()
    assert revision.template_digest == newer.digest
    assert b"- **Compliance**: " in bytes(revision.plan_text)
    assert make.approve_by(cast, operation, "tomas", "ada").state == State.APPROVED


def test_a_stale_page_meets_what_became_of_its_field(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    version = draft.sections.get(key=SUMMARY).version
    move_to_version(draft, template=newer, by=cast.mara)
    values = {COMPLIANCE: "Typed on the old page"}
    save_section(operation=draft, key=SUMMARY, version=version, values=values, by=cast.mara, at=make.PLANNED)
    assert "- **Compliance**: Typed on the old page" in text_of(draft)


def test_what_moved_is_in_the_history_and_in_the_trail(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    move_to_version(draft, template=newer, by=cast.mara)
    changed = set(FieldChange.objects.values_list("key", flat=True))
    assert not any("documentation-standard" in key for key in changed)
    entry = AuditEntry.objects.first()
    assert entry.act == "move_to_version"
    assert audit.facts_in(entry)["after"] == str(newer)
    page = signed_in(cast.mara).get(reverse("history", args=[draft.pk])).content.decode()
    assert "moved it to another version of its template" in page


def test_only_writers_move_it_and_only_while_it_is_written(
    cast: Cast, draft: Operation, newer: OperationTemplate
) -> None:
    for person in (cast.tomas, cast.jun, cast.noor, cast.leo):
        with pytest.raises(Refused):
            move_to_version(draft, template=newer, by=person)
    submitted = make.submit(cast, draft)
    with pytest.raises(Refused, match="in review"):
        move_to_version(submitted, template=newer, by=cast.mara)
    actions.withdraw(submitted, by=cast.mara, at=make.PLANNED)
    moved = move_to_version(submitted, template=newer, by=cast.carl)
    assert (moved.template, moved.state in EDITABLE) == (newer, True)


def test_it_moves_to_versions_of_its_own_template_alone(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    other = OperationTemplate.objects.create(name="Other", version="9", text=newer.text, toml=newer.toml)
    with pytest.raises(WrongOrder):
        move_to_version(draft, template=other, by=cast.mara)
    assert newer_than(draft.template) == newer and newer_than(newer) is None


def test_there_and_back_again_is_the_text_it_was(
    cast: Cast, template: OperationTemplate, newer: OperationTemplate
) -> None:
    draft = make.make_draft(cast, template)
    before = text_of(draft)
    move_to_version(draft, template=newer, by=cast.mara)
    move_to_version(draft, template=template, by=cast.mara)
    assert text_of(draft) == before


# ---------------------------------------------------------------- pages


def test_the_page_says_what_would_change_and_moves_it(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    mara = signed_in(cast.mara)
    url = reverse("record_template", args=[draft.pk])
    assert url in mara.get(reverse("record", args=[draft.pk])).content.decode()
    assert url not in signed_in(cast.tomas).get(reverse("record", args=[draft.pk])).content.decode()
    page = mara.get(url)
    changes = page.context["changes"]
    assert changes.asked == ("Audit", "Learned")
    assert [label for label, _text in changes.kept] == ["Compliance", "Training Requirements"]
    assert mara.post(url, {"template": newer.pk}).status_code == 303
    assert make.fresh(draft).template == newer
    assert url not in mara.get(reverse("record", args=[draft.pk])).content.decode()


@pytest.mark.parametrize(
    "posted", [{}, {"template": ""}, {"template": "x"}, {"template": "9" * 30}, {"template": "-1"}]
)
def test_a_version_that_is_not_there_is_not_found(cast: Cast, draft: Operation, posted: dict[str, str]) -> None:
    url = reverse("record_template", args=[draft.pk])
    assert signed_in(cast.mara).post(url, posted).status_code == 404


def test_the_changes_of_a_version_name_the_drafts_that_the_reader_sees(
    cast: Cast, draft: Operation, newer: OperationTemplate, django_assert_max_num_queries
) -> None:
    for _number in range(4):
        Operation.objects.create(
            template=draft.template, author=cast.olga, updated_at=make.PLANNED, supervisor=cast.mara
        )
    url = reverse("template_changes", args=[newer.pk])
    mara = signed_in(cast.mara)
    with django_assert_max_num_queries(12):
        page = mara.get(url)
    shown = {one.operation: one for one in page.context["drafts"]}
    own = shown.pop(draft)
    assert own.without_place[0] == "Compliance" and own.is_own
    assert [other.is_own for other in shown.values()] == [False] * 4
    assert reverse("record_template", args=[draft.pk]) in page.content.decode()
    assert signed_in(cast.sam).get(url).context["drafts"] == []


def test_a_clone_stays_on_its_source_s_version_unless_the_newer_one_is_wanted(
    cast: Cast, draft: Operation, template: OperationTemplate, newer: OperationTemplate
) -> None:
    mara, url = signed_in(cast.mara), reverse("record_clone", args=[draft.pk])
    page = mara.get(url).content.decode()
    assert f"Put the clone on {newer}" in page
    assert "It asks for 2 more answers." in page and "2 texts have no place in it and stay where they stand" in page
    said = {"title": "Again", "risk": "High", "impact": "Moderate"}
    assert mara.post(url, said).status_code == 303
    assert Operation.objects.latest("pk").template == template
    refused = mara.post(url, said | {"title": "", "onto": newer.pk}).content.decode()
    assert f'value="{newer.pk}" checked' in refused
    assert mara.post(url, said | {"title": "Once more", "onto": newer.pk}).status_code == 303
    clone = Operation.objects.latest("pk")
    assert (clone.template, clone.cloned_from, clone.title) == (newer, draft, "Once more")
    text = text_of(clone)
    assert "**Compliance**" in text and "- **Audit**: [" in text
    carried = {key for section in clone.sections.all() for key in section.carried}
    assert f"{SUMMARY}/business-impact/user-experience" in carried
    acts = AuditEntry.objects.filter(operation=clone).order_by("number").values_list("act", flat=True)
    assert list(acts) == ["clone", "move_to_version"]


def test_without_a_newer_version_a_clone_is_asked_for_none(cast: Cast, draft: Operation) -> None:
    assert (
        "Version of the template"
        not in signed_in(cast.mara).get(reverse("record_clone", args=[draft.pk])).content.decode()
    )


# ---------------------------------------------------------------- whose words become plan

CARE, WORDS = "operational-procedures", "infrastructure-communication"
BACKUP = f"{CARE}/new-operational-requirements/backup"
TEAMS = f"{WORDS}/technical-team-coordination/operations-team"


@pytest.fixture
def by_ada(cast: Cast, draft: Operation) -> Operation:
    """A draft in which Ada, one of its team for a day, wrote a close part; and the open one that Mara put in order."""
    draft.team.add(cast.ada)
    for key, by in ((BACKUP, cast.ada), (TEAMS, cast.ada), (TEAMS, cast.mara)):
        save(draft, key, f"As {by.name} says", by)
    draft.team.clear()
    return make.fresh(draft)


def save(operation: Operation, key: str, text: str, by: Person) -> None:
    own = make.fresh(operation).sections.get(key=key.partition("/")[0])
    save_section(operation=operation, key=own.key, version=own.version, values={key: text}, by=by, at=make.PLANNED)


def next_version(
    template: OperationTemplate, *, plan: str = "", before: str = "", after: str = ""
) -> OperationTemplate:
    """One that calls the section ``plan`` part of the plan, and says ``after`` where this one says ``before``."""
    lines = template.toml.splitlines(keepends=True)
    toml = "".join(f'"{plan}" = "plan"\n' if line.startswith(f'"{plan}" = ') else line for line in lines)
    text = template.text.replace("Template v1.0.0", "Template v1.1.0").replace(before, after)
    assert (toml != template.toml, before in template.text) == (bool(plan), True)
    return OperationTemplate.objects.create(name=template.name, version="1.1.0", text=text, toml=toml)


def told(operation: Operation) -> list[tuple[str, object]]:
    """Of whom the trail tells that they wrote in the plan, and through which act of somebody else."""
    entries = AuditEntry.objects.filter(operation=operation, act="write_plan")
    return [(one.person_name, audit.facts_in(one).get("through")) for one in entries]


def is_barred(cast: Cast, operation: Operation) -> bool:
    """Whether Ada, who is not the only one to hold her role, can't approve the plan."""
    RoleHolding.objects.create(person=cast.sam, role=Role.INFRASTRUCTURE_APPROVER, since=SINCE)
    submitted = make.submit(cast, make.fresh(operation))
    try:
        make.approve_by(cast, submitted, "tomas", "ada")
    except Refused as refused:
        assert "you wrote part of this plan" in str(refused)
        return True
    return False


@pytest.mark.parametrize("section", [CARE, WORDS])
def test_whose_answer_a_version_calls_plan_has_written_in_it(
    section: str, cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    assert template.outline.part_of(BACKUP) == "close" and template.outline.part_of(TEAMS) == "open"
    move_to_version(by_ada, template=next_version(template, plan=section), by=cast.mara, at=make.PLANNED)
    assert told(by_ada) == [("Ada Brandt", "move_to_version")]
    page = signed_in(cast.mara).get(reverse("history", args=[by_ada.pk])).content.decode()
    assert "wrote in the plan" in page and page.count("moved it to another version of its template") == 2
    assert is_barred(cast, by_ada)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- **Backup**: [", "- **Copies to Keep**: ["),
        ("### New Operational Requirements", "### What Is Asked From Now On"),
    ],
)
@pytest.mark.parametrize("is_plan", [True, False])
def test_it_has_wherever_the_version_puts_the_answer(
    before: str, after: str, is_plan: bool, cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    newer = next_version(template, plan=CARE if is_plan else "", before=before, after=after)
    move_to_version(by_ada, template=newer, by=cast.mara, at=make.PLANNED)
    assert "As Ada Brandt says" in text_of(by_ada) and BACKUP not in newer.outline.answers
    assert told(by_ada) == ([("Ada Brandt", "move_to_version")] if is_plan else [])
    assert is_barred(cast, by_ada) == is_plan


def test_whose_words_have_no_place_any_more_and_stand_as_markdown_have_written_in_it(
    cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    line = next(line for line in template.text.splitlines() if line.startswith("- **Backup**: ["))
    move_to_version(by_ada, template=next_version(template, before=f"{line}\n"), by=cast.mara, at=make.PLANNED)
    assert told(by_ada) == [("Ada Brandt", "move_to_version")]
    assert is_barred(cast, by_ada)


def test_whose_words_stay_beside_the_plan_approves_it(
    cast: Cast, draft: Operation, by_ada: Operation, template: OperationTemplate
) -> None:
    save(by_ada, BACKUP, "", cast.mara)
    moved = move_to_version(by_ada, template=next_version(template, plan=CARE), by=cast.mara, at=make.PLANNED)
    assert told(moved) == [], "nothing stood there any more"
    save(moved, BACKUP, "As Mara says", cast.mara)
    assert not is_barred(cast, moved)


def test_who_comes_back_with_an_earlier_text_has_written_it(
    cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    save(by_ada, BACKUP, "", cast.mara)
    moved = move_to_version(by_ada, template=next_version(template, plan=CARE), by=cast.mara, at=make.PLANNED)
    for key in (TEAMS, BACKUP):
        change = FieldChange.objects.get(operation=moved, key=key, before="As Ada Brandt says")
        restore_field(moved, change=change.pk, by=cast.mara, at=make.PLANNED)
        assert told(moved) == ([("Ada Brandt", "restore_field")] if key == BACKUP else [])
    assert is_barred(cast, moved)


def test_who_takes_a_save_back_brings_its_text_as_any_way_does(
    cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    """The button of the section's page, which names the version that the save made."""
    save(by_ada, BACKUP, "", cast.mara)
    emptied = FieldChange.objects.get(operation=by_ada, key=BACKUP, before="As Ada Brandt says").version
    moved = move_to_version(by_ada, template=next_version(template, plan=CARE), by=cast.mara, at=make.PLANNED)
    assert told(moved) == []
    sent = {"version": moved.sections.get(key=CARE).version, "do": f"take-back:{emptied}"}
    assert signed_in(cast.mara).post(reverse("section", args=[moved.pk, CARE]), sent).status_code == 303
    assert "As Ada Brandt says" in text_of(moved) and told(moved) == [("Ada Brandt", "restore_field")]
    assert is_barred(cast, moved)


def test_whose_open_words_came_with_a_clone_have_written_what_becomes_plan_there(
    cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    opening = Opening("Once more", "2026-12-07", "02:00:00 UTC", "High", "Medium", "", cast.jun, cast.tomas)
    newer = next_version(template, plan=WORDS)
    clone = clone_record(by_ada, opening=opening, by=cast.mara, at=make.PLANNED)
    assert told(clone) == []
    again = clone_record(clone, opening=replace(opening, title="Twice more"), by=cast.mara, onto=newer, at=make.PLANNED)
    assert told(again) == [("Ada Brandt", "move_to_version")]


def test_who_brought_a_record_in_has_written_what_becomes_plan_in_its_clone(
    cast: Cast, by_ada: Operation, template: OperationTemplate
) -> None:
    """Its open words came with it: no change tells of them, and no approval of its plan bound them."""
    text = text_of(by_ada).replace("2026-12-06-infrastructure-", "2026-12-06-network-")
    source = make.import_text(author=cast.ada, text=text, template=template, at=make.PLANNED)
    name_people(source, by=cast.ada, operator=cast.jun, supervisor=cast.tomas, at=make.PLANNED)
    RoleHolding.objects.create(person=cast.sam, role=Role.INFRASTRUCTURE_APPROVER, since=SINCE)
    actions.submit(source, carried_hold=True, by=cast.ada, at=make.PLANNED)
    make.approve_by(cast, make.fresh(source), "tomas", "sam")
    opening = Opening("Once more", "2026-12-07", "02:00:00 UTC", "High", "Medium", "", cast.jun, cast.tomas)
    clone = clone_record(make.fresh(source), opening=opening, by=cast.mara, at=make.PLANNED)
    assert told(clone) == []
    newer = next_version(template, plan=WORDS)
    again = clone_record(clone, opening=replace(opening, title="Twice more"), by=cast.mara, onto=newer, at=make.PLANNED)
    assert told(again) == [("Ada Brandt", "move_to_version")]

"""A record stays on its version until its author moves it; then nothing that was written is lost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from approvals import actions
from records import audit
from records.content.assembly import document_of
from records.document.read import read_record
from records.document.write import write
from records.library.versions import move_to_version, newer_than
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, State, Step
from records.models.states import EDITABLE
from records.refusals import Refused, WrongOrder
from records.writing.saving import save_section
from tests import make
from tests.people import Cast, signed_in
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


def test_it_goes_on_to_be_written_submitted_and_decided(cast: Cast, draft: Operation, newer: OperationTemplate) -> None:
    move_to_version(draft, template=newer, by=cast.mara, at=make.PLANNED)
    section = draft.sections.get(key=SUMMARY)
    audit_line = f"{SUMMARY}/infrastructure-rationale/audit"
    assert audit_line in [key for key, *_rest in section.progress["missing"]]
    values = {audit_line: "Internal audit, May"}
    save_section(operation=draft, key=SUMMARY, version=section.version, values=values, by=cast.mara, at=make.PLANNED)
    lessons = draft.sections.get(key="lessons")
    learned = {"lessons/intro/learned": "Rehearse twice", "lessons/learned": "Rehearse twice"}
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

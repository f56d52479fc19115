"""A record on a version of its template that calls some of its fields otherwise."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from approvals import actions
from approvals.between import changes_between
from records.content.assembly import document_of
from records.document.fields import fields_of
from records.library.versions import move_to_version
from records.models import AuditEntry, FieldChange, LogEntry, Operation, OperationTemplate, Risk, Step
from records.writing.restoring import restore_field
from records.writing.saving import save_section
from tests import make
from tests.people import Cast, signed_in
from tests.records.library.versions import (
    COMPLIANCE,
    IMPACT,
    OUTAGE,
    RENAMED_IMPACT,
    RENAMED_RISKS,
    RISKS,
    RULES,
    SUMMARY,
    text_of,
)

# ---------------------------------------------------------------- what the new version calls otherwise


def renamed_in(text: str) -> str:
    """``text`` with the headings and labels of ``renaming``."""
    return (
        text.replace("## Infrastructure Risk Assessment", "## Risks and Mitigations")
        .replace("### Business Impact", "### What It Means For the Business")
        .replace("- **Compliance**: ", "- **Rules to Follow**: ")
        .replace("   - **Mitigation**: ", "   - **Countermeasure**: ")
        .replace("Operations Template v1.0.0", "Operations Template v1.2.0")
    )


def marks_of(operation: Operation) -> set[str]:
    return {key for section in operation.sections.all() for key in section.carried}


def test_words_go_along_under_their_new_names_and_are_marked(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    before = text_of(draft)
    move_to_version(draft, template=renaming, by=cast.mara)
    assert text_of(draft) == renamed_in(before)
    marks = marks_of(draft)
    assert {RULES, f"{RENAMED_IMPACT}/user-experience", f"{RENAMED_RISKS}/{OUTAGE}/countermeasure"} <= marks
    assert all(key.startswith((RENAMED_RISKS, RENAMED_IMPACT, RULES)) for key in marks)
    assert not FieldChange.objects.filter(operation=draft, key__in=marks).exists()


def test_undone_it_is_the_text_it_was_without_marks(
    cast: Cast, draft: Operation, template: OperationTemplate, renaming: OperationTemplate
) -> None:
    before, keys = text_of(draft), sorted(draft.sections.values_list("key", "pk"))
    draft.sections.filter(key=SUMMARY).update(carried=[COMPLIANCE])
    move_to_version(draft, template=renaming, by=cast.mara)
    move_to_version(draft, template=template, by=cast.mara)
    assert text_of(draft) == before
    assert sorted(draft.sections.values_list("key", "pk")) == keys
    assert marks_of(draft) == {COMPLIANCE}, "what a clone's author was to look at before is still to be looked at"


def test_rows_stay_the_rows_they_were_whatever_they_stand_under(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    rows = {row.title: row.pk for row in Risk.objects.filter(section__operation=draft)}
    move_to_version(draft, template=renaming, by=cast.mara)
    assert {row.title: row.pk for row in Risk.objects.filter(section__operation=draft)} == rows
    keys = set(Risk.objects.filter(section__operation=draft).values_list("key", flat=True))
    assert keys <= set(renaming.outline.rows), "the new version's samples are found under them"


def test_comments_and_the_history_follow_a_field(
    cast: Cast, draft: Operation, template: OperationTemplate, renaming: OperationTemplate
) -> None:
    section = draft.sections.get(key=SUMMARY)
    words = {COMPLIANCE: "As it was before"}
    save_section(operation=draft, key=SUMMARY, version=section.version, values=words, by=cast.mara, at=make.PLANNED)
    change = FieldChange.objects.get(operation=draft, key=COMPLIANCE)
    actions.comment(draft, key=COMPLIANCE, text="Which rules?", kind="remark", by=cast.mara)
    risk = f"{RISKS}/{OUTAGE}/mitigation"
    actions.comment(draft, key=risk, text="How long?", kind="remark", by=cast.mara)
    move_to_version(draft, template=renaming, by=cast.mara)
    places = set(draft.comments.values_list("section_key", "key"))
    assert places == {(SUMMARY, RULES), (RENAMED_RISKS, f"{RENAMED_RISKS}/{OUTAGE}/countermeasure")}
    page = signed_in(cast.mara).get(reverse("history", args=[draft.pk]), {"field": RULES}).content.decode()
    assert "As it was before" in page
    assert restore_field(make.fresh(draft), change=change.pk, by=cast.mara) == SUMMARY
    assert f"- **Rules to Follow**: {change.before}\n" in text_of(draft)
    move_to_version(make.fresh(draft), template=template, by=cast.mara)
    assert set(draft.comments.values_list("section_key", "key")) == {(SUMMARY, COMPLIANCE), (RISKS, risk)}


def test_a_page_that_was_open_meanwhile_saves_into_the_fields_as_they_are_called_now(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    section = draft.sections.get(key=RISKS)
    block = f"{RISKS}/{OUTAGE.partition('/')[0]}/risks.rows"
    [rows] = [field.text for field in fields_of(document_of(draft).section(RISKS)) if field.key == block]
    move_to_version(draft, template=renaming, by=cast.mara)
    old = reverse("section", args=[draft.pk, RISKS])
    mara = signed_in(cast.mara)
    assert mara.get(old)["Location"] == reverse("section", args=[draft.pk, RENAMED_RISKS])
    posted = {f"{RISKS}/{OUTAGE}/mitigation": "Typed on the old page", block: rows, "version": section.version}
    count = Risk.objects.filter(section__operation=draft).count()
    assert mara.post(old, posted).status_code == 303
    assert "   - **Countermeasure**: Typed on the old page\n" in text_of(draft)
    assert Risk.objects.filter(section__operation=draft).count() == count


def test_an_open_page_takes_nothing_back_that_somebody_wrote_under_the_new_name(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    """It saves by itself, again and again, what it was opened with: that is no change of its own."""
    section = draft.sections.get(key=SUMMARY)
    opened = document_of(draft).section(SUMMARY)
    [words] = [answer.text for answer in opened.answers() if answer.key == COMPLIANCE]
    move_to_version(draft, template=renaming, by=cast.mara)
    version = draft.sections.get(key=SUMMARY).version
    save_section(operation=draft, key=SUMMARY, version=version, values={RULES: "Newest"}, by=cast.mara, at=make.PLANNED)
    url, mara = reverse("section", args=[draft.pk, SUMMARY]), signed_in(cast.mara)
    posted: dict[str, str | int] = {COMPLIANCE: words, "version": section.version, "page": "old"}
    for own in ("Mine", "Mine, once more"):
        told = mara.post(
            url, posted | {f"{IMPACT}/user-experience": own}, headers={"Accept": "application/json"}
        ).json()
        posted["version"] = told["version"]
    text = text_of(draft)
    assert "- **Rules to Follow**: Newest\n" in text and "- **User Experience**: Mine, once more\n" in text


def test_notes_of_a_run_that_was_called_off_stay_with_their_row(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    about = {"at": make.PLANNED, "written_at": make.PLANNED, "person": cast.mara, "person_name": "Mara", "kind": "note"}
    LogEntry.objects.create(operation=draft, text="Seen before", step_key=f"{RISKS}/{OUTAGE}", **about)
    move_to_version(draft, template=renaming, by=cast.mara)
    assert draft.log.get().step_key == f"{RENAMED_RISKS}/{OUTAGE}"


def test_reviewers_see_what_changed_and_not_what_is_called_otherwise(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    first = make.submit(cast, draft)
    actions.withdraw(first, by=cast.mara, at=make.PLANNED)
    minute = dt.timedelta(minutes=1)
    move_to_version(first, template=renaming, by=cast.mara, at=make.PLANNED + minute)
    section = first.sections.get(key=SUMMARY)
    values = {f"{RENAMED_IMPACT}/user-experience": "Changed"}
    save_section(operation=first, key=SUMMARY, version=section.version, values=values, by=cast.mara, at=make.PLANNED)
    make.submit(cast, make.fresh(first), at=make.PLANNED + 2 * minute)
    new, old = first.revisions.order_by("-number")
    changed = changes_between(old, new, {}, make.fresh(first))
    told = {change.key: (change.before, change.after) for one in changed for change in one.changes}
    assert told.pop(f"{RENAMED_IMPACT}/user-experience")[1] == "Changed"
    assert told.pop("footer/documentation-standard")
    assert told.pop(f"{SUMMARY}.labels") == ("Compliance\n", "Rules to Follow\n")
    assert told.pop(f"{RENAMED_RISKS}.labels") == ("Mitigation\n" * 2, "Countermeasure\n" * 2)
    assert set(told) == {f"{SUMMARY}.headings", f"{RENAMED_RISKS}.headings"}


def test_what_is_another_question_there_is_kept_as_text_if_its_author_says_so(
    cast: Cast, draft: Operation, renaming: OperationTemplate
) -> None:
    mara, url = signed_in(cast.mara), reverse("record_template", args=[draft.pk])
    page = mara.get(url)
    shown = [(one.was, one.now) for one, _text in page.context["changes"].renamed]
    assert shown == [
        ("Compliance", "Rules to Follow"),
        ("Business Impact", "What It Means For the Business"),
        ("Infrastructure Risk Assessment", "Risks and Mitigations"),
        ("Mitigation", "Countermeasure"),
        ("Mitigation", "Countermeasure"),
    ]
    assert mara.post(url, {"template": renaming.pk, "apart": [COMPLIANCE]}).status_code == 303
    text = text_of(draft)
    [words] = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("- **Compliance**: ")]
    assert words and "- **Rules to Follow**: [" in text
    assert "## Risks and Mitigations" in text


def test_words_that_may_stand_in_a_namesake_s_place_are_shown_first_and_marked(
    cast: Cast, template: OperationTemplate
) -> None:
    line = next(line for line in template.text.splitlines() if line.startswith("- **Compliance**: ["))
    owners = ["- **Owner**: [Of the application]", "- **Owner**: [Of the data]"]
    older, newer = (
        OperationTemplate.objects.create(
            name=template.name,
            version=version,
            text=template.text.replace(line, "\n".join([line, *own])),
            toml=template.toml,
        )
        for version, own in (("1.3.0", owners), ("1.4.0", owners[1:]))
    )
    record = older.text.replace(owners[0], "- **Owner**: Ann, until 02:30").replace(owners[1], "- **Owner**: Bob")
    draft = make.import_text(author=cast.mara, text=record, template=older, at=make.PLANNED)
    page = signed_in(cast.mara).get(reverse("record_template", args=[draft.pk]))
    assert page.context["changes"].unsure == (("Owner", "Ann, until 02:30"),)
    assert "do your words stand in the right one?" in page.content.decode()
    move_to_version(draft, template=newer, by=cast.mara)
    assert draft.sections.get(key=SUMMARY).carried == [COMPLIANCE.replace("compliance", "owner")]
    page = signed_in(cast.mara).get(reverse("section", args=[draft.pk, SUMMARY])).content.decode()
    assert "Carried over, check<" in page, "its times are of this operation still"


def test_a_group_that_goes_to_a_section_of_its_own_takes_its_rows_along(
    cast: Cast, draft: Operation, template: OperationTemplate
) -> None:
    text = template.text.replace("### Rollback Triggers", "## Way Back\n\n### Rollback Triggers")
    split = OperationTemplate.objects.create(name=template.name, version="1.3.0", text=text, toml=template.toml)
    before = text_of(draft)
    procedures = dict(Step.objects.filter(section__operation=draft, phase__isnull=True).values_list("pk", "title"))
    move_to_version(draft, template=split, by=cast.mara)
    assert text_of(draft) == before.replace("### Rollback Triggers", "## Way Back\n\n### Rollback Triggers")
    rows = Step.objects.filter(section__operation=draft, section__key="way-back")
    assert dict(rows.values_list("pk", "title")) == procedures
    assert all(row.plan.section_id == row.section_id for row in rows)
    move_to_version(draft, template=template, by=cast.mara)
    assert text_of(draft) == before
    assert (
        dict(
            Step.objects.filter(section__operation=draft, plan__section__key="disaster-recovery-plan").values_list(
                "pk", "title"
            )
        )
        == procedures
    )


def test_a_text_without_a_label_that_has_another_number_there_is_told_as_one(
    cast: Cast, template: OperationTemplate
) -> None:
    line = next(line for line in template.text.splitlines() if line.startswith("- **Compliance**: ["))
    older, newer = (
        OperationTemplate.objects.create(
            name=template.name,
            version=version,
            text=template.text.replace(line, f"- **{label}**: [What]\n\n[Why it is done]\n\n{line}"),
            toml=template.toml,
        )
        for version, label in (("1.3.0", "Text"), ("1.4.0", "Scope"))
    )
    record = older.text.replace("[Why it is done]", "Its warranty ends.")
    draft = make.import_text(author=cast.mara, text=record, template=older, at=make.PLANNED)
    page = signed_in(cast.mara).get(reverse("record_template", args=[draft.pk]))
    assert [(one.was, one.now, text) for one, text in page.context["changes"].renamed] == [
        ("", "", "Its warranty ends.")
    ]
    assert "<b>Text</b>" in page.content.decode()
    move_to_version(draft, template=newer, by=cast.mara)
    text = text_of(draft)
    assert "- **Scope**: [What]\n\nIts warranty ends.\n\n" in text
    assert "renamed" not in AuditEntry.objects.filter(act="move_to_version").get().entry

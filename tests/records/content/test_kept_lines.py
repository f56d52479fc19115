"""What was frozen keeps its lines: a later release that spells otherwise changes nothing that was approved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from records.audit import verify
from records.content import freezing
from records.content.assembly import document_of, load_all
from records.content.freezing import check_unchanged, document_in, holds_its_text
from records.document import leaves, write_answers, write_lists
from records.document.digest import canonical_json
from records.document.fields import fields_of
from records.document.write import write, write_section
from records.models import FieldChange, Operation, OperationTemplate, State, Step
from records.refusals import Changed, Unusable
from records.writing.section_writing import write_fields
from tests import make
from tests.people import Cast


@pytest.fixture
def a_later_release(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has every text that is written anew end in the blank of a later writer, which says nothing else."""

    def with_a_blank(text: str) -> str:
        line = text.rstrip("\n")
        return f"{line} {text[len(line) :]}"

    def spelled(function: Callable[..., str]) -> Callable[..., str]:
        return lambda *args, **kwargs: with_a_blank(function(*args, **kwargs))

    def comes() -> None:
        for module, names in (
            (write_answers, ("in_bullet", "in_line", "in_heading", "fenced", "in_free", "indented")),
            (write_lists, ("in_bullet", "fenced", "metric_line")),
        ):
            for name in names:
                monkeypatch.setattr(module, name, spelled(getattr(module, name)))
        read = leaves.metric_in
        monkeypatch.setattr(leaves, "metric_in", lambda line, **kwargs: read(line.rstrip(" "), **kwargs))

    return comes


def written_anew(cast: Cast, template: OperationTemplate) -> Operation:
    """A draft in which every text of the plan was written in a form."""
    draft = make.make_draft(cast, template)
    outline = draft.outline
    assert outline
    for section in document_of(draft).sections:
        values = {
            field.key: f"{field.text} *here*"
            for field in fields_of(section)
            if field.shape in ("bullet", "text", "paragraph", "commands", "item", "check", "fence")
            and outline.part_of(field.key) == "plan"
        }
        write_fields(draft, section.key, values, by=cast.mara, at=make.PLANNED)
    return make.fresh(draft)


def test_what_was_approved_is_run_and_signed_by_a_later_release(
    cast: Cast, template: OperationTemplate, a_later_release: Callable[[], None]
) -> None:
    operation = make.approve_by(cast, make.submit(cast, written_anew(cast, template)), "tomas", "ada")
    revision = operation.revisions.get()
    plan = bytes(revision.plan_text).decode()
    assert plan.count("*here*") > 80
    a_later_release()
    assert write(document_in(revision)) == plan
    check_unchanged(operation, revision, document_of(operation), load_all(operation))
    operation = make.sign_off(cast, make.sign(cast, make.work(cast, make.start(cast, operation))))
    assert operation.final_text
    final = bytes(operation.final_text.text).decode()
    assert write(document_in(operation.final_text)) == final
    ended = final.replace("- [x]", "- [ ]").splitlines()
    assert [line for line in plan.splitlines() if "*here*" in line and line not in ended] == []
    assert verify() is None


def test_case_37_a_plan_that_was_frozen_before_lines_were_kept_verifies_and_is_run(
    cast: Cast, template: OperationTemplate, a_later_release: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(freezing, "lines_of", lambda document, _template: document)
        earlier.setattr(freezing, "as_written", lambda document, _template: document)
        operation = make.approve_by(cast, make.submit(cast, written_anew(cast, template)), "tomas", "ada")
    revision = operation.revisions.get()
    a_later_release()
    assert write(document_in(revision)) != bytes(revision.plan_text).decode()
    assert verify() is None
    operation = make.start(cast, operation)
    assert operation.state == State.RUNNING
    step = Step.objects.filter(section__operation=operation, phase__isnull=False).order_by("pk")[0]
    Step.objects.filter(pk=step.pk).update(title=f"{step.title} ")
    with pytest.raises(Changed, match="no longer what was approved"):
        make.sign(cast, make.work(cast, operation))


def test_nothing_is_frozen_that_says_something_else_than_its_fields_do(cast: Cast, template: OperationTemplate) -> None:
    """A script put a line under a step that claims to be the one it was read from."""
    draft = make.make_draft(cast, template)
    step = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("pk")[0]
    line = step.slice["source"].replace(step.title, "Delete the data folder")
    Step.objects.filter(pk=step.pk).update(slice={**step.slice, "source": line})
    with pytest.raises(
        Unusable, match=r"says something else than its fields do.* under “Infrastructure Operation Steps / Phase 1"
    ):
        make.submit(cast, draft)
    Step.objects.filter(pk=step.pk).update(slice=step.slice)
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    operation = make.work(cast, make.start(cast, operation))
    assert operation.outline
    section = next(own for own in document_of(operation).sections if "capacity" in write_section(own).lower())
    field = next(one for one in fields_of(section) if one.shape == "bullet" and "capacity" in one.key)
    assert operation.outline.part_of(field.key) == "close"
    row = operation.sections.get(key=section.key)
    row.layout = json.loads(canonical_json(row.layout).decode().replace(field.text, "There is room for years"))
    row.save()
    with pytest.raises(Unusable, match="says something else than its fields do"):
        make.sign(cast, operation)
    assert operation.final_texts.count() == 0


def test_what_the_content_says_otherwise_is_not_held_for_another_spelling(
    cast: Cast, template: OperationTemplate
) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    revision, final = operation.revisions.get(), operation.final_text
    assert final and holds_its_text(revision) and holds_its_text(final)
    content = bytes(revision.content).decode()
    line = next(one for one in re.findall(r'"source":"(- [^"]*)"', content))
    # Other blanks, which no reader sees: an earlier release's spelling, and in its first revisions anybody's.
    revision.content = content.replace(f'"source":"{line}"', f'"source":"-  {line[2:]}"', 1).encode()
    assert write(document_in(revision)) != bytes(revision.plan_text).decode()
    assert holds_its_text(revision)
    revision.schema = 1
    assert not holds_its_text(revision)
    for told, instead in (('"number":2', '"number":77'), ("patronictl", "rm")):
        final.content = bytes(final.content).decode().replace(told, instead).encode()
        assert not holds_its_text(final)
        final.refresh_from_db()


def test_to_freeze_a_plan_tells_of_no_change(cast: Cast, template: OperationTemplate) -> None:
    draft = written_anew(cast, template)
    told = FieldChange.objects.filter(operation=draft).count()
    versions = list(draft.sections.order_by("pk").values_list("version", flat=True))
    before = write(document_of(draft))
    operation = make.submit(cast, draft)
    settled = FieldChange.objects.filter(operation=operation).count() - told
    assert settled <= 2  # the ID, if it had to be written; what was not asked
    after = list(operation.sections.order_by("pk").values_list("version", flat=True))
    assert sum(after) - sum(versions) == settled
    assert write(document_of(operation)) == before


def test_a_plan_that_comes_back_is_written_on(
    cast: Cast, template: OperationTemplate, a_later_release: Callable[[], None]
) -> None:
    """What is changed after the release is spelled its way, what isn't stays."""
    a_later_release()
    operation = make.make_in(State.CHANGES_REQUESTED, cast, template)
    section = document_of(operation).sections[1]
    field = next(one for one in fields_of(section) if one.shape == "bullet")
    before = write(document_of(operation)).splitlines()
    write_fields(operation, section.key, {field.key: "otherwise"}, by=cast.mara, at=make.PLANNED)
    after = write(document_of(make.fresh(operation))).splitlines()
    assert [line for line in after if line not in before] == [f"- **{field.label}**: otherwise "]
    assert len(after) == len(before)

"""What an attacker tried and once got through: it stays shut."""

from __future__ import annotations

import time

import pytest

from records.content.assembly import document_of
from records.document.plan import plan_text
from records.document.text_difference import lines, words
from records.document.write import write
from records.models import FieldChange, Operation, OperationTemplate, State, Step
from records.reading.rendering import render
from records.refusals import Refused, WrongOrder
from records.writing.people import Lists, change_people
from records.writing.saving import save_section
from tests import make
from tests.make import import_text
from tests.people import Cast

CLOSE = "operational-procedures"


def test_free_words_in_a_closing_section_are_plan_and_locked_with_it(cast: Cast, template: OperationTemplate) -> None:
    """Nothing that the plan text keeps can change once it was sent, wherever in the record it stands."""
    text = write(document_of(make.make_draft(cast, template)))
    text = text.replace("## Operational Procedures\n", "## Operational Procedures\n\nFree words here.\n")
    text = text.replace("2026-12-06-infrastructure-postgresql-16-orders", "2026-12-06-infrastructure-free-words")
    draft = import_text(author=cast.mara, text=text, template=template, at=make.PLANNED)
    key = f"{CLOSE}/intro/markdown"
    assert key in draft.sections.get(key=CLOSE).answers
    Operation.objects.filter(pk=draft.pk).update(state=State.APPROVED)
    outline = template.outline
    before = plan_text(document_of(draft), outline.document, outline.settings)
    with pytest.raises(WrongOrder):
        save_section(operation=draft, key=CLOSE, version=1, values={key: "rm -rf /"}, by=cast.mara, at=make.PLANNED)
    assert plan_text(document_of(draft), outline.document, outline.settings) == before


def test_commands_that_are_called_like_a_measured_value_are_plan(cast: Cast, template: OperationTemplate) -> None:
    """No form gives such a key any more; where one is stored, its text is bound like its neighbours'."""
    draft = make.make_draft(cast, template)
    change_people(draft, by=cast.mara, lists={"team": Lists(frozenset(), frozenset({cast.ada.pk}))}, at=make.PLANNED)
    step = Step.objects.filter(section__operation=draft, loose=False, phase__isnull=False)[0]
    key = f"{step.key}/evil.after"
    step.parts = [*step.parts, {"type": "commands", "key": key, "language": "bash", "text": "echo harmless"}]
    step.save()
    own = {"key": step.section.key, "at": make.PLANNED}
    with pytest.raises(Refused):
        save_section(operation=draft, version=1, values={key: "echo by Ada"}, by=cast.ada, **own)
    save_section(operation=draft, version=1, values={key: "echo by Mara"}, by=cast.mara, **own)
    assert FieldChange.objects.get(operation=draft, key=key).is_plan
    approved = make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada")
    for operation in (approved, make.start(cast, approved)):
        with pytest.raises(WrongOrder):
            save_section(operation=operation, version=2, values={key: "rm -rf /"}, by=cast.mara, **own)


@pytest.mark.parametrize(
    "text",
    ["[a](b)" * 10_000, "![" * 100_000, "[" * 200_000, "a_" * 100_000, "[a]:b\n" * 19_000, "- [a]:b\n" * 10_000],
    ids=["links", "images", "brackets", "emphasis", "definitions", "definitions in items"],
)
def test_no_text_holds_a_page_up_case_19(text: str) -> None:
    began = time.process_time()
    render(f"{text}\n\n{began}")
    assert time.process_time() - began < 10  # it was minutes


def test_no_two_texts_hold_a_difference_up_case_19() -> None:
    began = time.process_time()
    for old, new in ((["ab"] * 740, ["ab", "cd"] * 370), (["a"] * 1990, ["a", "b"] * 1000)):
        for pieces, end in ((words(" ".join(old), " ".join(new)), " "), (lines("\n".join(old), "\n".join(new)), "\n")):
            assert "".join(piece for kind, piece in pieces if kind != "ins").rstrip("\n") == end.join(old)
            assert "".join(piece for kind, piece in pieces if kind != "del").rstrip("\n") == end.join(new)
    assert time.process_time() - began < 10

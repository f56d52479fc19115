"""Words for people are a refusal's own; a mistake of ours is never shown as theirs, and never passed over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from records.models import OperationTemplate
from tests import make
from tests.people import Cast

ROOT = Path(__file__).parents[2]
# What a bug of ours raises, and what Python makes of a literal that can't be read.
BROAD = {"ValueError", "Exception", "BaseException"}
PAGES = {"views", "forms", "admin", "closing_forms"}


@cache
def ours() -> dict[Path, ast.Module]:
    """The modules of the house that raise or catch one of these; read once."""
    found = {}
    for path in (own for name in ("records", "approvals", "opsrecords") for own in (ROOT / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(name in text for name in BROAD) or re.search(r"except *:", text):
            found[path.relative_to(ROOT)] = ast.parse(text)
    return found


def names_in(node: ast.AST | None) -> set[str]:
    return {own.id for own in ast.walk(node) if isinstance(own, ast.Name)} if node else set()


def catching(names: set[str]) -> Iterator[tuple[Path, ast.Try, ast.ExceptHandler]]:
    """Every clause that catches one of ``names``; a bare ``except`` catches all."""
    for path, module in ours().items():
        for node in ast.walk(module):
            for own in node.handlers if isinstance(node, ast.Try) else ():
                if names & (names_in(own.type) or {"BaseException"}):
                    yield path, node, own


def is_shown(handler: ast.ExceptHandler) -> bool:
    """Whether more is done with what was caught than to name it as the cause of something else."""
    causes = {id(node.cause) for node in ast.walk(handler) if isinstance(node, ast.Raise)}
    uses = [node for node in ast.walk(handler) if isinstance(node, ast.Name) and node.id == handler.name]
    return any(id(node) not in causes for node in uses)


def test_a_page_catches_a_mistake_only_around_the_one_thing_that_reads_and_never_shows_it() -> None:
    pages = [(path, body, own) for path, body, own in catching(BROAD) if {*path.parts, path.stem} & PAGES]
    assert len(pages) > 3
    assert [f"{path}:{own.lineno}" for path, body, own in pages if len(body.body) > 1 or is_shown(own)] == []


def test_elsewhere_too_the_words_of_a_mistake_are_told_only_of_the_one_thing_that_reads() -> None:
    found = [(path, body, own) for path, body, own in catching({"ValueError"}) if is_shown(own)]
    assert 0 < len(found) < 6
    assert [f"{path}:{own.lineno}" for path, body, own in found if len(body.body) > 1] == []


def test_words_for_people_are_raised_as_a_refusal() -> None:
    raised = [
        (path, node) for path, module in ours().items() for node in ast.walk(module) if isinstance(node, ast.Raise)
    ]
    assert len(raised) > 50
    words = {"_", "ngettext"}
    assert [
        f"{path}:{node.lineno}" for path, node in raised if names_in(node.exc) & BROAD and names_in(node.exc) & words
    ] == []


def test_whoever_stands_above_the_core_takes_it_from_the_refusals() -> None:
    above = [own for name in ("records", "approvals", "opsrecords") for own in (ROOT / name).rglob("*.py")]
    taking = {own.relative_to(ROOT) for own in above if "records.document.unusable" in own.read_text(encoding="utf-8")}
    assert {own for own in taking if own.parent != Path("records/document")} == {Path("records/refusals.py")}


STEPS = "infrastructure-operation-steps"
# The act that a page calls, and what is posted there.
ACTS: dict[str, tuple[str, dict[str, str]]] = {
    "check": ("approvals.actions.submit", {}),
    "section_paste": ("records.views.paste_steps.paste_steps", {"text": "1. Drain it", "do": "add"}),
    "section": ("records.writing.section_saves.save_section", {"version": "1"}),
    "comments": ("approvals.actions.comment", {"text": "Why?"}),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_mistake_in_an_act_is_a_500_with_a_number_and_no_sentence(
    name: str, cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, posted = ACTS[name]
    draft = make.make_draft(cast, template)
    client = Client(raise_request_exception=False)
    client.force_login(cast.mara)

    def broken(*args: object, **facts: object) -> None:
        raise ValueError("not enough values to unpack")

    monkeypatch.setattr(act, broken)
    of = [draft.pk, STEPS] if name.startswith("section") else [draft.pk]
    response = client.post(reverse(name, args=of), posted)
    page = response.content.decode()
    assert response.status_code == 500
    assert re.search(r"<code>[0-9a-f]{8}</code>", page)
    assert "not enough values" not in page

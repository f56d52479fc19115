"""A template's text on a page, published or being written: as the form it makes, rendered, and line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.content.assembly import Loaded
from records.document.lines import split_lines
from records.document.outline import Section as DocumentSection
from records.forms.editor import editor
from records.forms.sheet import Sheet
from records.library.problem import Problem
from records.models import Operation, Outline, Section
from records.rights import YES
from records.writing.section_status import title_of

VIEWS = ("form", "rendered", "source")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text with its number, from 1, and what is to be said of it."""

    number: int
    text: str
    problems: Sequence[Problem] = ()


def text_context(text: str, toml: str, outline: Outline | None, asked_for: Mapping[str, str]) -> dict[str, Any]:
    """What ``records/template/_text.html`` shows: the view and the section that are ``asked_for``."""
    view = asked_for.get("view", "")
    view = view if view in VIEWS else "form"
    context: dict[str, Any] = {"view": view, "text": text, "toml": toml}
    if view == "form" and outline:
        context |= _form(outline, asked_for.get("section", ""))
    return context


def numbered(text: str, problems: Sequence[Problem], where: str) -> list[Line]:
    """The lines of ``text``, each with the problems that name it."""
    by_line: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.where == where:
            by_line[problem.line].append(problem)
    return [Line(at, line.rstrip("\r\n"), by_line.get(at, ())) for at, line in enumerate(split_lines(text), 1)]


def _form(outline: Outline, key: str) -> dict[str, Any]:
    """The form that one section makes, as whoever starts a record will see it."""
    sections = outline.document.sections
    chosen = next((section for section in sections if section.key == key), sections[0])
    unsaved = Section(key=chosen.key, kind=chosen.kind, title=chosen.title)
    sheet = Sheet(Operation(), outline, Loaded(unsaved, chosen), YES, YES, all_open=True)
    return {
        "sections": [(section.key, _title(section)) for section in sections],
        "section": chosen,
        "section_title": title_of(unsaved),
        "editor": editor(sheet) if chosen.kind != "guidance" else None,
    }


def _title(section: DocumentSection) -> str:
    return title_of(Section(key=section.key, kind=section.kind, title=section.title))

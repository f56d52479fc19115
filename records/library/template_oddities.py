"""What looks odd in a template, in sentences that name the line: to be looked at, it stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from django.utils.translation import gettext as _

from records.document.answers import leftovers
from records.document.lines import split_lines
from records.document.outline import Document, Item, Loose, Rows
from records.document.phase_headings import counted_heading, has_number_and_window
from records.document.places import lines_by_key
from records.document.shapes import closes_fence
from records.document.template_settings import parse_settings
from records.document.tree import read_tree
from records.library.blanks import blanks_in
from records.library.near_shapes import nearly, taken_otherwise
from records.library.problem import Problem, line_naming
from records.models import Outcome, Outline
from records.reading.unseen import visible

_SHOWN_BLANKS = 5


def oddities(outline: Outline, text: str, toml: str) -> Iterator[Problem]:
    """What looks odd in a template and stops nothing: of its text in the order of the lines, then of its settings."""
    lines = lines_by_key(outline.document)
    read = [*_unread(outline.document, lines), *_phases_without_window(outline, lines)]
    read += _otherwise(outline.document, lines)
    found = [*_unclosed(text), *_unseen(text), *_blanks(text), *read]
    yield from sorted(found, key=lambda problem: problem.line)
    yield from _stray_paths(outline, toml)
    yield from _stray_words(outline, toml)
    yield from _all_before_review(outline)
    yield from _fewer_above(outline, toml)
    yield from _rows_due_later(outline, toml)
    yield from _fixed_but_open(outline, toml)
    if outline.asked_of(outline.settings.bind.get("date", "")) == "date" and "time" in outline.settings.unbound:
        words = _(
            "No line holds the time, so no record has a window: calendar, reminders and the run know no start. Give "
            "the template one, such as **Time**: HH:MM TZ."
        )
        yield Problem(words, lines.get(outline.settings.bind["date"], 0), "text", stops=False)
    if not outline.settings.levels and "risk" in outline.settings.bind:
        words = _("The line of the risk level offers no choices, so every record is asked everything.")
        yield Problem(words, lines.get(outline.settings.bind["risk"], 0), "text", stops=False)


def _unread(document: Document, lines: dict[str, int]) -> Iterator[Problem]:
    for section in document.sections:
        if section.kind == "guidance":
            continue
        blocks = list(section.blocks())
        rows = [row for block in blocks if isinstance(block, Rows) for row in block.rows]
        parts = [part for row in rows if isinstance(row, Item) for part in row.parts]
        for loose in (one for one in (*blocks, *rows) if isinstance(one, Loose)):
            words, below = nearly(loose, section, document)
            yield Problem(words, lines[loose.key] + below, "text", stops=False)
        for note in (part for part in parts if isinstance(part, Loose)):
            words = _(
                "These lines have no label: they are one piece of Markdown under their step. Indented like them, "
                "- **Label**: [hint] is a field of the step."
            )
            yield Problem(words, lines[note.key], "text", stops=False)


def _otherwise(document: Document, lines: dict[str, int]) -> Iterator[Problem]:
    for key, words in taken_otherwise(document):
        yield Problem(words, lines.get(key, 0), "text", stops=False)


def _phases_without_window(outline: Outline, lines: dict[str, int]) -> Iterator[Problem]:
    phases = [group for group in outline.groups.values() if group.phase]
    if phases and not any(group.phase and group.phase.window for group in phases):
        words = _(
            "No phase has a window, (HH:MM-HH:MM), behind its title. Records are asked for it, and there it will stand."
        )
        yield Problem(words, lines[phases[0].key], "text", stops=False)
        return
    words_of_phases = {group.phase.word for group in phases if group.phase} or {"Phase"}
    for group in (one for one in outline.groups.values() if not one.phase):
        first, _blank, rest = group.title.partition(" ")
        counted = counted_heading(group.title)
        word = counted[0] if counted else first if rest[:1].isdigit() else ""
        words = ""
        if word in words_of_phases:
            words = _("This looks like a phase but has no window, (HH:MM-HH:MM), so it is read as a group.")
        elif has_number_and_window(group.title):
            words = _(
                "This has a window but isn't counted as a phase is, ### Phase 1: Title (HH:MM-HH:MM), so it is read as "
                "a group."
            )
        if words:
            yield Problem(words, lines[group.key], "text", stops=False)


def _unclosed(text: str) -> Iterator[Problem]:
    for block in read_tree(text).children:
        if block.kind == "fence" and not closes_fence(block.source):
            words = _("This fence is never closed: it holds all that follows.")
            yield Problem(words, block.first + 1, "text", stops=False)


def _unseen(text: str) -> Iterator[Problem]:
    for at, line in enumerate(split_lines(text), 1):
        own = line.rstrip("\r\n")
        if visible(own) != own:
            yield Problem(_("This line holds characters that nobody sees."), at, "text", stops=False)


def _blanks(text: str) -> Iterator[Problem]:
    found = list(blanks_in(text))
    if found:
        shown = list(dict.fromkeys(blank for _line, blank in found))
        words = _(
            "What a record has to fill in stands in brackets, such as [name]. These are fixed text, that nobody is "
            "asked for: %(blanks)s."
        )
        blanks = ", ".join(shown[:_SHOWN_BLANKS]) + (", …" if shown[_SHOWN_BLANKS:] else "")
        yield Problem(words % {"blanks": blanks}, found[0][0], "text", stops=False)


def _all_before_review(outline: Outline) -> Iterator[Problem]:
    sections = [section for section in outline.document.sections if section.kind == "section"]
    if len(sections) > 1 and not outline.settings.due:
        words = _("Every section is due before review. Which are written after the run? Say it in the settings.")
        yield Problem(words, 0, "settings", stops=False)


def _fewer_above(outline: Outline, toml: str) -> Iterator[Problem]:
    """A risk level that needs fewer approvals than one below it."""
    settings = outline.settings
    for lower, upper in pairwise(settings.levels):
        if len(settings.roles(upper)) < len(settings.roles(lower)):
            words = _("%(upper)s needs fewer approvals (%(few)s) than %(lower)s (%(more)s).")
            counts = {"few": len(settings.roles(upper)), "more": len(settings.roles(lower))}
            line = line_naming("[rule]", toml, quoted=False)
            yield Problem(words % {"upper": upper, "lower": lower, **counts}, line, "settings", stops=False)


def _stray_paths(outline: Outline, toml: str) -> Iterator[Problem]:
    known = {key.split(".", 1)[0] for key in outline.texts} | set(outline.groups)
    known |= {section.key for section in outline.document.sections}
    known |= {key.rpartition("/")[0] for key in known}
    named = (("[due]", outline.settings.due), ("[choices]", parse_settings(toml).choices))
    for what, paths in named:
        for path in paths:
            if path not in known and not ("*" in path and any(_covers(path, key) for key in known)):
                words = _("%(what)s names “%(path)s”, and nothing in the template is called so.")
                yield Problem(words % {"what": what, "path": path}, line_naming(path, toml), "settings", stops=False)


def _rows_due_later(outline: Outline, toml: str) -> Iterator[Problem]:
    for path, asked in outline.settings.due.items():
        group = outline.groups.get(path)
        if group and asked.part != "plan" and group.is_all_rows:
            words = _(
                "[due] puts “%(path)s” later than the review, but its rows are part of the plan: they are asked for "
                "before review."
            )
            yield Problem(words % {"path": path}, line_naming(path, toml), "settings", stops=False)


def _fixed_but_open(outline: Outline, toml: str) -> Iterator[Problem]:
    for item, part in outline.commands:
        if outline.settings.commands.get(part.key) == "fixed" and (found := leftovers(part.text, part.text)):
            words = _("The commands of “%(step)s” are used as they stand, and they hold %(found)s.")
            line = line_naming(part.key, toml)
            yield Problem(words % {"step": item.title, "found": ", ".join(found)}, line, "settings", stops=False)


def _stray_words(outline: Outline, toml: str) -> Iterator[Problem]:
    settings = outline.settings
    for word in settings.outcomes:
        if word not in settings.outcome_words:
            said = _("[outcomes] names “%(word)s”, which the line of the outcome doesn't offer.")
            yield Problem(said % {"word": word}, line_naming(word, toml), "settings", stops=False)
    for outcome in (Outcome.COMPLETED, Outcome.FAILED, Outcome.ROLLED_BACK) if settings.outcome_words else ():
        if not settings.words_of(outcome):
            said = _("No word of the line of the outcome says “%(word)s”: closing offers and writes that itself.")
            line = lines_by_key(outline.document).get(settings.bind["status"], 0)
            yield Problem(said % {"word": outcome.label}, line, "text", stops=False)


def _covers(pattern: str, key: str) -> bool:
    """Whether a path with ``*`` speaks of ``key`` or of something above it."""
    steps, own = pattern.split("/"), key.split("/")
    return len(steps) <= len(own) and all(a in (b, "*") for a, b in zip(steps, own, strict=False))

"""What is wrong with a template, or asked about it, in sentences that name the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal
from unicodedata import category

from django.utils.translation import gettext as _

from records.document.answers import leftovers
from records.document.kinds import is_way_back
from records.document.lines import split_lines
from records.document.lists import is_closed
from records.document.outline import Commands, Document, Group, Item, Loose, Rows
from records.document.places import lines_by_key
from records.document.template_settings import FACTS, TemplateSettings, parse_settings
from records.document.tree import read_tree
from records.library.blanks import blanks_in
from records.library.near_shapes import nearly, taken_otherwise
from records.library.standard_lines import name_and_version
from records.library.words_of_facts import fact_words
from records.models import Outcome, Outline, Role, outline_of
from records.one_line import one_line
from records.reading.unseen import visible
from records.writing.naming import makes_ids

Where = Literal["text", "settings", ""]
_SHOWN_BLANKS = 5
_LINE_IN_ERROR = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence, and where it belongs: a line (from 1, 0 for none) of the text or of the settings.

    ``field`` is the one of the settings' form that asks for it, empty where none does. One that ``stops`` has to be
    mended before the template can be used; the others are there to be looked at.
    """

    words: str
    line: int = 0
    where: Where = ""
    stops: bool = True
    field: str = ""


def problems_of(text: str, toml: str) -> list[Problem]:
    """All that is to be said of a template that is being written, what stops first."""
    try:
        outline = outline_of(text, toml)
    except ValueError as error:
        told = _LINE_IN_ERROR.search(str(error))
        return [Problem(str(error), int(told[1]) if told else 0, "settings")]
    said = [*_nameless(outline.settings), *_misnamed(outline), *_unusable_ids(outline.settings, toml)]
    found = [
        *stopping(outline, toml),
        *_written_too_late(outline, toml),
        *_workless(outline),
        *_unanswered(outline, toml),
        *said,
    ]
    return [*found, *_oddities(outline, text, toml)]


def stopping(outline: Outline, toml: str = "") -> Iterator[Problem]:
    """What makes a template unusable, whichever way it comes in."""
    settings, lines = outline.settings, outline.answers

    def of_settings(words: str, named: str) -> Problem:
        return Problem(words, _line_naming(named, toml), "settings")

    if not outline.answers and not outline.blocks:
        yield Problem(_("This is no operations template: nothing in it asks for an answer."))
    told = {"[bind]": settings.bind.values(), "[bind.signers]": settings.signers, "[propose]": settings.propose}
    for what, paths in told.items():
        for path in paths:
            if path not in lines:
                words = _("%(what)s names “%(path)s”, and the template has no such line.")
                yield of_settings(words % {"what": what, "path": path}, path)
    for path, facts in settings.propose.items():
        for fact in facts:
            kind, _blank, follows = fact.partition(" ")
            if kind == "plan" and (follows not in lines or settings.asked(follows).part != "plan"):
                words = _("[propose] takes “%(path)s” from the plan, which has no such line.")
                yield of_settings(words % {"path": follows}, follows)
        if path in lines and settings.asked(path).part == "plan":
            words = _("[propose] names “%(path)s”, which belongs to the plan; only what is due later is proposed.")
            yield of_settings(words % {"path": path}, path)
    for path in settings.kind:
        if path not in outline.groups:
            words = _("[kind] names “%(path)s”, and the template has no such group.")
            yield of_settings(words % {"path": path}, path)
    own = {part.key for _item, part in commands_in(outline)}
    for path in settings.commands:
        if path not in own:
            words = _("[commands] names “%(path)s”, and the template has no commands there.")
            yield of_settings(words % {"path": path}, path)
    for where, roles in (*settings.signers.items(), *settings.rule.items()):
        for role in roles:
            if role not in Role.values:
                known = ", ".join(Role.values)
                words = _("“%(where)s” asks for the role “%(role)s”; known are %(known)s.")
                yield of_settings(words % {"where": where, "role": role, "known": known}, role)
    for path, asked in settings.due.items():
        if asked.since and asked.since not in settings.levels:
            words = _("[due] %(path)s begins at “%(level)s”, which is no risk level of the template.")
            yield of_settings(words % {"path": path, "level": asked.since}, path)


def _written_too_late(outline: Outline, toml: str) -> Iterator[Problem]:
    """Lines of the plan that closing writes: an approval binds the plan, which nobody changes after it."""
    settings = outline.settings
    for path in sorted({*outline.written_at_closing, settings.bind.get("review", "")}):
        if path in outline.answers and settings.asked(path).part == "plan":
            words = _(
                "“%(line)s” is written while closing, and it is due before review, after which nobody changes it: say "
                "in the settings that it is due after the run."
            )
            told = words % {"line": outline.answers[path].label}
            yield Problem(told, _line_naming(path, toml), "settings", field=f"due:{path}")


def _unusable_ids(settings: TemplateSettings, toml: str) -> Iterator[Problem]:
    if "id" in settings.bind and not makes_ids(settings.id_pattern):
        words = _(
            "No operation ID can be made after “%(pattern)s”: it is signs such as CHG, the date as YYYY-MM-DD, then "
            "small letters, digits and [words], with hyphens between them. Or say that no line holds it."
        )
        line = _line_naming("id_pattern", toml, quoted=False)
        yield Problem(words % {"pattern": settings.id_pattern}, line, "settings", field="id_pattern")


def open_questions(outline: Outline) -> tuple[str, ...]:
    """The facts for which no line is known, and of which nobody said that there is none."""
    settings = outline.settings
    return tuple(fact for fact in FACTS if fact not in settings.bind and fact not in settings.unbound)


def commands_in(outline: Outline) -> list[tuple[Item, Commands]]:
    """The commands that the template itself holds, each with its step."""
    items = [row for row in outline.rows.values() if isinstance(row, Item)]
    return [(item, part) for item in items for part in item.parts if isinstance(part, Commands) and part.text.strip()]


def unsaid_words(outline: Outline) -> tuple[str, ...]:
    """The words for how it ended of which nothing tells which outcome they say."""
    settings = outline.settings
    return tuple(word for word in settings.outcome_words if word not in settings.outcomes)


def guessed(outline: Outline, toml: str) -> dict[str, str]:
    """The bindings that were found in the text (fact to path) and that the settings don't tell."""
    told = parse_settings(toml)
    return {fact: path for fact, path in outline.settings.bind.items() if fact not in told.bind}


def _unanswered(outline: Outline, toml: str) -> Iterator[Problem]:
    for fact in open_questions(outline):
        words = _("Which line holds the %(fact)s? Say it in the settings, or that there is none.")
        line = _line_naming("[bind]", toml, quoted=False)
        yield Problem(words % {"fact": fact_words(fact)}, line, "settings", field=f"bind:{fact}")
    for (fact, path), (other, same) in combinations(outline.settings.bind.items(), 2):
        if path == same:
            words = _(
                "“%(line)s” is said to hold the %(fact)s and the %(other)s: each needs a line of its own, or none."
            )
            facts = {"line": outline.answers[path].label, "fact": fact_words(fact), "other": fact_words(other)}
            yield Problem(words % facts, _line_naming(path, toml), "settings", field=f"bind:{other}")
    for word in unsaid_words(outline):
        words = _("Which outcome is “%(word)s”? Say it in the settings.")
        line = _line_naming("[outcomes]", toml, quoted=False)
        field = f"outcome:{outline.settings.outcome_words.index(word)}"
        yield Problem(words % {"word": word}, line, "settings", field=field)


def _nameless(settings: TemplateSettings) -> Iterator[Problem]:
    if not settings.name:
        words = _("The template doesn't say its name. Give it one in the settings.")
        yield Problem(words, 0, "settings", field="name")
    yield from (Problem(words, 0, "settings") for words in unfit(settings.name, settings.version))


def unfit(name: str, version: str) -> Iterator[str]:
    """What keeps a template from being called so, in words: it stands in lists, mails and the output of commands."""
    for words, limit in ((name, 200), (version, 40)):
        shown = one_line(words[:40])
        if len(words) > limit:
            yield _("This is longer than %(limit)s characters: %(words)s…") % {"limit": limit, "words": shown}
        if any(category(sign) in ("Cc", "Zl", "Zp") for sign in words):
            yield _("This has to be on one line, without control characters: %s") % shown


def _misnamed(outline: Outline) -> Iterator[Problem]:
    """A line that every record carries and that names another version than this one."""
    settings, line = outline.settings, outline.bound("standard")
    _name, version = name_and_version(line.text) if line else ("", "")
    if line and version and version != settings.version:
        words = _(
            "The line “%(line)s” says “%(text)s”, the settings say %(version)s: every record would name another "
            "version than its own. Change the line in the text."
        )
        facts = {"line": line.label, "text": line.text, "version": settings.version}
        yield Problem(words % facts, lines_by_key(outline.document).get(line.key, 0), "text")


def _workless(outline: Outline) -> Iterator[Problem]:
    """Steps that are all read as a way back, so that the run would have none: certainly wrong where there are two."""
    sections = outline.document.sections
    ways = [section for section in sections if is_way_back(section)]
    if ways and not any(group.phase for group in outline.groups.values()):
        words = _(
            "The steps under “%(section)s” are read as the way back, and the run has none: work is known by phases. "
            "Put its steps under ### Phase 1: Title (HH:MM-HH:MM)."
        )
        line = lines_by_key(outline.document)[ways[0].key]
        yield Problem(words % {"section": ways[0].title}, line, "text", stops=len(ways) > 1)


# ---------------------------------------------------------------- what is only to be looked at


def _oddities(outline: Outline, text: str, toml: str) -> Iterator[Problem]:
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
    words_of_phases = {group.phase.word for group in outline.groups.values() if group.phase} or {"Phase"}
    for group in outline.groups.values():
        first, _blank, rest = group.title.partition(" ")
        if not group.phase and first in words_of_phases and rest[:1].isdigit():
            words = _("This looks like a phase but has no window, (HH:MM-HH:MM), so it is read as a group.")
            yield Problem(words, lines[group.key], "text", stops=False)


def _unclosed(text: str) -> Iterator[Problem]:
    for block in read_tree(text).children:
        if block.kind == "fence" and not is_closed(block):
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
            line = _line_naming("[rule]", toml, quoted=False)
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
                yield Problem(words % {"what": what, "path": path}, _line_naming(path, toml), "settings", stops=False)


def _rows_due_later(outline: Outline, toml: str) -> Iterator[Problem]:
    for path, asked in outline.settings.due.items():
        group = outline.groups.get(path)
        if group and asked.part != "plan" and is_all_rows(group):
            words = _(
                "[due] puts “%(path)s” later than the review, but its rows are part of the plan: they are asked for "
                "before review."
            )
            yield Problem(words % {"path": path}, _line_naming(path, toml), "settings", stops=False)


def _fixed_but_open(outline: Outline, toml: str) -> Iterator[Problem]:
    for item, part in commands_in(outline):
        if outline.settings.commands.get(part.key) == "fixed" and (found := leftovers(part.text, part.text)):
            words = _("The commands of “%(step)s” are used as they stand, and they hold %(found)s.")
            line = _line_naming(part.key, toml)
            yield Problem(words % {"step": item.title, "found": ", ".join(found)}, line, "settings", stops=False)


def is_all_rows(group: Group) -> bool:
    """Whether a group holds nothing but rows, such as steps or checks, which an approval binds."""
    return bool(group.blocks) and all(isinstance(block, Rows) for block in group.blocks)


def _stray_words(outline: Outline, toml: str) -> Iterator[Problem]:
    settings = outline.settings
    for word in settings.outcomes:
        if word not in settings.outcome_words:
            said = _("[outcomes] names “%(word)s”, which the line of the outcome doesn't offer.")
            yield Problem(said % {"word": word}, _line_naming(word, toml), "settings", stops=False)
    for outcome in (Outcome.COMPLETED, Outcome.FAILED, Outcome.ROLLED_BACK) if settings.outcome_words else ():
        if not settings.words_of(outcome):
            said = _("No word of the line of the outcome says “%(word)s”: closing offers and writes that itself.")
            line = lines_by_key(outline.document).get(settings.bind["status"], 0)
            yield Problem(said % {"word": outcome.label}, line, "text", stops=False)


def _covers(pattern: str, key: str) -> bool:
    """Whether a path with ``*`` speaks of ``key`` or of something above it."""
    steps, own = pattern.split("/"), key.split("/")
    return len(steps) <= len(own) and all(a in (b, "*") for a, b in zip(steps, own, strict=False))


def _line_naming(named: str, toml: str, *, quoted: bool = True) -> int:
    wanted = f'"{named}"' if quoted else named
    return next((at for at, line in enumerate(split_lines(toml), 1) if wanted in line), 0)

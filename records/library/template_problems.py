"""What is wrong with a template, or asked about it, in sentences that name the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from unicodedata import category

from django.utils.translation import gettext as _

from records.document.kinds import is_way_back
from records.document.places import lines_by_key
from records.document.template_settings import FACTS, TemplateSettings, parse_settings
from records.library.problem import Problem, line_naming
from records.library.standard_lines import name_and_version
from records.library.template_oddities import oddities
from records.library.words_of_facts import fact_words
from records.models import Outline, Role, outline_of
from records.models.names import is_unseen
from records.models.person import SIGNING
from records.one_line import one_line
from records.refusals import Unusable
from records.writing.naming import makes_ids

_LINE_IN_ERROR = re.compile(r"at line (\d+)")
# When it may start, who runs and reviews it, who has to approve it at all: nothing that somebody changes afterwards.
APPROVED = ("date", "time", "end", "operator", "supervisor", "risk", "impact")


def problems_of(text: str, toml: str) -> list[Problem]:
    """All that is to be said of a template that is being written, what stops first."""
    try:
        outline = outline_of(text, toml)
    except Unusable as error:
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
    return [*found, *oddities(outline, text, toml)]


def stopping(outline: Outline, toml: str = "") -> Iterator[Problem]:
    """What makes a template unusable, whichever way it comes in."""
    settings, lines = outline.settings, outline.answers

    def of_settings(words: str, named: str) -> Problem:
        return Problem(words, line_naming(named, toml), "settings")

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
    own = {part.key for _item, part in outline.commands}
    for path in settings.commands:
        if path not in own:
            words = _("[commands] names “%(path)s”, and the template has no commands there.")
            yield of_settings(words % {"path": path}, path)
    for level, roles in settings.rule.items():
        for role in roles:
            if role in Role.values and role not in SIGNING:
                known = ", ".join(SIGNING)
                words = _(
                    "“%(where)s” asks for the approval of the role “%(role)s”, which signs nothing; %(known)s do."
                )
                yield of_settings(words % {"where": level, "role": role, "known": known}, role)
    for where, roles in (*settings.signers.items(), *settings.rule.items()):
        for role in roles:
            if role not in Role.values:
                known = ", ".join(Role.values)
                words = _("“%(where)s” asks for the role “%(role)s”; known are %(known)s.")
                yield of_settings(words % {"where": where, "role": role, "known": known}, role)
    for fact in APPROVED:
        line = outline.bound(fact)
        if line and settings.asked(line.key).part != "plan":
            words = _(
                "“%(line)s” holds the %(fact)s, and who approves a plan approves that too: say in the settings that it "
                "is due before review."
            )
            said = words % {"line": line.label, "fact": fact_words(fact)}
            yield Problem(said, line_naming(line.key, toml), "settings", field=f"due:{line.key}")
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
            yield Problem(told, line_naming(path, toml), "settings", field=f"due:{path}")


def _unusable_ids(settings: TemplateSettings, toml: str) -> Iterator[Problem]:
    if "id" in settings.bind and not makes_ids(settings.id_pattern):
        words = _(
            "No operation ID can be made after “%(pattern)s”: it is signs such as CHG, the date as YYYY-MM-DD, then "
            "small letters, digits and [words], with hyphens between them. Or say that no line holds it."
        )
        line = line_naming("id_pattern", toml, quoted=False)
        yield Problem(words % {"pattern": settings.id_pattern}, line, "settings", field="id_pattern")


def open_questions(outline: Outline) -> tuple[str, ...]:
    """The facts for which no line is known, and of which nobody said that there is none."""
    settings = outline.settings
    return tuple(fact for fact in FACTS if fact not in settings.bind and fact not in settings.unbound)


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
        line = line_naming("[bind]", toml, quoted=False)
        yield Problem(words % {"fact": fact_words(fact)}, line, "settings", field=f"bind:{fact}")
    for (fact, path), (other, same) in combinations(outline.settings.bind.items(), 2):
        if path == same:
            words = _(
                "“%(line)s” is said to hold the %(fact)s and the %(other)s: each needs a line of its own, or none."
            )
            facts = {"line": outline.answers[path].label, "fact": fact_words(fact), "other": fact_words(other)}
            yield Problem(words % facts, line_naming(path, toml), "settings", field=f"bind:{other}")
    for word in unsaid_words(outline):
        words = _("Which outcome is “%(word)s”? Say it in the settings.")
        line = line_naming("[outcomes]", toml, quoted=False)
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
        elif any(is_unseen(sign) for sign in words) or words != " ".join(words.split()):
            # Else two look the same, and the rule of the one holds for the other.
            yield _("This holds characters that nobody sees, or blanks at an end or one behind the other: %s") % shown


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

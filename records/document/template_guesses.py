"""What a template's own text says of its settings, where nobody told them: what its lines ask for and offer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from records.document.outcome_words import guessed_outcomes
from records.document.outline import Answer, Document, Rows
from records.document.shapes import asks_for_both, choices_of, without_break
from records.document.template_settings import TemplateSettings

# A placeholder that asks for what performs better now, and one that asks for a day to come.
_BETTER = re.compile(r"\[(?=[^\]]*performance improvement)[^\]]*\]", re.IGNORECASE)
_WHEN = re.compile(r"\[when to [^\]]*\]", re.IGNORECASE)
_CLOCKS = ("HH:MM:SS TZ", "HH:MM TZ", "HH:MM:SS", "HH:MM")
_ENDED = re.compile(r"YYYY-MM-DD HH:MM(?::SS)?(?: TZ)?")
_NUMBERED = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*-)*YYYY-MM-DD-\S+")
_STANDARD = re.compile(r"(?P<name>.*?[^\s,]),?\s+(?:v|[Vv]ersion\s+)?(?P<version>\d+(?:\.\d+)*)")


def completed(told: TemplateSettings, template: Document) -> TemplateSettings:
    """``told`` with every guess that the template's own text allows; what stays unknown stays out."""
    own = [(s.kind, replace(a, text=without_break(a.text))) for s in template.sections for a in s.answers()]
    lines = [answer for kind, answer in own if kind in ("header", "footer") and answer.shape == "line"]
    bullets = [answer for kind, answer in own if kind == "section" and answer.shape == "bullet"]
    offered = {one.key: found for one in (*lines, *bullets) if (found := choices_of(one.text))}
    # An empty list says that a line offers nothing, whatever it looks like.
    choices = {path: options for path, options in (offered | dict(told.choices)).items() if options}
    guessed = _guessed(lines, choices, template)
    bind = {fact: path for fact, path in guessed.items() if fact not in told.unbound} | dict(told.bind)
    dated = next((line for line in lines if line.key == bind.get("date")), None)
    # The line of the date that asks for the time as well leaves none to be asked about.
    is_told = "time" not in bind and dated is not None and asks_for_both(dated.text)
    standard = next((line for line in lines if line.key == bind.get("standard")), None)
    named = _STANDARD.fullmatch(standard.text) if standard else None
    pattern = next((line.text.strip("`") for line in lines if line.key == bind.get("id")), "")
    return TemplateSettings(
        name=told.name or (named["name"] if named else ""),
        version=told.version or (named["version"] if named else ""),
        folder=told.folder,
        unasked=told.unasked,
        id_pattern=told.id_pattern or pattern,
        bind=bind,
        unbound=told.unbound | ({"time"} if is_told else set()),
        signers=told.signers,
        propose=told.propose,
        due=told.due,
        kind=told.kind,
        choices=choices,
        outcomes=guessed_outcomes(choices.get(bind.get("status", ""), ())) | dict(told.outcomes),
        commands=told.commands,
        rule=told.rule,
    )


def _from_to(asks: Sequence[bool], lines: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Those of ``lines`` that could tell a beginning, and the end: of two that follow one another, the second."""
    found = [at for at, is_one in enumerate(asks) if is_one]
    if len(found) == 2 and found[1] == found[0] + 1:
        return [lines[found[0]]], [lines[found[1]]]
    return [lines[at] for at in found], []


def _guessed(lines: Sequence[Answer], choices: Mapping[str, tuple[str, ...]], template: Document) -> dict[str, str]:
    """The bindings that the lines' own placeholders tell."""
    header = [line for line in lines if line.key.startswith("header/")]
    footer = [line for line in lines if line.key.startswith("footer/")]
    groups = [g for s in template.sections for g in s.groups]
    risks = [g for g in groups if any(isinstance(b, Rows) and b.kind == "risks" for b in g.blocks)]
    titles = [set(re.findall(r"\w+", group.title.lower())) for group in risks]
    labelled = [a for s in template.sections if s.kind == "section" for a in s.answers() if a.label]
    times, until = _from_to([a.text.strip("[]") in _CLOCKS for a in header], header)
    moments, later = _from_to([asks_for_both(a.text) for a in header], header)
    ends = until or later
    # Every group of risks has a level in its title; how much a service feels has words of its own, some the same.
    levels = {a.key: {option.lower() for option in choices.get(a.key, ())} for a in header}
    found = {
        "improvements": [a for a in labelled if _BETTER.fullmatch(a.text)],
        "review": [a for a in footer if _WHEN.fullmatch(a.text)],
        "id": [a for a in header if _NUMBERED.fullmatch(a.text.strip("`"))],
        "date": [a for a in header if a.text == "YYYY-MM-DD"] or moments,
        "time": times,
        "end": ends,
        "risk": [a for a in header if titles and all(words & levels[a.key] for words in titles)],
        "status": [a for a in footer if a.key in choices],
        "completed": [a for a in footer if _ENDED.fullmatch(a.text.strip("[]"))],
        "standard": [a for a in footer if _STANDARD.fullmatch(a.text) and "[" not in a.text],
    }
    return {fact: answers[0].key for fact, answers in found.items() if len(answers) == 1}

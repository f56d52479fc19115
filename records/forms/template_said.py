"""From the posted form of a template's settings to their TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from records.document.shapes import split_options
from records.document.template_settings import FACTS, OPTIONAL, parse_settings
from records.forms.template_settings import NO_LINE, TemplateSettingsForm
from records.library.template_toml import WORDS, changed_toml

Table = dict[str, Any]


def said_toml(form: TemplateSettingsForm) -> str:
    """The TOML with what a valid ``form`` says. Raises Unusable, in words, for what can't be so.

    What the form has no field for stays; what it repeats of the template's own text is not written down, but for
    the lines of facts: a guess that was looked at and saved is said.
    """
    told: Mapping[str, Any] = tomllib.loads(form.toml)
    wanted: Table = {name: text for name in WORDS if (text := _words(form, name, told))}
    tables = {
        "bind": _bind(form, told),
        "propose": dict(told.get("propose", {})),  # no field asks for it
        "rule": _rule(form, told),
        "due": _places(form, told, "due"),
        "kind": _places(form, told, "kind"),
        "choices": _choices(form, told),
        "commands": _commands(form, told),
        "outcomes": _outcomes(form, told),
    }
    # In the order of the file that is there, so that what is new stands behind what was.
    wanted |= {name: table for name, table in tables.items() if table}
    toml = changed_toml(form.toml, wanted)
    parse_settings(toml)
    return toml


def _words(form: TemplateSettingsForm, name: str, told: Mapping[str, Any]) -> str:
    posted = str(form.cleaned_data[name]).strip()
    return "" if name not in told and posted == getattr(form.outline.settings, name) else posted


def _bind(form: TemplateSettingsForm, told: Mapping[str, Any]) -> Table:
    posted = {fact: form.cleaned_data[f"bind:{fact}"] for fact in FACTS}
    # Nobody is asked for these lines, so a guess that was left alone stays one.
    for fact in OPTIONAL:
        line = form.cleaned_data[f"bind:{fact}"]
        if line != form.fields[f"bind:{fact}"].initial or fact in told.get("bind", {}):
            posted[fact] = line
    bind: Table = {fact: "" if line == NO_LINE else line for fact, line in posted.items() if line}
    signers = dict(told.get("bind", {}).get("signers", {}))
    for name in form.fields:
        if name.startswith("signers:"):
            path, roles = name.partition(":")[2], form.cleaned_data[name]
            if set(roles) != set(signers.get(path, ())):
                signers[path] = roles
    if signers := {path: roles for path, roles in signers.items() if roles}:
        bind["signers"] = signers
    return bind


def _rule(form: TemplateSettingsForm, told: Mapping[str, Any]) -> Table:
    rule = dict(told.get("rule", {}))
    for level in (*form.outline.settings.levels, "default"):
        names = [name for name in form.fields if name.rpartition(":")[0] == f"rule:{level}"]
        rule[level] = [role for name in names if (role := form.cleaned_data[name])]
    return {level: roles for level, roles in rule.items() if roles}


def _places(form: TemplateSettingsForm, told: Mapping[str, Any], what: str) -> Table:
    table = dict(told.get(what, {}))
    for name in form.fields:
        if name.startswith(f"{what}:"):
            path, posted = name.partition(":")[2], form.cleaned_data[name]
            if what == "due" and posted != form.fields[name].initial:
                part, _bar, since = posted.partition("|")
                table[path] = {"part": part, "from": since} if since else part
            elif what == "kind":
                table[path] = posted
    return {path: value for path, value in table.items() if value}


def _choices(form: TemplateSettingsForm, told: Mapping[str, Any]) -> Table:
    table = dict(told.get("choices", {}))
    for name in form.fields:
        if name.startswith("choices:"):
            path = name.partition(":")[2]
            options = [line.strip() for line in form.cleaned_data[name].splitlines() if line.strip()]
            shown = str(form.fields[name].initial).splitlines()
            if path in table or options != shown or options != list(form.outline.settings.choices.get(path, ())):
                table[path] = options
    # That a line offers nothing is said only where its own text would offer something.
    answers = form.outline.answers
    return {p: options for p, options in table.items() if options or (p in answers and split_options(answers[p].text))}


def _outcomes(form: TemplateSettingsForm, told: Mapping[str, Any]) -> Table:
    table = dict(told.get("outcomes", {}))
    if form.outcome_words:
        table = {word: outcome for word, outcome in table.items() if word in form.outcome_words}
    for at, word in enumerate(form.outcome_words):
        posted = form.cleaned_data[f"outcome:{at}"]
        if posted and (word in table or posted != form.fields[f"outcome:{at}"].initial):
            table[word] = "" if posted == NO_LINE else posted
    return table


def _commands(form: TemplateSettingsForm, told: Mapping[str, Any]) -> Table:
    table = dict(told.get("commands", {}))
    for name in form.fields:
        path = name.removeprefix("fixed:")
        if path != name and form.cleaned_data[name] != (table.get(path) == "fixed"):
            table[path] = "fixed" if form.cleaned_data[name] else ""
    return {path: word for path, word in table.items() if word}

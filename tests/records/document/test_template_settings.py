"""What the TOML beside a template may say, what is guessed, and what is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.outcome_words import OUTCOMES
from records.document.outline import Answer, Item, Rows
from records.document.template_settings import (
    DUES,
    FACTS,
    KINDS,
    OFFERED,
    OPTIONAL,
    PROPOSED,
    TemplateSettings,
    WhenDue,
    parse_settings,
)
from records.document.unusable import Unusable
from records.models import outline_of
from tests.records.document.strategies import SETTINGS, SHIPPED, TEMPLATES, places, text_in

GIVEN = SETTINGS["infrastructure-operation"]
# The schema of the docstring as a text that uses all of it.
EVERYTHING = """
name = "Network Change"
version = "2.0"
folder = "network/core"
id_pattern = "YYYY-MM-DD-network-[what]"

[bind]
id = "header/id"
date = "header/date"
time = "header/time"
operator = "header/operator"
supervisor = "header/supervisor"
risk = "header/risk"
impact = "header/impact"
status = "footer/status"
completed = "footer/completed"
standard = "footer/standard"

[bind.signers]
"footer/lead" = ["lead", "lead"]

[due]
"a" = "plan"
"a/b" = "close"
"a/*/c" = { part = "open", from = "High" }
"footer/e" = "open"

[kind]
"a/b" = "steps"

[choices]
"header/risk" = ["Low", "Medium", "High"]

[rule]
High = ["lead", "lead"]
default = ["supervisor"]
"""


def test_everything_the_schema_knows_can_be_said() -> None:
    own = parse_settings(EVERYTHING)
    assert (own.name, own.version, own.folder) == ("Network Change", "2.0", "network/core")
    assert set(own.bind) == set(FACTS)
    assert own.signers == {"footer/lead": ("lead", "lead")}
    assert own.levels == ("Low", "Medium", "High")
    assert [own.roles(level) for level in ("High", "Low", "?")] == [("lead", "lead"), ("supervisor",), ("supervisor",)]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("a", WhenDue("plan")),
        ("a/x", WhenDue("plan")),
        ("a/b/x", WhenDue("close")),
        ("a/x/c/d", WhenDue("open", "High")),
        ("a/b/c", WhenDue("open", "High")),
        ("elsewhere", WhenDue("plan")),
        ("footer/x", WhenDue("close")),
        ("footer/e", WhenDue("open")),
    ],
)
def test_the_longest_path_says_what_is_due(path: str, asked: WhenDue) -> None:
    assert parse_settings(EVERYTHING).asked(path) == asked


@pytest.mark.parametrize(("level", "is_asked"), [("Low", False), ("Medium", False), ("High", True), ("?", True)])
def test_from_which_level_on_a_path_is_asked_for(level: str, is_asked: bool) -> None:
    assert parse_settings(EVERYTHING).is_asked("a/x/c", level) is is_asked


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("name = ", "no TOML"),
        (f"version = {'1' * 5000}", "no TOML"),
        ("colour = 'red'", "colour"),
        ("[bind]\nwho = 'x'", "who"),
        ("bind = 3", "table"),
        ("[bind]\nid = 3", "does not belong"),
        ("[bind]\nsigners = 'x'", "table"),
        ("[bind.signers]\nx = [1]", "list of words"),
        ("[due]\na = 'sometimes'", "say"),
        ("[due]\na = { part = 'plan', till = 'x' }", "say"),
        ("[kind]\na = 'poem'", "poem"),
        ("[propose]\na = ['poem']", "poem"),
        ("[propose]\na = ['about ']", "about"),
        ("[propose]\na = 'steps'", "does not belong"),
        ("[choices]\na = ['']", "list of words"),
        ("[rule]\nHigh = 'x'", "does not belong"),
        ("[outcomes]\nDone = 'well'", "well"),
        ("[commands]\na = 'free'", "free"),
        ("unasked = ''", "some words"),
        ("unasked = 'not *asked*'", "some words"),
        ("[outcomes]\nDone = ['completed']", "does not belong"),
        ("folder = '../x'", "relative path"),
        ("folder = '/x'", "relative path"),
        ("folder = 3", "relative path"),
        ("[bind.signers]\n'footer/operator' = 3", "list of words"),
        ("[bind.signers]\n'footer/operator' = 'operator'", "list of words"),
        ("[due]\nx = { part = ['plan'] }", "say"),
        ("name = ['a', 'b']", "has to be words"),
        ("version = { major = 1 }", "has to be words"),
        ("id_pattern = true", "has to be words"),
    ],
)
def test_what_is_wrong_is_refused_in_words(toml: str, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        parse_settings(toml)


NAMES = [
    "name",
    "version",
    "folder",
    "id_pattern",
    "bind",
    "signers",
    "propose",
    "due",
    "kind",
    "choices",
    "commands",
    "outcomes",
    "rule",
    "a/b",
    "x",
]
VALUES = [
    "3",
    "''",
    "[]",
    "['a']",
    "[[]]",
    "{}",
    "{ part = 'plan' }",
    "{ part = 3 }",
    "{ from = 1 }",
    "true",
    "1979-05-27",
]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES), st.sampled_from(["", *NAMES])), max_size=4))
def test_any_other_toml_is_refused_in_words_too(lines: list[tuple[str, str, str]]) -> None:
    toml = "".join(
        f"{f'[{table}]' if table and '/' not in table else ''}\n'{name}' = {x}\n" for name, x, table in lines
    )
    try:
        parse_settings(toml)
    except Unusable as error:
        assert str(error)[0].isupper() or str(error)[0] in "“[", error


def test_what_is_guessed_of_a_template_with_no_toml() -> None:
    own = SETTINGS["certificate-rotation"]
    assert (own.name, own.version) == ("Certificate Rotation Template", "2.3.0")
    assert own.id_pattern == "YYYY-MM-DD-certificate-[brief-description]"
    assert own.bind == {
        "id": "header/rotation-id",
        "date": "header/day",
        "time": "header/begin",
        "risk": "header/hazard",
        "status": "footer/result",
        "completed": "footer/finished",
        "standard": "footer/documentation-standard",
    }
    assert own.levels == ("Negligible", "Moderate", "Severe", "Catastrophic")
    assert own.outcomes == {"🔄 UNDER WAY": "in_progress", "✅ ROTATED": "completed", "⏪ TURNED AROUND": "rolled_back"}
    assert own.roles("Severe") == ("supervisor",)


def test_what_closing_offers_to_fill_is_guessed_or_said_and_never_asked_for() -> None:
    performance = "infrastructure-impact-assessment/improvements-achieved/performance"
    assert [GIVEN.bind[fact] for fact in OFFERED] == [performance, "footer/next-infrastructure-review"]
    told = parse_settings('[bind]\nreview = "footer/x"\nimprovements = ""')
    assert (told.bind, told.unbound) == ({"review": "footer/x"}, {"improvements"})
    assert not set(OFFERED) & set(SETTINGS["certificate-rotation"].bind)


def test_the_risk_level_is_the_line_whose_options_name_every_group_of_risks() -> None:
    def guessed(risks: str) -> str:
        heads = "".join(f"### {head}\n\n1. **R**: [r]\n\n" for head in risks.split(", "))
        text = f"# T: [x]\n\n**Danger**: [Low/High/Highest]\n**Felt**: [None/Gering/High]\n\n## S\n\n{heads}"
        return outline_of(text, "").settings.bind.get("risk", "")

    assert guessed("🔴 High Risks (Mitigated), 🟢 Low Risks (Accepted)") == "header/danger"
    assert guessed("Geringe Risiken (hingenommen), Hohe Risiken (gemindert)") == ""
    assert guessed("High Risks (Mitigated)") == ""
    assert guessed("High Risks (Mitigated), Others (Accepted)") == ""


def test_what_stays_unknown_stays_out() -> None:
    assert "risk" not in SETTINGS["quick-change"].bind
    assert TemplateSettings().levels == ()


def test_the_shipped_settings_name_only_what_the_template_has() -> None:
    toml = parse_settings(text_in(SHIPPED.with_suffix(".toml")))
    template = TEMPLATES["infrastructure-operation"]
    keys = {leaf.key for _, leaf in places(template, Answer, Rows, Item)}
    keys |= {key for s in template.sections for key in (s.key, *(g.key for g in s.groups))}
    named = [*toml.bind.values(), *toml.signers, *toml.propose, *(path for path in toml.due if "*" not in path)]
    assert [path for path in named if path not in keys] == []
    assert set(toml.rule) == set(GIVEN.levels)
    assert {asked.since for asked in toml.due.values()} - {""} <= set(GIVEN.levels)


def test_every_word_of_the_schema_stands_in_its_documentation() -> None:
    from records.document import template_settings

    text = template_settings.__doc__ or ""
    words = [
        *FACTS,
        *OPTIONAL,
        *PROPOSED,
        *KINDS,
        *DUES,
        "name",
        "version",
        "folder",
        "id_pattern",
        "[bind]",
        "[bind.signers]",
        "[due]",
    ]
    assert [
        word
        for word in [*words, *OUTCOMES, "[propose]", "[kind]", "[choices]", "[commands]", "[outcomes]", "[rule]"]
        if word not in text
    ] == []


@pytest.mark.parametrize(
    ("line", "name", "version"),
    [
        ("NET-CHG version 3", "NET-CHG", "3"),
        ("Change form, Version 2.1", "Change form", "2.1"),
        ("PostgreSQL 16 upgrade v1.0", "PostgreSQL 16 upgrade", "1.0"),
    ],
)
def test_a_line_that_names_its_version_in_words_names_the_template(line: str, name: str, version: str) -> None:
    text = f"# T: [x]\n\n## S\n\n[Why]\n\n---\n\n**Finished**: YYYY-MM-DD HH:MM\n**Form**: {line}\n"
    guessed = outline_of(text, "").settings
    assert (guessed.name, guessed.version) == (name, version)
    assert guessed.bind == {"completed": "footer/finished", "standard": "footer/form"}

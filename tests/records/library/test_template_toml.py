"""Settings go back into their TOML with the least change: the same data gives the same bytes, comments stay."""

from __future__ import annotations

import tomllib

import pytest

from records.library.template_toml import changed_toml
from records.library.templates_in import SHIPPED

NOTED = """# Kept by the platform team.
name = 'Rotation'  # as people call it
version = "1"

[bind] # lines
id = "header/id" # ours
date = "header/day"

# Two people, always.
[rule]
default = ["supervisor",
  "devops_supervisor"]
"""


@pytest.mark.parametrize("toml", ["", "\n", NOTED, (SHIPPED / "infrastructure-operation.toml").read_text()])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_same_data_gives_the_same_bytes(toml: str, end: str) -> None:
    toml = toml.replace("\n", end)
    assert changed_toml(toml, tomllib.loads(toml)) == toml


def test_only_what_says_something_else_is_written_anew() -> None:
    wanted = tomllib.loads(NOTED)
    wanted["bind"]["id"] = "header/number"
    wanted["bind"]["signers"] = {"footer/lead": ["supervisor"]}
    wanted["folder"] = "certificates"
    del wanted["bind"]["date"]
    told = changed_toml(NOTED, wanted)
    assert tomllib.loads(told) == wanted
    lines = told.splitlines()
    assert [line for line in NOTED.splitlines() if line not in lines] == [
        'id = "header/id" # ours',
        'date = "header/day"',
    ]
    assert 'id = "header/number" # ours' in lines


def test_a_table_that_holds_nothing_any_more_goes() -> None:
    wanted = {name: value for name, value in tomllib.loads(NOTED).items() if name != "rule"}
    assert tomllib.loads(changed_toml(NOTED, wanted)) == wanted


@pytest.mark.parametrize("key", ['a"b', "ü/…", "a.b", "", "a\\b", "a\nb"])
def test_any_path_is_a_key(key: str) -> None:
    wanted = {"due": {key: {"part": "plan", "from": 'H"igh'}}, "choices": {key: ["⚠️ A", "B\\"]}}
    assert tomllib.loads(changed_toml("", wanted)) == wanted
    assert tomllib.loads(changed_toml(NOTED, tomllib.loads(NOTED) | wanted))["due"] == wanted["due"]

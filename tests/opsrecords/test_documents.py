"""What is written for people says what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse

from opsrecords.help import guide_html
from records.document.template_settings import FACTS, KINDS, OPTIONAL, PROPOSED, parse_settings
from records.library.templates_in import SHIPPED
from records.models import OperationTemplate, Person, Role, outline_of

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs/template-settings.md").read_text()


def example() -> str:
    [toml] = re.findall(r"```toml\n(.*?)```", SETTINGS, re.DOTALL)
    return str(toml)


def test_the_example_of_template_settings_is_understood_and_shows_every_key() -> None:
    told = tomllib.loads(example())
    words, tables = {"name", "version", "folder", "id_pattern", "unasked"}, {"bind", "propose", "rule", "due", "kind"}
    assert set(told) == words | tables | {"choices", "commands", "outcomes"}
    assert set(told["bind"]) == {*FACTS, *OPTIONAL, "signers"}
    settings = parse_settings(example())
    assert settings.name == "Infrastructure Operations Template"
    for word in (*KINDS, *PROPOSED, *Role.values):
        assert word in SETTINGS


def test_the_example_fits_the_shipped_template() -> None:
    text = (SHIPPED / "infrastructure-operation.md").read_text()
    outline = outline_of(text, example())
    lines = {
        *outline.settings.bind.values(),
        *outline.settings.signers,
        *outline.settings.propose,
        *outline.settings.choices,
    }
    assert lines <= set(outline.answers)
    assert set(tomllib.loads(example())["kind"]) <= set(outline.groups)
    assert OperationTemplate(name="x", text=text, toml=example()).outline is outline


def test_commands_that_are_promised_are_there() -> None:
    readme = (ROOT / "README.md").read_text()
    promised = set(re.findall(r"manage\.py (\w+)", readme))
    assert {"import_template", "export_template", "import_record", "export_record", "verify_audit", "demo"} <= promised
    assert promised <= {*get_commands()}


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/template-settings.md", "docs/guide.md", "docs/operating.md"]
)
def test_files_that_are_named_are_there(name: str) -> None:
    text = (ROOT / name).read_text()
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|yml|py|lock))`", text)
    rooms = [path for path in named if path.endswith("/")]
    below = [ROOT, *(ROOT / room for room in ("records", "approvals", "opsrecords", "templates", *rooms))]
    missing = [path for path in named if not any((folder / path).exists() for folder in below)]
    assert missing == []


def test_every_variable_that_is_read_is_told_and_every_command() -> None:
    operating = (ROOT / "docs/operating.md").read_text()
    code = "".join((ROOT / "opsrecords" / name).read_text() for name in ("settings.py", "database_settings.py"))
    read = set(re.findall(r"""\b[a-z_.]+\(\s*"([A-Z][A-Z_]{3,})\"""", code))
    assert len(read) > 12
    read -= {"OPTIONS", "ENGINE"}  # keys of Django's own
    rows = "\n".join(re.findall(r"^\|((?: *`[A-Z_]+`,?)+) *\|", operating, re.MULTILINE))
    themselves = {"FORWARDED_ALLOW_IPS", "SSL_CERT_FILE"}  # gunicorn and Python read them
    assert set(re.findall(r"`([A-Z_]+)`", rows)) == read | themselves
    assert set(re.findall(r"manage\.py (\w+)", operating)) <= {*get_commands()}


def test_the_changes_are_told_once() -> None:
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("#")]
    assert len(headings) == len(set(headings)), "a rebase brought back what had been told anew"


def test_help_is_one_page_with_contents_for_whoever_signed_in(client: Client, db: None) -> None:
    assert client.get(reverse("help")).status_code == 302
    client.force_login(Person.objects.create_user("mara", name="Mara Lindqvist"))
    page = client.get(reverse("help")).content.decode()
    title, contents, guide = guide_html()
    assert page.count("<h1>") == 1 and f"<h1>{title}</h1>" in page
    assert contents in page and guide in page
    for anchor in re.findall(r'href="#([\w-]+)"', contents):
        assert f'id="{anchor}"' in guide
    assert "<table>" in guide and "[TOC]" not in page
    assert reverse("help") in client.get(reverse("record_list")).content.decode()

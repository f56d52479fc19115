"""Scripts leave as one file; what a page doesn't name doesn't run there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from opsrecords.joined_scripts import joined_scripts
from opsrecords.static_files import LinkedStaticFiles

SCRIPTS = settings.BASE_DIR / "static" / "js"
NAMED = re.compile(r"\{% block scripts %\}(.*)\{% endblock %\}|data-run=\"(.*?)\{% block")
LINKED = re.compile(r"\{% static ['\"](.*?)['\"] %\}")
TAG = re.compile(r"\{%.*?%\}")


def test_pages_name_scripts_that_are_there_and_link_none_of_their_own() -> None:
    known = {file.stem for file in SCRIPTS.glob("*.js")}
    linked = 0
    for page in settings.BASE_DIR.glob("templates/**/*.html"):
        text = page.read_text()
        named = " ".join(part for found in NAMED.findall(text) for part in found)
        assert set(TAG.sub(" ", named).split()) <= known, page
        linked += text.count("<script")
    assert linked == 1


def test_each_import_and_export_is_taken_over() -> None:
    text = joined_scripts(SCRIPTS)
    assert re.findall(r"^(?:import|export) .*", text, re.M) == []
    for file in SCRIPTS.glob("*.js"):
        assert f"\n{file.stem}: (need) => {{\n" in text
        for name in re.findall(r'from "\./(\w+)\.js"', file.read_text()):
            assert f'need("{name}")' in text


@pytest.mark.parametrize("line", ['import "./other.js";', "export default 1;", "export { one };", "export let one;"])
def test_a_form_that_is_not_understood_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "one.js").write_text(f"{line}\n")
    with pytest.raises(ValueError, match=re.escape(f"one.js: can't be joined: {line}")):
        joined_scripts(tmp_path)


def test_what_pages_link_is_collected() -> None:
    """Where a site runs for real, a link to a file that is not collected is a page that fails; here it would not."""
    collected = {path for finder in get_finders() for path, _storage in finder.list(LinkedStaticFiles.ignore_patterns)}
    for page in settings.BASE_DIR.glob("templates/**/*.html"):
        assert set(LINKED.findall(page.read_text())) <= collected, page

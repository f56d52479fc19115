"""What the house keeps of itself for whoever carries it on: short modules, and tests that stand alone."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE_LINES, TEST_LINES = 300, 450


def long_ones(paths: list[Path], most: int) -> list[str]:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in paths}
    return [f"{path.relative_to(ROOT)}: {count}" for path, count in lines.items() if count > most]


def test_every_module_can_be_read_in_one_go() -> None:
    own = [path for room in ("records", "approvals", "opsrecords") for path in (ROOT / room).rglob("*.py")]
    modules = [path for path in own if path.parent.name != "migrations"]
    assert len(modules) > 300
    assert long_ones(modules, MODULE_LINES) == []
    assert long_ones(list((ROOT / "tests").rglob("test_*.py")), TEST_LINES) == []


def test_no_test_module_needs_another_one() -> None:
    """What several need has a module of its own, or is a fixture."""
    naming = re.compile(r"^from tests\S*(?:\.test_\w+ import| import test_)", re.MULTILINE)
    modules = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    assert [str(path.relative_to(ROOT)) for path, text in modules.items() if naming.search(text)] == []


def test_a_number_that_came_with_a_request_is_read_in_one_way() -> None:
    """Each place of its own forgot one thing: other digits, or how many a database takes."""
    own = [path for room in ("records", "approvals", "opsrecords") for path in (ROOT / room).rglob("*.py")]
    reading = [str(path.relative_to(ROOT)) for path in own if ".isdigit() and len(" in path.read_text(encoding="utf-8")]
    assert reading == ["records/numbers.py"]

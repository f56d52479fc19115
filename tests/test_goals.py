"""Every goal has its tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.goals import GOALS

ROOT = Path(__file__).parent.parent


def test_there_are_fifteen() -> None:
    assert list(GOALS) == [f"U{number}" for number in range(1, 16)]


@pytest.mark.parametrize("name", GOALS)
def test_the_tests_of_a_goal_are_there(name: str) -> None:
    assert GOALS[name].tests
    for test in GOALS[name].tests:
        file, _, function = test.partition("::")
        assert re.search(rf"^def {function}\(", (ROOT / file).read_text(), re.M), test

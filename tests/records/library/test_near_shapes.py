"""What a template's page says of a line that isn't what it looks like is true of what records are asked for."""

from __future__ import annotations

import pytest

from records.document.template_settings import FACTS
from records.library.template_problems import problems_of

SMALL = """# Change: [What]

**Day**: YYYY-MM-DD
%s

## Work

- **Why**: [Reason]
%s

---

**Result**: [Open/Done/Failed/Undone]
"""
NOBODY = "name = 'Change'\n[bind]\n" + "".join(f'{fact} = ""\n' for fact in FACTS if fact != "status")


def told(line: str = "", point: str = "") -> list[tuple[str, int]]:
    return [(one.words, one.line) for one in problems_of(SMALL % (line, point), NOBODY)]


@pytest.mark.parametrize(
    "asked",
    ["DD/MM/YYYY HH:MM", "DD.MM.YYYY", "dd.mm.yyyy hh:mm", "yyyy/mm/dd", "HHMM UTC", "[who] by <when>", "[a]/B/C"],
)
def test_nothing_is_called_fixed_text_that_is_asked_for(asked: str) -> None:
    """To put it in brackets, as the words said, is to write what is there already."""
    assert told(line=f"**Start**: {asked}") == told(point=f"- **Start**: {asked}") == []

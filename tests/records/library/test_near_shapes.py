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


@pytest.mark.parametrize("heading", ["#### H", "##### H", "###### H ######"])
@pytest.mark.parametrize("above", ["", "### G\n\n", "### Phase 1: P (HH:MM-HH:MM)\n\n1. **Do**\n\n"])
def test_a_heading_that_divides_nothing_is_not_called_a_second_title(above: str, heading: str) -> None:
    """As a section of its own, "## H", it would take the rest of its group along."""
    [(words, line)] = told(point=f"\n{above}{heading}\n\n- **Who**: [Name]\n")
    assert words == (
        "Only ## and ### divide a template. “H” is kept and shown, and what stands below it belongs to the part above "
        "it."
    )
    assert line == 10 + len(above.splitlines())


def test_a_heading_above_every_section_is_not_called_a_second_title() -> None:
    assert [words for words, _line in told(line="\n### H\n") if "“H” is kept" in words]
    assert [words for words, _line in told(line="\n# H\n") if "write “## H”" in words]


@pytest.mark.parametrize(
    ("line", "point", "at"),
    [
        ("**CR**: [nr] **Owner**: [owner]", "", 4),
        ("**CR**: [nr], **Owner:** [owner] ", "", 4),
        ("", "- **CR**: [nr] **Owner**: HH:MM", 9),
        ("", "- **CR**: nr | **Owner** : [owner]\n- **Else**: [x]", 9),
        ("", "\n### Phase 1: P (HH:MM-HH:MM)\n\n1. **CR**: [nr] **Owner**: [owner]", 12),
        ("", "\n### Phase 1: P (HH:MM-HH:MM)\n\n1. **Do**\n   - **CR**: [nr] **Owner**: [owner]", 13),
    ],
)
def test_a_second_question_on_the_line_of_another_is_told(line: str, point: str, at: int) -> None:
    """Nobody is asked it: it is part of the hint, which the answer to the first one replaces."""
    assert told(line, point) == [
        ("“Owner” is no field: it stands in the hint of “CR”. On a line of its own, as that one, it would be one.", at)
    ]


@pytest.mark.parametrize("text", ["[nr], **never** by hand", "nr **Owner**: Ops", "[nr] a**b**: c"])
def test_bold_words_in_a_hint_are_no_second_question(text: str) -> None:
    assert [words for words, _line in told(line=f"**CR**: {text}") if "stands in the hint" in words] == []

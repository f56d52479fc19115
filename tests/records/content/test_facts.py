"""The facts of a record, read off its header however its lines end."""

from __future__ import annotations

import datetime as dt

import pytest

from records.content.facts import facts_of
from records.document.read import read_record
from records.document.write import write
from records.models import outline_of
from records.time_words import unread

TEMPLATE = "# Op: [x]\n\n**Date**: YYYY-MM-DD\n**Time**: HH:MM TZ\n**Risk Level**: [Low/Medium/High]\n\n## S\n\n[x]\n"
RISKS = "\n### Low Risks\n\n1. **[Risk]**\n\n### Medium Risks\n\n1. **[Risk]**\n\n### High Risks\n\n1. **[Risk]**\n"
SETTINGS = '[kind]\n"s/low-risks" = "risks"\n"s/medium-risks" = "risks"\n"s/high-risks" = "risks"\n'


def broken(text: str, end: str) -> str:
    """``text`` with its header's lines broken by ``end``."""
    return "".join(f"{line}{end}\n" if line.startswith("**") else f"{line}\n" for line in text.splitlines())


@pytest.mark.parametrize("of_template", ["", "\\", "<br>"])
@pytest.mark.parametrize("end", ["", "  ", "\\", "<br>", " <br/>", "<BR />  "])
def test_what_breaks_a_line_of_the_header_is_no_part_of_its_value(of_template: str, end: str) -> None:
    """As two blanks aren't, and it stays where it stands."""
    outline = outline_of(broken(TEMPLATE, of_template) + RISKS, SETTINGS)
    text = broken("# Op: Move\n\n**Date**: 2026-11-30\n**Time**: 22:00 UTC\n**Risk Level**: High\n\n## S\n\nx\n", end)
    record = read_record(text, outline.document)
    facts = facts_of(record, outline)
    assert (facts.risk_level, facts.risk_rank) == ("High", 3)
    assert facts.window_start == dt.datetime(2026, 11, 30, 22, tzinfo=dt.UTC)
    assert write(record) == text
    assert unread("date", f"2026-11-30{end}") == ""
    untouched = read_record(broken(TEMPLATE, end), outline.document)
    assert facts_of(untouched, outline).risk_level == ""

"""What a plan says beside its text, as readers see it."""

from __future__ import annotations

from records.document.outline import Metric
from records.document.read import read_template
from records.reading.row_facts import RowFacts, row_facts


def test_which_way_is_better_is_said_in_the_words_of_the_form(infrastructure_template: str) -> None:
    sections = read_template(infrastructure_template).sections
    rows = [row for one in sections for block in one.blocks() for row in getattr(block, "rows", ())]
    (metric,) = [row for row in rows if isinstance(row, Metric) and row.name == "Throughput"]
    told = row_facts(sections, {f"{metric.key}.lower_is_better": "no", f"{metric.key}.limit": "120"})
    assert told == [RowFacts("Throughput", [("Limit", "120"), ("Better", "higher")])]

"""The Markdown of a record's log: what it says is what was written."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from records.transfer.companion_lines import bullet


@pytest.mark.parametrize("label", ["`ls * and _", "* * *", "a \\ b", "**bold**", "[x <b"])
def test_a_label_is_read_as_it_was_written(label: str) -> None:
    inline = next(token for token in MarkdownIt("commonmark").parse(bullet(label, "ticked")) if token.type == "inline")
    assert inline.children is not None
    assert "".join(child.content for child in inline.children) == f"{label}: ticked"

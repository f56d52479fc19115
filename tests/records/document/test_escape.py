"""An embedded answer comes back whole, and independent parsers see exactly the structure that was meant."""

import html

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st

from records.document.escape import fenced, from_bullet, in_bullet, unfenced

LINES = [
    "```",
    "~~~~",
    "`````` x",
    "# Heading",
    "---",
    "- item",
    "1. step",
    "    code",
    "\ttab",
    " \t",
    "",
    "<!--",
]
# What never reaches a writer is left out: NUL and surrogates are refused, new text has LF (laws 5, 8).
inert = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=12)
texts = st.lists(st.sampled_from(LINES) | inert, max_size=8).map("\n".join)


@pytest.mark.parametrize("indent", ["", "   "])
@given(text=texts)
@example(text="")
@example(text="\n")
@example(text="\nleading and trailing\n")
def test_a_fence_holds_any_text(indent: str, text: str) -> None:
    assert unfenced(fenced(text, "bash", indent), indent) == text


@given(texts)
def test_cmark_sees_one_fence_that_holds_the_text_and_nothing_else(text: str) -> None:
    seen = cmarkgfm.cmark.markdown_to_html(fenced(text), options=Options.CMARK_OPT_UNSAFE)
    body = html.escape(f"{text}\n" if text else "").replace("&#x27;", "'")
    assert seen == f"<pre><code>{body}</code></pre>\n"


@given(texts)
def test_cmark_sees_an_indented_fence_inside_its_step(text: str) -> None:
    record = f"1. **Step**\n\n{fenced(text, indent='   ')}\n2. **Next**\n"
    seen = cmarkgfm.cmark.markdown_to_html(record, options=Options.CMARK_OPT_UNSAFE)
    body = html.escape(f"{text}\n" if text else "").replace("&#x27;", "'")
    assert f"<pre><code>{body}</code></pre>\n</li>\n<li>\n<p><strong>Next</strong></p>" in seen


VALUE_LINES = [*LINES, "[a]: /b", "\\[a]: /b", "\\# x", "===", "> q", "> ```", "- ```", "  ```", "2. ```", "<div>",
    "-->", "  ---", "      - x", "\\\\---", "plain", "[a][a]", "`", "**", "[b]:", "/url"]  # fmt: skip
values = (
    st.lists(st.sampled_from(VALUE_LINES) | inert, min_size=1, max_size=8)
    .map("\n".join)
    .filter(lambda v: bool(v.split("\n")[0].strip()) and bool(v.split("\n")[-1].strip()))
)


@given(values)
def test_a_bullet_gives_its_value_back(value: str) -> None:
    assert from_bullet(in_bullet(value)) == value


@given(values)
def test_no_value_reaches_beyond_its_bullet(value: str) -> None:
    record = f"## S\n\n{in_bullet(value)}- **Next**: [a]\n\n## T\n"
    seen = cmarkgfm.cmark.markdown_to_html(record, options=Options.CMARK_OPT_UNSAFE)
    assert "<h2>S</h2>" in seen
    assert "<h2>T</h2>" in seen
    assert "<strong>Next</strong>: [a]" in seen
    assert "<h2><strong>Label" not in seen
    assert "<h1><strong>Label" not in seen

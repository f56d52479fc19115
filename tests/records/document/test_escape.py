"""An embedded answer comes back whole, and independent parsers see exactly the structure that was meant."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from records.document.escape import (
    fenced,
    from_bullet,
    from_free,
    from_heading,
    from_line,
    in_bold,
    in_bullet,
    in_free,
    in_heading,
    in_line,
    normal,
    refuse_unstorable,
)
from records.document.outline import FREE
from records.document.tree import read_tree
from records.document.unusable import Unusable
from tests.records.document.judges import JUDGES, seen
from tests.records.document.strategies import NASTY, nasty_in, normal_texts, texts

judges = pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
fences, values, frees = normal_texts("fence"), normal_texts("bullet"), normal_texts("text").filter(bool)
lines, bolds = normal_texts("line"), normal_texts("name")
LEADS = ["- ", "   - ", "    - ", "1. ", "10. "]


@pytest.mark.parametrize("indent", ["", "   "])
@given(text=fences)
@example(text="")
@example(text="\n")
@example(text="\nleading and trailing\n")
def test_a_fence_holds_any_text(indent: str, text: str) -> None:
    outer = "1. step\n\n" if indent else ""
    tree = read_tree(outer + fenced(text, "bash", indent))
    (fence,) = (block for block in tree.walk() if block.kind == "fence")
    assert (fence.info, fence.content.removesuffix("\n")) == ("bash", text)


@judges
@given(text=fences)
def test_judges_see_one_fence_that_holds_the_text_and_nothing_else(judge: object, text: str) -> None:
    body = html.escape(f"{text}\n" if text else "").replace("&#x27;", "'")
    assert judge(fenced(text)) == f"<pre><code>{body}</code></pre>\n"  # type: ignore[operator]


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("strict", [False, True])
@given(value=values)
def test_a_bullet_gives_its_value_back(lead: str, strict: bool, value: str) -> None:
    written = in_bullet(value, lead, "**L**: ", strict=strict)
    first, *rest = written.removesuffix("\n").split("\n")
    content = [first.removeprefix(f"{lead}**L**: "), *(line[len(lead) :] for line in rest)]
    assert from_bullet(content, lead, "**L**: ") == value


@judges
@given(value=values)
@example(value="x\n> [a]: /b")
@example(value="x\n- [a]: /b")
@example(value="x\n" + "> " * 40 + "# y")
@example(value="x\n" + "- " * 40 + "# y")
def test_no_value_reaches_beyond_its_bullet(judge: object, value: str) -> None:
    page = judge(f"## S\n\n{in_bullet(value, '- ', '**L**: ')}- **Next**: [a]\n\n## T\n")  # type: ignore[operator]
    tree = seen(page)
    assert [node.tag for node in tree.children] == ["h2", "ul", "h2"]
    assert [item.all()[0].tag for item in tree.children[1].children] == ["li", "li"]
    assert "<strong>Next</strong>: [a]" in page
    assert not re.search(r"<h[13-6]>", page)


@judges
@given(value=values)
def test_a_strict_bullet_is_paragraphs_and_code(judge: object, value: str) -> None:
    page = judge(f"- x\n\n{in_bullet(value, '- ', '**L**: ', strict=True)}")  # type: ignore[operator]
    last = seen(page).children[0].children[-1]
    assert {node.tag for node in last.children} <= {"p", "pre", "strong", "em", "code", "a", "img", "br"}


@pytest.mark.parametrize("shape", sorted(FREE))
@given(text=frees)
@example("a\n\n    b\n\n\\\n \n\\\\\t\n===")
def test_free_text_comes_back(shape: str, text: str) -> None:
    assert from_free(in_free(text, shape), shape) == text


@judges
@pytest.mark.parametrize("text", ["  two", "\tcode", " &#32;", "&#32;told", "\\&#9;", "    code\n\n  x"])
def test_free_text_after_a_list_is_not_taken_along_by_it(judge: object, text: str) -> None:
    for shape in ("paragraph", "stanza"):
        written = in_free(text, shape, after_list=True)
        assert from_free(written, shape) == text
        assert [one.tag for one in seen(judge(f"- a\n\n{written}\n")).children][0:2] == ["ul", "p"]  # type: ignore[operator]


def test_a_fence_stays_of_the_kind_it_was() -> None:
    assert fenced("a\n~~~\n```", "sh", like="~~~") == "~~~~sh\na\n~~~\n```\n~~~~\n"
    assert fenced("a", like="~~~~~") == "~~~~~\na\n~~~~~\n"


@judges
@given(text=frees)
def test_free_text_opens_nothing_that_stays_open(judge: object, text: str) -> None:
    tree = seen(judge(f"## S\n\n{in_free(text, 'text')}\n\n## T\n"))  # type: ignore[operator]
    assert tree.children[0].tag == tree.children[-1].tag == "h2"
    inside = tree.children[1:-1]
    assert {node.tag for node in inside} <= {"p", "pre", "blockquote"}
    assert not any(re.fullmatch("h[1-6]", node.tag) for top in inside for node in top.all())


@judges
@pytest.mark.parametrize("shape", ["paragraph", "stanza"])
@given(text=frees)
def test_a_paragraph_beside_other_blocks_is_paragraphs_and_code(judge: object, shape: str, text: str) -> None:
    tree = seen(judge(f"## S\n\n{in_free(text, shape)}\n\n- **L**: x\n"))  # type: ignore[operator]
    assert {node.tag for node in tree.children[1:-1]} <= {"p", "pre"}
    assert tree.children[-1].tag == "ul"


@given(lines)
def test_a_line_comes_back(text: str) -> None:
    assert from_line(in_line(text)) == text


# What opens and closes emphasis, beside what readers take for punctuation or don't, and what takes its partner away.
PIECES = [*"*_~:a→ (“✅", "→*a*→", "**", "*:", ":_:", "[*a](b)", "`c`", "<i>", "*_a*_:"]
beside = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join).map(str.strip)


@pytest.mark.parametrize("text", ["✅**done**", "→*x*→", "(*.log*)", "“*x*”", "_a_: *b*", "**a** [b](c)"])
def test_emphasis_that_every_reader_closes_is_written_as_it_is(text: str) -> None:
    assert in_line(text) == text


@judges
@given(lines | beside, lines | beside)
@example("*:*→", ":*:*")
@example("[*a](b)*:", ":*:*")
@example("[a](", "'x')")
@example("<?>", "?>")
@example("<http://`>`", "`")
@example("a\\", "b")
def test_no_line_reaches_into_the_next(judge: object, one: str, other: str) -> None:
    first, second = f"**A**: {in_line(one)}", f"**B**: {in_line(other)}"
    together = judge(f"{first}\n{second}\n")  # type: ignore[operator]
    apart = [judge(f"{line}\n")[len("<p>") : -len("</p>\n")] for line in (first, second)]  # type: ignore[operator]
    assert together == f"<p>{apart[0]}\n{apart[1]}</p>\n"


@judges
@given(bolds, lines)
@example("a:", "x")
@example("a\\:", "x")
def test_a_name_is_bold_whatever_it_is(judge: object, name: str, text: str) -> None:
    assert from_line(in_bold(name)) == name
    page = judge(f"**{in_bold(name)}**: {in_line(text)}\n")  # type: ignore[operator]
    assert page.startswith("<p><strong>")
    assert "</strong>:" in page


@judges
@given(lines)
def test_a_title_comes_back(judge: object, text: str) -> None:
    assert from_heading(in_heading(text)) == text
    assert judge(f"# T: {in_heading(text)}\n\nx\n").startswith("<h1>T:")  # type: ignore[operator]


@pytest.mark.parametrize("text", ["two\nlines", "two\rlines"])
@pytest.mark.parametrize("embed", [in_line, in_bold, in_heading])
def test_one_line_stays_one(embed: object, text: str) -> None:
    with pytest.raises(Unusable, match="one line"):
        embed(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    ["plain words\nand more", "`code` starts\n**bold** starts\n_so_ it goes", "a\n-5 °C\n2.5 GB\n<5 ms\n[a](b) c"],
)
def test_what_opens_no_block_is_written_as_it_is(text: str) -> None:
    indented = text.replace("\n", "\n  ")
    assert in_bullet(text, "- ", "**L**: ", strict=True) == f"- **L**: {indented}\n"
    assert in_free(text, "paragraph") == text


def test_what_stays_inside_a_bullet_is_written_as_it_is() -> None:
    text = "x\n\n> a\n>\n> b\n\n- c\n  - d\n\n1. e\n\n```\n# f\n```\n\n---"
    assert in_bullet(text, "- ", "**L**: ") == "- **L**: " + re.sub(r"\n(?=.)", "\n  ", text) + "\n"


SHAPES = ["title", "line", "name", "value", "window", "language", "bullet", *sorted(FREE), "fence"]


@pytest.mark.parametrize("shape", SHAPES)
@given(text=texts)
def test_a_normal_text_is_normal(shape: str, text: str) -> None:
    assert normal(normal(text, shape), shape) == normal(text, shape)


@given(texts)
def test_commands_keep_every_character(text: str) -> None:
    assert normal(text, "fence") == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(("text", "words"), [("a\0b", "NUL"), ("a\ud800b", "surrogate")])
def test_law_8_what_no_database_keeps_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        refuse_unstorable(text)


@given(texts)
def test_law_8_anything_else_is_not_refused(text: str) -> None:
    refuse_unstorable(text)


def test_each_nasty_class_occurs_in_one_of_a_hundred_texts() -> None:
    """The proof that the laws are put to what they are about."""
    counted = dict.fromkeys(NASTY, 0)

    @settings(max_examples=1000, database=None, derandomize=True, phases=[Phase.generate])
    @given(texts)
    def count(text: str) -> None:
        for name in nasty_in(text):
            counted[name] += 1

    count()
    assert {name: n for name, n in counted.items() if n < 10} == {}

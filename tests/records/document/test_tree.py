"""The tree of blocks: nothing is lost when a text is cut, and fences are not taken for headings."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.lines import split_lines
from records.document.tree import Block, read_tree

# What starts a block or an inline construct in Markdown, and what ends a line somewhere but not here.
FRAGMENTS = [
    "\n[a]: /b\n[c]: /d\n", "[a]: /b\n  'title'",
    "# Heading", "## ", "Setext", "===", "---", "***", "- ", "* ", "+ item", "1. ", "10) ", "> ", "    ",
    "\t", "```", "````sh", "~~~", "<!--", "-->", "<div>", "[a]: /b 'c'", "[a]:", "**L**: v", "- **L**: [v]",
    "`", "\\", "- [ ] x", "|a|b|", "é→✅", "\u2028", "\x0c", "\x85", "\x1c", "text", " ", "", "&amp;", "](",
]  # fmt: skip
texts = st.lists(
    st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["", " ", "\n", "\n\n", "\r\n", "\r"])), max_size=30
).map(lambda pieces: "".join(fragment + end for fragment, end in pieces))


def assert_partition(block: Block) -> None:
    if block.children:
        assert "".join(child.source for child in block.children) == block.source
        assert [child.first for child in block.children[1:]] == [child.end for child in block.children[:-1]]
        for child in block.children:
            assert_partition(child)


@given(texts)
def test_lines_joined_are_the_text(text: str) -> None:
    assert "".join(split_lines(text)) == text


@given(texts)
def test_leaves_joined_are_the_text_and_children_partition_their_parent(text: str) -> None:
    tree = read_tree(text)
    assert "".join(leaf.source for leaf in tree.leaves()) == text
    assert_partition(tree)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_are_those_of_commonmark_only(end: str) -> None:
    assert split_lines(f"a\u2028b\x0cc{end}d") == (f"a\u2028b\x0cc{end}", "d")


def test_link_definitions_are_kept_although_the_parser_gives_no_token_for_them() -> None:
    kinds = [(leaf.kind, leaf.source) for leaf in read_tree("a\n\n[x]: /y\n\nb\n").leaves()]
    assert ("definition", "[x]: /y\n") in kinds


def test_the_given_template_has_the_inventory_of_its_design(infrastructure_template: str) -> None:
    tree = read_tree(infrastructure_template)
    found = Counter((b.kind, b.level) if b.kind == "heading" else (b.kind, 0) for b in tree.walk())
    assert found["heading", 1] == 1
    assert found["heading", 2] == 9
    assert found["heading", 3] == 27
    assert found["fence", 0] == 8
    assert found["rule", 0] == 1
    # 89 labelled bullets (64 at the top, 25 nested) and 5 check boxes; 12 numbered items
    bullets = [i for list_ in tree.walk() if list_.kind == "bullets" for i in list_.children if i.kind == "item"]
    numbered = [i for list_ in tree.walk() if list_.kind == "numbered" for i in list_.children if i.kind == "item"]
    assert (len(bullets), len(numbered)) == (94, 12)


def test_shell_comments_in_fences_are_not_headings(infrastructure_template: str) -> None:
    fences = [b for b in read_tree(infrastructure_template).walk() if b.kind == "fence"]
    assert sum(line.startswith("#") for fence in fences for line in fence.content.split("\n")) == 5
    assert [fence.info for fence in fences].count("bash") == 5


@pytest.mark.parametrize("target", ["javascript:x", "data:text/html,x", "<a b>", "\\ x", "%zz"])
def test_a_definition_is_one_whatever_it_points_to(target: str) -> None:
    assert [leaf.kind for leaf in read_tree(f"[x]: {target.replace(' x', '')}\n").leaves()] == ["definition"]


@pytest.mark.parametrize("lead", ["> ", "- ", "1. ", "> - "])
def test_definitions_alone_in_a_container_are_seen(lead: str) -> None:
    assert "definition" in [leaf.kind for leaf in read_tree(f"{lead}[x]: /y\n").leaves()]


@pytest.mark.parametrize("text", ["> a\n>\n> b\n", "-\n", ">\n", "1.\n", "> - a\n>\n>   b\n"])
def test_nothing_inside_a_container_is_no_definition(text: str) -> None:
    assert "definition" not in [leaf.kind for leaf in read_tree(text).leaves()]


def test_what_is_nested_deeper_than_the_parser_follows_counts_as_one() -> None:
    assert "definition" in [leaf.kind for leaf in read_tree("> " * 40 + "# x\n").leaves()]

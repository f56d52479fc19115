"""What independent CommonMark parsers see in a text: cmark and comrak, asked for its headings, labels and lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import cmarkgfm
import comrak

from records.document.outline import Answer, Check, Commands, Document, Item, Metric, Phase
from tests.records.document.strategies import LEAVES, places, put

# Raw HTML is left out by both, so that a tag in the page was made by Markdown.
JUDGES: dict[str, Callable[[str], str]] = {
    "cmark": lambda text: str(cmarkgfm.cmark.markdown_to_html(text)),
    "comrak": lambda text: str(comrak.render_markdown(text)),
}

_VOID = ("hr", "br", "img")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Node:
    """An element: its tag, the text before it in its parent, what it holds, the text inside."""

    tag: str
    before: str = ""
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def all(self) -> list[Node]:
        return [self, *(below for child in self.children for below in child.all())]

    def find(self, *tags: str) -> list[Node]:
        return [child for child in self.children if child.tag in tags]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        node = Node(tag, self.open[-1].text)
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.open[-1].children.append(Node(tag))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for node in self.open:
            node.text += data


def seen(html: str) -> Node:
    """The elements of a judge's page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


HARMLESS = "words"
TITLE, DETAIL = "title of a row", "label of a detail"


def harmless(document: Document) -> Document:
    """``document`` with every answer a word: what its structure is without the answers."""
    for path, leaf in places(document, *LEAVES):
        match leaf:
            case Answer(shape="bullet") if not leaf.source:
                leaf = replace(leaf, text=HARMLESS, label=DETAIL)
            case Answer():
                leaf = replace(leaf, text=HARMLESS)
            case Item():
                leaf = replace(leaf, title=TITLE, text=HARMLESS if leaf.text else "")
            case Check() | Commands():
                leaf = replace(leaf, text=HARMLESS)
            case Metric():
                leaf = replace(leaf, name=HARMLESS, before="1", after=leaf.after and "2")
            case Phase():
                leaf = replace(leaf, title=HARMLESS, window="22:00-23:00")
        document = put(document, path, leaf)
    return document


def _label(node: Node) -> str | None:
    holder = next(iter(node.find("p")), node) if node.tag == "li" else node
    first = holder.children[0] if holder.children else None
    bold = first is not None and first.tag == "strong" and not first.before.strip()
    return first.text.removesuffix(":") if first is not None and bold else None


def assert_same_structure(nasty: str, plain: str) -> None:
    """The headings, rules, labelled lines and lists on ``nasty``'s page are those on ``plain``'s."""
    page, expected = seen(nasty), seen(plain)
    counts = [[sum(node.tag == tag for node in tree.all()) for tag in _HEADINGS] for tree in (page, expected)]
    assert counts[0] == counts[1]
    frame = [
        [node for node in tree.children if node.tag in (*_HEADINGS, "ul", "ol", "hr")] for tree in (page, expected)
    ]
    assert [node.tag for node in frame[0]] == [node.tag for node in frame[1]]
    for own, other in zip(*frame, strict=True):
        if own.tag in ("ul", "ol"):
            _assert_same_list(own, other)
        elif HARMLESS not in other.text:
            assert own.text == other.text
    assert labelled_lines(nasty) == labelled_lines(plain)


def _assert_same_list(own: Node, other: Node) -> None:
    assert len(own.find("li")) == len(other.find("li"))
    for item, plain in zip(own.find("li"), other.find("li"), strict=True):
        label, expected = _label(item), _label(plain)
        assert (label is None) == (expected is None)
        nested, wanted = item.find("ul", "ol"), plain.find("ul", "ol")
        if expected not in (TITLE, DETAIL):
            assert label == expected
        # Inside a bullet that has no parts of its own an answer may hold lists: they are the answer's.
        if wanted or expected == TITLE:
            assert [node.tag for node in nested] == [node.tag for node in wanted]
            for inner, harmless_inner in zip(nested, wanted, strict=True):
                _assert_same_list(inner, harmless_inner)


def labelled_lines(html: str) -> list[str]:
    """The labels that begin the lines of the paragraphs before the first section and after the last rule."""
    head = html.split("<h2>")[0]
    foot = html.rpartition("<hr />")[2] if "<hr />" in html else ""
    if "<h2>" in foot:
        foot = ""  # a rule in the text
    return re.findall(r"^(?:<p>)?<strong>([^<]*)</strong>:", f"{head}\n{foot}", re.MULTILINE)


def assert_only_slice_changed(old: str, new: str, slice_: str) -> None:
    """``new`` is ``old`` with one occurrence of ``slice_`` written otherwise."""
    at = -1
    while (at := old.find(slice_, at + 1)) >= 0:
        rest = old[at + len(slice_) :]
        if new.startswith(old[:at]) and new.endswith(rest) and len(new) >= at + len(rest):
            return
    raise AssertionError("more than one field changed")

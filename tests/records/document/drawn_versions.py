"""New versions of templates as their editors make them: parts renamed, put in, put in another order.

What became of each part is put down while the version is drawn, so that whoever aligns the two isn't asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from records.document.fingerprints import read_fingerprint
from records.document.outline import Answer, Document, Group, Heading, Item, Rows, Section
from records.document.read import read_record, read_template
from records.document.write import write
from tests.records.document.strategies import places, put

Draw = Callable[[st.SearchStrategy[Any]], Any]
LABELLED = ("bullet", "line")


@dataclass(frozen=True)
class Version:
    """A template, the ``new`` version of it, and what each key ``became``; ``edits`` are told where a law fails."""

    old: Document
    new: Document
    became: dict[str, str]
    edits: list[str]

    def __repr__(self) -> str:
        return "\n".join([repr(write(self.old)), "----", write(self.old), "----", *self.edits, "----", write(self.new)])


def versions(draw: Draw, old: Document, acts: list[str]) -> Version:
    """A version of ``old`` that one to four edits, of those named in ``acts``, make of it."""
    edited, told = old, list[str]()
    for number in range(draw(st.integers(1, 4))):
        act = draw(st.sampled_from(acts))
        edited = ACTS[act](draw, edited, f"Anew{number}")
        told.append(act)
    new = read_template(write(edited))
    before, after = list(_walk(edited)), list(_walk(new))
    assume([kind for kind, _key in before] == [kind for kind, _key in after])
    assume(read_record(write(new), new) == new)
    became = {key: other for (_, key), (_, other) in zip(before, after, strict=True) if not key.startswith("Anew")}
    return Version(old, new, became, told)


def _walk(document: Document) -> Iterator[tuple[str, str]]:
    """Every part of a document that has a key, in the order of the text, with its kind."""
    for section in document.sections:
        yield section.kind, section.key
        for group in section.groups:
            yield ("phase" if group.phase else "group" if group.heading else "intro"), group.key
            for block in group.blocks:
                yield (block.kind if isinstance(block, Rows) else type(block).__name__), block.key
                for row in block.rows if isinstance(block, Rows) else ():
                    yield type(row).__name__, row.key
                    for part in row.parts if isinstance(row, Item) else ():
                        yield type(part).__name__, part.key


# ---------------------------------------------------------------- edits


def _end(document: Document) -> str:
    text = write(document)
    return "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n"


def rename_section(draw: Draw, document: Document, word: str) -> Document:
    found = [(path, one) for path, one in places(document, Section) if one.kind == "section"]
    return _renamed(draw, document, found, "##", word)


def rename_group(draw: Draw, document: Document, word: str) -> Document:
    found = [(path, one) for path, one in places(document, Group) if one.heading and not one.phase]
    found = [(path, one) for path, one in found if not one.heading.source.startswith(("---", "***"))]
    return _renamed(draw, document, found, "###", word)


def _renamed(draw: Draw, document: Document, found: list[Any], mark: str, word: str) -> Document:
    if not found:
        return document
    path, one = draw(st.sampled_from(found))
    return put(document, path, replace(one, heading=Heading(f"{mark} {word}{_end(document)}", word, one.heading.gap)))


def rename_label(draw: Draw, document: Document, word: str) -> Document:
    found = [(path, one) for path, one in places(document, Answer) if one.shape in LABELLED]
    found = [(path, one) for path, one in found if f"**{one.label}" in one.source]
    if not found:
        return document
    path, one = draw(st.sampled_from(found))
    source = one.source.replace(f"**{one.label}", f"**{word}", 1)
    return put(document, path, replace(one, label=word, source=source))


def rename_row(draw: Draw, document: Document, word: str) -> Document:
    found = [(path, one) for path, one in places(document, Item) if f"**{one.title}" in one.source]
    if not found:
        return document
    path, one = draw(st.sampled_from(found))
    source = one.source.replace(f"**{one.title}", f"**{word}", 1)
    return put(document, path, read_fingerprint(replace(one, title=word, source=source)))


def insert_section(draw: Draw, document: Document, word: str) -> Document:
    at = [n for n, one in enumerate(document.sections) if one.kind == "section"]
    if not at:
        return document
    end, place = _end(document), draw(st.sampled_from(at))
    group = Group(f"{word}/intro", None, (_bullet(word, end),))
    new = Section(word, "section", Heading(f"## {word}{end}", word, end), (group,))
    return replace(document, sections=(*document.sections[:place], new, *document.sections[place:]))


def _bullet(word: str, end: str) -> Answer:
    source = f"- **{word} a**: [{word}]{end}"
    return read_fingerprint(Answer(f"{word}/a", f"{word} a", f"[{word}]", "bullet", source, end))


def insert_group(draw: Draw, document: Document, word: str) -> Document:
    found = [(path, one) for path, one in places(document, Section) if one.kind == "section" and one.groups]
    found = [(p, n) for p, one in found for n, group in enumerate(one.groups) if group.heading and not group.phase]
    if not found:
        return document
    path, place = draw(st.sampled_from(found))
    end = _end(document)
    section = next(one for at, one in places(document, Section) if at == path)
    group = Group(word, Heading(f"### {word}{end}", word, end), (_bullet(word, end),))
    return put(document, path, replace(section, groups=(*section.groups[:place], group, *section.groups[place:])))


def insert_label(draw: Draw, document: Document, word: str) -> Document:
    """A label before another one of its kind, with a hint of its own or the same."""
    found = [
        (path, group, at)
        for path, group in places(document, Group)
        for at, block in enumerate(group.blocks)
        if isinstance(block, Answer) and block.shape in LABELLED and f"**{block.label}" in block.source
    ]
    if not found:
        return document
    path, group, at = draw(st.sampled_from(found))
    one, hint = group.blocks[at], f"[{word}]"
    source = one.source.replace(f"**{one.label}", f"**{word}", 1)
    assume(source.count("\n") + source.count("\r") == 1)
    text = hint if draw(st.booleans()) and one.text and one.text in source else one.text
    source = source.replace(one.text, text, 1) if text == hint else source
    new = read_fingerprint(replace(one, key=f"{word}/x", label=word, text=text, source=source, gap=""))
    return put(document, path, replace(group, blocks=(*group.blocks[:at], new, *group.blocks[at:])))


def swap(draw: Draw, document: Document, word: str) -> Document:
    """Two neighbours in another order: sections, groups, labels."""
    found: list[tuple[Any, Any, str, int]] = [((), document, "sections", n) for n in _neighbours(document.sections)]
    for path, section in places(document, Section):
        found += [(path, section, "groups", n) for n in _neighbours(section.groups)]
    for path, group in places(document, Group):
        found += [(path, group, "blocks", n) for n in _neighbours(group.blocks)]
    if not found:
        return document
    path, whole, name, at = draw(st.sampled_from(found))
    own = getattr(whole, name)
    changed = (*own[:at], own[at + 1], own[at], *own[at + 2 :])
    return put(document, path, replace(whole, **{name: changed}))


def _neighbours(siblings: tuple[Any, ...]) -> list[int]:
    """Where two of a kind stand that may change places; two of one name are in the order that they are in."""
    pairs = enumerate(pairwise(siblings))
    return [
        n for n, (one, other) in pairs if _kind(one) and _kind(one) == _kind(other) and not _are_namesakes(one, other)
    ]


def _are_namesakes(one: Any, other: Any) -> bool:
    return bool(one.key.partition("~")[0] == other.key.partition("~")[0])


def _kind(one: Any) -> str:
    match one:
        case Section(kind="section"):
            return "section"
        case Group(phase=None, heading=Heading()):
            return "group"
        case Answer(shape="bullet" | "line", gap="") if one.source.startswith(("-", "**")):
            return one.shape
    return ""


ACTS: dict[str, Callable[[Draw, Document, str], Document]] = {
    "a section renamed": rename_section,
    "a group renamed": rename_group,
    "a label renamed": rename_label,
    "a row renamed": rename_row,
    "a section more": insert_section,
    "a group more": insert_group,
    "a label more": insert_label,
    "neighbours in another order": swap,
}

"""Text to Document. A template is read by the shape of its blocks, a record along the outline of its template.

Whatever does not fit is kept as ``Loose``, where it stands. The sources and gaps of all leaves, in order, are
the text again (laws 1 and 4): the text is cut at the parser's line ranges and never put together from what it
means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from records.document.apart import apart_from_fields
from records.document.front_matter import without_front_matter
from records.document.groups import blocks_in_record, blocks_in_template
from records.document.kinds import Guides, counted_words, recovery_kinds
from records.document.leaves import (
    heading,
    labelled_lines,
    loose,
    phase_of,
    title_of,
)
from records.document.lines import split_lines
from records.document.matching import Alike, matched
from records.document.outline import (
    Block,
    Document,
    Group,
    Phase,
    Section,
)
from records.document.shapes import LINE, Keys, slug, title_label
from records.document.spans import Span, without_partings
from records.document.tree import read_tree


def read_template(text: str, kinds: Mapping[str, str] | None = None) -> Document:
    """Read an operations template by shape alone. ``kinds`` overrides the guess of a group's kind by its key."""
    document = _Reader(text, None, kinds or {}).document()
    if words := counted_words(document):
        document = _Reader(text, None, kinds or {}, words).document()
    guessed = recovery_kinds(document)
    return _Reader(text, None, {**guessed, **(kinds or {})}, words).document() if guessed else document


def read_record(text: str, template: Document | None) -> Document:
    """Read a record of ``template``; with None every section is kept as Markdown, only the title is known.

    A byte order mark would hide the title; it stays where it was, before everything.
    """
    body = text.removeprefix(_MARK)
    document = _Reader(body, template or Document(()), {}).document()
    return document if body == text else replace(document, front=_MARK + document.front)


_MARK = "\ufeff"
# Of the sections without a heading, and of the title.
_OWN_KEYS = ("header", "footer", "guidance", "title")


class _Reader:
    def __init__(
        self, text: str, template: Document | None, kinds: Mapping[str, str], words: Mapping[str, str] | None = None
    ) -> None:
        self.lines = split_lines(text)
        self.template, self.kinds, self.words = template, kinds, words or {}
        children = without_partings(without_front_matter(read_tree(text).children, self.lines))
        starts = [block.first for block in children]
        ends = [*starts[1:], len(self.lines)] if starts else []
        self.spans = [Span.cut(b, self.lines, first, end) for b, first, end in zip(children, starts, ends, strict=True)]
        self.front = "".join(self.lines[: starts[0]] if starts else self.lines)

    def document(self) -> Document:
        body, footer, guidance = self._parts()
        cut = _by_heading(body, 2)
        head = cut.pop(0)[1] if cut and cut[0][0] is None else []
        sections = [self._header(head)] if head else []
        sections += self._sections(cut)
        if footer:
            sections.append(self._footer(footer))
        if guidance:
            sections.append(Section("guidance", "guidance", heading(guidance[0]), (_kept("guidance", guidance[1:]),)))
        return Document(tuple(sections), self.front)

    # ---- the large cut: header and sections, footer, guidance

    def _parts(self) -> tuple[list[Span], list[Span], list[Span]]:
        spans = self.spans
        sections = [at for at, span in enumerate(spans) if _is_section(span)]
        for at, span in enumerate(spans):
            if span.kind != "rule" or not self._opens_footer(spans, at):
                continue
            end = next((n for n in range(at + 1, len(spans)) if spans[n].kind == "rule"), len(spans))
            # Sections stand before a footer, if there are any, and none in it: else it is a rule in the text.
            if not any(at < n < end for n in sections) and (not sections or sections[0] < at):
                return spans[:at], spans[at:end], spans[end:]
        return spans, [], []

    def _opens_footer(self, spans: Sequence[Span], at: int) -> bool:
        if at + 1 >= len(spans) or spans[at + 1].kind != "paragraph":
            return False
        labels = [slug(m["label"]) for line in spans[at + 1].texts() if (m := LINE.fullmatch(line))]
        if self.template is None:
            return bool(labels)
        footers = [section for section in self.template.sections if section.kind == "footer"]
        known = {slug(answer.label) for section in footers for answer in section.answers()}
        # Of a template that has none, what a record brought along is one by its shape.
        return any(label in known for label in labels) if footers else bool(labels)

    def _header(self, spans: list[Span]) -> Section:
        guide = self._template_section("header")
        keys, blocks = Keys("header"), list[Block]()
        untitled = True
        for span in spans:
            if untitled and span.kind == "heading" and span.level == 1:
                blocks.append(title_of(span, _title_label(guide, span, self.template)))
                untitled = False
            elif (lines := self._lines(span, keys, guide)) is not None:
                blocks += lines
            else:
                blocks.append(loose("header", keys, span))
        return Section("header", "header", None, (Group("header", None, tuple(apart_from_fields(blocks))),))

    def _footer(self, spans: list[Span]) -> Section:
        keys, blocks = Keys("footer"), list[Block]()
        guide = self._template_section("footer")
        for span in spans[1:]:
            lines = self._lines(span, keys, guide)
            blocks += lines if lines is not None else [loose("footer", keys, span)]
        return Section(
            "footer", "footer", heading(spans[0]), (Group("footer", None, tuple(apart_from_fields(blocks))),)
        )

    def _lines(self, span: Span, keys: Keys, guide: Section | None) -> list[Block] | None:
        """A paragraph of which a line is labelled, in a record with a label that is known; other lines stay loose."""
        if span.kind != "paragraph":
            return None
        labels = {slug(m["label"]) for line in span.texts() if (m := LINE.fullmatch(line))}
        if self.template is not None:
            labels &= {slug(a.label) for a in guide.answers() if a.shape == "line"} if guide else set()
        return labelled_lines(span, keys) if labels else None

    def _template_section(self, key: str) -> Section | None:
        sections = self.template.sections if self.template else ()
        return next((section for section in sections if section.key == key), None)

    # ---- sections and groups

    def _sections(self, cut: list[tuple[Span | None, list[Span]]]) -> list[Section]:
        keys, sections = Keys("", _OWN_KEYS), []
        for head, spans in cut:
            assert head is not None
            key = keys.give(head.content)
            guide = self._template_section(key)
            if self.template is not None and guide is None:
                groups: tuple[Group, ...] = (_kept(key, spans),)
            else:
                groups = self._groups(key, spans, guide)
            order = tuple(group.key for group in groups if group.phase)
            sections.append(Section(key, "section", heading(head), groups, order))
        return sections

    def _groups(self, key: str, body: list[Span], guide: Section | None) -> tuple[Group, ...]:
        cut = _by_heading(body, 3)
        if guide and not (cut and cut[0][0] is None) and any(group.heading is None for group in guide.groups[:1]):
            cut.insert(0, (None, []))  # all its rows were taken out: it keeps its place
        phases = self._phases(key, [head for head, _ in cut], guide)
        guides = Guides(guide)
        names = self._group_keys(key, cut, phases, guides if guide else None)
        makes = list(dict.fromkeys(guides.makes(names).values()))
        groups: list[Group] = []
        for name, (head, spans), phase in zip(names, cut, phases, strict=True):
            if self.template is None:
                blocks = blocks_in_template(name, spans, self.lines, self.kinds.get(name), head, phase)
            else:
                is_new = phase and guide and not guides.knows(name)
                own = guides.of_new(spans, phase, makes) if phase and is_new else guides.of(name, phase)
                blocks = blocks_in_record(name, spans, self.lines, own)
            groups.append(Group(name, heading(head) if head else None, tuple(blocks), phase))
        return tuple(groups)

    def _phases(self, key: str, heads: Sequence[Span | None], guide: Section | None) -> list[Phase | None]:
        """The phases that the headings of a section name: in a template by shape, and what begins with their words."""
        if self.template is None:
            by_shape = [phase_of(head, None) if head else None for head in heads]
        else:
            by_shape = [group.phase for group in guide.groups] if guide else []
        told = [self.words[key]] if key in self.words else []
        words = told or list({phase.word: None for phase in by_shape if phase})
        return [phase_of(head, words) if head else None for head in heads]

    def _group_keys(
        self,
        key: str,
        cut: list[tuple[Span | None, list[Span]]],
        phases: list[Phase | None],
        guides: Guides | None,
    ) -> list[str]:
        keys = Keys(key)
        if guides is None:
            return [keys.give(head.content if head else "intro") for head, _ in cut]
        titles = [(one.key, one.phase.title) for one in guides.phases if one.phase]
        found = [(phase.title, spans) for (_, spans), phase in zip(cut, phases, strict=True) if phase]
        alike = Alike(guides.makes(), lambda at, make: make.fitting(found[at][1]))
        phase_keys = iter(matched([title for title, _ in found], titles, lambda n: f"{key}/phase~{n}", alike))
        return [
            next(phase_keys) if phase else keys.give(head.content if head else "intro")
            for (head, _), phase in zip(cut, phases, strict=True)
        ]


def _is_section(span: Span) -> bool:
    return span.kind == "heading" and span.level == 2


def _title_label(guide: Section | None, span: Span, template: Document | None) -> str:
    """What stands before the title's own words: up to the placeholder in a template, the same in a record."""
    if template is None:
        before, bracket, _ = span.content.partition("[")
        return title_label(before.replace("\n", " ")) if bracket else ""
    return next((a.label for a in guide.answers() if a.shape == "title"), "") if guide else ""


def _by_heading(spans: Sequence[Span], level: int) -> list[tuple[Span | None, list[Span]]]:
    """Cut at the headings of ``level``; what stands before the first goes under None, if there is any."""
    cut: list[tuple[Span | None, list[Span]]] = []
    for span in spans:
        if span.kind == "heading" and span.level == level:
            cut.append((span, []))
        elif cut:
            cut[-1][1].append(span)
        else:
            cut.append((None, [span]))
    return cut


def _kept(key: str, spans: Sequence[Span]) -> Group:
    """A group that no template knows: one piece of Markdown."""
    return Group(key, None, (loose(key, Keys(key), Span.joined(spans)),) if spans else ())

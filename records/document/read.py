"""Text to Document. A template is read by the shape of its blocks, a record along the outline of its template.

Whatever does not fit is kept as ``Loose``, where it stands. The sources and gaps of all leaves, in order, are
the text again (laws 1 and 4): the text is cut at the parser's line ranges and never put together from what it
means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from records.document.leaves import (
    Span,
    answer_fence,
    answer_text,
    heading,
    in_unit,
    labelled_lines,
    loose,
    metrics_in_fence,
    phase_of,
    rows_in_list,
    title_of,
)
from records.document.lines import split_lines
from records.document.outline import (
    Answer,
    Block,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Phase,
    Row,
    Rows,
    Section,
)
from records.document.shapes import LINE, TREATMENT, Keys, slug
from records.document.tree import read_tree


def read_template(text: str, kinds: Mapping[str, str] | None = None) -> Document:
    """Read an operations template by shape alone. ``kinds`` overrides the guess of a group's kind by its key."""
    document = _Reader(text, None, kinds or {}).document()
    guessed = _recovery_kinds(document)
    return _Reader(text, None, {**guessed, **(kinds or {})}).document() if guessed else document


def read_record(text: str, template: Document | None) -> Document:
    """Read a record of ``template``; with None every section is kept as Markdown, only the title is known."""
    return _Reader(text, template or Document(()), {}).document()


def _recovery_kinds(document: Document) -> dict[str, str]:
    """The groups around numbered work without a window: what triggers it before, what validates it after.

    A section that holds such procedures is a way back; its labelled bullets are rows, since people add some.
    """
    kinds: dict[str, str] = {}
    for section in document.sections:
        seen = False
        for group in section.groups if _has_procedures(section) else ():
            if any(isinstance(b, Rows) for b in group.blocks):
                seen = True
            elif group.blocks and all(isinstance(b, Answer) and b.shape == "bullet" for b in group.blocks):
                kinds[group.key] = "validations" if seen else "triggers"
    return kinds


def _has_procedures(section: Section) -> bool:
    rows = [b for g in section.groups if not g.phase for b in g.blocks if isinstance(b, Rows)]
    return any(row.kind == "steps" for row in rows) and not any(group.phase for group in section.groups)


@dataclass(slots=True)
class _Guide:
    """What the template says of one group: the kinds of its blocks in order, and the rows it knows."""

    wants: list[str]
    rows: dict[str, Rows]
    answers: frozenset[str]
    sole_text: bool


class _Reader:
    def __init__(self, text: str, template: Document | None, kinds: Mapping[str, str]) -> None:
        self.lines = split_lines(text)
        self.template, self.kinds = template, kinds
        children = [b for b in read_tree(text).children if b.kind != "blank"]
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
        for at, span in enumerate(spans):
            if span.kind == "rule" and self._opens_footer(spans, at):
                end = next((n for n in range(at + 1, len(spans)) if spans[n].kind == "rule"), len(spans))
                return spans[:at], spans[at:end], spans[end:]
        return spans, [], []

    def _opens_footer(self, spans: Sequence[Span], at: int) -> bool:
        if at + 1 >= len(spans) or spans[at + 1].kind != "paragraph":
            return False
        labels = [slug(m["label"]) for line in spans[at + 1].texts() if (m := LINE.fullmatch(line))]
        if self.template is None:
            return len(labels) == len(spans[at + 1].texts())
        known = {slug(a.label) for s in self.template.sections if s.kind == "footer" for a in s.answers()}
        return any(label in known for label in labels)

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
        return Section("header", "header", None, (Group("header", None, tuple(blocks)),))

    def _footer(self, spans: list[Span]) -> Section:
        keys, blocks = Keys("footer"), list[Block]()
        guide = self._template_section("footer")
        for span in spans[1:]:
            lines = self._lines(span, keys, guide)
            blocks += lines if lines is not None else [loose("footer", keys, span)]
        return Section("footer", "footer", heading(spans[0]), (Group("footer", None, tuple(blocks)),))

    def _lines(self, span: Span, keys: Keys, guide: Section | None) -> list[Block] | None:
        """A paragraph of labelled lines; for a record one known label is enough, other lines stay loose."""
        if span.kind != "paragraph":
            return None
        labels = [slug(m["label"]) if (m := LINE.fullmatch(line)) else "" for line in span.texts()]
        if self.template is None:
            return labelled_lines(span, keys) if all(labels) else None
        known = {slug(a.label) for a in guide.answers()} if guide else set()
        return labelled_lines(span, keys) if known & set(labels) else None

    def _template_section(self, key: str) -> Section | None:
        sections = self.template.sections if self.template else ()
        return next((section for section in sections if section.key == key), None)

    # ---- sections and groups

    def _sections(self, cut: list[tuple[Span | None, list[Span]]]) -> list[Section]:
        keys, sections = Keys(""), []
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

    def _groups(self, key: str, spans: list[Span], guide: Section | None) -> tuple[Group, ...]:
        cut = _by_heading(spans, 3)
        phases = [phase_of(head, self._phase_words(guide)) if head else None for head, _ in cut]
        names = self._group_keys(key, cut, phases, guide)
        known = {group.key: group for group in guide.groups} if guide else {}
        return tuple(
            self._group(name, head, body, phase, self._guide_of(name, phase, known))
            for name, (head, body), phase in zip(names, cut, phases, strict=True)
        )

    def _phase_words(self, guide: Section | None) -> list[str] | None:
        """The words that begin a phase's heading; None where a template is read, which knows them by shape."""
        if self.template is None:
            return None
        return list({g.phase.word: None for g in guide.groups if g.phase}) if guide else []

    def _group_keys(
        self,
        key: str,
        cut: list[tuple[Span | None, list[Span]]],
        phases: list[Phase | None],
        guide: Section | None,
    ) -> list[str]:
        keys = Keys(key)
        if guide is None:
            return [keys.give(head.content if head else "intro") for head, _ in cut]
        planned = [(g.key, g.phase.title) for g in guide.groups if g.phase]
        found = [phase.title for phase in phases if phase]
        phase_keys = iter(matched(found, planned, lambda n: f"{key}/phase~{n}"))
        return [
            next(phase_keys) if phase else keys.give(head.content if head else "intro")
            for (head, _), phase in zip(cut, phases, strict=True)
        ]

    def _guide_of(self, key: str, phase: Phase | None, known: Mapping[str, Group]) -> _Guide | None:
        if self.template is None:
            return None
        group = known.get(key)
        if group is None and not phase:
            return _Guide([], {}, frozenset(), False)
        if group is None:
            return _Guide(["steps"], {}, frozenset(), False)
        wants: list[str] = []
        for block in group.blocks:
            want = _want(block)
            if want and (want in ("fence",) or wants[-1:] != [want]):
                wants.append(want)
        rows: dict[str, Rows] = {b.kind: b for b in group.blocks if isinstance(b, Rows)}
        answers = [b for b in group.blocks if isinstance(b, Answer)]
        sole = [b.shape for b in answers] == ["text"]
        return _Guide(wants, rows, frozenset(b.key for b in answers), sole)

    def _group(
        self, key: str, head: Span | None, spans: list[Span], phase: Phase | None, guide: _Guide | None
    ) -> Group:
        keys = Keys(key)
        if guide is not None and guide.sole_text and spans:
            blocks: list[Block] = [answer_text(f"{key}/text", Span.joined(spans), strict=False)]
        else:
            blocks = self._blocks(key, head, spans, phase, guide, keys)
        return Group(key, heading(head) if head else None, tuple(blocks), phase)

    def _blocks(
        self,
        key: str,
        head: Span | None,
        spans: list[Span],
        phase: Phase | None,
        guide: _Guide | None,
        keys: Keys,
    ) -> list[Block]:
        blocks: list[Block] = []
        waiting = list(guide.wants) if guide else []
        rest = list(spans)
        while rest:
            span = rest.pop(0)
            kind = self._kind(key, head, span, phase) if guide is None else _wanted_kind(span, waiting)
            if kind is None:
                blocks.append(loose(key, keys, span))
                continue
            if kind in waiting:
                del waiting[: waiting.index(kind) + 1]
            if kind == "text":
                run = [span]
                while guide is not None and rest and _wanted_kind(rest[0], waiting) is None:
                    run.append(rest.pop(0))
                strict = bool(guide and not guide.sole_text) or (guide is None and len(spans) > 1)
                blocks.append(answer_text(keys.give("text"), Span.joined(run), strict=strict))
            elif kind == "fence":
                blocks.append(answer_fence(keys.give("text"), span))
            else:
                blocks += self._structured(kind, span, keys, guide)
        return blocks

    def _structured(self, kind: str, span: Span, keys: Keys, guide: _Guide | None) -> list[Block]:
        if kind == "metrics":
            rows = metrics_in_fence(span, keys)
            blocks: list[Block] = [rows] if rows else [loose(keys.parent, keys, span)]
        else:
            blocks = rows_in_list(span, kind, keys, self.lines, guide.answers if guide else None)
        planned = guide.rows if guide else {}
        return [
            _known_rows(block, planned.get(block.kind)) if guide and isinstance(block, Rows) else block
            for block in blocks
        ]

    def _kind(self, key: str, head: Span | None, span: Span, phase: Phase | None) -> str | None:
        """The kind of a template's block: what the settings say, else its shape and its place."""
        told = self.kinds.get(key)
        if told == "text":
            return "fence" if span.kind == "fence" else "text"
        if span.kind == "fence":
            return "metrics" if metrics_in_fence(span, Keys(key), template=True) else "fence"
        if span.kind == "paragraph":
            return "text"
        if span.kind not in ("bullets", "numbered"):
            return None
        if told and told != "metrics":
            return told
        if span.ticks() and not span.untitled_besides_ticks():
            return "checks"
        if not all(span.titled()):
            return None
        if head and not phase and TREATMENT.fullmatch(head.content):
            return "risks"
        if span.kind == "numbered":
            return "steps"
        return "fields" if span.labelled_throughout() else None


def _title_label(guide: Section | None, span: Span, template: Document | None) -> str:
    """What stands before the title's own words: up to the placeholder in a template, the same in a record."""
    if template is None:
        before, bracket, _ = span.content.partition("[")
        return before.rstrip().removesuffix(":") if bracket else ""
    return next((a.label for a in guide.answers() if a.shape == "title"), "") if guide else ""


def _want(block: Block) -> str | None:
    if isinstance(block, Rows):
        return block.kind
    if isinstance(block, Answer):
        return {"bullet": "fields", "paragraph": "text"}.get(block.shape, block.shape)
    return None


def _wanted_kind(span: Span, waiting: Sequence[str]) -> str | None:
    """The first wanted kind that ``span`` can be; rows and fields need at least one item of their shape."""
    for kind in waiting:
        if span.kind == "fence":
            fits = kind == "fence" or (kind == "metrics" and metrics_in_fence(span, Keys("")) is not None)
        elif span.kind in ("bullets", "numbered"):
            if kind == "checks":
                fits = span.ticks()
            elif kind == "fields":
                fits = span.kind == "bullets" and span.labelled()
            else:
                fits = kind in ("steps", "risks", "triggers", "validations") and (
                    any(span.titled()) or (kind == "steps" and span.kind == "numbered")
                )
        else:
            fits = kind == "text" and span.kind not in ("heading", "rule")
        if fits:
            return kind
    return None


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


def matched(found: Sequence[str], planned: Sequence[tuple[str, str]], fresh: Callable[[int], str]) -> list[str]:
    """Keys for ``found`` titles: those of ``planned`` (key, title) by title, then in order, then fresh ones."""
    left = dict(planned)
    keys: list[str | None] = []
    for title in found:
        key = next((k for k, known in left.items() if slug(known) == slug(title)), None)
        if key:
            del left[key]
        keys.append(key)
    rest, taken = list(left), {key for key in keys if key} | set(left)
    number = 0
    given: list[str] = []
    for at, key in enumerate(keys):
        if key is None and rest and len(found) <= len(planned):
            # The template's row at this very place, if nobody has it; else the next one left over.
            here = planned[at][0] if at < len(planned) else ""
            key = here if here in rest else rest[0]
            rest.remove(key)
        while key is None or (key not in taken and key in given):
            number += 1
            key = candidate if (candidate := fresh(number)) not in taken else None
            if key:
                taken.add(key)
                break
        given.append(key)
    return given


def _known_rows(rows: Rows, planned: Rows | None) -> Rows:
    """``rows`` under the keys of the template's rows where they are the same ones."""
    known = [(row.key, row_title(row)) for row in planned.rows if not isinstance(row, Loose)] if planned else []
    plain = [row for row in rows.rows if not isinstance(row, Loose)]
    keys = iter(matched([row_title(row) for row in plain], known, lambda n: f"{rows.key}/row~{n}"))
    renamed: list[Row] = [row if isinstance(row, Loose) else rekeyed(row, next(keys)) for row in rows.rows]
    units = {row.name: row.unit for row in planned.rows if isinstance(row, Metric)} if planned else {}
    renamed = [in_unit(row, units.get(row.name, "")) if isinstance(row, Metric) else row for row in renamed]
    return replace(rows, rows=tuple(renamed), order=tuple(row.key for row in renamed))


def row_title(row: Row) -> str:
    """What a row is called: a title, a name, or a check's text."""
    match row:
        case Item():
            return row.title
        case Loose():
            return row.text
    return row.name if hasattr(row, "name") else row.text


def rekeyed(row: Row, key: str) -> Row:
    """``row`` under another key, with the keys of its parts moved along."""
    if not isinstance(row, Item):
        return replace(row, key=key)
    parts = tuple(replace(part, key=key + part.key.removeprefix(row.key)) for part in row.parts)
    return replace(row, key=key, parts=parts)


__all__ = ["matched", "read_record", "read_template", "rekeyed", "row_title"]

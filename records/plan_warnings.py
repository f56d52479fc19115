"""What a plan should be asked about before it is approved. It warns and never blocks (product.md, Readiness). Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.answers import Filled, answer_in
from records.document.fields import fields_of
from records.document.outline import Answer, Commands, Document, Group, Item, Part, Row, Rows, Section
from records.facts import bound_text
from records.models import Outline
from records.readiness import path_of
from records.time_plan import duration, rollback_deadline
from records.times import minutes_in, phase_moments, start_in, window_in

Annex = Mapping[str, str]
Pair = tuple[dt.datetime, dt.datetime]
DAY = 24 * 60
# Longer than this in one phase is far more often a typing error than a plan.
LONG = 12 * 60

_VAGUE = re.compile(
    r"(?<![\w/.-])(?:tbd|tba|to be defined|to be determined|todo|fixme|asap|somehow|as needed|if necessary|as usual"
    r"|and so on|etc|lorem ipsum)(?![\w/])|\?\?\?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at: the field it is about (or the row), its section, a name to show, what is the matter."""

    key: str
    section: str
    label: str
    words: str
    is_row: bool = False


def vague_word(text: str) -> str:
    """The first word in ``text`` that says nothing; empty if there is none."""
    found = _VAGUE.search(text)
    return found[0] if found else ""


def plan_warnings(document: Document, outline: Outline | None, annex: Annex) -> list[Warned]:
    """Everything worth a look, in the order of the text. ``annex`` holds the rows' plan facts, "row.estimate"."""
    timing = _timing(document, outline)
    level = bound_text(document, outline, "risk")
    found: list[Warned] = []
    for section in document.sections:
        found += _windows(section, timing)
        for group in section.groups:
            for block in group.blocks:
                if isinstance(block, Rows):
                    found += _rows(section, group, _asked(block, outline, level), outline, annex)
        found += _vague(section, outline)
    return [*found, *_way_back(document, annex, timing)]


# ---------------------------------------------------------------- windows


def _asked(block: Rows, outline: Outline | None, level: str) -> Rows:
    """``block`` without the rows that the risk level doesn't ask for and nobody touched."""
    if outline is None:
        return block
    own = outline.rows
    rows = (
        row
        for row in block.rows
        if row.key not in own or outline.settings.is_asked(row.key, level) or _texts(row) != _texts(own[row.key])
    )
    return replace(block, rows=tuple(rows))


def _texts(row: Row) -> tuple[str, ...]:
    parts = row.parts if isinstance(row, Item) else ()
    return getattr(row, "text", ""), *(part.text for part in parts)


@dataclass(frozen=True, slots=True)
class _Timing:
    """The phases in order with their moments; ``zoned`` is false where the start is not understood."""

    phases: Sequence[tuple[Section, Group]]
    moments: Sequence[Pair | None]

    def of(self, group: Group) -> Pair | None:
        return next((m for (_, own), m in zip(self.phases, self.moments, strict=True) if own.key == group.key), None)


def _timing(document: Document, outline: Outline | None) -> _Timing:
    phases = [(section, group) for section in document.sections for group in section.groups if group.phase]
    windows = [window_in(group.phase.window) if group.phase else None for _, group in phases]
    start = start_in(bound_text(document, outline, "date"), bound_text(document, outline, "time"))
    if start is None:
        # Without a date the windows are compared on some day, whose start is that of the first window.
        first = next((window for window in windows if window), (0, 0))
        start = start_in("2000-01-01", f"{first[0] // 60:02}:{first[0] % 60:02}:00 UTC")
    assert start is not None
    return _Timing(phases, phase_moments(start, windows))


def _windows(section: Section, timing: _Timing) -> Iterator[Warned]:
    before: tuple[Group, Pair] | None = None
    for (own, group), moments in zip(timing.phases, timing.moments, strict=True):
        assert group.phase is not None
        if own.key == section.key:
            yield from _window(section, group, moments)
            if moments and before:
                yield from _between(section, before[0], before[1], group, moments)
        before = (group, moments) if moments else before


def _window(section: Section, group: Group, moments: Pair | None) -> Iterator[Warned]:
    assert group.phase is not None
    key, name = f"{group.key}.window", _name(group)
    if moments is None:
        if isinstance(answer_in(group.phase.window, "HH:MM-HH:MM"), Filled):
            yield Warned(key, section.key, name, _("has a window that can't be read; write it as 02:00-02:45"))
        return
    minutes = (moments[1] - moments[0]).total_seconds() / 60
    if minutes == 0:
        yield Warned(key, section.key, name, _("ends when it starts"))
    elif minutes > LONG:
        yield Warned(key, section.key, name, _("ends before it starts, or takes %s") % duration(minutes))


def _between(section: Section, first: Group, earlier: Pair, group: Group, later: Pair) -> Iterator[Warned]:
    minutes = (later[0] - earlier[1]).total_seconds() / 60
    names = {"other": _name(first), "time": duration(abs(minutes))}
    if minutes < 0:
        yield Warned(f"{group.key}.window", section.key, _name(group), _("overlaps %(other)s by %(time)s") % names)
    elif minutes > 0:
        words = _("starts %(time)s after %(other)s ends: nothing is planned in between")
        yield Warned(f"{group.key}.window", section.key, _name(group), words % names)


def _name(group: Group) -> str:
    return f"{group.phase.word} {group.phase.number}" if group.phase else group.title


# ---------------------------------------------------------------- rows


def _rows(section: Section, group: Group, block: Rows, outline: Outline | None, annex: Annex) -> Iterator[Warned]:
    items = [row for row in block.rows if isinstance(row, Item)]
    if block.kind == "risks":
        yield from _risks(section, group, block, items, outline)
    elif block.kind == "triggers":
        yield from _triggers(section, items, outline)
    elif block.kind == "steps":
        yield from _samples(section, items, outline)
        if group.phase:
            yield from _estimates(section, group, items, annex)
        else:
            yield from _procedures(section, items, annex, outline)


def _risks(
    section: Section, group: Group, block: Rows, items: Sequence[Item], outline: Outline | None
) -> Iterator[Warned]:
    """A risk of the upper half of the levels without one of the measures that the template asks for there."""
    if outline is None or not _is_high(group, outline):
        return
    own = outline.blocks.get(block.key)
    wanted = {p.label for row in own.rows if isinstance(row, Item) for p in _details(row.parts)} if own else set()
    for item in items:
        has = {p.label for p in _details(item.parts) if isinstance(answer_in(p.text, ""), Filled)}
        lacking = sorted(wanted - has)
        if lacking and item.title:
            words = _("is a high risk without %s") % ", ".join(word.lower() for word in lacking)
            yield Warned(item.key, section.key, item.title, words, is_row=True)


def _is_high(group: Group, outline: Outline) -> bool:
    levels = [level.lower() for level in outline.settings.levels]
    words = group.title.lower().split()
    rank = next((at for at, level in enumerate(levels) if level in words), None)
    return rank is not None and rank >= len(levels) / 2


def _triggers(section: Section, items: Sequence[Item], outline: Outline | None) -> Iterator[Warned]:
    for item in items:
        answer = answer_in(item.text, outline.texts.get(f"{item.key}.text", "") if outline else "")
        if isinstance(answer, Filled) and not any(char.isdigit() for char in item.title + item.text):
            yield Warned(f"{item.key}.text", section.key, item.title, _("is a trigger without a number"))


def _samples(section: Section, items: Sequence[Item], outline: Outline | None) -> Iterator[Warned]:
    """Lines of the template's sample commands that still stand among the commands."""
    for item in items:
        for part in item.parts:
            sample = outline.texts.get(part.key, "") if outline else ""
            if isinstance(part, Commands) and sample and part.text != sample:
                lines = {line for line in sample.split("\n") if line.strip() and not line.startswith("#")}
                if lines & set(part.text.split("\n")):
                    yield Warned(part.key, section.key, item.title, _("still holds a sample command of the template"))


def _estimates(section: Section, group: Group, items: Sequence[Item], annex: Annex) -> Iterator[Warned]:
    assert group.phase is not None
    minutes = [minutes_in(annex.get(f"{item.key}.estimate", "")) for item in items]
    window = window_in(group.phase.window)
    total = sum(one for one in minutes if one is not None)
    if window and total > (length := (window[1] - window[0]) % DAY or DAY):
        words = _("has steps of %(steps)s in a window of %(window)s")
        told = words % {"steps": duration(total), "window": duration(length)}
        yield Warned(f"{group.key}.window", section.key, _name(group), told)
    without = [item for item, one in zip(items, minutes, strict=True) if one is None]
    if without and len(without) < len(items):
        count = ngettext("%d step has no time estimate", "%d steps have no time estimate", len(without)) % len(without)
        yield Warned(f"{without[0].key}.estimate", section.key, _name(group), count)


def _procedures(section: Section, items: Sequence[Item], annex: Annex, outline: Outline | None) -> Iterator[Warned]:
    for item in items:
        if not _has_command(item, outline):
            yield Warned(item.key, section.key, item.title, _("is a way back without a command"), is_row=True)


def _has_command(item: Item, outline: Outline | None) -> bool:
    texts = [item.text, *(part.text for part in _details(item.parts))]
    commands = (part for part in item.parts if isinstance(part, Commands))
    samples = outline.texts if outline else {}
    return any("`" in text for text in texts) or any(
        part.text.strip() and part.text != samples.get(part.key) for part in commands
    )


def _details(parts: Sequence[Part]) -> list[Answer]:
    return [part for part in parts if isinstance(part, Answer)]


# ---------------------------------------------------------------- words, the way back


def _vague(section: Section, outline: Outline | None) -> Iterator[Warned]:
    for field in fields_of(section):
        if field.shape in ("structure", "commands", "loose") or (
            outline and outline.settings.asked(path_of(field.key)).part != "plan"
        ):
            continue
        template = outline.texts.get(field.key, "") if outline else ""
        if field.text != template and (word := vague_word(field.text)):
            yield Warned(field.key, section.key, field.label, _("says “%s”") % word)


def _way_back(document: Document, annex: Annex, timing: _Timing) -> Iterator[Warned]:
    procedures = [
        (section, item)
        for section in document.sections
        for group in section.groups
        if not group.phase
        for block in group.blocks
        if isinstance(block, Rows) and block.kind == "steps"
        for item in block.rows
        if isinstance(item, Item)
    ]
    if not procedures:
        return
    minutes = [minutes_in(annex.get(f"{item.key}.estimate", "")) for _section, item in procedures]
    section, item = procedures[0]
    key = f"{item.key}.estimate"
    if None in minutes:
        at = minutes.index(None)
        section, item = procedures[at]
        words = _("has no time estimate: nobody knows by when to decide on the way back")
        yield Warned(f"{item.key}.estimate", section.key, item.title, words)
        return
    known = [pair for pair in timing.moments if pair]
    deadline = rollback_deadline(max(pair[1] for pair in known), minutes) if known else None
    if deadline is None:
        return
    total = duration(sum(one for one in minutes if one is not None))
    if deadline < min(pair[0] for pair in known):
        yield Warned(key, section.key, _("The way back"), _("takes %s, longer than the whole window") % total)
    elif len(known) > 1 and deadline < known[-1][0]:
        words = _("takes %(time)s: it has to be decided by %(by)s, before the last phase starts")
        told = words % {"time": total, "by": f"{deadline:%H:%M}"}
        yield Warned(key, section.key, _("The way back"), told)

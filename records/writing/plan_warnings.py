"""What a plan should be asked about before it is approved. It warns and never blocks (product.md, Readiness). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.content.facts import bound_text
from records.document.answers import Filled, answer_in, leftovers
from records.document.fields import fields_of
from records.document.front_matter import is_front_matter
from records.document.outline import Answer, Commands, Document, Group, Item, Metric, Part, Row, Rows, Section
from records.models import Outline
from records.run.time_plan import duration
from records.times import date_in, minutes_in, start_in, window_in
from records.units import unit_remark
from records.writing.command_warnings import command_warnings
from records.writing.credentials import credential_words
from records.writing.readiness import is_nothing, is_set_aside, to_be_confirmed
from records.writing.samples import sample_words
from records.writing.time_warnings import (
    Warned,
    end_warnings,
    estimate_warnings,
    start_warnings,
    timing_of,
    way_back_warnings,
    window_warnings,
)

Annex = Mapping[str, str]
DAY = 24 * 60

_VAGUE = re.compile(
    r"(?<![\w/.-])(?:tbd|tba|to be defined|to be determined|todo|fixme|asap|somehow|as needed|if necessary|as usual"
    r"|and so on|etc|lorem ipsum)(?![\w/])|\?\?\?",
    re.IGNORECASE,
)


def vague_word(text: str) -> str:
    """The first word in ``text`` that says nothing; empty if there is none."""
    found = _VAGUE.search(text)
    return found[0] if found else ""


def plan_warnings(document: Document, outline: Outline | None, annex: Annex) -> list[Warned]:
    """Everything worth a look: what weighs most first, then in the order of the text.

    ``annex`` holds the rows' plan facts, "row.estimate".
    """
    timing = timing_of(document, outline)
    level = bound_text(document, outline, "risk")
    found = [*start_warnings(document, outline), *end_warnings(document, outline, timing), *_late(document, outline)]
    for section in document.sections:
        found += window_warnings(section, timing)
        for group in section.groups:
            for block in (block for block in group.blocks if isinstance(block, Rows)):
                asked = _asked(block, outline, level)
                found += _rows(section, group, asked, outline, annex)
                if group.phase and block.kind == "steps":
                    found += _estimates(section, group, timing.names[group.key], _items(asked), annex)
        found += _vague(section, outline)
        found += _left_standing(section, outline)
        found += _credentials(section)
        found += command_warnings(section)
    back = way_back_warnings(_of_asked(document, outline, level), annex, timing)
    return sorted([*found, *back], key=lambda one: one.weight)


def _late(document: Document, outline: Outline | None) -> Iterator[Warned]:
    """What is to be confirmed on a day behind the start, which waits for it."""
    start = start_in(bound_text(document, outline, "date"), bound_text(document, outline, "time"))
    for one in to_be_confirmed(document, outline):
        day = date_in(one.by)
        if start and day and day > start.at.date():
            words = _("is to be confirmed by %s, and the start before that waits for it") % one.by
            yield Warned(one.key, one.key.split("/", 1)[0], one.label, words)


def _asked(block: Rows, outline: Outline | None, level: str) -> Rows:
    """``block`` without the rows that the risk level doesn't ask for and nobody touched, and without empty steps."""
    own = outline.rows if outline else {}
    rows = (
        row
        for row in block.rows
        if not (block.kind == "steps" and isinstance(row, Item) and is_nothing(row))
        and (
            outline is None
            or row.key not in own
            or outline.settings.is_asked(row.key, level)
            or _texts(row) != _texts(own[row.key])
        )
    )
    return replace(block, rows=tuple(rows))


def _of_asked(document: Document, outline: Outline | None, level: str) -> Document:
    def asked(section: Section) -> Section:
        groups = tuple(
            replace(group, blocks=tuple(_asked(b, outline, level) if isinstance(b, Rows) else b for b in group.blocks))
            for group in section.groups
        )
        return replace(section, groups=groups)

    return Document(tuple(asked(section) for section in document.sections))


def _texts(row: Row) -> tuple[str, ...]:
    parts = row.parts if isinstance(row, Item) else ()
    return getattr(row, "text", ""), *(part.text for part in parts)


# ---------------------------------------------------------------- rows


def _rows(section: Section, group: Group, block: Rows, outline: Outline | None, annex: Annex) -> Iterator[Warned]:
    items = _items(block)
    if block.kind == "risks":
        yield from _risks(section, group, block, items, outline)
    elif block.kind == "triggers":
        yield from _triggers(section, items, outline)
    elif block.kind == "metrics":
        yield from _units(section, block, outline, annex)
        yield from _limits(section, block, annex)
    elif block.kind == "steps":
        yield from _samples(section, items, outline)
        yield from estimate_warnings(section, items, annex)
        if not group.phase:
            yield from _procedures(section, items, annex, outline)


def _items(block: Rows) -> list[Item]:
    return [row for row in block.rows if isinstance(row, Item)]


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
        if lacking and item.title and not is_set_aside(item):
            words = _("is a high risk without %s") % ", ".join(word.lower() for word in lacking)
            yield Warned(item.key, section.key, item.title, words, is_row=True, weight=0)


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


def _units(section: Section, block: Rows, outline: Outline | None, annex: Annex) -> Iterator[Warned]:
    """Values before and limits in another unit than the one asked for."""
    for row in (one for one in block.rows if isinstance(one, Metric)):
        key = f"{row.key}.before"
        asked = outline.texts.get(key, "") if outline else ""
        for name, text in ((key, row.before), (f"{row.key}.limit", annex.get(f"{row.key}.limit", ""))):
            if words := unit_remark(text, row.unit, asked):
                yield Warned(name, section.key, row.name, words[:1].lower() + words[1:])


def _limits(section: Section, block: Rows, annex: Annex) -> Iterator[Warned]:
    """Limits of which nobody can tell on which side it is well: the run never says that one is passed."""
    for row in (one for one in block.rows if isinstance(one, Metric)):
        key = f"{row.key}.lower_is_better"
        if annex.get(f"{row.key}.limit", "") and not annex.get(key, ""):
            words = _("has a limit, but nothing says which way is better: nobody is told when it is passed")
            yield Warned(key, section.key, row.name, words)


def _samples(section: Section, items: Sequence[Item], outline: Outline | None) -> Iterator[Warned]:
    """Lines of the template's sample commands that still stand among the commands."""
    for item in items:
        for part in item.parts:
            sample = outline.texts.get(part.key, "") if outline else ""
            if isinstance(part, Commands) and (words := sample_words(part.text, sample)):
                yield Warned(part.key, section.key, item.title, words)


def _estimates(section: Section, group: Group, name: str, items: Sequence[Item], annex: Annex) -> Iterator[Warned]:
    assert group.phase is not None
    minutes = [minutes_in(annex.get(f"{item.key}.estimate", "")) for item in items]
    window = window_in(group.phase.window)
    total = sum(one for one in minutes if one is not None)
    if window and total > (length := (window[1] - window[0]) % DAY or DAY):
        words = _("has steps of %(steps)s in a window of %(window)s")
        told = words % {"steps": duration(total), "window": duration(length)}
        yield Warned(f"{group.key}.window", section.key, name, told)
    without = [item for item in items if not annex.get(f"{item.key}.estimate", "").strip()]
    if without and len(without) < len(items):
        count = ngettext(
            "has %d step without a time estimate", "has %d steps without a time estimate", len(without)
        ) % len(without)
        yield Warned(f"{without[0].key}.estimate", section.key, name, count, weight=2)


def _procedures(section: Section, items: Sequence[Item], annex: Annex, outline: Outline | None) -> Iterator[Warned]:
    for item in items:
        if not _has_command(item, outline) and not is_nothing(item):
            yield Warned(item.key, section.key, item.title, _("is a way back without a command"), is_row=True, weight=0)


def _has_command(item: Item, outline: Outline | None) -> bool:
    texts = [item.text, *(part.text for part in _details(item.parts))]
    commands = (part for part in item.parts if isinstance(part, Commands))
    samples = outline.texts if outline else {}
    return any("`" in text for text in texts) or any(
        part.text.strip() and part.text != samples.get(part.key) for part in commands
    )


def _details(parts: Sequence[Part]) -> list[Answer]:
    return [part for part in parts if isinstance(part, Answer)]


# ---------------------------------------------------------------- words


def _vague(section: Section, outline: Outline | None) -> Iterator[Warned]:
    for field in fields_of(section):
        if field.shape in ("structure", "commands", "loose") or (outline and outline.part_of(field.key) != "plan"):
            continue
        template = outline.texts.get(field.key, "") if outline else ""
        if field.text != template and (word := vague_word(field.text)):
            yield Warned(field.key, section.key, field.label, _("says “%s”") % word, weight=2)


def _left_standing(section: Section, outline: Outline | None) -> Iterator[Warned]:
    """What the template has in brackets in Markdown that fits no shape: nobody is asked for it."""
    if outline is None or section.kind == "guidance":
        return
    for field in fields_of(section):
        template = outline.texts.get(field.key, "") if field.shape == "loose" else ""
        left = [] if is_front_matter(template) else leftovers(field.text, template)
        if left:
            words = _("still holds %s, as the template has it") % ", ".join(left)
            yield Warned(field.key, section.key, section.title or field.label, words)


def _credentials(section: Section) -> Iterator[Warned]:
    for field in fields_of(section):
        if field.shape != "structure" and (found := credential_words(field.text)):
            words = _("%s: take it out, and change it where it is used, for the history keeps it") % found
            yield Warned(field.key, section.key, field.label, words, weight=0)


__all__ = ["Warned", "plan_warnings", "vague_word"]

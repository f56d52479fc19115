"""The drafts of the demo: the files of ``records/demo``, moved to today, with what only acts write taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opsrecords.demo.dates import moved
from opsrecords.demo.stories import FOLDER, Story, start_of
from records.content.assembly import load_all
from records.content.facts import window_of
from records.content.storing import store_rows
from records.document.fields import fields_of, table_of
from records.document.outline import Check, Document, Metric, Rows, Section
from records.document.read import read_record
from records.document.with_fields import with_fields
from records.models import Operation, OperationTemplate, Outline, Person
from records.writing.drafting import store_document
from records.writing.people import name_people
from records.writing.readiness import template_table

STEP_FACTS = ("estimate", "host", "expected", "ask_before", "point_of_no_return", "witness")


@dataclass(slots=True)
class Tale:
    """A story under way: its record, and what its file says of the end (ticks and values by key)."""

    story: Story
    template: OperationTemplate
    document: Document
    start: dt.datetime
    ticked: list[str] = field(default_factory=list)
    after: dict[str, str] = field(default_factory=dict)
    right: dict[str, str] = field(default_factory=dict)
    operation: Operation | None = None

    @property
    def record(self) -> Operation:
        """The record; its story has begun."""
        assert self.operation is not None
        return self.operation


def tale_of(story: Story, template: OperationTemplate, now: dt.datetime) -> Tale:
    """What ``story`` begins with, nothing stored yet."""
    outline = template.outline
    text = (FOLDER / story.file).read_text(encoding="utf-8") if story.file else template.text
    document = read_record(text, outline.document)
    base, _end, _zone = window_of(document, outline)
    start = start_of(story, base, now) if base else now + dt.timedelta(story.days)
    if base:
        minutes = (start - base) % dt.timedelta(days=1)
        text = moved(text, base.date(), (start.date() - base.date()).days, int(minutes.total_seconds()) // 60)
        document = read_record(text, outline.document)
    elif story.file:
        text = moved(text, dt.date(2026, 12, 17), (start.date() - dt.date(2026, 12, 17)).days)
        document = read_record(text, outline.document)
    return _begun(Tale(story, template, document, start), outline)


def _begun(tale: Tale, outline: Outline) -> Tale:
    """The tale with its document as it was at first: nothing ticked, measured or signed."""
    own = dict(outline.texts)
    for row in _rows(tale.document):
        if isinstance(row, Check) and row.ticked:
            tale.ticked.append(row.key)
        elif isinstance(row, Metric) and row.after:
            tale.after[row.key] = row.after
    blank = dict.fromkeys(outline.written_by_acts - {outline.settings.bind.get("id", "")}, "")
    blank |= {f"{key}.after": "" for key in tale.after}
    table = {key: text for section in tale.document.sections for key, text in table_of(section).items()}
    tale.right = {key: table[key] for key in tale.story.first}
    first = {key: text.replace("{start}", tale.start.date().isoformat()) for key, text in tale.story.first.items()}
    sections = tuple(_unticked(_with(section, blank | first, outline)) for section in tale.document.sections)
    tale.document = replace(tale.document, sections=sections)
    tale.after = {key: text for key, text in tale.after.items() if text != own.get(f"{key}.after", "[after]")}
    return tale


def _with(section: Section, values: Mapping[str, str], outline: Outline) -> Section:
    mine = {one.key for one in fields_of(section)}
    told = {key: text for key, text in values.items() if key in mine}
    return with_fields(section, told, template_table(section.key, outline))


def _unticked(section: Section) -> Section:
    groups = []
    for group in section.groups:
        blocks = [
            replace(block, rows=tuple(replace(r, ticked=False) if isinstance(r, Check) else r for r in block.rows))
            if isinstance(block, Rows)
            else block
            for block in group.blocks
        ]
        groups.append(replace(group, blocks=tuple(blocks)))
    return replace(section, groups=tuple(groups))


def _rows(document: Document) -> Iterator[object]:
    for section in document.sections:
        for block in section.blocks():
            if isinstance(block, Rows):
                yield from block.rows


# ---------------------------------------------------------------- the first act


def create(tale: Tale, people: Mapping[str, Person], template: OperationTemplate, at: dt.datetime) -> None:
    """Store the draft, with the people it names and its plan facts."""
    story, author = tale.story, people[tale.story.author]
    operation = store_document(author=author, template=template, document=tale.document, at=at, is_demo=True)
    _store_annex(operation, story, template.outline.settings.levels)
    line = template.outline.bound("supervisor")
    named = next((a.text for s in tale.document.sections for a in s.answers() if line and a.key == line.key), "")
    supervisor = next((person for person in people.values() if person.name == named), None)
    Operation.objects.filter(pk=operation.pk).update(created_at=at)
    tale.operation = name_people(
        operation,
        by=author,
        operator=author,
        supervisor=supervisor,
        deputies=[people[name] for name in story.deputies],
        team=[people[name] for name in story.team],
        at=at,
    )


def _store_annex(operation: Operation, story: Story, levels: Sequence[str]) -> None:
    for own in load_all(operation):
        annex: dict[str, str] = {}
        blocks = [block for block in own.document.blocks() if isinstance(block, Rows)]
        steps = [row for block in blocks if block.kind == "steps" for row in block.rows]
        facts = story.steps if any(group.phase for group in own.document.groups) else story.procedures
        for row, told in zip(steps, facts, strict=False):
            annex |= {f"{row.key}.{name}": text for name, text in zip(STEP_FACTS, told, strict=False)}
        compared = [row for block in blocks for row in block.rows if isinstance(row, Metric) and row.after is not None]
        for metric, (limit, lower) in zip(compared, story.limits, strict=False):
            annex |= {f"{metric.key}.limit": limit, f"{metric.key}.lower_is_better": lower}
        if annex:
            store_rows(own, own.document, annex, levels)

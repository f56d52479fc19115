"""Moving a record to another version of its template: nothing moves by itself, and nothing that was written is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.content.assembly import Loaded, annex_text, document_in_all, load_all
from records.content.columns import apply_facts, save_columns
from records.content.facts import facts_of
from records.content.renaming import Renaming, put_under_names, renamings_of
from records.content.storing import layout_of, store_rows
from records.decided import deciding
from records.document.fields import fields_of, table_of
from records.document.moving import Moved, moved
from records.document.moving_keys import key_in
from records.document.moving_names import Renamed
from records.document.outline import Document
from records.document.outline import Section as DocumentSection
from records.life_cycle import acting
from records.models import FieldChange, Operation, OperationTemplate, Outline, Person, Section
from records.refusals import WrongOrder
from records.rights import may_change_template
from records.writing.marking import answered_in
from records.writing.readiness import progress
from records.writing.section_writing import changes_of
from records.writing.who_wrote import MOVE, tell_who_wrote, writers_beside_plan


@dataclass(frozen=True, slots=True)
class Preview:
    """What another version changes in one record: lines asked anew, lines no longer asked, texts without a place, and
    what somebody wrote that goes along under another name, with the words if it is one answer. Where ``unsure`` texts
    stand, each with its label, may be another one's place.
    """

    asked: tuple[str, ...]
    gone: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[Renamed, str], ...]
    unsure: tuple[tuple[str, str], ...] = ()


def move_to_version(
    operation: Operation,
    *,
    template: OperationTemplate,
    by: Person,
    at: dt.datetime | None = None,
    apart: Collection[str] = (),
) -> Operation:
    """Put a draft on another version of its template; its author or a co-author does, while the plan is written. Back
    on an older one too: a move is undone so, and who approves a plan is chosen by no version.

    Answers that fit are carried; those that the version calls otherwise are marked until somebody looks at them, but
    for what stands under the keys ``apart``: like all that no longer fits it stays in place as text that is not
    recognised. Whose words become plan by it has written in the plan. Raises Refused for others and once the plan is no
    longer written, WrongOrder for a template of another name, Unusable for an operation ID that another record has.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_change_template(by, locked).insist()
        before = locked.template
        if before is None or template.name != before.name:
            raise WrongOrder(_("A record can only be moved to another version of its own template."))
        if template.pk == before.pk:
            return locked
        loaded = load_all(locked)
        found = _moved(locked, loaded, template.outline, apart)
        loaded = put_under_names(locked, loaded, found.names, found.before)
        marks = _mark(locked, loaded, found, template.outline, at)
        _bring_columns(locked, template, found.document, at)
        changes = _store(locked, loaded, found, before.outline, by, at, marks)
        deciding().follow(locked, found.names)
        facts = {"before": str(before), "after": str(template), "fields": changes, "kept": len(found.kept)}
        facts |= {"renamed": told} if (told := [f"{one.was} → {one.now}" for one in found.renamed if one.was]) else {}
        audit.record(MOVE, operation=locked, person=by, at=at, **facts)
        writers = writers_beside_plan(locked, _becoming_plan(found, before.outline, template.outline))
        tell_who_wrote(locked, writers, at=at, through=MOVE)
    return locked


def other_versions(template: OperationTemplate) -> list[OperationTemplate]:
    """The other versions of the same template, newest first. One query."""
    same = OperationTemplate.objects.filter(name=template.name).exclude(pk=template.pk)
    return list(same.order_by("-pk"))


@cache
def of_newest_version(column: str) -> Subquery:
    """A column of the newest version of a record's template; to be asked ``also`` with the record."""
    same = OperationTemplate.objects.filter(name=OuterRef("template__name")).order_by("-pk")
    return Subquery(same.values(column)[:1])


def newer_than(template: OperationTemplate) -> OperationTemplate | None:
    """The newest version of the same template, if that is another one. One query."""
    newest = OperationTemplate.objects.filter(name=template.name).order_by("-pk")
    found = newest.values_list("pk", "version").first()
    return (
        OperationTemplate(pk=found[0], name=template.name, version=found[1])
        if found and found[0] != template.pk
        else None
    )


def preview(operation: Operation, outline: Outline) -> Preview:
    """What moving ``operation`` to a version with ``outline`` would change. Nothing is written."""
    own = operation.outline
    assert own is not None
    found = _moved(operation, load_all(operation), outline)
    written = {label for label, _text in found.kept}
    known = {key_in(found.names, key): key for key in own.answers}
    texts = {key: text for section in found.before.sections for key, text in table_of(section).items()}
    gone = _labels(own, [key for now, key in known.items() if now not in outline.answers])
    return Preview(
        asked=_labels(outline, [key for key in outline.answers if key not in known]),
        gone=tuple(label for label in gone if label not in written),
        kept=found.kept,
        renamed=tuple((one, texts.get(one.after, "")) for one in found.renamed),
        unsure=tuple(zip(_labels(outline, found.unsure), (texts[key] for key in found.unsure), strict=True)),
    )


def _labels(outline: Outline, keys: Iterable[str]) -> tuple[str, ...]:
    """The labels of the answers ``keys`` of ``outline``; of one that has none, its group's title."""
    return tuple(outline.answers[key].label or outline.group_titles.get(key, "") for key in keys)


def _moved(operation: Operation, loaded: Sequence[Loaded], outline: Outline, apart: Collection[str] = ()) -> Moved:
    own = operation.outline
    assert own is not None
    document = document_in_all(operation, loaded)
    return moved(document, own.document, outline.document, _with_facts(loaded), apart)


def _with_facts(loaded: Iterable[Loaded]) -> set[str]:
    """The keys of rows for which somebody said more than the template has lines for."""
    return {
        key.rpartition(".")[0]
        for own in loaded
        for key, text in own.annex().items()
        if text != annex_text(getattr(type(own.rows[key.rpartition(".")[0]])(), key.rpartition(".")[2]))
    }


def _becoming_plan(found: Moved, old: Outline, new: Outline) -> list[str]:
    """The answers that were no part of the plan and are now, by their new keys: the version calls them so, or has no
    place for them, and keeps them as text that is not recognised.
    """
    names_back = {after: before for before, after in found.names.items()}
    before, after = (
        {key: text for section in document.sections for key, text in table_of(section).items()}
        for document in (found.before, found.document)
    )
    written = {key: text for key, text in before.items() if text != old.texts.get(key_in(names_back, key), "")}
    beside = {key: text for key, text in written.items() if old.part_of(key_in(names_back, key)) != "plan"}
    return [key for key, text in beside.items() if new.part_of(key) == "plan" or after.get(key) != text]


# ---------------------------------------------------------------- storing


def _bring_columns(operation: Operation, template: OperationTemplate, document: Document, at: dt.datetime) -> None:
    """Put the record on ``template``: its columns say what the lines that are bound there tell."""
    named = operation.operation_id
    operation.template, operation.front, operation.updated_at = template, document.front, at
    outline = template.outline
    told = apply_facts(operation, facts_of(document, outline), outline, title_only=bool(operation.submitted_at))
    names = ["template", "front", "updated_at", "renamings", *told]
    save_columns(operation, names, is_renamed=operation.operation_id != named)


def _mark(
    operation: Operation, loaded: Sequence[Loaded], found: Moved, outline: Outline, at: dt.datetime
) -> frozenset[str]:
    """The answers to be marked: those whose place may be another one's, and those that go along under another name.

    What goes back to its own name has no mark of that.
    """
    unsure = frozenset(found.unsure)
    if not found.names:
        return unsure
    last = next(iter(renamings_of(operation)[-1:]), Renaming(at, {}))
    names_back = {new: old for old, new in found.names.items()}
    known, marks = set[str](), set[str]()
    for own in loaded:
        undone = {key_in(found.names, key) for key in last.marked}
        undone = {key for key in undone if key_in(last.names, key) == key_in(names_back, key)}
        own.section.carried = [key for key in own.section.carried if key not in undone]
        known.update(own.section.carried)
    for section in found.document.sections:
        for key in answered_in(section, outline):
            was = key_in(names_back, key)
            if was != key and key_in(last.names, key) != was and key not in known:
                marks.add(key)
    versions = {own.section.key: own.section.version + 1 for own in loaded}
    renaming = Renaming(at, found.names, tuple(sorted(marks)), versions)
    operation.renamings = [*operation.renamings, renaming.to_json()]
    return unsure | marks


def _store(
    operation: Operation,
    loaded: Sequence[Loaded],
    found: Moved,
    old: Outline,
    by: Person,
    at: dt.datetime,
    marks: Collection[str],
) -> int:
    """Make the record's sections those of ``found``; how many fields changed that somebody had written."""
    known = {own.section.key: own for own in loaded}
    wanted = {section.key for section in found.document.sections}
    operation.sections.exclude(key__in=wanted).delete()
    texts = {key_in(found.names, key): text for key, text in old.texts.items()}
    changes: list[FieldChange] = []
    for place, section in enumerate(found.document.sections):
        own = known.get(section.key) or Loaded(
            Section(operation=operation, key=section.key, version=0), replace(section, groups=())
        )
        changes += _store_section(own, section, place, texts, by, at, marks)
    FieldChange.objects.bulk_create(changes)
    return len(changes)


def _store_section(
    own: Loaded,
    section: DocumentSection,
    place: int,
    old: Mapping[str, str],
    by: Person,
    at: dt.datetime,
    marks: Collection[str],
) -> list[FieldChange]:
    row = own.section
    outline = row.operation.outline
    assert outline is not None
    before, fields = table_of(own.document), [*fields_of(own.document), *fields_of(section)]
    row.kind, row.title, row.position = section.kind, section.title[:300], place
    row.layout, row.answers = layout_of(section)
    row.progress = progress(section, outline, row.operation.risk_level)
    after = table_of(section)
    carried = [key for key in row.carried if after.get(key) == before.get(key)]
    row.carried = list(dict.fromkeys([*carried, *(key for key in after if key in marks)]))
    keys = _changed(before, after, old, outline.texts)
    changes = changes_of(row, keys, before, after, {field.key: field for field in fields}, by=by, at=at)
    row.version, row.saved_at, row.saved_by = row.version + 1, at, by
    row.save()
    store_rows(own, section, {}, outline.settings.levels)
    return changes


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]
) -> list[str]:
    """The fields that differ and that somebody wrote in: a placeholder for another one is nobody's change."""
    return [
        key
        for key in dict.fromkeys([*after, *before])
        if before.get(key, "") != after.get(key, "")
        and (before.get(key, "") != old.get(key, "") or after.get(key, "") != new.get(key, ""))
    ]

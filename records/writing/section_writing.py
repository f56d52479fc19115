"""Writing into a section, whoever is at it: its texts and rows, the history of its fields, the record's columns.

Here nobody is asked for a right. People save through ``saving.save_section``; acts, which have asked for the right
to themselves, write their own lines with ``write_fields``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from records.composed import Asked, Kept
from records.content.assembly import Loaded, load
from records.content.columns import follow_text
from records.content.storing import layout_of, store_rows
from records.document.escape import normal
from records.document.fields import Field, fields_of, table_of
from records.document.graft import grafted
from records.document.outline import Section as DocumentSection
from records.document.with_fields import with_fields
from records.life_cycle import with_its_template
from records.models import FieldChange, Operation, Outline, Person, Section
from records.refusals import WrongOrder
from records.writing.empty_lists import section_in
from records.writing.readiness import progress, shown, template_table
from records.writing.who_wrote import tell_who_wrote


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: the section's version now, and the keys that changed."""

    version: int
    changed: tuple[str, ...]


def locked_section(operation: Operation, key: str) -> Loaded:
    """The section as it is now, it and its record locked until the transaction ends."""
    section = _locked.get(operation=operation.pk, key=key)
    with_its_template(section.operation)
    return load([section])[0]


# Both rows are locked: of one that only joined, a save that had to wait would see what was there before. The record
# comes first, as in every act (PostgreSQL locks in the order named): two orders would wait for each other.
_locked = Kept(
    lambda: (
        Section.objects.select_for_update(of=("operation", "self"), no_key=True)
        .select_related("operation__template")
        .filter(operation=Asked("operation"), key=Asked("key"))
    )
)


def write_fields(
    operation: Operation, section_key: str, values: Mapping[str, str], *, by: Person, at: dt.datetime
) -> None:
    """Write fields that an act writes, on a record that the act has locked, whatever the section says by now."""
    if values:
        loaded = locked_section(operation, section_key)
        outline = loaded.section.operation.outline
        document = with_absent(loaded.document, values, outline)
        write_changed(loaded, document, changed_in(values, fields_in(loaded), document, outline), by=by, at=at)


def fields_in(loaded: Loaded) -> dict[str, str]:
    """Every field of the section: those of its text, and the plan facts of its rows."""
    return table_of(loaded.document) | loaded.annex()


def changed_in(
    values: Mapping[str, str], table: Mapping[str, str], document: DocumentSection, outline: Outline | None
) -> dict[str, str]:
    """Those of ``values``, texts as a form posts them, that differ from what a form shows of ``table``."""
    shapes = {field.key: field.shape for field in fields_of(document)}
    texts = outline.texts if outline else {}
    return {
        key: text
        for key, text in values.items()
        if normal(text, "fence") != shown(table.get(key, ""), shapes.get(key, ""), texts.get(key, ""))
    }


def with_absent(document: DocumentSection, values: Mapping[str, str], outline: Outline | None) -> DocumentSection:
    """``document`` with the template's lines that it lacks and that ``values`` answers."""
    own = section_in(outline, document.key)
    if own is None:
        return document
    present = set(table_of(document))
    lacking = {a.key for a in own.answers() if a.key not in present and values.get(a.key, "").strip()}
    return grafted(document, own, lacking) if lacking else document


def is_plan(key: str, outline: Outline | None, shape: str = "value") -> bool:
    """Whether a field, of this ``shape`` if it is known, is part of what an approval binds; without a template all but
    the values after.
    """
    if outline:
        return outline.part_of(key, shape) == "plan"
    return not (key.endswith(".after") and shape == "value")


def write_changed(
    loaded: Loaded,
    document: DocumentSection,
    values: Mapping[str, str],
    *,
    by: Person,
    at: dt.datetime,
    checked: Collection[str] = (),
    page: str = "",
) -> Saved:
    """Write ``document`` with ``values``, by key, as the section ``loaded``, which is locked.

    What changes, or is ``checked``, was looked at: it no longer counts as carried over from another record. Whether
    anybody may change it now is asked by the caller. Raises WrongOrder where somebody wrote the section meanwhile.
    """
    section, operation = loaded.section, loaded.section.operation
    outline = operation.outline
    before = fields_in(loaded)
    new = with_fields(document, values, template_table(section.key, outline))
    labels = {field.key: field for field in [*fields_of(loaded.document), *fields_of(new)]}
    annex = {key: text for key, text in values.items() if key in before or "." in key}
    store_rows(loaded, new, annex, outline.settings.levels if outline else ())
    loaded.document = new
    after = fields_in(loaded)
    keys = [
        key
        for key in [*after, *(key for key in before if key not in after)]
        if before.get(key, "") != after.get(key, "")
    ]
    carried = [key for key in section.carried if key not in {*checked, *keys}]
    if not keys:
        if carried != section.carried:
            Section.objects.filter(pk=section.pk).update(carried=carried)
        return Saved(section.version, ())
    _write(section, new, carried, by, at)
    FieldChange.objects.bulk_create(changes_of(section, keys, before, after, labels, by=by, at=at, page=page))
    follow_text(operation, section, new, keys, at=at)
    if any(is_plan(key, outline, _shape(key, labels)) for key in keys):
        tell_who_wrote(operation, {by.pk}, at=at)
    return Saved(section.version + 1, tuple(keys))


def changes_of(
    section: Section,
    keys: Iterable[str],
    before: Mapping[str, str],
    after: Mapping[str, str],
    labels: Mapping[str, Field],
    *,
    by: Person,
    at: dt.datetime,
    page: str = "",
) -> list[FieldChange]:
    """The history of ``keys`` in the save that makes the section's next version; not stored yet."""
    return [
        FieldChange(
            operation=section.operation,
            section_key=section.key,
            key=key,
            label=_label(key, labels)[:300],
            before=before.get(key, ""),
            after=after.get(key, ""),
            is_plan=is_plan(key, section.operation.outline, _shape(key, labels)),
            version=section.version + 1,
            page=page,
            person=by,
            at=at,
        )
        for key in keys
    ]


def _write(section: Section, new: DocumentSection, carried: list[str], by: Person, at: dt.datetime) -> None:
    """Set the row of a section."""
    operation = section.operation
    section.layout, section.answers = layout_of(new)
    section.progress = progress(new, operation.outline, operation.risk_level)
    # The condition is the promise: whoever saved meanwhile has changed the version, and nothing is overwritten.
    written = Section.objects.filter(pk=section.pk, version=section.version).update(
        layout=section.layout,
        answers=section.answers,
        progress=section.progress,
        carried=carried,
        version=F("version") + 1,
        saved_at=at,
        saved_by=by,
    )
    if not written:
        raise WrongOrder(_("Somebody was faster. Look at the record again."))


def _shape(key: str, fields: Mapping[str, Field]) -> str:
    return fields[key].shape if key in fields else "value"


def _label(key: str, labels: Mapping[str, Field]) -> str:
    """What a field is called; a plan fact without a line in the text is called after its row."""
    if key in labels:
        return labels[key].label
    row, _dot, name = key.rpartition(".")
    own = labels.get(f"{row}.text") or labels.get(f"{row}.name")
    called = name.replace("_", " ")
    return f"{own.label.removesuffix(', name')}, {called}" if own else called

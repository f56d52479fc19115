"""Saving a section: what one side changed is merged, what both changed is shown to whoever saves, nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from records.assembly import Loaded, load, load_all
from records.columns import TOLD_BY, apply_facts
from records.document.escape import normal
from records.document.fields import Field, fields_of, table_of, with_fields
from records.document.graft import grafted
from records.document.outline import Document
from records.document.outline import Section as DocumentSection
from records.facts import Facts, facts_of
from records.models import FieldChange, Operation, Outline, Person, Section, State
from records.models.states import EDITABLE
from records.readiness import progress, shown, template_table
from records.refusals import WrongOrder
from records.storing import layout_of, store_rows

SECTION_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed: what both started from, what is stored now, what was posted."""

    key: str
    label: str
    base: str
    theirs: str
    mine: str


class Clashed(Exception):
    """A save met another one in the same fields; nothing was written."""

    def __init__(self, clashes: Sequence[Clash], version: int) -> None:
        super().__init__(_("Somebody else changed the same fields meanwhile."))
        self.clashes, self.version = list(clashes), version


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: the section's version now, and the keys that changed."""

    version: int
    changed: tuple[str, ...]


@transaction.atomic
def save_section(
    *,
    operation: Operation,
    key: str,
    version: int,
    values: Mapping[str, str],
    by: Person,
    at: dt.datetime,
    choices: Mapping[str, str] | None = None,
    checked: Collection[str] = (),
) -> Saved:
    """Save fields of one section; ``version`` is the one the posted texts started from.

    Fields that only one side changed are merged; for others ``Clashed`` says both texts and nothing is
    written, unless ``choices`` (key to the theirs-text that was seen) says that ``values`` were chosen against
    it. ``checked`` are fields that somebody looked at: like those that change, they no longer count as carried over.

    Plan fields can be changed in a draft only, the others until the final text is frozen. Raises
    ValueError in words for what can't be stored, WrongOrder where the record has moved on.
    """
    if sum(len(text.encode("utf-8", "surrogatepass")) for text in values.values()) > SECTION_BYTES:
        raise ValueError(_("This section is larger than 256 KiB. Put long output into a file and link to it."))
    # Both rows are locked: of one that only joined, a save that had to wait would see what was there before. The
    # record comes first, as in every act (PostgreSQL locks in the order named): two orders would wait for each other.
    both = Section.objects.select_for_update(of=("operation", "self"), no_key=True)
    section = both.select_related("operation__template").get(operation=operation, key=key)
    locked = section.operation
    outline = locked.outline
    loaded = load([section])[0]
    current = table_of(loaded.document) | loaded.annex()
    base = _base_table(section, version, current)
    document = with_absent(loaded.document, values, outline)
    mine = changed_in(values, base, document, outline)
    mine = _merged(mine, base, current, document, section.version, choices or {})
    new = with_fields(document, mine, template_table(key, outline))
    annex = {k: v for k, v in mine.items() if k in current or "." in k}
    return _write(locked, loaded, new, annex, outline, checked, by, at)


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


def _base_table(section: Section, version: int, current: Mapping[str, str]) -> dict[str, str]:
    """The fields as they were at ``version``: what was changed since is taken back, newest first."""
    base = dict(current)
    if version < section.version:
        since = FieldChange.objects.filter(
            operation_id=section.operation_id, section_key=section.key, version__gt=version
        )
        for change in since.order_by("-version", "-pk"):
            base[change.key] = change.before
    return base


def _merged(
    mine: Mapping[str, str],
    base: Mapping[str, str],
    current: Mapping[str, str],
    document: DocumentSection,
    version: int,
    choices: Mapping[str, str],
) -> dict[str, str]:
    labels = {field.key: field.label for field in fields_of(document)}
    clashes = []
    for key, text in mine.items():
        theirs = current.get(key, "")
        changed = theirs != base.get(key, "")
        if changed and normal(text, "fence") != theirs and choices.get(key) != theirs:
            clashes.append(Clash(key, labels.get(key, key), base.get(key, ""), theirs, text))
    if clashes:
        raise Clashed(clashes, version)
    return dict(mine)


def with_absent(document: DocumentSection, values: Mapping[str, str], outline: Outline | None) -> DocumentSection:
    """``document`` with the template's lines that it lacks and that ``values`` answers."""
    if outline is None:
        return document
    own = next((section for section in outline.document.sections if section.key == document.key), None)
    if own is None:
        return document
    present = set(table_of(document))
    lacking = {a.key for a in own.answers() if a.key not in present and values.get(a.key, "").strip()}
    return grafted(document, own, lacking) if lacking else document


def _write(
    operation: Operation,
    loaded: Loaded,
    new: DocumentSection,
    annex: Mapping[str, str],
    outline: Outline | None,
    checked: Collection[str],
    by: Person,
    at: dt.datetime,
) -> Saved:
    section = loaded.section
    before = table_of(loaded.document) | loaded.annex()
    labels = {field.key: field for field in [*fields_of(loaded.document), *fields_of(new)]}
    levels = outline.settings.levels if outline else ()
    store_rows(loaded, new, annex, levels)
    after = table_of(new) | loaded.annex()
    changes = [
        _change(operation, section, key, labels, before.get(key, ""), after.get(key, ""), outline, by, at)
        for key in [*after, *(key for key in before if key not in after)]
        if before.get(key, "") != after.get(key, "")
    ]
    looked_at = {*checked, *(change.key for change in changes)}
    carried = [key for key in section.carried if key not in looked_at]
    if not changes:
        if carried != section.carried:
            Section.objects.filter(pk=section.pk).update(carried=carried)
        return Saved(section.version, ())
    _refuse_locked(operation, changes)
    layout, answers = layout_of(new)
    section.layout, section.answers = layout, answers
    section.progress = progress(new, outline, operation.risk_level)
    # The condition is the promise: whoever saved meanwhile has changed the version, and nothing is overwritten.
    written = Section.objects.filter(pk=section.pk, version=section.version).update(
        layout=layout,
        answers=answers,
        progress=section.progress,
        carried=carried,
        version=F("version") + 1,
        saved_at=at,
        saved_by=by,
    )
    if not written:
        raise Clashed([], section.version)
    FieldChange.objects.bulk_create(changes)
    _touch(operation, section, new, changes, outline, at)
    return Saved(section.version + 1, tuple(change.key for change in changes))


def _change(
    operation: Operation,
    section: Section,
    key: str,
    labels: Mapping[str, Field],
    before: str,
    after: str,
    outline: Outline | None,
    by: Person,
    at: dt.datetime,
) -> FieldChange:
    return FieldChange(
        operation=operation,
        section_key=section.key,
        key=key,
        label=_label(key, labels)[:300],
        before=before,
        after=after,
        is_plan=is_plan(key, outline),
        version=section.version + 1,
        person=by,
        at=at,
    )


def _label(key: str, labels: Mapping[str, Field]) -> str:
    """What a field is called; a plan fact without a line in the text is called after its row."""
    if key in labels:
        return labels[key].label
    row, _dot, name = key.rpartition(".")
    own = labels.get(f"{row}.text") or labels.get(f"{row}.name")
    called = name.replace("_", " ")
    return f"{own.label.removesuffix(', name')}, {called}" if own else called


def is_plan(key: str, outline: Outline | None) -> bool:
    """Whether a field is part of what an approval binds: all that ``document.plan`` leaves in the plan text.

    That are rows but for their after-values, and whatever no template has a line for, wherever it stands.
    """
    if key.endswith(".after"):
        return False
    known = outline is not None and key in outline.answers
    return not known or (outline is not None and outline.settings.asked(key).part == "plan")


def _refuse_locked(operation: Operation, changes: Sequence[FieldChange]) -> None:
    if operation.state in (State.FINALIZED, State.REJECTED, State.CANCELLED, State.IMPORTED):
        raise WrongOrder(_("This record has ended; nothing in it changes any more."))
    if operation.state not in EDITABLE and any(change.is_plan for change in changes):
        raise WrongOrder(_("The plan was sent for review meanwhile and can't be changed now. Your text was not saved."))
    if operation.final_text_id:
        raise WrongOrder(_("The operator has signed this record; its text is frozen."))


def _touch(
    operation: Operation,
    section: Section,
    new: DocumentSection,
    changes: Sequence[FieldChange],
    outline: Outline | None,
    at: dt.datetime,
) -> None:
    """Bring the record's own columns up to date with what was saved; a new risk level counts everything again."""
    names = ["updated_at"]
    operation.updated_at = at
    level, named = operation.risk_level, operation.operation_id
    lines = {line.key for fact in set(TOLD_BY.values()) if outline and (line := outline.bound(fact))}
    keys = {change.key for change in changes}
    if keys & {"title", *lines} or _time_line(outline) in keys or any(k.endswith((".window", ".phases")) for k in keys):
        facts = _facts_now(operation, section, new, lines, outline)
        names += apply_facts(operation, facts, outline, title_only=bool(operation.submitted_at))
    if operation.risk_level != level:
        _count_again(operation, outline)
    if operation.operation_id == named:
        operation.save(update_fields=names)
        return
    try:
        with transaction.atomic():
            operation.save(update_fields=names)
    except IntegrityError as error:
        message = _("There is a record %(id)s already; choose another operation ID.")
        raise ValueError(message % {"id": operation.operation_id}) from error


def _time_line(outline: Outline | None) -> str:
    line = outline.bound("time") if outline else None
    return line.key if line else ""


def _facts_now(
    operation: Operation, section: Section, new: DocumentSection, lines: set[str], outline: Outline | None
) -> Facts:
    """The facts after a save. Of a record whose lines all stand in the header only that and the phases are read."""
    everything = any(not key.startswith("header/") for key in lines)
    wanted = [
        own
        for own in operation.sections.all()
        if own.pk != section.pk and (everything or own.kind == "header" or _has_phases(own))
    ]
    documents = {own.section.position: own.document for own in load(wanted)} | {section.position: new}
    return facts_of(Document(tuple(documents[at] for at in sorted(documents))), outline)


def _has_phases(section: Section) -> bool:
    return any("phase" in group for group in section.layout["groups"])


def _count_again(operation: Operation, outline: Outline | None) -> None:
    sections = load_all(operation)
    for own in sections:
        own.section.progress = progress(own.document, outline, operation.risk_level)
    Section.objects.bulk_update([own.section for own in sections], ["progress"])

"""Saving a section: what one side changed is merged, what both changed is shown to whoever saves, nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from records.as_asked import ASKED, as_asked
from records.document.escape import normal
from records.document.fields import fields_of, table_of
from records.document.outline import Section as DocumentSection
from records.models import FieldChange, Operation, Outline, Person, Section, State
from records.models.states import EDITABLE
from records.refusals import Unusable, WrongOrder
from records.rights import may_edit, may_edit_close, may_edit_plan
from records.writing.people import Pick, name_in_header
from records.writing.section_writing import (
    Saved,
    changed_in,
    fields_in,
    is_plan,
    locked_section,
    with_absent,
    write_changed,
)
from records.writing.who_wrote import RESTORE, tell_who_wrote, writers_beside_plan

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


class NoPlace(Unusable):
    """Texts for fields that the section hasn't got, or not any more; ``keys`` name them."""

    def __init__(self, keys: Collection[str]) -> None:
        super().__init__(_("There is no place for this text any more: what it stood in was removed. It is not saved."))
        self.keys = list(keys)


class Sealed(Unusable):
    """Lines that only the act of closing writes; ``keys`` name them."""

    def __init__(self, keys: Collection[str]) -> None:
        super().__init__(_("This line is written when the record is closed, by its signatures."))
        self.keys = list(keys)


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
    picks: Mapping[str, Pick] | None = None,
    since: Mapping[str, int] | None = None,
    page: str = "",
    back: Collection[str] = (),
) -> Saved:
    """Save fields of one section; ``version`` is the one the posted texts started from, ``since`` those of some fields
    that started from another. ``page`` names the page that sends them: what it saved itself is no other's change.

    Fields that only one side changed are merged; for others ``Clashed`` says both texts and nothing is
    written, unless ``choices`` (key to the theirs-text that was seen) says that ``values`` were chosen against
    it. ``checked`` are fields that somebody looked at: like those that change, they no longer count as carried over.
    ``picks`` are the accounts of the people in the header's lines, by fact. A date, time or window that is written in
    another way than the template's is stored in the template's; but for the fields ``back``, put back as they were:
    of what is plan by now, whoever wrote in them while it was none has written in the plan.

    Plan fields can be changed in a draft only, the others until the final text is frozen, and what closing writes by
    nobody. Raises Refused unless ``by`` may write each field, Unusable in words for what can't be stored (Sealed
    for lines of closing, NoPlace for a text whose field is gone: never is it dropped in silence), WrongOrder where the
    record has moved on.
    """
    if sum(len(text.encode("utf-8", "surrogatepass")) for text in values.values()) > SECTION_BYTES:
        raise Unusable(_("This section is larger than 256 KiB. Put long output into a file and link to it."))
    loaded = locked_section(operation, key)
    section, outline = loaded.section, loaded.section.operation.outline
    current = fields_in(loaded)
    base = _base_table(section, version, current, since or {}, page)
    document = with_absent(loaded.document, values, outline)
    changed = changed_in(values, base, document, outline)
    mine = {key: text if key in back else as_template_asks(key, text, outline) for key, text in changed.items()}
    _insist(by, section.operation, [*mine, *checked], document)
    if sealed := [key for key in mine if outline and key in outline.written_at_closing]:
        raise Sealed(sealed)
    if clashes := _clashes(mine, base, current, document, choices or {}):
        raise Clashed(clashes, section.version)
    saved = write_changed(loaded, document, mine, checked=checked, page=page, by=by, at=at)
    known = {*current, *table_of(document), *fields_in(loaded)}
    if lost := [key for key, text in mine.items() if text.strip() and key not in known]:
        raise NoPlace(lost)
    _insist(by, section.operation, saved.changed, document)
    planned = [key for key in saved.changed if key in back and mine.get(key, "").strip() and is_plan(key, outline)]
    tell_who_wrote(section.operation, writers_beside_plan(section.operation, planned), at=at, through=RESTORE)
    name_in_header(section.operation, picks or {}, written=mine, by=by, at=at)
    return saved


def as_template_asks(key: str, text: str, outline: Outline | None) -> str:
    """A text that somebody wrote, as the template writes what its line is about."""
    row, _dot, name = key.rpartition(".")
    asked = outline.texts.get(key, "") if outline else ""
    if row and name == "unit":
        # "142 req/sec", and so "142 Gbit/s"; a blank that nobody sees in the form isn't asked for again.
        return f"{asked[:1]}{text}" if asked[:1].isspace() and text[:1].isalpha() else text
    fact = name if row and name in ("window", "estimate") else outline.asked_of(key) if outline else ""
    return as_asked(fact, text, asked) if fact in ASKED else text


def _insist(by: Person, operation: Operation, keys: Collection[str], document: DocumentSection) -> None:
    """Raises WrongOrder for fields of ``document`` that nobody may write now, Refused for those that ``by`` may not."""
    shapes = {field.key: field.shape for field in fields_of(document)}
    planned = [is_plan(key, operation.outline, shapes.get(key, "value")) for key in keys]
    if planned:
        _refuse_locked(operation, planned)
    may_edit(by, operation).insist()
    plan, rest = may_edit_plan(by, operation), may_edit_close(by, operation)
    for one in planned:
        (plan if one else rest).insist()


def _refuse_locked(operation: Operation, planned: Collection[bool]) -> None:
    """Raises WrongOrder if the record's state lets nobody change fields of which some may be ``planned``."""
    if operation.state in (State.FINALIZED, State.REJECTED, State.CANCELLED, State.IMPORTED):
        raise WrongOrder(_("This record has ended; nothing in it changes any more."))
    if operation.state not in EDITABLE and not operation.owes_plan and any(planned):
        raise WrongOrder(_("The plan was sent for review meanwhile and can't be changed now. Your text was not saved."))
    if operation.final_text_id:
        raise WrongOrder(_("This record is signed; its text is frozen."))


def _base_table(
    section: Section, version: int, current: Mapping[str, str], since: Mapping[str, int], page: str
) -> dict[str, str]:
    """The fields as the page had them: what others changed since is taken back, newest first."""
    base = dict(current)
    oldest = min([version, *since.values()])
    if oldest < section.version:
        changes = FieldChange.objects.filter(
            operation_id=section.operation_id, section_key=section.key, version__gt=oldest
        )
        own: set[str] = set()
        for change in changes.order_by("-version", "-pk"):
            if page and change.page == page:
                own.add(change.key)
            elif change.version > since.get(change.key, version) and change.key not in own:
                base[change.key] = change.before
    return base


def _clashes(
    mine: Mapping[str, str],
    base: Mapping[str, str],
    current: Mapping[str, str],
    document: DocumentSection,
    choices: Mapping[str, str],
) -> list[Clash]:
    """What both changed, of the fields that are there: in one that was removed there is nothing to choose."""
    labels = {field.key: field.label for field in fields_of(document)}
    clashes = []
    for key in (key for key in mine if key in current or key in labels):
        text, theirs = mine[key], current.get(key, "")
        changed = theirs != base.get(key, "")
        if changed and normal(text, "fence") != theirs and choices.get(key) != theirs:
            clashes.append(Clash(key, labels.get(key, key), base.get(key, ""), theirs, text))
    return clashes

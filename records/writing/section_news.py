"""What others did to a section while somebody has it open: their changes, and who they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from records.content.assembly import load
from records.document.fields import fields_of
from records.forms.buttons import STRUCTURE
from records.models import FieldChange, Person, Section, SectionPresence
from records.writing.readiness import shown

# Browsers say every ten seconds that they are still there; one that was silent for longer has gone.
PRESENT = dt.timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class NewText:
    """A field that somebody else changed: its text as a form shows it, and who changed it when."""

    key: str
    label: str
    text: str
    person: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class News:
    """What a page that shows ``version - n`` lacks; ``rows`` says that rows came, went or moved."""

    version: int
    texts: tuple[NewText, ...] = ()
    rows: bool = False


def news_since(section: Section, version: int, page: str) -> News:
    """What was changed in ``section`` after ``version``, but for the fields that ``page`` was the last to change."""
    changes = FieldChange.objects.filter(
        operation_id=section.operation_id, section_key=section.key, version__gt=version
    )
    newest = {change.key: change for change in changes.select_related("person").order_by("version", "pk")}
    foreign = [change for change in newest.values() if not page or change.page != page]
    if not foreign:
        return News(section.version)
    shapes = {field.key: field.shape for field in fields_of(load([section])[0].document)}
    outline = section.operation.outline
    line = outline.bound("id") if outline else None

    def text(change: FieldChange) -> str:
        template = outline.texts.get(change.key, "") if outline else ""
        told = shown(change.after, shapes.get(change.key, ""), template)
        return told.strip("`") if line and line.key == change.key else told

    texts = [
        NewText(change.key, change.label, text(change), str(change.person), change.at)
        for change in foreign
        if not change.key.endswith(STRUCTURE)
    ]
    return News(section.version, tuple(texts), rows=len(texts) < len(foreign))


def last_change(section: Section, key: str) -> FieldChange | None:
    """The newest change of a field."""
    changes = FieldChange.objects.filter(operation_id=section.operation_id, section_key=section.key, key=key)
    return changes.select_related("person").order_by("-version", "-pk").first()


def note_presence(section: Section, *, by: Person, at: dt.datetime) -> list[str]:
    """Note that ``by`` has the section open; returns the names of the others who have."""
    SectionPresence.objects.update_or_create(section=section, person=by, defaults={"seen_at": at})
    others = SectionPresence.objects.filter(section=section, seen_at__gt=at - PRESENT).exclude(person=by)
    return [str(other.person) for other in others.select_related("person").order_by("pk")]

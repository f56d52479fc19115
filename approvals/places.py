"""Where a comment stands: a field of a plan, a section of it, or the people it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from approvals.models import Comment
from records.content.frozen import Frozen
from records.document.differences import with_facts
from records.document.moving_keys import key_in
from records.document.outline import Section
from records.forms.controls import plain_label
from records.models import Operation
from records.reading.shown_changes import words_for

STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be commented on: its key, the section it stands in, and what it is called."""

    key: str
    section: str
    label: str


def roles_named() -> dict[str, str]:
    """The roles that a plan names people for, with what they are called."""
    return {"operator": _("Operator"), "supervisor": _("Supervisor"), "deputies": _("Deputies")}


def places_in(section: Section, facts: Mapping[str, str]) -> list[Place]:
    """The section as a whole, then its fields in the order of the text, with the plan facts beside them."""
    fields = [one for one in with_facts(section, facts).values() if one.shape != STRUCTURE]
    title = section.title or words_for(section.kind)
    return [
        Place(section.key, section.key, title),
        *(Place(one.key, section.key, plain_label(one.label)) for one in fields),
    ]


def place_of(plan: Frozen, key: str) -> Place | None:
    """The place that ``key`` names in ``plan``; None if it has none. People stand with the first section."""
    section = _section_of(key)
    for own in plan.document.sections:
        if own.key == section:
            return next((place for place in places_in(own, plan.facts) if place.key == key), None)
    role = key.removeprefix("people.")
    if key.startswith("people.") and role in roles_named() and plan.document.sections:
        return Place(key, plan.document.sections[0].key, roles_named()[role])
    return None


def _section_of(key: str) -> str:
    return key.split("/", 1)[0].split(".", 1)[0]


def follow(operation: Operation, names: Mapping[str, str]) -> None:
    """Put the comments on ``operation`` under ``names``, old keys to new, by which its template calls them now."""
    told = (
        [one for one in Comment.objects.filter(operation=operation) if key_in(names, one.key) != one.key]
        if names
        else []
    )
    for one in told:
        one.key = key_in(names, one.key)
        one.section_key = _section_of(one.key)
    Comment.objects.bulk_update(told, ["section_key", "key"])

"""A comment that is being written: where it stands, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from approvals.draft_talk import DraftReading
from approvals.models import Comment, CommentKind
from approvals.places import Place, place_of, places_in
from approvals.reading import Reading

Talk = Reading | DraftReading


@dataclass(frozen=True, slots=True)
class Writing:
    """The form that is open. ``change`` is the comment that is put in other words, ``answer`` the one answered."""

    key: str = ""
    section: str = ""
    label: str = ""
    kind: str = CommentKind.REMARK
    text: str = ""
    error: str = ""
    change: int = 0
    answer: int = 0
    places: Sequence[Place] = ()

    @property
    def number(self) -> int:
        """The comment that the form is about; 0 for a new one."""
        return self.change or self.answer


def asked(reading: Talk, query: Mapping[str, str]) -> Writing | None:
    """The form that the address asks for: "comment" with a key, "change" or "answer" with a number."""
    if key := query.get("comment", ""):
        # What was added since the revision isn't in it; its section is.
        return new(reading, key) or new(reading, key.partition("/")[0])
    for name in ("change", "answer"):
        if one := _named(reading, query.get(name, "")):
            return about(one, name)
    return None


def new(reading: Talk, key: str, text: str = "", kind: str = CommentKind.REMARK, error: str = "") -> Writing | None:
    """The form of a new comment on ``key``; None where the plan has no such place and nothing was typed."""
    place = place_of(reading.frozen, key)
    if place is None:
        return Writing(text=text, kind=kind, error=error, places=_all(reading)) if text else None
    own = next(one for one in reading.frozen.document.sections if one.key == place.section)
    places = places_in(own, reading.frozen.facts)
    if place.key not in {one.key for one in places}:
        places.append(place)
    return Writing(place.key, place.section, place.label, kind, text, error, places=places)


def about(one: Comment, name: str) -> Writing:
    """The form that changes a comment, or answers it."""
    writing = Writing(one.key, one.section_key, one.label, one.kind, answer=one.pk)
    return replace(writing, text=one.text, change=one.pk, answer=0) if name == "change" else writing


def _named(reading: Talk, number: str) -> Comment | None:
    return next((one.first for one in reading.threads if str(one.first.pk) == number), None)


def _all(reading: Talk) -> list[Place]:
    """The sections, for a text whose field is not in the plan any more."""
    return [places_in(own, {})[0] for own in reading.frozen.document.sections]

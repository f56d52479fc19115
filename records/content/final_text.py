"""The final text: the whole record as bytes, with outcome, completion and approvals in their lines (I1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.as_asked import as_asked
from records.content.assembly import Loaded, load_all
from records.content.facts import bound_text
from records.content.freezing import check_unchanged, keep_lines, unasked_in
from records.document.digest import canonical_json, sha256
from records.document.exchange import to_json
from records.document.outline import Document, Section
from records.document.shapes import in_capitals
from records.document.template_settings import TemplateSettings
from records.document.write import write
from records.models import FinalText, Operation, Outcome, Outline, Person, Revision
from records.one_line import one_line
from records.reading.previewing import as_posted
from records.refusals import Changed, WrongOrder
from records.times import first_date_in
from records.writing.section_writing import write_fields

# Grammar, never translated, like every "Not applicable".
AFTERWARDS = "Not applicable: recorded afterwards, nobody approved it beforehand"
EMERGENCY = "Not applicable: started as an emergency, nobody approved it beforehand"
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Signature:
    """An approval as the record names it: who, in which role and how that is called, when, of which revision."""

    role: str
    role_name: str
    name: str
    at: dt.datetime
    revision: int
    digest: str

    def __str__(self) -> str:
        at = self.at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"{self.name}, {self.role_name}, {at}, revision {self.revision}, {self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class Ending:
    """What closing adds to a record: how it ended and when, the plan that was approved, and by whom.

    ``unsigned`` ("Not applicable: …") stands in the lines of approvals that were not given; ``review_on`` is the day
    of the next review, where it was chosen while closing. ``words`` are the template's for the outcome, where it has
    several.
    """

    outcome: Outcome
    completed_at: dt.datetime
    revision: Revision
    signatures: Sequence[Signature]
    unsigned: str
    review_on: dt.date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The final text as it would be frozen now: its bytes, what is still to be written for it, by section, and the
    day of the next review that it names.
    """

    text: bytes
    to_write: Mapping[str, Mapping[str, str]]
    review_on: dt.date | None

    @property
    def digest(self) -> str:
        """What a signature over the text binds."""
        return sha256(self.text)


def draw_final_text(operation: Operation, sections: Sequence[Loaded], ending: Ending) -> Drawn:
    """The whole record with outcome, completion and approvals in their lines, the plan as approved; writes nothing.

    ``sections`` are all those of the record. Raises Changed if the plan text of the final record differs from the
    bytes of the approved revision by as much as a blank.
    """
    outline = operation.outline
    to_write = {own.section.key: _closing_values(own.document, operation, outline, ending) for own in sections}
    final = tuple(as_posted(own, to_write[own.section.key], outline) for own in sections)
    document = Document(final, operation.front)
    check_unchanged(operation, ending.revision, document, sections)
    review_on = first_date_in(bound_text(document, outline, "review"))
    return Drawn(write(document).encode(), to_write, review_on)


def freeze_final_text(operation: Operation, drawn: Drawn, *, by: Person, at: dt.datetime) -> FinalText:
    """Write into the record what closing adds, and keep the whole of it as bytes: those of ``drawn``, or Changed."""
    for key, values in drawn.to_write.items():
        write_fields(operation, key, values, by=by, at=at)
    document = keep_lines(operation, load_all(operation))
    text = write(document).encode()
    if text != drawn.text:
        raise Changed(_("The record changed since its final text was shown. Read it again."), None)
    newest = operation.final_texts.order_by("-number").values_list("number", flat=True).first()
    return FinalText.objects.create(
        operation=operation,
        number=(newest or 0) + 1,
        text=text,
        content=canonical_json(to_json(document)),
        digest=drawn.digest,
        frozen_by=by,
        frozen_at=at,
    )


def check_signed(final: FinalText) -> None:
    """Raises Changed unless the stored bytes of ``final`` are those that its digest was made over."""
    if sha256(bytes(final.text)) != final.digest:
        raise Changed(_("The stored bytes of the final text no longer fit its digest."), final)


def _closing_values(section: Section, operation: Operation, outline: Outline | None, ending: Ending) -> dict[str, str]:
    """What closing writes into ``section``: the lines of acts, and "Not applicable" where nobody was asked."""
    if outline is None:
        return {}
    own = {answer.key for answer in outline.section_answers.get(section.key, ())}
    lines = {key: text for key, text in act_lines(outline, ending).items() if key in own}
    return unasked_in(section, outline, operation.risk_level, ("open", "close")) | lines


def act_lines(outline: Outline, ending: Ending) -> dict[str, str]:
    """What the acts of closing write, by line: approvals, outcome, and the end and next review as their lines ask."""
    settings = outline.settings
    lines = {path: signed_line(ending.signatures, roles, ending.unsigned) for path, roles in settings.signers.items()}
    if path := settings.bind.get("status"):
        lines[path] = ending.words or words_of(ending.outcome, settings)[0]
    if ending.review_on and (line := outline.bound("review")):
        day = ending.review_on.isoformat()
        lines[line.key] = as_asked("date", day, line.text)
    if line := outline.bound("completed"):
        lines[line.key] = _completed(ending.completed_at, line.text)
    return lines


def _completed(at: dt.datetime, placeholder: str) -> str:
    """The end in UTC in the shape that its line asks for: a day, a time, or both; seconds where they have a place.

    All of it where the placeholder shows no shape.
    """
    placeholder = in_capitals(placeholder)
    has_day, has_clock = "YYYY" in placeholder, "HH" in placeholder
    at = at.astimezone(dt.UTC)
    if has_clock and "SS" not in placeholder:
        at = at.replace(second=0)
    day, clock = f"{at:%Y-%m-%d}", f"{at:%H:%M:%S} UTC"
    if has_day and has_clock:
        return as_asked("moment", f"{day} {clock}", placeholder)
    if has_clock:
        return as_asked("time", clock, placeholder)
    return as_asked("date", day, placeholder) if has_day else f"{day} {clock}"


def unsigned_in(operation: Operation) -> str:
    """What stands in the lines of approvals that were not given: of what nobody approved, why it was done first."""
    if not operation.was_unapproved:
        return (operation.outline.settings if operation.outline else TemplateSettings()).filler
    why = one_line(operation.emergency["why"] if operation.emergency else operation.afterwards_reason)
    why = why if len(why) <= REASON_LENGTH else f"{why[: REASON_LENGTH - 1]}…"
    return f"{EMERGENCY if operation.emergency else AFTERWARDS}, because: {why}"


def signed_line(signatures: Sequence[Signature], roles: Sequence[str], unsigned: str) -> str:
    """The approvals of ``roles`` in one line; ``unsigned`` ("Not applicable: …") where there are none."""
    own = [str(signature) for signature in signatures if signature.role in roles]
    return "; ".join(own) or unsigned


def words_of(outcome: Outcome, settings: TemplateSettings | None) -> tuple[str, ...]:
    """The template's own words for ``outcome``; the site's, where it has none."""
    return (settings.words_of(outcome) if settings else ()) or (str(outcome.label),)


def final_text_of(operation: Operation) -> FinalText:
    """The final text that the operator signed. Raises WrongOrder while there is none."""
    if operation.final_text is None:
        raise WrongOrder(_("The operator has to sign first: there is no final text yet."))
    return operation.final_text

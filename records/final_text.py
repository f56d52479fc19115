"""The final text: the whole record as bytes, with outcome, completion and approvals in their lines (I1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.assembly import document_of
from records.document.digest import canonical_json, sha256
from records.document.exchange import to_json
from records.document.outline import Document, Section
from records.document.write import write
from records.freezing import NOT_ASKED, check_unchanged, fill_unasked, write_fields
from records.models import FinalText, Operation, Outcome, Person, Revision
from records.refusals import WrongOrder


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


def freeze_final_text(
    operation: Operation,
    *,
    by: Person,
    at: dt.datetime,
    outcome: Outcome,
    completed_at: dt.datetime,
    revision: Revision,
    signatures: Sequence[Signature],
) -> FinalText:
    """The whole record as bytes: outcome, completion and approvals in their lines, the plan as it was approved.

    Raises Changed if the plan text of the final record differs from the bytes of ``revision`` by as much as a blank.
    """
    fill_unasked(operation, by=by, at=at, parts=("open", "close"))
    _write_act_lines(operation, by=by, at=at, outcome=outcome, completed_at=completed_at, signatures=signatures)
    document = document_of(operation)
    check_unchanged(operation, revision, document)
    text = write(document).encode()
    newest = operation.final_texts.order_by("-number").values_list("number", flat=True).first()
    return FinalText.objects.create(
        operation=operation,
        number=(newest or 0) + 1,
        text=text,
        content=canonical_json(to_json(document)),
        digest=sha256(text),
        frozen_by=by,
        frozen_at=at,
    )


def _write_act_lines(
    operation: Operation,
    *,
    by: Person,
    at: dt.datetime,
    outcome: Outcome,
    completed_at: dt.datetime,
    signatures: Sequence[Signature],
) -> None:
    outline = operation.outline
    if outline is None:
        return
    settings = outline.settings
    lines = {path: signed_line(signatures, roles) for path, roles in settings.signers.items()}
    if path := settings.bind.get("status"):
        lines[path] = status_of(outcome, settings.choices.get(path, ()))
    if path := settings.bind.get("completed"):
        lines[path] = completed_at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    for key, values in _by_section(lines, outline.document).items():
        write_fields(operation, key, values, by=by, at=at)


def _by_section(lines: Mapping[str, str], document: Document) -> dict[str, dict[str, str]]:
    def holds(section: Section, path: str) -> bool:
        return any(answer.key == path for answer in section.answers())

    sections = {s.key: {path: text for path, text in lines.items() if holds(s, path)} for s in document.sections}
    return {key: values for key, values in sections.items() if values}


def signed_line(signatures: Sequence[Signature], roles: Sequence[str]) -> str:
    """The approvals of ``roles`` in one line; "Not applicable: …" where the rule asked for none of them."""
    own = [str(signature) for signature in signatures if signature.role in roles]
    return "; ".join(own) or NOT_ASKED


def status_of(outcome: Outcome, choices: Sequence[str]) -> str:
    """The template's own words for ``outcome``: the choice that says it, else the one in its place."""
    said = [choice for choice in choices if str(outcome.label).casefold() in choice.casefold()]
    if said or not choices:
        return said[0] if said else str(outcome.label)
    place = {Outcome.IN_PROGRESS: 0, Outcome.COMPLETED: 1, Outcome.FAILED: len(choices) - 1}
    return choices[min(place.get(outcome, len(choices) - 1), len(choices) - 1)]


def final_text_of(operation: Operation) -> FinalText:
    """The final text that the operator signed. Raises WrongOrder while there is none."""
    if operation.final_text is None:
        raise WrongOrder(_("The operator has to sign first: there is no final text yet."))
    return operation.final_text

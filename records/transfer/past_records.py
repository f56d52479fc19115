"""Records of the past, many at once: Markdown files from elsewhere, kept to be read and never taken for verified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from records.content.facts import facts_of
from records.document.mojibake import repaired
from records.library.templates_in import template_said_in
from records.models import Operation, OperationTemplate, Person
from records.refusals import Refused, Unusable
from records.transfer.bringing_in import Arrival, bring_in, markdown_arrival
from records.transfer.unzipped import Unzipped


@dataclass(frozen=True, slots=True)
class Past:
    """One file: what it is read as, or the problem with it; the record that it became, once it came in.

    ``is_misread`` says that its characters look as if they had been read in the wrong encoding.
    """

    name: str
    title: str = ""
    reference: str = ""
    template: str = ""
    is_misread: bool = False
    problem: str = ""
    operation: Operation | None = None


def look_through(files: Sequence[Unzipped], named: OperationTemplate | None) -> list[Past]:
    """What each file would come in as; nothing is stored. ``named`` is the template of those that name none."""
    found = [_read(one, named)[0] for one in files]
    wanted = [one.reference for one in found if one.reference]
    taken = set(Operation.objects.filter(operation_id__in=wanted).values_list("operation_id", flat=True))
    told = []
    for one in found:
        known = one.reference in taken
        taken |= {one.reference} - {""}
        told.append(replace(one, problem=_("there is a record of this ID already")) if known else one)
    return told


def bring_in_past(
    files: Iterable[Unzipped], named: OperationTemplate | None, *, author: Person, at: dt.datetime
) -> list[Past]:
    """Store each file as an imported record, read-only; one that can't be taken is told and stops no other."""
    found = []
    for file in files:
        past, arrival = _read(file, named)
        if arrival is not None:
            try:
                operation, _hints = bring_in(arrival, author=author, at=at)
                past = replace(past, operation=operation)
            except (Refused, Unusable) as error:
                past = replace(past, problem=str(error))
        found.append(past)
    return found


def _read(file: Unzipped, named: OperationTemplate | None) -> tuple[Past, Arrival | None]:
    if file.problem:
        return Past(file.name, problem=file.problem), None
    template = template_said_in(file.text) or named
    try:
        arrival = markdown_arrival(file.text, template, has_ended=True)
    except Unusable as error:
        return Past(file.name, problem=str(error)), None
    facts = facts_of(arrival.document, template.outline if template else None)
    misread = repaired(file.text) is not None
    return Past(file.name, facts.title, facts.operation_id, str(template or ""), misread), arrival

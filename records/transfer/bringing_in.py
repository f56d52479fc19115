"""Bringing in a record that was written elsewhere, Markdown or JSON: nothing that was decided there comes with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from records import audit
from records.content.assembly import load_all
from records.content.facts import bound_text
from records.document.digest import sha256
from records.document.honest import cut_anew, honest
from records.document.matching import row_title
from records.document.outline import Document, Rows, Section
from records.document.read import read_record
from records.models import Operation, OperationTemplate, Person
from records.models.operation import is_operation_id
from records.reading.shown_changes import words_for
from records.refusals import Refused, Unusable
from records.transfer.exchange import RecordJson, unbound
from records.transfer.text_files import BYTE_ORDER_MARK
from records.writing.drafting import store_document
from records.writing.people import LISTS, PEOPLE


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record from elsewhere, read along ``template`` and stored nowhere yet.

    ``digest`` is the SHA-256 of the text that came. ``annex`` are its plan facts without a line ("row.estimate" to
    text), ``facts`` the columns that no line tells. ``people`` by fact ({"user": …, "name": …}, or a list of them)
    is None where only the lines name them. ``has_ended`` makes it a record of the past, to be read only. ``hints`` say
    what of it was understood otherwise than it came.
    """

    document: Document
    template: OperationTemplate | None
    digest: str
    annex: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Any] | None = None
    has_ended: bool = False
    hints: tuple[str, ...] = ()


def markdown_arrival(
    text: str, template: OperationTemplate | None, *, came: str = "", has_ended: bool = False
) -> Arrival:
    """``text`` read along ``template``, or kept as it is without one; ``came`` is the text before any repair.

    Raises Unusable, in words, for what can't be read.
    """
    if not text.removeprefix(BYTE_ORDER_MARK).strip():
        raise Unusable(_("There is nothing in it."))
    document = read_record(text, template.outline.document if template else None)
    return Arrival(document, template, sha256((came or text).encode()), has_ended=has_ended)


def json_arrival(record: RecordJson, template: OperationTemplate | None, *, came: str) -> Arrival:
    """``record``, whose JSON was the text ``came``. Raises Unusable where it says another thing than it shows.

    Its slices are those of the text that it is written as now: one that came along could say something else, and wait
    for the day when its part holds what it claims to have been read as.
    """
    document = honest(record.document, template.outline.document if template else None)
    titles = _row_titles(document)
    strangers = {key for key, title in _row_titles(record.document).items() if titles.get(key) != title}
    annex = {
        f"{row}.{name}": text
        for row, facts in record.annex.items()
        for name, text in facts.items()
        if row not in strangers
    }
    hints = tuple(map(_cut_otherwise, cut_anew(record.document, document)))
    digest = sha256(came.encode())
    return Arrival(document, template, digest, annex, record.facts, record.people, record.has_ended, hints)


def _row_titles(document: Document) -> dict[str, str]:
    blocks = (block for section in document.sections for block in section.blocks() if isinstance(block, Rows))
    return {row.key: row_title(row) for block in blocks for row in block.rows}


def _cut_otherwise(section: Section) -> str:
    words = _("“%(section)s” came in as its Markdown has it: the data had the same words in other rows and notes.")
    return words % {"section": section.title or words_for(section.kind)}


@transaction.atomic
def bring_in(arrival: Arrival, *, author: Person, at: dt.datetime) -> tuple[Operation, tuple[str, ...]]:
    """Store what arrived as a draft of ``author``, or as an imported record of the past; and hints about it in words.

    The people whom it names, and who have an account, are named. No state, decision, name on a tick, digest or
    audit entry comes in. Raises Unusable, or Refused for an operation ID that another record has, in words.
    """
    operation = store_document(
        author=author,
        template=arrival.template,
        document=arrival.document,
        at=at,
        imported=arrival.has_ended,
        annex=arrival.annex,
    )
    if arrival.annex:
        _refuse_strange_rows(operation, arrival.annex)
    _store_facts(operation, arrival.facts)
    hints = _name_known(operation, arrival)
    if arrival.has_ended:
        hints += (_("It is kept to be read: approved elsewhere, not verified here."),)
    template = str(arrival.template or "")
    audit.record("import", operation=operation, person=author, at=at, template=template, digest=arrival.digest)
    return operation, hints


def _refuse_strange_rows(operation: Operation, annex: Mapping[str, str]) -> None:
    strange = set(annex).difference(*(own.annex() for own in load_all(operation)))
    if strange:
        words = _("The annex speaks of “%(row)s”, which the document doesn't hold.")
        raise Unusable(words % {"row": min(strange)})


def _store_facts(operation: Operation, facts: Mapping[str, str]) -> None:
    """Set the facts that no line of the template says; what a line says stands in the document alone."""
    columns = {column: facts[column] for column in unbound(operation.outline) if column in facts}
    for column, text in columns.items():
        if column == "operation_id" and not is_operation_id(text):
            raise Unusable(_("“%(id)s” is no operation ID.") % {"id": text[:80]})
        setattr(operation, column, _moment_in(text) if column.startswith("window") else text)
    if columns:
        try:
            with transaction.atomic():
                operation.save(update_fields=list(columns))
        except IntegrityError as error:
            raise Refused(_("There is a record %(id)s already.") % {"id": operation.operation_id}) from error


def _moment_in(text: str) -> dt.datetime:
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    # The first and the last year of the calendar are none: on another clock they could lie outside of it.
    if at is None or at.tzinfo is None or not dt.MINYEAR < at.year < dt.MAXYEAR:
        raise Unusable(_("“%(text)s” is no date and time with a zone.") % {"text": text})
    return at


# ---------------------------------------------------------------- people


def _name_known(operation: Operation, arrival: Arrival) -> tuple[str, ...]:
    """Name the people whom this site knows; whoever brings it in is the author."""
    if arrival.people is None:
        named = {fact: _with_name(bound_text(arrival.document, operation.outline, fact)) for fact in PEOPLE}
        strangers: Iterable[str] = ()
    else:
        entries = [entry for name in (*PEOPLE, *LISTS) for entry in _entries(arrival.people[name])]
        users = Person.objects.filter(username__in=[entry["user"] for entry in entries])
        known = {person.username: person for person in users}
        named = {name: known.get(arrival.people[name]["user"]) if arrival.people[name] else None for name in PEOPLE}
        for name in LISTS:
            users_of = [entry["user"] for entry in arrival.people[name]]
            getattr(operation, name).set([known[user] for user in users_of if user in known])
        strangers = sorted({entry["name"] for entry in entries if entry["user"] not in known})
    for fact, person in named.items():
        setattr(operation, fact, person)
    operation.save(update_fields=list(named))
    words = _("Nobody here is known as %(names)s; the record's text names them, the site doesn't.")
    return (words % {"names": ", ".join(strangers)},) if strangers else ()


def _with_name(name: str) -> Person | None:
    named = list(Person.objects.filter(name=name, is_active=True)[:2]) if name else []
    return named[0] if len(named) == 1 else None


def _entries(value: Any) -> list[Mapping[str, str]]:
    return value if isinstance(value, list) else [value] if value else []

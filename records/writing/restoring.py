"""Bringing earlier texts back into a draft: a whole revision, or what one field said before a save changed it.

Each is one transaction on the locked record. What comes back is a save like any other, by whoever brings it back: it
stands in the history of the fields, and in the trail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.content.frozen import Frozen, frozen
from records.content.renaming import key_now, under_names_of
from records.document.differences import row_labels
from records.document.outline import Block, Check, Row, Rows
from records.document.outline import Section as DocumentSection
from records.document.with_fields import with_fields
from records.life_cycle import acting
from records.models import Operation, Person
from records.reading.field_history import STRUCTURE
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import may_edit_plan
from records.writing.people import name_people
from records.writing.readiness import template_table
from records.writing.saving import save_section
from records.writing.section_writing import fields_in, is_plan, locked_section, with_absent, write_changed
from records.writing.who_wrote import RESTORE


def restore_revision(operation: Operation, *, number: int, by: Person, at: dt.datetime | None = None) -> int:
    """Make the plan of the draft that of revision ``number``; how many fields changed. Other parts stay as they are.

    The people named with the plan come back too. Raises Refused where ``by`` may not write the plan, or there is no
    such revision, WrongOrder where it would take away what was worked already.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_edit_plan(by, locked).insist()
        revision = locked.revisions.filter(number=number).first()
        if revision is None:
            raise Refused(_("There is no revision %s of this record.") % number)
        plan = under_names_of(frozen(revision), locked, since=revision.submitted_at)
        try:
            changed = sum(_bring_back(locked, own, plan, by, at) for own in plan.document.sections)
        except Unusable as error:  # a step that was worked, and that the revision doesn't have
            raise WrongOrder(str(error)) from error
        _name_again(locked, plan, by, at)
        audit.record("restore_revision", operation=locked, person=by, at=at, revision=number, fields=changed)
    return changed


def _bring_back(operation: Operation, was: DocumentSection, plan: Frozen, by: Person, at: dt.datetime) -> int:
    """The section as it was, with what is no part of the plan as it is now; how many fields changed."""
    if not operation.sections.filter(key=was.key).exists():
        return 0
    loaded, outline = locked_section(operation, was.key), operation.outline
    now = fields_in(loaded)
    kept = {key: text for key, text in now.items() if not is_plan(key, outline)}
    document = with_fields(with_absent(was, kept, outline), kept, template_table(was.key, outline))
    document = _ticked_as(loaded.document, document)
    rows = row_labels(was)
    facts = dict.fromkeys(loaded.annex(), "")
    facts |= {key: text for key, text in plan.facts.items() if key.rpartition(".")[0] in rows}
    return len(write_changed(loaded, document, facts, by=by, at=at).changed)


def _ticked_as(now: DocumentSection, was: DocumentSection) -> DocumentSection:
    """``was`` with the ticks of the checks that ``now`` has: they are no part of the plan."""
    ticked = {row.key for row in _checks(now) if row.ticked}

    def row(own: Row) -> Row:
        return replace(own, ticked=own.key in ticked) if isinstance(own, Check) else own

    def block(own: Block) -> Block:
        return replace(own, rows=tuple(map(row, own.rows))) if isinstance(own, Rows) else own

    return replace(was, groups=tuple(replace(group, blocks=tuple(map(block, group.blocks))) for group in was.groups))


def _checks(section: DocumentSection) -> Iterator[Check]:
    blocks = (block for group in section.groups for block in group.blocks if isinstance(block, Rows))
    return (row for block in blocks for row in block.rows if isinstance(row, Check))


def _name_again(operation: Operation, plan: Frozen, by: Person, at: dt.datetime) -> None:
    """Name the people whom the revision names, where they are others now."""
    named = {role: plan.people.get(role, ()) for role in ("operator", "supervisor", "deputies")}
    now = (operation.operator_id, operation.supervisor_id, operation.named.deputies)
    operator, supervisor = (next(iter(named[role]), None) for role in ("operator", "supervisor"))
    if (operator, supervisor, frozenset(named["deputies"])) == now:
        return
    people = Person.objects.in_bulk([pk for own in named.values() for pk in own])
    name_people(
        operation,
        by=by,
        operator=people.get(operator or 0),
        supervisor=people.get(supervisor or 0),
        co_authors=operation.co_authors.all(),
        deputies=[people[pk] for pk in named["deputies"] if pk in people],
        team=operation.team.all(),
        at=at,
    )


def restore_field(operation: Operation, *, change: int, by: Person, at: dt.datetime | None = None) -> str:
    """Give a field the text that it had before ``change``, one of its changes by number; the key of its section.

    Raises Refused where ``by`` may not write it, or it is not in the draft any more, WrongOrder where nobody may.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        earlier = locked.field_changes.filter(pk=change).first()
        if earlier is None:
            raise Refused(_("There is no such change of this record."))
        key, section_key = (key_now(locked, one, earlier.at) for one in (earlier.key, earlier.section_key))
        if not locked.sections.filter(key=section_key).exists() and "/" in key:
            section_key = key.partition("/")[0]
        is_there = locked.sections.filter(key=section_key).exists() and not key.endswith(STRUCTURE)
        if not is_there or key not in fields_in(loaded := locked_section(locked, section_key)):
            raise Refused(_("“%s” is not in the draft any more. Bring a whole revision back.") % earlier.label)
        save_section(
            operation=locked,
            key=section_key,
            version=loaded.section.version,
            values={key: earlier.before},
            by=by,
            at=at,
            back=[key],
        )
        audit.record(RESTORE, operation=locked, person=by, at=at, about=earlier.label, change=change)
        return section_key

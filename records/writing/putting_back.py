"""What a record came without comes back from its template: a whole section, or lists that have no place any more."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from records.content.assembly import load_all
from records.content.storing import layout_of
from records.document.graft import with_lists
from records.document.moving_places import place_of
from records.document.outline import Section as DocumentSection
from records.life_cycle import acting
from records.models import Operation, Person, Section
from records.refusals import Refused
from records.rights import may_edit_plan
from records.writing.empty_lists import lists_gone, section_in
from records.writing.section_writing import locked_section, write_changed


def put_back(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> None:
    """Give a record the template's section ``key``, where the template has it; or, if it has that, the lists of it that
    are due and have no place. They come with the template's own words, which are no answers.

    Raises Refused where ``by`` may not write the plan, or the template has no such section.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_edit_plan(by, locked).insist()
        outline = locked.outline
        own = section_in(outline, key)
        if own is None or outline is None:
            raise Refused(_("The template has no such section."))
        is_new = not locked.sections.filter(key=key).exists()
        if is_new:
            _make_place(locked, own)
        loaded = locked_section(locked, key)
        gone = lists_gone(loaded.document, outline, locked.risk_level)
        whole = own if is_new else with_lists(loaded.document, own, gone)
        write_changed(loaded, whole, {}, by=by, at=at)


def _make_place(operation: Operation, own: DocumentSection) -> None:
    """A row for ``own``, with nothing in it yet, behind the sections that the template has before it."""
    outline = operation.outline
    assert outline is not None
    there = [loaded.document for loaded in load_all(operation)]
    order = [section.key for section in outline.document.sections]
    place = place_of(own, there, order[: order.index(own.key)])
    operation.sections.filter(position__gte=place).update(position=F("position") + 1)
    layout, answers = layout_of(replace(own, groups=()))
    Section.objects.create(
        operation=operation,
        key=own.key,
        kind=own.kind,
        title=own.title[:300],
        position=place,
        layout=layout,
        answers=answers,
        version=0,
    )

"""What a mail tells of a plan that comes again: what changed since its reader's last review, by name, without texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.between import changes_between
from approvals.models import Comment, Decision
from records.document.differences import SectionChanges, count
from records.models import Operation, Revision
from records.one_line import one_line
from records.reading.shown_changes import named, shown

SECTIONS, FIELDS, LENGTH = 6, 4, 60


def changes_told(operation: Operation, revision: Revision, people: Collection[int]) -> dict[int, str]:
    """A few lines for each of ``people`` who decided on an earlier revision, or sent comments on it; by person.

    Nothing is asked for the first revision; else two queries, and the earlier revisions themselves.
    """
    if revision.number == 1:
        return {}
    decided = Decision.objects.filter(revision__operation=operation, person__in=people)
    # What was said of a draft was said of no revision.
    said = Comment.objects.filter(operation=operation, person__in=people, sent_at__isnull=False, revision__isnull=False)
    numbers: dict[int, int] = {}
    for rows in (decided, said):
        for person, number in rows.values_list("person_id", "revision__number").distinct():
            if person is not None and number < revision.number:
                numbers[person] = max(number, numbers.get(person, 0))
    told = {
        earlier.number: _lines(earlier.number, changes_between(earlier, revision, {}, operation))
        for earlier in operation.revisions.filter(number__in=set(numbers.values()))
    }
    return {person: told[number] for person, number in numbers.items()}


def _lines(number: int, changes: Sequence[SectionChanges]) -> str:
    fields = count(changes)
    if not fields:
        return _("Nothing has changed since your review of revision %(number)s.") % {"number": number}
    head = ngettext(
        "%(fields)s field changed since your review of revision %(number)s:",
        "%(fields)s fields changed since your review of revision %(number)s:",
        fields,
    )
    lines = [f"- {_short(one.title)}: {one_line(named(one.changes, FIELDS))}" for one in shown(changes)]
    more = [_("and in %(number)s more sections") % {"number": len(lines) - SECTIONS}] if len(lines) > SECTIONS else []
    return "\n".join([head % {"fields": fields, "number": number}, *lines[:SECTIONS], *more])


def _short(text: str) -> str:
    told = one_line(text)
    return told if len(told) <= LENGTH else f"{told[: LENGTH - 1]}…"

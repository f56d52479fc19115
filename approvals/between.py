"""What lies between two revisions: plan text, plan facts and the people named. Counted and shown from here alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from approvals.places import roles_named
from records.content.frozen import Frozen, frozen
from records.content.renaming import under_names_of
from records.document.differences import Change, SectionChanges, differences
from records.document.text_difference import Piece, words
from records.models import Operation, Outline, Revision

PEOPLE = "people"


def changes_between(
    before: Revision, after: Revision, names: Mapping[int, str], operation: Operation
) -> list[SectionChanges]:
    """What ``after``, a revision of ``operation``, says otherwise than ``before``, section by section; ``names`` are
    those of the people named. What a new version of the template calls otherwise meanwhile is the same part.
    """
    new = frozen(after)
    old = under_names_of(frozen(before), operation, since=before.submitted_at, until=after.submitted_at)
    found = differences(old.document, new.document, old.facts, new.facts)
    people = tuple(_people_changes(old, new, names))
    return [SectionChanges(PEOPLE, _("People named"), "section", people), *found] if people else found


def only_times(changes: Sequence[SectionChanges], plan: Frozen, outline: Outline | None) -> bool:
    """Whether nothing but dates, times and windows of ``plan`` differs, as when it is moved to another date."""
    lines = (outline.bound(fact) for fact in ("date", "time", "end")) if outline else ()
    times = {line.key for line in lines if line}
    times |= {f"{group.key}.window" for section in plan.document.sections for group in section.groups}
    changed = {change.key for section in changes for change in section.changes}
    return bool(changed) and changed <= times


def people_named(plan: Frozen, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Who is named for what, in words."""
    return [
        (label, _list(plan.people.get(role, ()), names))
        for role, label in roles_named().items()
        if plan.people.get(role)
    ]


def team_now(operation: Operation) -> list[tuple[str, str]]:
    """Who is on the team today, for whoever decides: it may change until the run and is no part of what is approved."""
    team = sorted(operation.named.names[pk] for pk in operation.named.team)
    return [(_("Team now, not part of the approval"), ", ".join(team))] if team else []


def _list(people: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(pk, f"#{pk}") for pk in people)


def _people_changes(old: Frozen, new: Frozen, names: Mapping[int, str]) -> Iterator[Change]:
    for role, label in roles_named().items():
        before, after = (side.people.get(role, ()) for side in (old, new))
        if before != after:
            texts = _list(before, names), _list(after, names)
            pieces: tuple[Piece, ...] = tuple(words(*texts))
            yield Change(f"{PEOPLE}.{role}", label, *texts, False, pieces)

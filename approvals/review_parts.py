"""What each view of the review page is about: the brief, what changed, the whole plan, comments, times, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.bases import SOURCE, Reviewed
from approvals.between import PEOPLE, only_times, people_named, team_now
from approvals.draft_talk import DraftReading
from approvals.places import Place, place_of, places_in
from approvals.reading import Reading, decided_on
from approvals.threads import Thread
from records.decided import DecisionKind
from records.document.differences import Change, count
from records.document.write import write_section
from records.one_line import one_line
from records.reading.brief import brief_of
from records.reading.folding import folded, folded_section
from records.reading.row_facts import RowFacts, row_facts
from records.reading.shown_changes import ShownChange, ShownSection, named, shown
from records.reading.unseen import visible
from records.run.time_plan import Span, time_plan
from records.views.addresses import address
from records.writing.readiness import Missing, missing

# How many of a section's changes are named above them all, and of how many changes none is any more.
NAMES, MANY = 6, 20


@dataclass(frozen=True, slots=True)
class ReadChange:
    """One changed field as its reviewer reads it; ``key`` is what a comment on it names."""

    shown: ShownChange
    key: str
    threads: Sequence[Thread] = ()


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section as its reviewer reads it: its text with what stands beside it, or its changes; and the threads that
    stand at none of them.
    """

    key: str
    title: str
    changes: Sequence[ReadChange] = ()
    html: str = ""
    threads: Sequence[Thread] = ()
    places: Sequence[Place] = ()
    viewed: bool = False
    beside: Sequence[RowFacts] = ()

    @property
    def keys(self) -> set[str]:
        """The fields of its changes that a comment can stand at."""
        return {one.key for one in self.changes if one.key != self.key}


def part_of(reading: Reading, view: str) -> dict[str, Any]:
    """What the page shows of ``reading`` in ``view``, which is one of ``PARTS``."""
    return PARTS[view](reading)


def _brief_part(reading: Reading) -> dict[str, Any]:
    return {"brief": brief_of(reading.frozen, reading.run, reading.outline), "team": team_now(reading.operation)}


# ---------------------------------------------------------------- what changed


def _changes_part(reading: Reading) -> dict[str, Any]:
    sections = reading.changes
    told = shown(sections)
    return {
        "sections": [_changed(reading, one.key, one.title, one.changes) for one in told],
        "since": _since(reading, count(sections), len(sections)),
        "asked": _asked(reading),
        "by_name": _by_name(told, count(sections)),
        "source": _source_of(reading),
        "unchanged": len(reading.frozen.document.sections) - sum(one.key != PEOPLE for one in sections),
    }


def _by_name(sections: Sequence[ShownSection], fields: int) -> list[tuple[str, str, str]]:
    """What changed, by section: its key, its title, and the names, or of many how many. One change shows itself."""
    if fields < 2:
        return []
    return [
        (
            one.key,
            one.title,
            named(one.changes, NAMES)
            if fields <= MANY
            else ngettext("%(n)s field", "%(n)s fields", len(one.changes)) % {"n": len(one.changes)},
        )
        for one in sections
    ]


def _changed(reading: Reading, key: str, title: str, changes: Iterable[ShownChange]) -> ReadSection:
    told = [_change(reading, key, one) for one in changes]
    placed = {one.key for one in told if one.key != key}
    others = [one for one in reading.threads if one.first.section_key == key and one.first.key not in placed]
    return ReadSection(key, title, told, threads=others, places=_places(reading, key), viewed=key in reading.viewed)


def _change(reading: Reading, section: str, change: ShownChange) -> ReadChange:
    """What is gone from the plan, or is no field of it, is commented on with its section."""
    key = change.anchor if place_of(reading.frozen, change.anchor) else section
    threads = [one for one in reading.threads if one.first.key == key] if key != section else []
    return ReadChange(change, key, threads)


def _places(reading: Reading, key: str) -> list[Place]:
    """What can be commented on in a section, the section itself first."""
    plan = reading.frozen
    if key == PEOPLE:
        return [place for change in _people(reading) if (place := place_of(plan, change.key))]
    return next((places_in(own, plan.facts) for own in plan.document.sections if own.key == key), [])


def _people(reading: Reading) -> Sequence[Change]:
    return next((one.changes for one in reading.changes if one.key == PEOPLE), ())


def _since(reading: Reading, fields: int, sections: int) -> str:
    """How much has changed, and since what the reader did last."""
    if reading.base is None:
        return ""
    changed = ngettext("%(fields)s field", "%(fields)s fields", fields) % {"fields": fields}
    where = ngettext("%(sections)s section", "%(sections)s sections", sections) % {"sections": sections}
    what = _("%(fields)s in %(sections)s") % {"fields": changed, "sections": where} if fields else _("Nothing")
    told = {"what": what, "number": reading.base.name}
    if reading.base.name == SOURCE:
        if not fields:
            return _("Nothing differs from the record that this one was cloned from:")
        if lacking := reading.base.lacking:
            told |= {"lacking": lacking}
            return _("%(what)s differ from the record it was cloned from, which %(lacking)s:") % told
        return _("%(what)s differ from the record that this one was cloned from:") % told
    moved = only_times(reading.changes, reading.frozen, reading.outline)
    told["changed"] = (_("Only times changed, %s,") if moved else _("%s changed")) % what
    if reading.reviewed and str(reading.reviewed.number) == reading.base.name:
        return _("%(changed)s since you %(did)s") % (told | {"did": _did(reading.reviewed) % told})
    return _("%(changed)s since revision %(number)s.") % told


def _did(review: Reviewed) -> str:
    return {
        None: _("commented on revision %(number)s."),
        DecisionKind.APPROVE: _("approved revision %(number)s. That approval doesn't count for this one."),
        DecisionKind.TAKE_BACK: _("took back your approval of revision %(number)s."),
        DecisionKind.ASK_FOR_CHANGES: _("asked for changes on revision %(number)s."),
    }.get(review.kind, _("rejected revision %(number)s."))


def _asked(reading: Reading) -> str:
    """What the reader asked for when they sent it back, in their words: what changed is read as an answer to it."""
    if reading.base is None or reading.reviewed is None or str(reading.reviewed.number) != reading.base.name:
        return ""
    mine = (one for one in decided_on(reading) if one[0].person_id == reading.person.pk)
    sent_back = (reading.reviewed.number, DecisionKind.ASK_FOR_CHANGES)
    return next((visible(one_line(one.reason)).strip() for one, number in mine if (number, one.kind) == sent_back), "")


def _source_of(reading: Reading) -> dict[str, str] | None:
    """The record that a clone is compared with, as a link."""
    source = reading.operation.cloned_from
    if reading.base is None or reading.base.name != SOURCE or source is None:
        return None
    return {"url": address("record", source.pk), "words": str(source)}


# ---------------------------------------------------------------- the whole plan


def _whole_part(reading: Reading) -> dict[str, Any]:
    return {
        "sections": _sections(reading),
        "people": [*people_named(reading.frozen, reading.names), *team_now(reading.operation)],
        "has_later": bool(_later(reading)),
    }


def _sections(reading: Reading) -> list[ReadSection]:
    """The plan text by section; in one piece where its sections would not make up exactly the frozen text."""
    document, level = reading.frozen.document, reading.operation.risk_level
    texts = [write_section(own) for own in document.sections]
    if document.front + "".join(texts) != reading.text:
        beside = row_facts(document.sections, reading.frozen.facts)
        html = folded(reading.text, reading.outline, level)
        return [ReadSection("", "", html=html, threads=reading.threads, beside=beside)]
    return [
        ReadSection(
            own.key,
            places[0].label,
            html=folded_section(own, reading.outline, level),
            threads=[one for one in reading.threads if one.first.section_key == own.key],
            places=places,
            viewed=own.key in reading.viewed,
            beside=row_facts([own], reading.frozen.facts),
        )
        for own in document.sections
        if (places := places_in(own, reading.frozen.facts))
    ]


def _later(reading: Reading) -> list[Missing]:
    """The open and close parts, which stand in the plan as the template has them."""
    return missing(reading.frozen.document, reading.outline, reading.operation.risk_level, ("open", "close"))


# ---------------------------------------------------------------- the others


def comments_part(reading: Reading | DraftReading) -> dict[str, Any]:
    """Every thread: what must be settled, what else was said, what is settled."""
    pending = [one for one in reading.threads if one.is_pending]
    sent = [one for one in reading.threads if not one.is_pending]
    kinds = {
        _("Not sent yet"): pending,
        _("Must be settled"): [one for one in sent if one.blocks],
        _("Remarks"): [one for one in sent if not one.blocks and not one.is_settled],
        _("Settled"): [one for one in sent if one.is_settled],
    }
    return {"kinds": [(title, threads) for title, threads in kinds.items() if threads]}


def _source_part(reading: Reading) -> dict[str, Any]:
    return {
        "size": len(bytes(reading.revision.plan_text)),
        "download_url": address("revision_text", reading.operation.pk, reading.revision.number),
    }


def _time_part(reading: Reading) -> dict[str, Any]:
    run = reading.run
    spans = [Span(phase.title, phase.start, phase.end) for phase in run.phases]
    plan = time_plan(spans, rollback=run.rollback_minutes, deadline=run.rollback_deadline)
    return {"plan": plan, "run": run}


def _history_part(reading: Reading) -> dict[str, Any]:
    return {
        "decided": decided_on(reading),
        "revisions": reading.revisions,
        "history_url": address("history", reading.operation.pk),
    }


PARTS = {
    "brief": _brief_part,
    "changes": _changes_part,
    "whole": _whole_part,
    "comments": comments_part,
    "source": _source_part,
    "time": _time_part,
    "history": _history_part,
}

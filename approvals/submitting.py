"""The author's acts around the review: submit, withdraw, change the approved plan, cancel.

Each is one short transaction: lock the record, check the right and the guard, act, move the record, write the audit
entry and what must leave. Raises ``records.refusals``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.changes_told import changes_told
from approvals.eligibility import eligible_for, need_for
from approvals.refused import deciding
from approvals.rules import need_in
from approvals.standing import newest_revision, standing
from records import outbox
from records.content import freezing
from records.content.assembly import Loaded, document_in_all, load_all
from records.content.columns import follow_facts
from records.content.facts import facts_of
from records.document.escape import refuse_unstorable
from records.life_cycle import Act, check_state, move, repeated, said
from records.models import Operation, Person, Revision
from records.outbox import Event, Message
from records.refusals import Changed, Incomplete, Refused
from records.rights import may
from records.run.running import tell
from records.run.starting import conditions_in
from records.writing.marking import came_from
from records.writing.naming import settle_id
from records.writing.people import settle_people
from records.writing.readiness import Missing, missing


def submit(
    operation: Operation, *, by: Person, note: str = "", carried_hold: bool = False, at: dt.datetime | None = None
) -> Revision:
    """Freeze the plan as a new revision and ask for its review.

    Raises Incomplete with what is missing, Refused if nobody could approve it. "To confirm by" answers become start
    conditions. What the risk level doesn't ask for, and nobody answered, is written "Not applicable". At the upper
    levels ``carried_hold`` says that what came over with a clone, and nobody has looked at, holds here too; without
    that it is missing. Raises Unusable for a note that can't be stored.
    """
    refuse_unstorable(note)
    note, at = note.strip(), at or timezone.now()
    with deciding(Act.SUBMIT, operation, by, at) as locked:
        may(by, locked, Act.SUBMIT, on=at.date()).insist()
        newest = newest_revision(locked)
        if newest and repeated(locked, Act.SUBMIT, by, note=note):
            return newest
        check_state(locked, Act.SUBMIT)
        if is_upper(locked) and not carried_hold and (unread := unread_in(locked)):
            raise Incomplete([unread_words(locked, unread)])
        sections = settle_plan(locked, by=by, at=at)
        need = need_for(locked, locked.risk_level)
        eligible = eligible_for(locked, need, day=at.date())
        if eligible.lacking:
            raise Refused(eligible.words)
        revision = freezing.freeze_revision(locked, sections, by=by, at=at, rule=need.stored(), note=note)
        conditions = conditions_in(freezing.document_in(revision), locked.outline)
        columns: dict[str, Any] = {"submitted_at": at, "start_conditions": conditions, "start_allowed_until": None}
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, "roles": list(need.roles)}
        facts["note"] = note
        move(locked, Act.SUBMIT, by=by, at=at, columns=columns, **facts)
        _ask_for_review(locked, revision, eligible.people, note, by=by, at=at)
        return revision


def is_upper(operation: Operation) -> bool:
    """Whether the record's risk level is in the upper half of those that its template knows."""
    levels = operation.outline.settings.levels if operation.outline else ()
    return operation.risk_level in levels and (levels.index(operation.risk_level) + 1) * 2 > len(levels)


def unread_in(operation: Operation) -> int:
    """How many answers came over from elsewhere and nobody has looked at yet. One query."""
    return sum(len(keys) for keys in operation.sections.values_list("carried", flat=True))


def unread_words(operation: Operation, unread: int) -> str:
    """What is asked of whoever sends a record with ``unread`` answers at an upper risk level."""
    return ngettext(
        "a look at %(n)s answer that came over from %(where)s, or your word that it holds here too",
        "a look at %(n)s answers that came over from %(where)s, or your word that they hold here too",
        unread,
    ) % {"n": unread, "where": came_from(operation)}


def settle_plan(operation: Operation, *, by: Person, at: dt.datetime) -> list[Loaded]:
    """Whatever has to stand before the plan is frozen: answers, a known risk level, people, the ID. Or Incomplete.

    The sections as they are then: read again where a line was written.
    """
    sections, outline = load_all(operation), operation.outline
    document = document_in_all(operation, sections)
    # The text counts, not what a script may have put into the columns: the level chooses the rule.
    columns = follow_facts(operation, facts_of(document, outline), outline, title_only=True)
    operation.save(update_fields=columns)
    lacking: list[object] = list(missing(document, outline, operation.risk_level))
    levels = outline.settings.levels if outline else ()
    if outline and levels and operation.risk_level not in levels and (line := outline.bound("risk")):
        words = _("%(label)s, which has to be one of %(levels)s")
        told = words % {"label": line.label, "levels": ", ".join(levels)}
        lacking = [one for one in lacking if getattr(one, "key", "") != line.key]
        lacking.append(Missing(line.key, told, line.key.split("/", 1)[0]))
    if lacking:
        raise Incomplete(lacking)
    settle_people(operation, document, outline)
    # The ID comes last: the lines are settled in the document as it was read.
    wrote = freezing.settle_lines(operation, document, by=by, at=at)
    wrote |= settle_id(operation, document, outline, by=by, at=at)
    return load_all(operation) if wrote else sections


def _ask_for_review(
    operation: Operation, revision: Revision, people: Collection[int], note: str, *, by: Person, at: dt.datetime
) -> None:
    own = changes_told(operation, revision, people)
    message = Message(Event.REVIEW_ASKED, _("Read the plan, then approve it or ask for changes."), note, own=own)
    outbox.put(message, operation, to=Person.objects.filter(pk__in=people), by=by, at=at)


def withdraw(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take the plan out of review, to change it. Approvals given so far are void."""
    at = at or timezone.now()
    with deciding(Act.WITHDRAW, operation, by, at) as locked:
        may(by, locked, Act.WITHDRAW, on=at.date()).insist()
        if repeated(locked, Act.WITHDRAW, by):
            return
        check_state(locked, Act.WITHDRAW)
        newest = newest_revision(locked)
        # Who was asked, by the rule that was copied then: another one may hold by now.
        need = need_in(bytes(newest.rule)) if newest else None
        eligible = {*eligible_for(locked, need, day=at.date()).people}
        eligible |= {decision.person_id for _role, decision in standing(locked).counted}
        move(locked, Act.WITHDRAW, by=by, at=at)
        message = Message(Event.WITHDRAWN, _("The author took the plan back to change it. There is nothing to decide."))
        outbox.put(message, locked, to=Person.objects.filter(pk__in=eligible), by=by, at=at)


def change_plan(operation: Operation, *, voids: Collection[int], by: Person, at: dt.datetime | None = None) -> None:
    """Open an approved plan again. ``voids`` names the approvals (decision ids) that the author was shown as lost.

    Raises Changed if others count now.
    """
    at = at or timezone.now()
    with deciding(Act.CHANGE_PLAN, operation, by, at) as locked:
        may(by, locked, Act.CHANGE_PLAN, on=at.date()).insist()
        if repeated(locked, Act.CHANGE_PLAN, by):
            return
        check_state(locked, Act.CHANGE_PLAN)
        now = standing(locked)
        counted = [decision for _role, decision in now.counted]
        if {decision.pk for decision in counted} != set(voids):
            raise Changed(_("The approvals are no longer those that were shown."), now.revision)
        names = [decision.person_name for decision in counted]
        columns: dict[str, Any] = {"start_conditions": [], "start_allowed_until": None}
        move(locked, Act.CHANGE_PLAN, by=by, at=at, columns=columns, voids=sorted(voids), names=names)
        message = Message(Event.PLAN_OPENED, _("The plan is being changed; the approvals given so far are void."))
        tell(locked, message, by=by, at=at, also=[one.person for one in counted])


def cancel(operation: Operation, *, reason: str, by: Person, at: dt.datetime | None = None) -> None:
    """Give the operation up before its start."""
    at = at or timezone.now()
    with deciding(Act.CANCEL, operation, by, at) as locked:
        may(by, locked, Act.CANCEL, on=at.date()).insist()
        if repeated(locked, Act.CANCEL, by, reason=reason.strip()):
            return
        check_state(locked, Act.CANCEL)
        why = said(reason)
        move(locked, Act.CANCEL, by=by, at=at, reason=why)
        tell(locked, Message(Event.CANCELLED, _("The operation was cancelled."), why), by=by, at=at)

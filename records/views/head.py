"""What stands above every page of a record: the way back, pills, title, facts and the life-cycle rail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.decided import approvals_on, deciding
from records.forms.controls import anchor_of
from records.models import AuditEntry, FieldChange, Operation, Person, Phase, Revision, State
from records.models.states import EDITABLE, UNDER_WAY
from records.rights import may_edit_plan, may_see
from records.templatetags.look import STATES, window
from records.views.addresses import address
from records.writing.counts import Count, counted

RAIL = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.RUNNING, State.CLOSING, State.FINALIZED)
# What was recorded afterwards was never reviewed, approved or run here.
AFTERWARDS = (State.DRAFT, State.CLOSING, State.FINALIZED)
# And what was started as an emergency was neither reviewed nor approved.
EMERGENCY = (State.DRAFT, State.RUNNING, State.CLOSING, State.FINALIZED)
# Which stage of the rail a state that has none of its own stands at.
AT_STAGE = {
    State.CHANGES_REQUESTED: State.DRAFT,
    State.REJECTED: State.IN_REVIEW,
    State.ROLLING_BACK: State.RUNNING,
    State.IMPORTED: State.FINALIZED,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the rail; ``place`` says how far that is, where not all stages are drawn."""

    word: str
    note: str
    place: str = ""
    done: bool = False
    current: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class RiskShown:
    """What a risk pill is drawn of; ``ordinal`` counts from 1, the mildest."""

    level: str
    ordinal: int | None
    total: int


def head(
    operation: Operation,
    person: Person,
    page: str = "",
    progress: Iterable[Mapping[str, Any]] | None = None,
    *,
    newest: Revision | None = None,
    note: str = "",
    given: Sized | None = None,
    told: list[tuple[str, object]] | None = None,
) -> dict[str, Any]:
    """The context of ``records/_head.html`` and of the crumbs, for a page of ``operation`` that is called ``page``.

    ``progress`` are the sections' counts where the caller has them; else they are asked for while a draft shows
    them; ``newest`` is the newest revision where the caller has it, ``note`` what stands behind the pills where the
    page has words of its own, ``given`` its approvals where they are known, ``told`` the facts where the page has its
    own. One query for the newest revision, at most one for the counts; until the approval one for who decides or has.
    """
    changed = False
    if newest is None and (operation.submitted_at or operation.state not in EDITABLE):
        newest, changed = _newest(operation)
    if progress is None and operation.state in EDITABLE:
        progress = operation.sections.values_list("progress", flat=True)
    count = counted(progress or (), "plan")
    signed = ""
    if newest and operation.state == State.IN_REVIEW:
        given = approvals_on(newest) if given is None else given
        signed = deciding().signed_words(newest, len(given))
    is_open = operation.state in (*EDITABLE, State.IN_REVIEW) and not operation.afterwards_reason
    decides = deciding().deciders_of(operation, newest) if is_open else None
    return {
        "operation": operation,
        "title": str(operation),
        "here": "records",
        "risk": risk_shown(operation),
        "pills_note": note or pills_note(operation, newest, is_changed=changed),
        "facts": facts(operation, person, decides) if told is None else told,
        "stages": stages(operation, count, signed, decides or ()),
        "crumbs": crumbs(operation, page),
        "copy_id": "" if page else operation.operation_id or "",
        "newest_revision": newest,
        "given": given,
    }


def crumbs(operation: Operation, page: str = "") -> list[tuple[str, str]]:
    """The way back from the record, or from a page of it."""
    way = [(_("Records"), address("record_list"))]
    if page:
        return [*way, (str(operation), address("record", operation.pk)), (page, "")]
    return way if operation.operation_id else [*way, (_("Record %(number)s") % {"number": operation.pk}, "")]


def risk_shown(operation: Operation) -> RiskShown:
    """The risk level as written, and where it stands among the template's."""
    levels = operation.template.outline.settings.levels if operation.template else ()
    return RiskShown(operation.risk_level, operation.risk_rank, len(levels))


def _newest(operation: Operation) -> tuple[Revision | None, bool]:
    """The newest revision, and whether anybody changed the plan, or named other people, since it was frozen."""
    since = {"operation": OuterRef("operation"), "at__gt": OuterRef("submitted_at")}
    changes = FieldChange.objects.filter(is_plan=True, **since)
    named = AuditEntry.objects.filter(act="name_people", **since)
    revisions = operation.revisions.defer("plan_text", "content", "annex").annotate(
        is_changed=Exists(changes) | Exists(named)
    )
    newest = revisions.first()
    return newest, bool(newest and newest.is_changed)


def pills_note(operation: Operation, newest: Revision | None, *, is_changed: bool) -> str:
    """Which revision this is, or that it has changed since; of an imported record, what it is worth."""
    if operation.state == State.IMPORTED:
        return _("Approved elsewhere, not verified here")
    # "Revision 1" reads as if somebody had approved it; the state's pill says that nobody did.
    if newest is None or (operation.was_unapproved and operation.state not in EDITABLE):
        return ""
    if operation.state in EDITABLE:
        if not is_changed:
            return _("Draft, not changed since revision %(number)s") % {"number": newest.number}
        return _("Draft, changed since revision %(number)s") % {"number": newest.number}
    return _("Revision %(number)s") % {"number": newest.number}


def facts(operation: Operation, person: Person, decides: Sequence[str] | None) -> list[tuple[str, object]]:
    """Window, people, who ``decides`` until that is done, impact, and what it was cloned from, for ``person``."""
    found: list[tuple[str, object]] = [
        *_window_facts(operation, person),
        (_("Operator"), operation.operator or _("not named yet")),
        (_("Supervisor"), operation.supervisor or _("not named yet")),
    ]
    if decides is not None:
        found.append((_("Decides"), _(" and ").join(decides) or _("known once a risk level is chosen")))
    if operation.service_impact:
        found.append((_("Service impact"), operation.service_impact))
    source = operation.cloned_from
    known = getattr(operation, "source_seen", None)
    if source and (may_see(person, source) if known is None else known):
        link = format_html('<a href="{}">{}</a>', address("record", source.pk), source)
        found.append((_("Cloned from"), link))
    return found


def _end_url(operation: Operation, person: Person) -> str:
    """Where who writes the plan sets the end that its window lacks: at the last phase. One query, if it lacks one."""
    if operation.window_start is None or operation.window_end or not may_edit_plan(person, operation):
        return ""
    last = Phase.objects.filter(section__operation=operation).order_by("section__position", "position").last()
    if last is None:
        return ""
    key = f"{last.key}.window"
    return f"{address('section', operation.pk, last.block)}?{urlencode({'at': key})}#{anchor_of(key)}"


def _window_facts(operation: Operation, person: Person) -> list[tuple[str, object]]:
    """The window and how it stands to now; once the work is finished the planned one, and when it really was."""
    if not operation.started_at or not operation.finished_at:
        told = window(operation.window_start, operation.window_end, end_url=_end_url(operation, person))
        return [(_("Window"), told)]
    planned = window(operation.window_start, operation.window_end, aside=False)
    return [
        (_("Planned window"), planned),
        (_("Work"), window(operation.started_at, operation.finished_at, aside=False)),
    ]


def stages(operation: Operation, count: Count, signed: str = "", decides: Sequence[str] = ()) -> list[Stage]:
    """The rail: where the record is in its life. A record that ended early ends the rail."""
    state = State(operation.state)
    if state == State.CANCELLED:
        return [Stage(_("Cancelled"), _("nothing in it changes any more"), current=True, icon=STATES[state][0])]
    rail = AFTERWARDS if operation.afterwards_reason else EMERGENCY if operation.emergency else RAIL
    here = rail.index(AT_STAGE.get(state, state))
    notes = _notes(operation, count, signed, decides)
    found = [
        Stage(
            word=str(state.label if at == here else stage.label),
            note=notes.get(stage, ""),
            place=_place(operation, here + 1, len(rail)) if at == here else "",
            done=at < here or state == State.FINALIZED,
            current=at == here,
            icon=STATES[state][0] if at == here else "",
        )
        for at, stage in enumerate(rail)
    ]
    return found[: here + 1] if state == State.REJECTED else found


def _place(operation: Operation, number: int, total: int) -> str:
    """Counted only where the record went through every stage before: what nobody approved never was reviewed."""
    if operation.was_unapproved:
        return _("never reviewed or approved")
    return _("stage %(number)s of %(all)s") % {"number": number, "all": total}


def _notes(operation: Operation, count: Count, signed: str, decides: Sequence[str]) -> dict[State, str]:
    editing = operation.state in EDITABLE
    fields = count.words if editing and count.due else ""
    late = operation.state in (*UNDER_WAY, State.CLOSING, State.FINALIZED)
    return {
        State.DRAFT: fields,
        State.IN_REVIEW: signed,
        State.APPROVED: "" if late or not decides else _approved_by(decides),
        State.RUNNING: _running_words(operation),
        State.CLOSING: _closing_words(operation),
        State.FINALIZED: _("Markdown export"),
    }


def _running_words(operation: Operation) -> str:
    """When it started, or is planned to."""
    start = operation.started_at or operation.window_start
    words = f"{start.day} {start:%b, %H:%M}" if start else ""
    return _("planned %(time)s") % {"time": words} if words and not operation.started_at else words


def _closing_words(operation: Operation) -> str:
    if operation.owes_plan:
        return _("rest of the plan, results, ratifying")
    return _("results and ratifying") if operation.was_unapproved else _("results and sign-off")


def _approved_by(decides: Sequence[str]) -> str:
    """Whose approvals it takes, and how many."""
    told = ngettext("by %(who)s", "by %(count)s: %(who)s", len(decides))
    return told % {"who": _(" and ").join(decides), "count": len(decides)}

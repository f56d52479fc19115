"""The overview of a record: what is due when, what still stops it, how the time is planned, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.composed import Asked, Kept
from records.decided import Given, approvals_on, changes_asked, deciding
from records.library.versions import of_newest_version
from records.life_cycle import Act, possible
from records.models import Operation, OperationTemplate, Person, Phase, Revision, Section, State, Step
from records.models.states import EDITABLE, ENDED, UNDER_WAY
from records.rights import (
    may,
    may_archive,
    may_change_template,
    may_edit_close,
    may_edit_plan,
    may_name_anybody,
    operation_for,
    source_seen,
)
from records.run.starting import confirmed
from records.signed_in import person_of
from records.views.activity import activity
from records.views.addresses import address
from records.views.finalized import finalized
from records.views.head import head
from records.views.overview_next import needed_for, onward_from, signing_now
from records.views.overview_people import named_people
from records.views.overview_tasks import groups, hint_of
from records.views.overview_time import time_of
from records.writing.section_status import ASIDE, SectionStatus, statuses, with_questions


@login_required
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The overview; a finalized record is read as a document there."""
    person = person_of(request)
    operation = operation_for(person, pk, also=_also)
    if operation.state == State.FINALIZED and operation.final_text:
        return finalized(request, operation)
    sections = with_questions(operation, whole=True)
    found = statuses(operation, sections, operation.outline)
    phases, steps = _phases(operation=operation.pk), _steps(operation=operation.pk)
    signing = signing_now(operation)
    onward = onward_from(operation, person, found, signing)
    hints = {own.pk: hint_of(own, phases, steps) for own in sections}
    by_key = {own.key: hints[own.pk] for own in sections}
    titles = {one.key: one.title for one in found}
    above = head(operation, person, progress=[own.progress for own in sections])
    newest = above["newest_revision"]
    context = {
        **above,
        "asked": changes_asked(operation, newest),
        "notes": _notes(operation, above["given"], newest),
        "confirmed": confirmed(operation),
        "groups": groups(operation, found, by_key, onward),
        "onward": onward,
        "needed": needed_for(operation, sections, found, signing),
        "talked": sum(one.comments for one in found),
        "named": named_people(operation),
        "feed": activity(operation, titles),
        "acts": _acts(operation, person),
        **time_of(operation, sections, phases, steps),
        "newer": _newer(operation, person),
        **_links(operation, person, found, phases),
    }
    return render(request, "records/overview.html", context)


def _in_record() -> Q:
    return Q(section__in=Section.objects.filter(operation=Asked("operation")).order_by())


_phases = Kept(lambda: Phase.objects.filter(_in_record()).defer("layout", "slice"))
_steps = Kept(lambda: Step.objects.filter(_in_record()).only("section", "phase", "plan", "estimate", "host", "parts"))


def _also() -> dict[str, Combinable]:
    return {
        "source_seen": source_seen(),
        "unsettled": deciding().unsettled(),
        "newest_template": of_newest_version("pk"),
        "newest_version": of_newest_version("version"),
    }


def _is_archivable(operation: Operation, person: Person) -> bool:
    return operation.state in ENDED and not operation.archived_at and bool(may_archive(person, operation))


def _notes(operation: Operation, given: Iterable[Given] | None, newest: Revision | None) -> list[Given]:
    """The approvals that came with words."""
    if operation.state not in APPROVED_STATES:
        return []
    return [one for one in (approvals_on(newest) if given is None else given) if one.words]


def _newer(operation: Operation, person: Person) -> OperationTemplate | None:
    """A newer version of its template, told to those who could move the record there."""
    own, newest = operation.template, operation.newest_template  # type: ignore[attr-defined]
    if own is None or newest == own.pk or not may_change_template(person, operation):
        return None
    return OperationTemplate(pk=newest, name=own.name, version=operation.newest_version)  # type: ignore[attr-defined]


def _acts(operation: Operation, person: Person) -> dict[str, Any]:
    """The acts that this person may do now, as far as they are buttons of this page."""
    allowed = {act for act in possible(operation.state) if act in _BUTTONS and may(person, operation, act)}
    return {act.value: address("act", operation.pk, slug) for act, slug in _BUTTONS.items() if act in allowed}


def _act_pages(operation: Operation, person: Person) -> list[tuple[str, str, bool]]:
    """The acts that have pages of their own: address, words, whether this person may do them now."""
    pages = {
        Act.CHANGE_PLAN: ("change_plan", _("Change the plan")),
        Act.RESCHEDULE: ("reschedule", _("Move it to another date")),
    }
    if operation.submitted_at is None:
        pages[Act.RECORD_AFTERWARDS] = ("afterwards", _("It was done already: record it afterwards"))
    pages[Act.EMERGENCY_START] = ("emergency", _("It can't wait: start it as an emergency"))
    if operation.owes_plan:
        pages[Act.COMPLETE_PLAN] = ("complete_plan", _("Complete the plan"))
    allowed = {act for act in possible(operation.state) if act in pages and may(person, operation, act)}
    return [(name, words, act in allowed) for act, (name, words) in pages.items()]


APPROVED_STATES = (State.IN_REVIEW, State.APPROVED, *UNDER_WAY, State.CLOSING)
_BUTTONS = {Act.WITHDRAW: "withdraw", Act.CANCEL: "cancel"}


def _links(
    operation: Operation, person: Person, found: Sequence[SectionStatus], phases: Sequence[Phase]
) -> dict[str, Any]:
    pages = [
        *_act_pages(operation, person),
        ("review", _("Review page"), operation.submitted_at is not None),
        ("comments", _("Comments on the draft"), operation.submitted_at is None and operation.state in EDITABLE),
        ("record_markdown", _("Preview the Markdown"), True),
        ("record_download", _("Download the Markdown"), True),
        ("record_print", _("Print"), True),
        ("record_json", _("Record as JSON"), True),
        ("history", _("History of every field"), True),
        ("record_clone", _("Clone this record"), True),
        ("record_archive", _("Archive this record"), _is_archivable(operation, person)),
    ]
    more = [(address(name, operation.pk), words) for name, words, shown in pages if shown]
    aside = [(address("section", operation.pk, one.key), one.title) for one in found if one.when == ASIDE]
    steps = next((one.key for one in found if any(p.block == one.key for p in phases)), "")
    edit = address("section", operation.pk, steps) if steps and may_edit_plan(person, operation) else ""
    check = address("check", operation.pk) if operation.state in EDITABLE else ""
    return {
        "more": [(url, words) for url, words in [*more, *aside] if url],
        "edit_phases": edit,
        "people_url": address("record_people", operation.pk) if may_name_anybody(person, operation) else "",
        "check_url": check if may_edit_plan(person, operation) else "",
        "may_edit": bool(may_edit_plan(person, operation) or may_edit_close(person, operation)),
        "history_url": address("history", operation.pk),
    }

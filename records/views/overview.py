"""The overview of a record: what is due when, what still stops it, how the time is planned, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from records.drafting import outline_for
from records.forms.controls import anchor_of, plain_label
from records.life_cycle import Act, possible
from records.models import Operation, Person, Phase, Section, State, Step
from records.models.states import EDITABLE, UNDER_WAY
from records.rights import may, may_edit_close, may_edit_plan, operation_for
from records.section_status import ASIDE, CLOSE, PLAN, SectionStatus, next_open, statuses
from records.time_plan import Span, TimePlan, duration, rollback_deadline, time_plan
from records.times import Start, phase_moments, start_in
from records.views.activity import activity
from records.views.addresses import address
from records.views.finalized import finalized
from records.views.head import counted, head


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a list of sections; without ``url`` it is locked and ``status`` says why."""

    title: str
    hint: str
    url: str
    icon: str
    tint: str
    status: str
    count: str = ""
    next: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """The one button of the page."""

    words: str
    url: str


@login_required
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The overview; a finalized record is read as a document there."""
    assert isinstance(request.user, Person)
    person = request.user
    operation = operation_for(person, pk)
    if operation.state == State.FINALIZED and operation.final_text:
        return finalized(request, operation)
    sections = list(operation.sections.all())
    found = statuses(operation, sections, outline_for(operation))
    phases = list(Phase.objects.filter(section__in=sections).defer("layout", "slice"))
    steps = list(Step.objects.filter(section__in=sections).only("section", "phase", "plan", "estimate", "parts"))
    onward = _onward(operation, person, found)
    hints = {own.pk: _hint(own, phases, steps) for own in sections}
    by_key = {own.key: hints[own.pk] for own in sections}
    titles = {one.key: one.title for one in found}
    context = {
        **head(operation, person, progress=[own.progress for own in sections]),
        "groups": _groups(operation, found, by_key, onward),
        "onward": onward,
        "needed": _needed(operation, sections, found),
        "feed": activity(operation, titles),
        "acts": _acts(operation, person),
        **_time(operation, sections, phases, steps),
        **_links(operation, person, found, phases),
    }
    return render(request, "records/overview.html", context)


# ---------------------------------------------------------------- sections by when they are due


def _groups(
    operation: Operation, found: Sequence[SectionStatus], hints: dict[str, str], onward: Onward | None
) -> list[dict[str, Any]]:
    def tasks(when: str) -> list[Task]:
        return [_task(operation, one, hints[one.key], onward) for one in found if one.when == when]

    closing = [*tasks(CLOSE), _close_task(operation)]
    plan_hint = _("Needed before review. Fill the sections in any order.")
    close_hint = _("Not needed for review. You can prepare these early.")
    groups = [
        ("plan", _("Plan the operation"), plan_hint if operation.state in EDITABLE else "", tasks(PLAN)),
        ("run", _("Run it"), "", [_run_task(operation)]),
        ("close", _("Close it"), close_hint if operation.state in EDITABLE else "", closing),
    ]
    return [{"anchor": a, "title": title, "hint": hint, "tasks": rows} for a, title, hint, rows in groups if rows]


def _task(operation: Operation, one: SectionStatus, hint: str, onward: Onward | None) -> Task:
    tint, icon, words = one.pill
    url = address("section", operation.pk, one.key)
    return Task(one.title, hint, url, icon, tint, words, one.count, bool(onward and onward.url == url))


def _run_task(operation: Operation) -> Task:
    hint = _("Tick steps and checks, note times, record metrics, start the rollback plan")
    url = address("run", operation.pk)
    state = State(operation.state)
    if state in (*EDITABLE, State.IN_REVIEW):
        return Task(_("Run page"), hint, "", "lock", "", _("After approval"))
    if state in (State.REJECTED, State.CANCELLED, State.IMPORTED) or not url:
        return Task(_("Run page"), hint, "", "lock", "", _("Was not run"))
    pills = {
        State.APPROVED: ("ok", "check", _("Ready to start")),
        State.RUNNING: ("live", "play", _("Running")),
        State.ROLLING_BACK: ("back", "back", _("Rolling back")),
    }
    tint, icon, words = pills.get(state, ("plain", "check", _("Done")))
    return Task(_("Run page"), hint, url, icon, tint, words, next=state in UNDER_WAY)


def _close_task(operation: Operation) -> Task:
    title, hint = _("Sign-off"), _("Outcome, the operator's signature, then a supervisor's")
    url = address("close", operation.pk)
    if operation.state == State.CLOSING and url:
        signed = operation.final_text_id is not None
        words = _("Waiting for sign-off") if signed else _("Waiting for the operator")
        return Task(title, hint, url, "half", "info", words, next=not signed)
    if operation.state == State.FINALIZED:
        return Task(title, hint, "", "lock", "", _("Signed off"))
    return Task(title, hint, "", "lock", "", _("After the run"))


def _hint(own: Section, phases: Iterable[Phase], steps: Iterable[Step]) -> str:
    """What a section holds: its phases, steps and commands counted, else its headings."""
    mine = [phase for phase in phases if phase.section_id == own.pk]
    if mine:
        planned = [step for step in steps if step.section_id == own.pk and step.phase_id]
        fences = sum(part.get("type") == "commands" for step in planned for part in step.parts)
        counts = (
            ngettext("%d phase", "%d phases", len(mine)) % len(mine),
            ngettext("%d step", "%d steps", len(planned)) % len(planned),
            ngettext("%d block of commands", "%d blocks of commands", fences) % fences,
        )
        return ", ".join(counts)
    titles = [group["heading"]["text"] for group in own.layout.get("groups", ()) if group.get("heading")]
    if own.kind in ("header", "footer"):
        return {"header": _("Who, when, risk and impact"), "footer": _("Outcome, completion, what comes next")}[
            own.kind
        ]
    return ", ".join(title for title in titles if title)


# ---------------------------------------------------------------- what comes next


def _onward(operation: Operation, person: Person, found: Sequence[SectionStatus]) -> Onward | None:
    state = State(operation.state)
    if state in EDITABLE:
        if not may_edit_plan(person, operation):
            return None
        onward = next_open(found)
        if onward:
            words = _("Continue: %(section)s") % {"section": onward.title}
            return Onward(words, address("section", operation.pk, onward.key))
        return _page(operation, "check", _("Check answers and submit"))
    pages = {
        State.IN_REVIEW: ("review", _("Open the review")),
        State.APPROVED: ("run", _("Go to the run page")),
        State.RUNNING: ("run", _("Go to the run page")),
        State.ROLLING_BACK: ("rollback", _("Go to the rollback page")),
        State.CLOSING: ("close", _("Close the record")),
    }
    name, words = pages.get(state, ("", ""))
    if state == State.CLOSING and operation.final_text_id:
        name, words = "sign_off", _("Go to the sign-off")
    return _page(operation, name, words) if name else None


def _page(operation: Operation, name: str, words: str) -> Onward | None:
    url = address(name, operation.pk)
    return Onward(words, url) if url else None


def _needed(operation: Operation, sections: Sequence[Section], found: Sequence[SectionStatus]) -> dict[str, Any]:
    """What stops the record: before review the plan, at closing what is due then. Few things one by one."""
    before = operation.state in EDITABLE
    parts = {"plan"} if before else {"open", "close"}
    if not before and operation.state not in (State.APPROVED, *UNDER_WAY, State.CLOSING):
        return {}
    todo = []
    for one in found:
        url = address("section", operation.pk, one.key)
        missing = [(key, label) for key, label, part in one.missing if part in parts]
        if len(missing) > 2:
            words = ngettext("%d field to fill", "%d fields to fill", len(missing)) % len(missing)
            todo.append({"icon": "empty", "url": url, "title": f"{one.title}:", "words": words})
        else:
            for key, label in missing:
                query = urlencode({"at": key.rsplit(".", 1)[0]})
                todo.append(
                    {
                        "icon": "empty",
                        "url": f"{url}?{query}#{anchor_of(key)}",
                        "title": plain_label(label),
                        "words": _("is open"),
                    }
                )
        if one.confirm and before:
            words = ngettext("%d answer to confirm", "%d answers to confirm", one.confirm) % one.confirm
            todo.append({"icon": "clock", "url": url, "title": f"{one.title}:", "words": words})
    done, due = counted((own.progress for own in sections), *parts)
    title = _("Before you can submit") if before else _("Before it can be closed")
    return {"title": title, "todo": todo, "done": done, "due": due}


# ---------------------------------------------------------------- time, acts, links


def _time(
    operation: Operation, sections: Sequence[Section], phases: Sequence[Phase], steps: Sequence[Step]
) -> dict[str, Any]:
    """The picture of the time plan, with the way back."""
    start = _start(operation, sections)
    if start is None or not phases:
        return {"plan": TimePlan()}
    windows = [(p.start, p.end) if p.start is not None and p.end is not None else None for p in phases]
    moments = phase_moments(start, windows)
    spans = [Span(phase.title, *(pair or (None, None))) for phase, pair in zip(phases, moments, strict=True)]
    back = [step.minutes for step in steps if step.plan_id]
    deadline = rollback_deadline(operation.window_end, back)
    total = sum(one for one in back if one is not None) if deadline else None
    length = (operation.window_end - start.at).total_seconds() / 60 if operation.window_end else 0
    note = _("%(length)s, all times UTC") % {"length": duration(length)} if length > 0 else ""
    return {"plan": time_plan(spans, rollback=total, deadline=deadline), "plan_note": note}


def _start(operation: Operation, sections: Sequence[Section]) -> Start | None:
    """When it starts, on the clock of its own lines; a record without such lines has it in UTC."""
    outline = outline_for(operation)
    lines = [outline.bound(fact) if outline else None for fact in ("date", "time")]
    texts = [next((s.answers[line.key] for s in sections if line and line.key in s.answers), "") for line in lines]
    if all(lines):
        return start_in(*texts)
    return Start(operation.window_start, "UTC") if operation.window_start else None


def _acts(operation: Operation, person: Person) -> dict[str, Any]:
    """The acts that this person may do now, as far as they are buttons of this page."""
    allowed = {act for act in possible(operation.state) if act in _BUTTONS and may(person, operation, act)}
    return {act.value: address("act", operation.pk, slug) for act, slug in _BUTTONS.items() if act in allowed}


_BUTTONS = {Act.WITHDRAW: "withdraw", Act.CANCEL: "cancel"}


def _links(
    operation: Operation, person: Person, found: Sequence[SectionStatus], phases: Sequence[Phase]
) -> dict[str, Any]:
    pages = [
        ("review", _("Review page"), operation.submitted_at is not None),
        ("record_markdown", _("Preview the Markdown"), True),
        ("record_download", _("Download the Markdown"), True),
        ("record_print", _("Print"), True),
        ("record_json", _("Record as JSON"), True),
        ("history", _("History of every field"), True),
        ("record_people", _("People of this record"), bool(may_edit_plan(person, operation))),
    ]
    more = [(address(name, operation.pk), words) for name, words, shown in pages if shown]
    aside = [(address("section", operation.pk, one.key), one.title) for one in found if one.when == ASIDE]
    steps = next((one.key for one in found if any(p.block == one.key for p in phases)), "")
    edit = address("section", operation.pk, steps) if steps and may_edit_plan(person, operation) else ""
    check = address("check", operation.pk) if operation.state in EDITABLE else ""
    return {
        "more": [(url, words) for url, words in [*more, *aside] if url],
        "edit_phases": edit,
        "check_url": check if may_edit_plan(person, operation) else "",
        "may_edit": bool(may_edit_plan(person, operation) or may_edit_close(person, operation)),
        "history_url": address("history", operation.pk),
    }

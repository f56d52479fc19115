"""The overview's lists: sections by when they are due, the run page, the sign-off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.models import Operation, Phase, Section, State, Step
from records.models.states import EDITABLE, UNDER_WAY
from records.run.starting import conditions_of, is_too_late, lacks_window, late_or_early, no_freeze_ahead
from records.views.addresses import address
from records.views.overview_next import Onward
from records.writing.section_status import CLOSE, PLAN, START, SectionStatus, steps_remark


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


def groups(
    operation: Operation, found: Sequence[SectionStatus], hints: dict[str, str], onward: Onward | None
) -> list[dict[str, Any]]:
    """The sections by when they are due, each group with its anchor, title, hint and tasks."""

    def tasks(when: str) -> list[Task]:
        return [_task(operation, one, hints[one.key], onward) for one in found if one.when == when]

    closing = [*tasks(CLOSE), _close_task(operation)]
    plan_hint = _("Needed before review. Fill the sections in any order.")
    start_hint = _("Needed before the start, not for review.")
    close_hint = _("Not needed for review. You can prepare these early.")
    groups = [
        ("plan", _("Plan the operation"), plan_hint if operation.state in EDITABLE else "", tasks(PLAN)),
        ("start", _("Before the start"), start_hint if operation.state in EDITABLE else "", tasks(START)),
        ("run", _("Run it"), "", [_run_task(operation)]),
        ("close", _("Close it"), close_hint if operation.state in EDITABLE else "", closing),
    ]
    return [{"anchor": a, "title": title, "hint": hint, "tasks": rows} for a, title, hint, rows in groups if rows]


def _task(operation: Operation, one: SectionStatus, hint: str, onward: Onward | None) -> Task:
    tint, icon, words = one.pill
    url = address("section", operation.pk, one.key)
    counts = [one.count]
    # Once a plan is approved nothing in it is talked about any more.
    if (remarks := one.comments - one.unsettled) and operation.state in (*EDITABLE, State.IN_REVIEW):
        counts.append(ngettext("%s open remark", "%s open remarks", remarks) % remarks)
    count = ", ".join(filter(None, counts))
    return Task(one.title, hint, url, icon, tint, words, count, bool(onward and onward.url == url))


def _run_task(operation: Operation) -> Task:
    hint = _("Tick steps and checks, note times, record metrics, start the rollback plan")
    url = address("run", operation.pk)
    state = State(operation.state)
    if state in (*EDITABLE, State.IN_REVIEW):
        return Task(_("Run page"), hint, "", "lock", "", _("After approval"))
    if state in (State.REJECTED, State.CANCELLED, State.IMPORTED) or not url:
        return Task(_("Run page"), hint, "", "lock", "", _("Was not run"))
    if state == State.APPROVED:
        tint, icon, words = _start_pill(operation)
        return Task(_("Run page"), hint, url, icon, tint, words)
    pills = {
        State.RUNNING: ("live", "play", _("Running")),
        State.ROLLING_BACK: ("back", "back", _("Rolling back")),
    }
    tint, icon, words = pills.get(state, ("plain", "check", _("Done")))
    return Task(_("Run page"), hint, url, icon, tint, words, next=state in UNDER_WAY)


def _start_pill(operation: Operation) -> tuple[str, str, str]:
    """How an approved record stands before its start: tint, icon and words."""
    now = timezone.now()
    allowed, no_window = bool(late_or_early(operation, now)), lacks_window(operation)
    if no_window and not allowed:
        return "bad", "alert", _("No window, so a supervisor has to allow the start")
    if not allowed and is_too_late(operation, now):
        return "bad", "alert", _("Too late to start")
    if not no_freeze_ahead(operation, now, is_open=allowed):
        return "bad", "lock", _("A freeze, so nothing is started")
    if waiting := sum(not one.is_ticked for one in conditions_of(operation)):
        return "warn", "clock", _("%(number)s to confirm before the start") % {"number": waiting}
    if no_window:
        return "warn", "alert", _("No window, but the start is allowed")
    if is_too_late(operation, now):
        return "warn", "alert", _("Too late, but the start is allowed")
    if operation.window_start and operation.window_start <= now:
        return "warn", "clock", _("Ready to start, its window has begun")
    return "ok", "check", _("Ready to start")


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


def hint_of(own: Section, phases: Iterable[Phase], steps: Iterable[Step]) -> str:
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
        remark = steps_remark(own, planned)
        return "; ".join([", ".join(counts), *([remark] if remark else [])])
    titles = [group["heading"]["text"] for group in own.layout.get("groups", ()) if group.get("heading")]
    if own.kind in ("header", "footer"):
        return {"header": _("Who, when, risk and impact"), "footer": _("Outcome, completion, what comes next")}[
            own.kind
        ]
    return ", ".join(title for title in titles if title)

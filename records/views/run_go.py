"""Go or no-go: what is looked at before the start, each in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records.content.assembly import load
from records.document.outline import Document
from records.forms.controls import anchor_of
from records.life_cycle import Act, Who
from records.models import LogEntry, Operation, Person
from records.outbox import moment
from records.rights import Right, is_team, may
from records.run.clock import clock_words, whole_minutes
from records.run.loaded import Run
from records.run.plan import RunPlan
from records.run.start_asked import asked_in
from records.run.starting import (
    Allowed,
    Condition,
    allowed_start,
    conditions_of,
    in_window,
    is_too_late,
    lacks_window,
    late_or_early,
    may_allow_start,
    no_freeze_ahead,
)
from records.run.time_plan import duration
from records.templatetags.look import window
from records.views.addresses import address
from records.views.run_frame import approved_words
from records.who import supervisor_of, who_is
from records.writing.readiness import Missing, due_before_start
from records.writing.section_status import title_of


@dataclass(frozen=True, slots=True)
class Looked:
    """Something that was looked at: level ok, warn or bad, and words; if bad, what to do ``first``."""

    level: str
    words: str | SafeString
    first: str = ""


@dataclass(frozen=True, slots=True)
class ConditionShown:
    """A start condition: what was to be confirmed, and the evidence."""

    key: str
    anchor: str
    label: str
    reason: str
    by_words: str
    evidence: str
    who: str
    posted: str = ""


def go(run: Run, person: Person, posted: dict[str, Any]) -> dict[str, Any]:
    """The context of run/_go.html: approvals, window, conditions, open parts, and who may start."""
    operation = run.operation
    conditions = conditions_of(operation)
    window_right = late_or_early(operation, run.now)
    right = may(person, operation, Act.START, on=run.now.date())
    supervises = Who.SUPERVISOR in who_is(person, operation)
    may_allow = bool(may_allow_start(person, operation, on=run.now.date()))
    no_window = lacks_window(operation)
    asked = asked_in(run.log, run.now)
    looked = [*_looked(run, conditions, window_right, asked)]
    own = posted.get("do", "")
    return {
        "checks": looked,
        "notes": [one for one in run.approvals if one.words],
        "first": [one.first for one in looked if one.first],
        "conditions": [_condition(at, one, posted) for at, one in enumerate(conditions, 1)],
        "can_tick": supervises or bool(is_team(person, operation)),
        "refused": "" if right else right.reason,
        "asked": asked,
        "allows": supervisor_of(operation) or _("A supervisor"),
        "may_ask": bool(right) and not window_right and asked is None,
        "ask_reason": posted.get("reason", "") if own == "ask_for_start" else "",
        "allow_reason": posted.get("reason", "") if own == "allow_start" else "",
        # Who is too early may wait, and asks first; otherwise waiting doesn't help.
        "may_allow": may_allow
        and not window_right
        and (asked is not None or no_window or is_too_late(operation, run.now)),
        "no_window": no_window,
    }


def _looked(run: Run, conditions: list[Condition], window_right: Right, asked: LogEntry | None) -> Iterator[Looked]:
    operation, plan = run.operation, run.plan
    yield Looked("ok", approved_words(run))
    yield from _window(run, window_right.reason, asked)
    if not (right := no_freeze_ahead(operation, run.now, is_open=bool(window_right))):
        yield Looked("bad", right.reason, _("Wait until the freeze is over, or move it to another time."))
    waiting = [one for one in conditions if not one.is_ticked]
    if waiting:
        words = _("Still to be confirmed: %(names)s.") % {"names": ", ".join(f"“{one.label}”" for one in waiting)}
        yield Looked("bad", words, _("Confirm, with evidence, what is still to be confirmed."))
    open_parts = list(_open_parts(operation, conditions))
    if conditions and not waiting:
        words = _("Everything that was to be confirmed has its evidence.")
        # What is open may be still to be confirmed as well.
        yield Looked("ok", _("What the approved plan left to be confirmed has its evidence.") if open_parts else words)
    yield from open_parts
    if not operation.named.deputies:
        yield Looked(
            "warn", _("No deputy is named, so nobody can take the run over: deputies are named with the plan.")
        )
    if plan.rollback_deadline and plan.rollback_minutes:
        facts = {"time": clock_words(plan.rollback_deadline), "minutes": duration(plan.rollback_minutes)}
        yield Looked("ok", _("Rollback deadline %(time)s UTC: the way back takes %(minutes)s.") % facts)
    else:
        yield Looked("warn", _no_deadline(plan))


def _no_deadline(plan: RunPlan) -> str:
    if not plan.procedures:
        return _("No way back is written: whoever rolls back says in one sentence how, and records each step.")
    if plan.rollback_minutes is None:
        return _(
            "No rollback deadline: not every procedure has an estimate, so nobody knows whether the way back fits."
        )
    return _("No rollback deadline: the window has no end, so nobody knows whether the way back fits.")


def _window(run: Run, reason: str, asked: LogEntry | None) -> Iterator[Looked]:
    """How the start stands against the window, and who allowed it outside of it."""
    operation = run.operation
    allowed = allowed_start(operation, run.now)
    if reason:
        name = {"name": supervisor_of(operation) or _("a supervisor")}
        if asked:
            first = _("Wait until %(name)s allows the start.") % name
        elif lacks_window(operation) or is_too_late(operation, run.now):
            first = _("Ask %(name)s to allow the start.") % name
        else:
            first = _("Wait until the window lets it start, or ask %(name)s.") % name
        yield Looked("bad", reason, first)
    elif allowed and not in_window(operation, run.now):
        early_or_late = _("Too late") if is_too_late(operation, run.now) else _("Too early")
        words = _("No window can be read") if lacks_window(operation) else early_or_late
        yield Looked("warn", f"{words}; {_allowed_words(allowed)}")
    elif operation.window_start:
        times = window(operation.window_start, operation.window_end)
        words = _("Shortly before its window:") if run.now < operation.window_start else _("In its window:")
        yield Looked("ok", format_html("{} {}", words, times))
        late = whole_minutes(run.now - operation.window_start)
        if late > 0:
            yield Looked("warn", _late_words(run) % {"time": duration(late)})
        if allowed:
            yield Looked("ok", _("Outside its window: %(words)s") % {"words": _allowed_words(allowed)})
    else:
        yield Looked("warn", _("No line of this record says its date, so no window says when it may start."))


def _late_words(run: Run) -> str:
    """What still fits at a late start: only what has an estimate can be said to."""
    if run.plan.rollback_minutes is None:
        return _("%(time)s after the planned start; the steps still fit.")
    return _("%(time)s after the planned start; work and way back still fit.")


def _allowed_words(allowed: Allowed) -> str:
    facts = {"name": allowed.name, "time": moment(allowed.at), "reason": allowed.reason}
    return _("allowed by %(name)s at %(time)s, because: %(reason)s") % facts


def _open_parts(operation: Operation, conditions: list[Condition]) -> Iterator[Looked]:
    """What the start is refused for beside the conditions, section by section, with links.

    Only sections whose counts tell of anything are read whole: most often there is none.
    """
    known = {one.key for one in conditions}
    sections = [
        own
        for own in operation.sections.all()
        if own.progress.get("confirm") or any(part == "open" for _key, _label, part in own.progress.get("missing", ()))
    ]
    for own in load(sections):
        document = Document((own.document,))
        lacking = due_before_start(document, operation.outline, operation.risk_level, known)
        if lacking:
            # Straight to the first of them: a section may be longer than the night.
            link = f"{address('section', operation.pk, own.section.key)}#{anchor_of(lacking[0].key)}"
            title = title_of(own.section)
            words = format_html('<a href="{}">{}</a>', link, title)
            labels = [
                one.label if isinstance(one, Missing) else _("%(line)s, to be confirmed") % {"line": one.label}
                for one in lacking
            ]
            told = format_html("{} {}: {}", _("Still open in"), words, ", ".join(labels))
            yield Looked("bad", told, _("Fill in what is still open in “%(section)s”.") % {"section": title})


def _condition(at: int, one: Condition, posted: dict[str, Any]) -> ConditionShown:
    who = ""
    if one.ticked_at:
        who = f"{one.ticked_by_name}, {clock_words(dt.datetime.fromisoformat(one.ticked_at))}"
    own = posted.get("evidence", "") if posted.get("key") == one.key else ""
    by = _("to confirm by %(day)s") % {"day": one.by}
    return ConditionShown(one.key, f"condition-{at}", one.label, one.reason, by, one.evidence, who, own)

"""What the pages of closing show: what is still due, the text to sign, and plan against actual."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.eligibility import candidate_of, involved_in, signing_off
from approvals.models import Decision
from approvals.rules import may_sign_off
from records.document.shapes import with_unit
from records.life_cycle import Act
from records.models import Metric, Operation, Person, State, StepStatus
from records.reading.folding import folded
from records.reading.headings import below_a_heading
from records.reading.rendering import render, visible
from records.rights import is_team, may, may_edit_close
from records.run.clock import clock_words, whole_minutes
from records.run.comparison import compared
from records.run.improvements import proposed
from records.run.left_undone import observed_checks
from records.run.loaded import Run, load_run
from records.run.logbook import NoteKind
from records.run.plan import RunPlan, run_plan
from records.run.time_plan import duration
from records.run.verifying import recorded
from records.views.addresses import address
from records.views.run_rows import CheckShown, check_shown
from records.writing.counts import counted
from records.writing.section_status import title_of


@dataclass(frozen=True, slots=True)
class Task:
    """A section of which something is due when closing; drawn by components/task_list.html."""

    title: str
    url: str
    icon: str
    tint: str
    status: str
    count: str
    hint: str = ""
    next: bool = False


def close_context(operation: Operation, person: Person) -> dict[str, Any]:
    """The context of approvals/close.html beside the head and the form of the outcome."""
    tasks = close_tasks(operation)
    final = operation.final_text
    waiting = operation.state == State.CLOSING and final is not None
    today = timezone.now().date()
    offered = proposed(operation) if operation.state == State.CLOSING and not final else None
    return {
        "tasks": tasks,
        "beyond": beyond(operation),
        "left": sum(task.status != _("Done") for task in tasks),
        "final": final,
        "waiting": waiting,
        "may_write": bool(may_edit_close(person, operation)),
        "may_sign": operation.state == State.CLOSING
        and not final
        and bool(may(person, operation, Act.SIGN_AS_OPERATOR)),
        "may_sign_off": waiting
        and bool(may_sign_off(candidate_of(person, today), involved_in(operation, with_run=True))),
        "asked": [str(one) for one in signing_off(operation, today)] if waiting else [],
        "signed_by": list(final.decisions.all()) if final else [],
        "may_reopen": operation.state == State.CLOSING and bool(may(person, operation, Act.REOPEN_RUN)),
        "is_closing": operation.state == State.CLOSING,
        "observed": observed_shown(operation) if operation.state == State.CLOSING else [],
        "may_tick": operation.state == State.CLOSING and not final and bool(is_team(person, operation)),
        "proposed": offered,
        "may_take_over": offered is not None and not all(one.is_taken for one in offered.proposals),
        "may_complete": operation.owes_plan and bool(may(person, operation, Act.COMPLETE_PLAN)),
        "metrics_url": address("run", operation.pk) + "#metrics-1",
    }


def observed_shown(operation: Operation) -> list[CheckShown]:
    """The checks that are looked at for longer than the work took."""
    rows = enumerate(observed_checks(operation), 1)
    return [check_shown(f"observed-{at}", row.key, visible(str(row)), row) for at, row in rows]


def close_tasks(operation: Operation) -> list[Task]:
    """The sections with open or close parts, as counted at their last save; what is not answered comes first."""
    found: list[Task] = []
    for section in operation.sections.only("key", "title", "kind", "progress", "operation_id"):
        count = counted([section.progress], "open", "close")
        if not count.due:
            continue
        lacking = [label for _key, label, part in section.progress.get("missing", ()) if part in ("open", "close")]
        done = count.answered == count.due
        found.append(
            Task(
                title=title_of(section),
                url=address("section", operation.pk, section.key),
                icon="check" if done else "half" if count.answered else "empty",
                tint="ok" if done else "info" if count.answered else "",
                status=_("Done") if done else _("In progress") if count.answered else _("Not started"),
                count=count.words,
                hint="" if done else ", ".join(lacking[:4]) + ("…" if len(lacking) > 4 else ""),
            )
        )
    first = next((at for at, task in enumerate(found) if task.status != _("Done")), None)
    if first is not None:
        one = found[first]
        found[first] = Task(one.title, one.url, one.icon, one.tint, one.status, one.count, one.hint, next=True)
    return found


# ---------------------------------------------------------------- the text


def text_shown(text: bytes, digest: str) -> dict[str, Any]:
    """A final text as the pages show it: rendered, and its source."""
    source = text.decode()
    return {"rendered": below_a_heading(folded(render(source))), "source": visible(source), "digest": digest}


# ---------------------------------------------------------------- plan against actual


@dataclass(frozen=True, slots=True)
class Compared:
    """A step as planned and as it went."""

    number: str
    title: str
    planned: str
    actual: str
    status: str
    tint: str
    icon: str
    difference: str
    is_worse: bool
    reason: str
    who: str


LOOKS = {
    StepStatus.DONE: ("ok", "check"),
    StepStatus.SKIPPED: ("warn", "minus"),
    StepStatus.NOT_REACHED: ("warn", "minus"),
}


def plan_against_actual(run: Run) -> list[Compared]:
    """Every step of the phases, and the procedures if the way back was taken."""
    steps = [*run.plan.steps, *(run.plan.procedures if run.operation.rolled_back_at else ())]
    found = []
    for step in steps:
        row = run.steps.get(step.key)
        status = StepStatus(row.status) if row else StepStatus.TODO
        tint, icon = LOOKS.get(status, ("", "empty"))
        begun, ended = (row.started_at, row.ended_at) if row else (None, None)
        took = whole_minutes(ended - begun) if begun and ended and status == StepStatus.DONE else None
        over = took - step.minutes if took is not None and step.minutes is not None else None
        found.append(
            Compared(
                number=step.number,
                title=step.title,
                planned=_times(step.start, step.minutes),
                actual=_times(begun, took) if status == StepStatus.DONE else "",
                status=str(status.label),
                tint=tint,
                icon=icon,
                difference=_difference(over),
                is_worse=bool(over and over > 0),
                reason=row.run_reason if row else "",
                who=str(row.worked_by or "") if row else "",
            )
        )
    return found


def _times(start: dt.datetime | None, minutes: int | None) -> str:
    told = [clock_words(start)] if start else []
    return ", ".join([*told, *([duration(minutes)] if minutes is not None else [])])


def _difference(over: int | None) -> str:
    if over is None:
        return ""
    if not over:
        return _("as planned")
    words = _("%(time)s longer") if over > 0 else _("%(time)s shorter")
    return words % {"time": duration(abs(over))}


def sign_off_context(operation: Operation, person: Person) -> dict[str, Any]:
    """The context of approvals/sign_off.html beside head and form."""
    run = load_run(operation)
    assert run is not None
    right = may_sign_off(candidate_of(person, run.now.date()), involved_in(operation, with_run=True))
    steps = plan_against_actual(run)
    left_out = sum(one.status != str(StepStatus.DONE.label) for one in steps)
    open_checks = [check for check in run.checks.values() if not check.ticked]
    told = [entry for entry in run.log if entry.kind in (NoteKind.DEVIATION, NoteKind.PROBLEM)]
    signed: list[Decision] = list(operation.final_text.decisions.all()) if operation.final_text else []
    return {
        "compared": steps,
        "deviations": [(entry, run.number_of.get(entry.step_key, "")) for entry in reversed(told)],
        "open_checks": open_checks,
        "run_facts": _run_facts(operation, run, _left_out(left_out, len(open_checks)), len(told)),
        "refused": "" if right else right.reason,
        "signed_by": signed,
        "plan_written_after": _compared_url(operation),
    }


def _compared_url(operation: Operation) -> str:
    """Where an emergency's plan is compared with how it stood at the start; empty for other records."""
    if not operation.emergency:
        return ""
    started, *later = operation.revisions.filter(submitted_at__gte=operation.started_at).order_by("number")
    return f"{address('history', operation.pk)}?from={started.number}&to={later[-1].number}" if later else ""


def _run_facts(operation: Operation, run: Run, left_out: str, told: int) -> list[tuple[str, str]]:
    """Start, end and length against the plan, in one line."""
    facts = []
    if operation.started_at:
        late = whole_minutes(operation.started_at - run.plan.start) if run.plan.start else 0
        words = _start_words(late)
        facts.append((_("Started"), f"{clock_words(operation.started_at)} UTC" + (f", {words}" if words else "")))
    if operation.finished_at:
        over = whole_minutes(operation.finished_at - run.plan.end) if run.plan.end else 0
        words = _end_words(over)
        facts.append((_("Finished"), f"{clock_words(operation.finished_at)} UTC" + (f", {words}" if words else "")))
    if operation.rolled_back_at:
        facts.append((_("Rolled back"), f"{clock_words(operation.rolled_back_at)} UTC"))
    facts.append((_("Left out"), left_out))
    facts.append((_("Problems and deviations"), str(told)))
    if told_of := beyond_limits(run.plan, run.metrics):
        facts.append((_("Beyond their limit"), ", ".join(told_of)))
    return facts


def beyond(operation: Operation) -> list[str]:
    """What ``beyond_limits`` tells of the record's run; nothing where it was never run. Two queries."""
    revision = operation.revisions.defer("plan_text", "rule").order_by("-number").first()
    if revision is None or operation.started_at is None:
        return []
    rows = Metric.objects.filter(section__operation=operation, loose=False, after__isnull=False)
    return beyond_limits(run_plan(revision, operation.template), {row.key: row for row in rows})


def beyond_limits(plan: RunPlan, rows: Mapping[str, Metric]) -> list[str]:
    """The metrics whose value after the run is beyond its limit: name, value and limit. ``rows`` are by key."""
    found = []
    for metric in plan.metrics:
        after = recorded(rows.get(metric.key))
        if compared(metric.before, after, metric.unit, metric.limit, metric.lower_is_better).beyond_limit:
            words = _("%(name)s: %(value)s, limit %(limit)s")
            found.append(words % {"name": metric.name, "value": with_unit(after, metric.unit), "limit": metric.limit})
    return found


def _left_out(steps: int, checks: int) -> str:
    """Steps that were not done, and checks that were not made."""
    told = [ngettext("%(n)s step not done", "%(n)s steps not done", steps) % {"n": steps}] if steps else []
    if checks:
        told.append(ngettext("%(n)s check not made", "%(n)s checks not made", checks) % {"n": checks})
    return ", ".join(told) or _("nothing")


def _start_words(late: int) -> str:
    if not late:
        return ""
    return (_("%(time)s late") if late > 0 else _("%(time)s early")) % {"time": duration(abs(late))}


def _end_words(over: int) -> str:
    if not over:
        return ""
    words = _("%(time)s after the window's end") if over > 0 else _("%(time)s before the window's end")
    return words % {"time": duration(abs(over))}

"""Finishing the work: what is still open, and the reasons for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.models import State, StepStatus
from records.run.clock import is_over
from records.run.loaded import Run
from records.run.moved import unplanned
from records.run.unreached import unreached, unreached_words
from records.run.verifying import recorded


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A step, check or trigger (its ``kind``) that is neither seen to nor has a reason, and where it is seen to."""

    kind: str
    key: str
    label: str
    reason: str
    address: str


def finishing(run: Run, posted: Mapping[str, Any], problems: list[Any] | None) -> dict[str, Any]:
    """The context of run/_finish.html."""
    way_back = {step.key for step in run.plan.procedures} | {item.key for item in run.plan.validations}
    back_at = run.operation.rolled_back_at
    behind = unreached(run.plan, run.steps) if back_at else frozenset()
    found = open_rows(run, posted)
    passed = [row for row in found if row.key in behind]
    # What the way back itself still asks for comes first.
    rows = sorted((row for row in found if row.key not in behind), key=lambda row: row.key not in way_back)
    failed = bool(problems) and posted.get("do") == "finish_work"
    steps_over = all(is_over(run.steps.get(step.key)) for step in run.plan.steps)
    return {
        "open": rows,
        "kinds": _kinds(rows),
        "passed": _kinds(passed),
        "passed_because": unreached_words(run.plan, run.steps, back_at) if back_at and passed else "",
        "stays": _stays(run),
        "planned": bool(run.plan.steps or run.plan.checks),
        "error": _("Give a reason for what is still open.") if failed and rows else "",
        "reason": posted.get("reason", "") if posted.get("do") == "finish_work" else "",
        "ready": steps_over or run.operation.state == State.ROLLING_BACK,
    }


def _stays(run: Run) -> str:
    """What is kept of the work; where not one value after was measured, that."""
    wanted = run.plan.metrics
    if wanted and not any(recorded(run.metrics.get(one.key)) for one in wanted):
        words = ngettext(
            "The one value after wasn’t measured.", "None of the %(n)s values after was measured.", len(wanted)
        )
        return f"{words % {'n': len(wanted)}} " + _("What was noted stays; closing comes next.")
    return _("What was measured and noted stays; closing comes next.")


def open_rows(run: Run, posted: Mapping[str, Any]) -> list[OpenRow]:
    """The steps (on the way back the procedures too), checks and triggers that have to be seen to or need a reason."""
    back = run.operation.rolled_back_at is not None
    # In no phase: added where there is none, or on the way back.
    loose = unplanned(run.steps.values(), None)
    steps = [*run.plan.steps, *loose, *(run.plan.procedures if back else ())]
    # The way back has a page of its own; the other steps stand on that of the run.
    run_page = reverse("run", args=[run.operation.pk]) if back else ""
    there = {key for key, row in run.steps.items() if row.plan_id is None}
    places = {step.key: f"{run_page if step.key in there else ''}#step-{step.number}" for step in steps}
    places |= {check.key: f"#check-{at}" for at, check in enumerate(run.plan.checks, 1)}
    places |= {item.key: f"#validation-{at}" for at, item in enumerate(run.plan.validations, 1)}
    places |= {item.key: f"#trigger-{at}" for at, item in enumerate(run.plan.triggers, 1)}
    found = [
        ("step", step.key, f"{step.number} {step.title}") for step in steps if not is_over(run.steps.get(step.key))
    ]
    for step in steps:
        row = run.steps.get(step.key)
        if row and row.status == StepStatus.DONE and step.witness and not row.witnessed_by_id and not row.run_reason:
            found.append(("step", step.key, _("No witness: %(step)s") % {"step": f"{step.number} {step.title}"}))
    for check in run.plan.checks:
        made = run.checks.get(check.key)
        if not (made and made.is_seen_to):
            found.append(("check", check.key, _("Check: %(text)s") % {"text": check.text}))
    for item in run.plan.validations if back else ():
        line = run.validations.get(item.key)
        if not (line and line.is_seen_to):
            found.append(("check", item.key, _("Recovery: %(text)s") % {"text": item.title}))
    seen = {entry.step_key for entry in run.log}
    if not back:
        waiting = [item for item in run.plan.triggers if item.key not in seen]
        found += [("trigger", one.key, _("Trigger not looked at: %(title)s") % {"title": one.title}) for one in waiting]
    return [OpenRow(kind, key, label, posted.get(f"reason:{key}", ""), places[key]) for kind, key, label in found]


def _kinds(rows: Sequence[OpenRow]) -> str:
    """How many of each kind are open: "1 step and 3 triggers"."""
    count = Counter(row.kind for row in rows)
    told = [
        ngettext("%(n)s step", "%(n)s steps", count["step"]) % {"n": count["step"]},
        ngettext("%(n)s check", "%(n)s checks", count["check"]) % {"n": count["check"]},
        ngettext("%(n)s trigger", "%(n)s triggers", count["trigger"]) % {"n": count["trigger"]},
    ]
    named = [words for words, kind in zip(told, ("step", "check", "trigger"), strict=True) if count[kind]]
    return _(" and ").join(filter(None, (", ".join(named[:-1]), *named[-1:])))

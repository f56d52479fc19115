"""The rows beside the steps of a run: checks, metrics, triggers, log, people to call; each in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records.document.outline import Item
from records.document.shapes import with_unit
from records.from_now import relative
from records.models import Check, Evidence, LogEntry, Metric, RecoveryValidation
from records.outbox import moment
from records.reading.rendering import render_item
from records.reading.unseen import visible
from records.run.clock import clock_words
from records.run.comparison import Places, compared
from records.run.log_words import log_words
from records.run.logbook import NoteKind, looked_in
from records.run.plan import PlannedCheck, PlannedMetric, RunPlan
from records.run.starting import Condition, confirmed_of
from records.run.verifying import early_words, recorded
from records.times import lasting_in, named_time
from records.units import unit_remark

# A form takes whole minutes, and nothing is observed for less than it says.
ALMOST_A_MINUTE = dt.timedelta(seconds=59)


@dataclass(frozen=True, slots=True)
class RowList:
    """A list of the page: its title, where it stands, how far it is, its rows; the key of the phase that it belongs to,
    if any; whether it comes before the steps.
    """

    title: str
    anchor: str
    count: str
    rows: list[Any]
    phase: str = ""
    first: bool = False


@dataclass(slots=True)
class CheckShown:
    """A line of a checklist; ``is_refused``: what was posted for it was not taken over, and stands there again."""

    key: str
    anchor: str
    words: str
    ticked: bool
    note: str
    evidence: str
    row: Check | RecoveryValidation | None
    hint: SafeString | str = ""
    until: str = ""
    confirmed: list[Condition] = field(default_factory=list)
    is_refused: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has seen to it yet."""
        return not (self.row and self.row.is_seen_to)


def check_lists(planned: Sequence[PlannedCheck], rows: Mapping[str, Check]) -> list[RowList]:
    """The checklists, each under its own title; of a phase those before and those behind its steps."""
    lists: dict[tuple[str, bool, str], list[tuple[PlannedCheck, CheckShown]]] = defaultdict(list)
    for at, check in enumerate(planned, 1):
        shown = check_shown(f"check-{at}", check.key, check.text, rows.get(check.key))
        lists[check.phase, bool(check.phase) and check.is_before, check.group].append((check, shown))
    return [_check_list(f"checks-{at}", *zip(*own, strict=True)) for at, own in enumerate(lists.values(), 1)]


def _check_list(anchor: str, planned: Sequence[PlannedCheck], rows: Sequence[CheckShown]) -> RowList:
    count = _("%(done)s of %(total)s") % {"done": sum(check.ticked for check in rows), "total": len(rows)}
    first = any(check.is_before for check in planned) and any(check.is_open for check in rows)
    return RowList(planned[0].group, anchor, count, list(rows), planned[0].phase, first)


def validations_shown(planned: Sequence[Item], rows: Mapping[str, RecoveryValidation]) -> list[CheckShown]:
    """How the team knows that the way back has worked: lines to tick like checks."""
    numbered = [(f"validation-{at}", item) for at, item in enumerate(planned, 1)]
    return [
        check_shown(anchor, item.key, item.title, rows.get(item.key), render_item(item.text))
        for anchor, item in numbered
    ]


def check_shown(
    anchor: str, key: str, words: str, row: Check | RecoveryValidation | None, hint: SafeString | str = ""
) -> CheckShown:
    """A line to tick as the pages show it."""
    note = ""
    if row and row.ticked:
        told = f"{row.ticked_by or ''}, {clock_words(row.ticked_at)}" if row.ticked_at else ""
        note = ", ".join(filter(None, (told, early_words(row, row.ticked_at))))
    elif row and row.unticked_because:
        note = _("not made: %(reason)s") % {"reason": row.unticked_because}
    elif row and row.observe_until:
        note = _("observed until %(time)s") % {"time": moment(row.observe_until)}
    evidence = row.evidence if row else ""
    until = _observe_until(row) if row else ""
    return CheckShown(key, anchor, words, bool(row and row.ticked), note, evidence, row, hint, until)


def _observe_until(row: Check | RecoveryValidation) -> str:
    """Until when a line is observed, else from now as long as its words say; empty where they say nothing of it."""
    minutes = lasting_in(row.text)
    if row.observe_until or minutes is None:
        return written_moment(row.observe_until) if row.observe_until else ""
    return written_moment(timezone.now() + dt.timedelta(minutes=minutes) + ALMOST_A_MINUTE)


def put_back(checks: Iterable[CheckShown], posted: Mapping[str, Any]) -> bool:
    """Show what was posted for one of ``checks`` again, in its fold; whether it was for one of them."""
    own = [check for check in checks if check.key == posted.get("key") and "evidence" in posted]
    for check in own:
        check.evidence, check.is_refused = posted["evidence"], True
        check.until = posted.get("until", check.until)
    return bool(own)


def written_moment(at: dt.datetime) -> str:
    """A moment as a form takes it: "2026-12-07 02:00", in UTC."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")


@dataclass(slots=True)
class MetricShown:
    """A quantity before and after."""

    key: str
    title: str
    before: str
    limit: str
    unit: str
    after: str
    recorded: str
    measured: str
    remark: str
    change: str
    better: bool | None
    beyond_limit: bool
    within_limit: bool
    is_alarming: bool
    x: Places | None
    by: str
    is_posted: bool
    confirmed: list[Condition] = field(default_factory=list)


def metric_lists(
    planned: Sequence[PlannedMetric], rows: Mapping[str, Metric], posted: Mapping[str, Any]
) -> list[RowList]:
    """The comparisons, each under its own title."""
    found = []
    for at, title in enumerate(dict.fromkeys(metric.group for metric in planned), 1):
        shown = [_metric(one, rows.get(one.key), posted) for one in planned if one.group == title]
        done = sum(bool(metric.after) for metric in shown)
        count = _("%(done)s of %(total)s measured") % {"done": done, "total": len(shown)}
        found.append(RowList(title, f"metrics-{at}", count, shown))
    return found


def _metric(metric: PlannedMetric, row: Metric | None, posted: Mapping[str, Any]) -> MetricShown:
    after = recorded(row)
    told = compared(metric.before, after, metric.unit, metric.limit, metric.lower_is_better)
    by = f"{row.measured_by}, {clock_words(row.measured_at)}" if row and row.measured_by and row.measured_at else ""
    written = (metric.before, after, metric.limit)
    return MetricShown(
        key=metric.key,
        title=metric.name,
        before=with_unit(metric.before, metric.unit),
        limit=with_unit(metric.limit, metric.unit),
        unit=metric.unit.strip(),
        after=posted.get(f"after:{metric.key}", after),
        recorded=after,
        measured=with_unit(after, metric.unit),
        remark=next((words for text in written if (words := unit_remark(text, metric.unit))), ""),
        change=told.words,
        better=told.better,
        beyond_limit=told.beyond_limit,
        within_limit=told.within_limit,
        is_alarming=told.is_alarming,
        x=told.x,
        by=by,
        is_posted=posted.get(f"after:{metric.key}", after) != after,
    )


@dataclass(slots=True)
class TriggerShown:
    """When to roll back, and when somebody last looked."""

    key: str
    anchor: str
    title: str
    words: SafeString
    text: str
    limit: str = ""
    status: str = ""
    tint: str = ""
    icon: str = "clock"
    remark: str = ""
    by: str = ""
    confirmed: list[Condition] = field(default_factory=list)
    posted: Mapping[str, Any] | None = None


def trigger_shown(
    item: Item, notes: Sequence[LogEntry], plan: RunPlan, now: dt.datetime, *, is_over: bool = False
) -> TriggerShown:
    """Never "clear": only what was noted, by whom, and how old it is. Of a run that ``is_over`` nothing counts on."""
    number = [one.key for one in plan.triggers].index(item.key) + 1
    shown = TriggerShown(item.key, f"trigger-{number}", item.title, render_item(item.text), visible(item.text))
    if limit := named_time(item.text, plan.window_start, plan.window_end):
        clock = clock_words(limit)
        # Beside a text with the clock of another zone the page's own has to be named.
        shown.limit = clock if clock in item.text else f"{clock} UTC"
        shown.limit += "" if is_over else f", {relative(limit, now)}"
    shown.status = _("not looked at") if is_over else _("not looked at yet")
    if notes:
        newest = notes[-1]
        close = newest.kind == NoteKind.PROBLEM
        words = _("getting close, noted %(time)s") if close else _("ok, noted %(time)s")
        shown.status = words % {"time": clock_words(newest.at)}
        shown.by = str(newest.person) if is_over else f"{newest.person}, {relative(newest.at, now)}"
        # Pill and age tell when; only what was seen is said beside them.
        seen = looked_in(newest)
        shown.remark = newest.text if seen is None else seen
        shown.tint, shown.icon = ("warn", "alert") if close else ("ok", "check")
    return shown


class Confirmable(Protocol):
    """A row of which something may have been still to be confirmed."""

    key: str
    confirmed: list[Condition]


def tell_confirmed(rows: Iterable[Confirmable], conditions: Sequence[Condition]) -> None:
    """Say at each row what of it was still to be confirmed, as its frozen text says, and by now is."""
    for row in rows:
        row.confirmed = confirmed_of(row.key, conditions)


# ---------------------------------------------------------------- log


@dataclass(frozen=True, slots=True)
class EntryShown:
    """A line of the log."""

    at: dt.datetime
    who: str
    words: str
    written: str = ""
    number: int = 0
    evidence: Evidence | None = None


def entry_shown(entry: LogEntry, numbers: Mapping[str, str]) -> EntryShown:
    """A line of the log."""
    late = entry.written_at - entry.at >= dt.timedelta(minutes=1)
    written = _("written %(time)s") % {"time": clock_words(entry.written_at)} if late else ""
    return EntryShown(entry.at, entry.person_name, log_words(entry, numbers), written, entry.pk, entry.evidence)

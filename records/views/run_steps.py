"""The steps of a run as pages show them: what is planned, what was done of it so far, and when; in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.outline import Answer, Commands, Item
from records.models import LogEntry, Step, StepStatus
from records.reading.rendering import render
from records.run.clock import clock_words, whole_minutes
from records.run.plan import PlannedStep
from records.run.problems import open_problems, waits_for
from records.run.starting import Condition
from records.run.time_plan import duration
from records.times import shown_minutes
from records.views.run_charge import PersonToCall
from records.views.run_commands import CommandBlock, command_block, is_command
from records.writing.readiness import words_of

# How long a tick can be taken back or its time be corrected.
CORRECTABLE = dt.timedelta(minutes=15)
OPEN = (StepStatus.TODO, StepStatus.STARTED)
LOOKS = {
    StepStatus.TODO: "ahead",
    StepStatus.STARTED: "now",
    StepStatus.DONE: "done",
    StepStatus.SKIPPED: "skipped",
    StepStatus.NOT_REACHED: "skipped",
}


@dataclass(slots=True)
class StepShown:
    """A step as components/run_step.html and run/_step_body.html draw it; one that ``is_set_aside`` only says why."""

    key: str
    number: str
    title: str
    state: str
    note: str
    plan_words: SafeString | str
    commands: list[CommandBlock]
    plan: PlannedStep
    row: Step | None
    tint: str = ""
    icon: str = ""
    status: str = ""
    remark: str = ""
    notes: list[LogEntry] = field(default_factory=list)
    kept: list[LogEntry] = field(default_factory=list)
    confirmed: list[Condition] = field(default_factory=list)
    to_ask: list[PersonToCall] = field(default_factory=list)
    is_set_aside: bool = False
    is_current: bool = False
    is_correctable: bool = False
    is_begun_lately: bool = False
    out_of_order: bool = False
    overlaps: list[str] = field(default_factory=list)
    posted: Mapping[str, Any] | None = None

    @property
    def words(self) -> SafeString | str:
        """What is planned, in the open only for the step that is worked on; the others are unfolded on demand."""
        return self.plan_words if self.is_unfolded else ""

    @property
    def is_unfolded(self) -> bool:
        """Whether all of the step is shown at once."""
        return self.is_current and self.is_open

    @property
    def fold_words(self) -> str:
        """What is behind the fold: "3 commands, 1 block of commands and details"; empty if nothing is."""
        count = sum(len([line for line in block.lines if is_command(line)]) for block in self.commands)
        # What is run together is one thing to do, whatever its number of lines.
        blocks = sum(not block.lines and any(map(is_command, block.code.split("\n"))) for block in self.commands)
        words = [ngettext("%(count)s command", "%(count)s commands", count) % {"count": count}] if count else []
        if blocks:
            told = ngettext("%(count)s block of commands", "%(count)s blocks of commands", blocks)
            words.append(told % {"count": blocks})
        details = _("details") if self.plan_words else ""
        return _(" and ").join(part for part in (", ".join(words), details) if part)

    @property
    def asks_first(self) -> list[str]:
        """What is to be confirmed before the step begins, in sentences; nothing once it has begun."""
        if self.row is None or self.row.status != StepStatus.TODO:
            return []
        # It may be a name or a whole sentence: it stands as it was written.
        asked = self.plan.ask_before.rstrip(".")
        found = [_("Go-ahead needed: %(asked)s.") % {"asked": asked}] if asked else []
        if self.plan.point_of_no_return:
            found.append(_("This is the point of no return: after it the way back no longer leads to where you were."))
        return found

    @property
    def lacks_witness(self) -> bool:
        """Whether it asks for a witness and has none yet, begun or not."""
        return self.plan.witness and not (self.row and self.row.witnessed_by_id)

    @property
    def waits_for_witness(self) -> bool:
        """Whether somebody should still say that they looked on."""
        row, begun = self.row, (StepStatus.STARTED, StepStatus.DONE)
        return bool(self.plan.witness and row and row.status in begun and not (row.witnessed_by_id or row.run_reason))

    @property
    def is_at_hand(self) -> bool:
        """Whether something is still to be done or said at it, or was refused just now."""
        return self.is_open or self.waits_for_witness or bool(self.posted)

    @property
    def agreed_words(self) -> str:
        """What the confirming button says first."""
        return _("Asked and agreed") if self.plan.ask_before else _("Pass it")

    @property
    def anchor(self) -> str:
        """Where the browser returns to."""
        return f"step-{self.number}"

    @property
    def open_problems(self) -> list[LogEntry]:
        """The problems at it that nobody has marked as solved."""
        return open_problems(self.notes)

    @property
    def is_to_do(self) -> bool:
        """Whether nobody has begun it: whoever is to be asked before it has still to be."""
        return self.row is not None and self.row.status == StepStatus.TODO

    @property
    def is_open(self) -> bool:
        """Whether the step is still to be worked: to do, or begun."""
        return not self.is_set_aside and self.row is not None and self.row.status in OPEN


def steps_shown(
    steps: Sequence[PlannedStep],
    rows: Mapping[str, Step],
    notes: Mapping[str, list[LogEntry]],
    *,
    current: PlannedStep | None,
    forecasts: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> list[StepShown]:
    """Steps or procedures with their states, times and notes; ``current`` is the one to work on."""
    shown = [_step(step, rows.get(step.key), forecasts.get(step.key), now) for step in steps]
    for step in shown:
        own = notes.get(step.key, [])
        step.notes = [entry for entry in own if entry.evidence is None]
        step.kept = [entry for entry in own if entry.evidence]
        begun = step.row is not None and step.row.unplanned and step.row.status == StepStatus.STARTED
        step.is_current = begun or (current is not None and step.key == current.key)
        step.out_of_order = step.is_open and not step.is_current
        if step.is_current and step.is_open:
            step.state = "now"
        if step.is_open and (waits := waits_for(step.notes)):
            step.note = ", ".join(filter(None, [step.status, step.note]))
            step.tint, step.icon = "warn", "clock"
            step.status = _("Waiting since %(time)s") % {"time": clock_words(waits.at)}
    return shown


def _step(step: PlannedStep, row: Step | None, forecast: dt.datetime | None, now: dt.datetime) -> StepShown:
    status = StepStatus(row.status) if row else StepStatus.TODO
    if step.is_set_aside and status == StepStatus.TODO:
        why = "; ".join(dict.fromkeys(words_of(step.item)))
        return StepShown(step.key, step.number, step.title, "aside", why, "", [], step, row, is_set_aside=True)
    shown = StepShown(
        key=step.key,
        number=step.number,
        title=step.title,
        state=LOOKS[status],
        note=_times(step, row, forecast),
        plan_words=render(_markdown(step.item)) if _markdown(step.item) else "",
        commands=[command_block(step, commands, at) for at, commands in enumerate(step.commands, 1)],
        plan=step,
        row=row,
    )
    if row and status == StepStatus.STARTED and row.started_at:
        shown.tint, shown.icon, shown.status = "info", "clock", _begun(step, row.started_at, now)
    elif row and status in (StepStatus.SKIPPED, StepStatus.NOT_REACHED):
        shown.tint, shown.icon, shown.status = "warn", "minus", str(status.label)
        shown.remark = row.run_reason
    shown.is_correctable = bool(row and row.ended_at and now - row.ended_at <= CORRECTABLE)
    is_begun = row and row.started_at and row.status == StepStatus.STARTED and not row.unplanned
    shown.is_begun_lately = bool(is_begun and row and row.started_at and now - row.started_at <= CORRECTABLE)
    return shown


def _begun(step: PlannedStep, started: dt.datetime, now: dt.datetime) -> str:
    words = _("Started %(time)s") % {"time": clock_words(started)}
    worked = max(whole_minutes(now - started), 0)
    if step.minutes:
        return words + ", " + _("%(worked)s of %(estimate)s min") % {"worked": worked, "estimate": step.minutes}
    return words + ", " + duration(worked)


def _times(step: PlannedStep, row: Step | None, forecast: dt.datetime | None) -> str:
    """When it was done and how long it took; before that, when it is planned and now likely, and how long."""
    if row and row.ended_at:
        if row.status != StepStatus.DONE or not row.begun_at:
            return clock_words(row.ended_at)
        took = max(shown_minutes(row.begun_at, row.ended_at), 0)
        of = _("%(took)s min of %(estimate)s") % {"took": took, "estimate": step.minutes} if step.minutes else ""
        return f"{clock_words(row.begun_at)} {_('to')} {clock_words(row.ended_at)}, {of or duration(took)}"
    if row and row.status == StepStatus.STARTED:
        return ""
    planned = _("planned %(time)s") % {"time": clock_words(step.start)} if step.start else ""
    late = forecast and step.start and forecast - step.start >= dt.timedelta(minutes=1)
    likely = _("now about %(time)s") % {"time": clock_words(forecast)} if late and forecast else ""
    length = duration(step.minutes) if step.minutes else step.estimate
    return ", ".join(word for word in (planned, likely, length) if word)


def _markdown(item: Item) -> str:
    """The step's words without its commands, which stand in blocks of their own."""
    lines = [item.text] if item.text else []
    details = []
    for part in item.parts:
        if isinstance(part, Answer):
            details.append(f"- **{part.label}**: " + part.text.replace("\n", "\n  "))
        elif not isinstance(part, Commands):
            details.append(part.text)
    return "\n\n".join([*lines, "\n".join(details)]).strip("\n")

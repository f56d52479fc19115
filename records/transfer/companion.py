"""What a record's template has no line for, as a Markdown file that goes with it: "<operation-id>.log.md".

Steps with their actual times, checks, values, every line of the log, kept files, comments, the plan facts beside the
text, who approved and signed, addenda.
Read from what is stored, in English, with times in UTC: the same rows always give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import translation

from records.as_asked import as_asked
from records.decided import ratified_on
from records.document.blocks import fenced
from records.document.inline import in_heading
from records.document.shapes import with_unit
from records.models import Operation, RecoveryValidation, Step
from records.models.row import Ticked
from records.refusals import WrongOrder
from records.run.emergency import told_of, unapproved_words
from records.run.loaded import Run, load_run
from records.run.log_words import log_words
from records.run.logbook import NoteKind
from records.run.moved import counted_words, in_place
from records.run.plan import PlannedStep
from records.run.short_words import short
from records.run.starting import confirmed
from records.run.stops import stops_of
from records.transfer.companion_decided import addenda, annex, comments, decided, named
from records.transfer.companion_lines import bullet, in_one_line, moment_in_full, section

# What the digest that an approval binds is made over (records.content.freezing.revision_digest).
BOUND = "over plan text, values beside it, people, template, approval rule and revision number"


def companion_of(operation: Operation, *, signed_off_alone: bool = False) -> bytes:
    """The companion of a record that was started; ``signed_off_alone`` leaves out other addenda.

    Raises WrongOrder before that: there is nothing to tell.
    """
    run = load_run(operation) if operation.started_at else None
    if run is None:
        raise WrongOrder(translation.gettext("There is no log: this record was never started."))
    with translation.override("en"):
        parts = [
            _head(run),
            _confirmed(run),
            _steps(run),
            _checks(run),
            _values(run),
            _log(run),
            _files(run),
            comments(run),
            annex(run),
            decided(run),
            addenda(run, signed_off_alone),
        ]
        return "\n".join(part for part in parts if part).encode()


# ---------------------------------------------------------------- parts


def _head(run: Run) -> str:
    operation, revision = run.operation, run.revision
    lines = [f"# Log: {in_heading(in_one_line(operation.title or 'Untitled record'))}\n\n"]
    facts = [
        *_unapproved(run),
        ("Record", f"{operation.reference}.md"),
        ("State", str(operation.get_state_display())),
        ("Outcome", str(operation.get_outcome_display()) if operation.outcome else ""),
        ("Plan", f"revision {revision.number}, SHA-256 {revision.digest} ({BOUND})"),
        ("Plan text", f"SHA-256 {revision.text_digest}"),
        ("Final text", f"SHA-256 {operation.final_text.digest}" if operation.final_text else "not signed yet"),
        ("Operator", str(operation.operator or "")),
        ("In charge at the end", str(operation.in_charge or "")),
        ("Started", moment_in_full(operation.started_at)),
        ("Planned times", counted_words(run.plan)),
        ("Rolled back", moment_in_full(operation.rolled_back_at)),
        ("Trigger", run.number_of.get(operation.rollback_trigger, operation.rollback_trigger)),
        ("Why it was rolled back", operation.rollback_reason),
        ("Finished", moment_in_full(operation.finished_at)),
    ]
    facts += told_of(operation)
    facts += [("Rest of the plan due", moment_in_full(operation.plan_due_at))]
    return "".join([*lines, *(bullet(label, text) for label, text in facts if text), *_stops(operation)])


def _unapproved(run: Run) -> list[tuple[str, str]]:
    """What is said first of what nobody approved: that it is so, why it was done first, and who ratified it."""
    operation = run.operation
    if not operation.was_unapproved:
        return []
    why = operation.emergency["why"] if operation.emergency else operation.afterwards_reason
    one = ratified_on(run.revision)
    by = f"{named(one)}, {moment_in_full(one.at)}: {one.words}" if one else "nobody yet"
    return [("Approved", unapproved_words(operation)), ("Why it was done first", why), ("Ratified", by)]


def _stops(operation: Operation) -> Iterator[str]:
    for stop in stops_of(operation):
        start, end = stop.window
        names = ", ".join(one["name"] for one in stop.confirmed) or "nobody"
        words = f"{stop.reason} (by {stop.by}, {moment_in_full(dt.datetime.fromisoformat(stop.at))})"
        went_on = f"; went on {moment_in_full(dt.datetime.fromisoformat(stop.went_on))}" if stop.went_on else ""
        yield bullet("Stopped", words + went_on)
        yield bullet("Next window", f"{moment_in_full(start)} to {moment_in_full(end)}, confirmed by {names}")


def _confirmed(run: Run) -> str:
    """What had to be confirmed before the start, with what shows it."""
    found = []
    for one in confirmed(run.operation):
        by = f"{one.ticked_by_name}, {moment_in_full(one.moment)}"
        found.append(
            bullet(one.label, f"to confirm by {one.by}: {one.reason.rstrip(' .')}; confirmed by {by}: {one.evidence}")
        )
    return section("Confirmed before the start", found, gap="")


def _steps(run: Run) -> str:
    steps = in_place(run.plan, run.steps, was_rolled_back=run.operation.rolled_back_at is not None)
    told = [_step(step, run.steps[step.key], run) for step in steps if step.key in run.steps]
    return section("Steps", told)


def _step(planned: PlannedStep, row: Step, run: Run) -> str:
    recorded = run.recorded.get(planned.key, [])
    place = "Rollback " if planned in run.plan.procedures else ""
    lines = [f"### {in_heading(in_one_line(f'{place}{planned.number} {planned.title}'))}\n\n"]
    facts = [
        ("Unplanned", row.text if row.unplanned else ""),
        *(("Recorded in the run", f"{one.title}: {one.item.text}" if one.item.text else one.title) for one in recorded),
        ("Planned", "" if recorded else _planned(planned)),
        ("Result", str(row.get_status_display()).lower()),
        ("Begun", moment_in_full(row.begun_at)),
        ("Ended", moment_in_full(row.ended_at)),
        ("By", str(row.worked_by or "")),
        ("Reason", row.run_reason),
        ("Witness", _witness(row, run)),
        *_noted(planned, row, run),
    ]
    lines += [bullet(label, text) for label, text in facts if text]
    for one in [planned] if row.unplanned else recorded:
        lines += ["\n" + fenced(block.text) for block in one.commands]
    return "".join(lines)


def _witness(row: Step, run: Run) -> str:
    """Who looked on, when, and what they said of it."""
    if row.witnessed_by is None:
        return ""
    # Newest first: a step that was taken back may have been witnessed before.
    said = next((one.text for one in run.log if (one.kind, one.step_key) == ("witness_step", row.key)), "")
    return f"{row.witnessed_by}, {moment_in_full(row.witnessed_at)}" + (f": {short(said)}" if said else "")


def _noted(planned: PlannedStep, row: Step, run: Run) -> list[tuple[str, str]]:
    """What was noted at the step, by its kind, in one line each: the log has all of it."""
    own = [entry for entry in run.log if entry.step_key == planned.key and entry.kind in NoteKind.values]
    told = sorted((one for one in own if one.text and one.text != row.run_reason), key=lambda one: (one.at, one.pk))
    return [(str(NoteKind(one.kind).label), f"{one.person_name}: {short(one.text)}") for one in told]


def _planned(step: PlannedStep) -> str:
    return ", ".join(word for word in (moment_in_full(step.start), as_asked("estimate", step.estimate)) if word)


def _checks(run: Run) -> str:
    found = [_ticked(check.text, run.checks.get(check.key)) for check in run.plan.checks]
    if run.operation.rolled_back_at:
        rows: dict[str, RecoveryValidation] = run.validations
        found += [_ticked(f"{item.title} (recovery)", rows.get(item.key)) for item in run.plan.validations]
    return section("Checks", found, gap="")


def _ticked(text: str, row: Ticked | None) -> str:
    words = "open"
    if row is not None and row.ticked:
        words = f"ticked, {row.ticked_by or 'nobody'}, {moment_in_full(row.ticked_at)}"
        words += f": {row.evidence}" if row.evidence else ""
    elif row is not None and row.unticked_because:
        words = f"not made: {row.unticked_because}"
    elif row is not None and row.observe_until:
        words = f"observed until {moment_in_full(row.observe_until)}"
        words += f": {row.evidence}" if row.evidence else ""
    return bullet(text, words)


def _values(run: Run) -> str:
    found = []
    for metric in run.plan.metrics:
        row = run.metrics.get(metric.key)
        if row is None or row.measured_by is None:
            continue
        before, after, limit = (with_unit(text, metric.unit) for text in (metric.before, row.after or "", metric.limit))
        side = {True: "at most ", False: "at least ", None: ""}[metric.lower_is_better]
        words = f"{before or '–'} → {after}{f' (limit: {side}{limit})' if limit else ''}"
        found.append(bullet(metric.name, f"{words}, {row.measured_by}, {moment_in_full(row.measured_at)}"))
    return section("Values", found, gap="")


def _log(run: Run) -> str:
    """Every line of the log once, oldest first."""
    numbers = run.number_of
    found = []
    for entry in sorted(run.whole_log, key=lambda one: (one.at, one.pk)):
        late = entry.written_at - entry.at >= dt.timedelta(minutes=1)
        written = f" (written {moment_in_full(entry.written_at)})" if late else ""
        kept = f" [{entry.evidence.name}, SHA-256 {entry.evidence.sha256}]" if entry.evidence else ""
        found.append(
            bullet(moment_in_full(entry.at), f"{entry.person_name} {log_words(entry, numbers)}{kept}{written}")
        )
    return section("Log", found, gap="")


def _files(run: Run) -> str:
    entries = sorted((entry for entry in run.whole_log if entry.evidence), key=lambda one: (one.at, one.pk))
    found = []
    for entry in entries:
        assert entry.evidence is not None
        step = run.number_of.get(entry.step_key, "")
        words = f"{entry.evidence.size} bytes, {entry.evidence.media_type}, SHA-256 {entry.evidence.sha256}"
        found.append(bullet(entry.evidence.name, f"{words}{f', step {step}' if step else ''}, {entry.person_name}"))
    return section("Files", found, gap="")

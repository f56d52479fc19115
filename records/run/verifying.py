"""The acts of the team on what shows that it worked: checks and recovery validations ticked, values measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.document.answers import Empty, answer_in
from records.document.shapes import with_unit
from records.life_cycle import acting, said
from records.models import Check, Metric, Operation, Person, RecoveryValidation, State
from records.models.states import UNDER_WAY
from records.refusals import Incomplete, WrongOrder
from records.rights import is_team
from records.run.emergency import refuse_outside_the_run
from records.run.logbook import check_workable, check_writable, log, moment_of
from records.writing.section_writing import write_fields

Line = Check | RecoveryValidation
A_YEAR = dt.timedelta(days=366)


def tick_check(
    operation: Operation,
    *,
    key: str,
    by: Person,
    evidence: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Line:
    """Tick a check, or on the way back a recovery validation: it was looked at, and it holds.

    ``evidence`` is what shows it, if anything was said: else what was seen of it so far, while it was observed;
    ``happened`` when it was seen, if not now.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        line = _line(locked, key, by)
        shown = evidence.strip() and said(evidence, _("evidence"))
        if line.ticked and line.ticked_by_id == by.pk and shown in ("", line.evidence):
            return line
        if line.ticked and line.ticked_by_id != by.pk:
            names = {"person": line.ticked_by, "at": outbox.moment(line.ticked_at)}
            raise WrongOrder(_("%(person)s ticked this already, %(at)s.") % names)
        shown = shown or (line.evidence if line.is_observed else "")
        columns: dict[str, Any] = {"ticked": True, "ticked_by": by, "evidence": shown}
        columns["ticked_at"] = moment_of(locked, happened, at)
        _write(locked, line, "tick_check", by, at, happened, early_words(line, columns["ticked_at"]), **columns)
    return line


def observe_check(
    operation: Operation,
    *,
    key: str,
    until: dt.datetime,
    by: Person,
    evidence: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Line:
    """Say that a check takes longer than the work: it is observed ``until`` then, and ticked while closing. What was
    seen of it so far is kept as its ``evidence``.

    Raises Incomplete for a moment that is over or more than a year away, WrongOrder for a check that is ticked.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        line = _line(locked, key, by)
        if not at < until < at + A_YEAR:
            raise Incomplete([_("until when it is observed: a time that is still to come, within a year")])
        if line.ticked:
            raise WrongOrder(_("This check is ticked; take the tick back first."))
        seen = said(evidence) if evidence.strip() else line.evidence
        if (line.observe_until, line.evidence) == (until, seen) and line.is_observed:
            return line
        _write(locked, line, "observe_check", by, at, happened, observe_until=until, evidence=seen)
    return line


def untick_check(operation: Operation, *, key: str, by: Person, at: dt.datetime | None = None) -> Line:
    """Take a tick, or the reason for a missing one, back."""
    at = at or timezone.now()
    with acting(operation) as locked:
        line = _line(locked, key, by)
        if line.ticked or line.unticked_because or line.is_observed:
            nothing: dict[str, Any] = {"ticked": False, "ticked_at": None, "ticked_by": None, "evidence": ""}
            if locked.state in UNDER_WAY:
                nothing["observe_until"] = None
            _write(locked, line, "untick_check", by, at, **nothing)
    return line


def skip_check(
    operation: Operation,
    *,
    key: str,
    reason: str,
    by: Person,
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Line:
    """Say why a check was not made."""
    at = at or timezone.now()
    with acting(operation) as locked:
        line = _line(locked, key, by)
        why = said(reason)
        if line.unticked_because == why:
            return line
        if line.ticked:
            raise WrongOrder(_("This check is ticked; take the tick back first."))
        _write(locked, line, "skip_check", by, at, happened, unticked_because=why)
    return line


def early_words(line: Line, ticked_at: dt.datetime | None) -> str:
    """That a check was ticked before the time until when it was to be observed; empty for any other."""
    if line.observe_until is None or ticked_at is None or ticked_at >= line.observe_until:
        return ""
    return _("before %(time)s, until when it was to be observed") % {"time": outbox.moment(line.observe_until)}


def _line(operation: Operation, key: str, by: Person) -> Line:
    line = _line_with(operation, key, by)
    if operation.state == State.CLOSING and line.observe_until is not None:
        check_writable(operation, by)
    else:
        check_workable(operation, by)
    return line


def _line_with(operation: Operation, key: str, by: Person) -> Line:
    is_team(by, operation).insist()
    of: dict[str, Any] = {"section__operation": operation, "key": key, "loose": False}
    check = Check.objects.filter(**of).select_related("ticked_by", "section").first()
    if check is not None:
        refuse_outside_the_run(operation, check)
        return check
    validation = RecoveryValidation.objects.filter(**of).select_related("ticked_by", "section").first()
    if validation is None:
        raise Http404
    if operation.rolled_back_at is None:
        raise WrongOrder(_("“%s” belongs to the way back: roll back first.") % validation.title)
    refuse_outside_the_run(operation, validation)
    return validation


def _write(
    operation: Operation,
    line: Line,
    act: str,
    by: Person,
    at: dt.datetime,
    happened: dt.datetime | None = None,
    aside: str = "",
    **columns: Any,
) -> None:
    columns = {"unticked_because": "", **columns}
    for name, value in columns.items():
        setattr(line, name, value)
    line.save(update_fields=list(columns))
    until = columns.get("observe_until")
    observed = _("until %(time)s") % {"time": outbox.moment(until)} if until else ""
    said_of_it = columns["unticked_because"] or ": ".join(filter(None, (observed, columns.get("evidence", ""))))
    words = f"{line}: {said_of_it}" if said_of_it else str(line)
    words = f"{words} ({aside})" if aside else words
    log(operation, act, by=by, at=at, happened=happened, text=words, step_key=line.key)
    audit.record(act, operation=operation, person=by, at=at, check=line.key, reason=said_of_it)


# ---------------------------------------------------------------- after-values


def measure(
    operation: Operation,
    *,
    values: Mapping[str, str],
    by: Person,
    shown: Mapping[str, str] | None = None,
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> list[Metric]:
    """Write what was measured afterwards, by the key of its metric; any text is a value. Those that are written.

    Saved like any field of its section. A blank says nothing; a unit written behind a value is not written twice.
    ``shown`` are the values over which these were typed, where a page told: WrongOrder where another stands there by
    now, so that nobody's is overwritten unseen. Raises Http404 for a key that is none, Incomplete where nothing was
    said at all.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        check_writable(locked, by)
        metrics = Metric.objects.filter(section__operation=locked, loose=False, after__isnull=False)
        rows = {row.key: row for row in metrics.filter(key__in=values).select_related("section")}
        if set(values) - set(rows):
            raise Http404
        told = {key: _without_unit(rows[key], said(text, _("a value"))) for key, text in values.items() if text.strip()}
        if not told:
            raise Incomplete([_("a value")])
        for text in told.values():
            if isinstance(answer_in(text, ""), Empty):
                raise Incomplete([_("“%s” without its brackets: they say that nothing was measured yet") % text])
        fresh = {key: text for key, text in told.items() if text != recorded(rows[key]) or not rows[key].measured_by_id}
        for key in fresh:
            _refuse_unseen(rows[key], (shown or {}).get(key))
        for section, own in _by_section(rows, fresh):
            write_fields(locked, section, {f"{key}.after": text for key, text in own.items()}, by=by, at=at)
        moment = moment_of(locked, happened, at)
        for key in fresh:
            row = rows[key]
            row.refresh_from_db()
            row.measured_at, row.measured_by = moment, by
            row.save(update_fields=["measured_at", "measured_by"])
            words = f"{row.name}: {with_unit(row.after or '', row.unit)}"
            log(locked, "measure", by=by, at=at, happened=happened, text=words, step_key=key)
            audit.record("measure", operation=locked, person=by, at=at, metric=key, value=row.after)
    return [rows[key] for key in fresh]


def recorded(row: Metric | None) -> str:
    """The value measured afterwards; empty while the template's placeholder stands there."""
    text = row.after or "" if row else ""
    return "" if isinstance(answer_in(text, ""), Empty) else text


def _refuse_unseen(row: Metric, shown: str | None) -> None:
    now = recorded(row)
    if shown is None or now == shown:
        return
    facts = {"name": row.name, "value": with_unit(now, row.unit), "person": row.measured_by}
    raise WrongOrder(_("“%(name)s” is %(value)s by now, says %(person)s. Look at it, then save your value.") % facts)


def _without_unit(row: Metric, text: str) -> str:
    """What was measured, without its unit, and without the baseline where that was typed again: "61% → 48%"."""
    value, unit = text.strip(), row.unit.strip()
    first, arrow, second = value.partition("→")
    if arrow and first.strip().removesuffix(unit).rstrip() == row.before.strip():
        value = second.strip()
    return value.removesuffix(unit).rstrip() if unit and value != unit else value


def _by_section(rows: Mapping[str, Metric], values: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for section in dict.fromkeys(rows[key].section.key for key in values):
        yield section, {key: text for key, text in values.items() if rows[key].section.key == section}

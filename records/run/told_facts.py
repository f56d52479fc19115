"""What a run knows, as sentences for the record: each of one source, empty where the run knows nothing of it.

A template's settings name them for its lines; two are followed by a path of the plan, or by a word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from records.content.frozen import frozen
from records.document.answers import Filled, NotApplicable, answer_in, text_of
from records.document.fields import table_of
from records.models import Check, LogEntry, RecoveryValidation, StepStatus
from records.outbox import Event
from records.run.emergency import plan_of
from records.run.loaded import Run
from records.run.logbook import PROBLEMS, NoteKind
from records.run.plan import PlannedStep
from records.run.short_words import because, listed, short, step_named
from records.run.speaking_of import noted, speaking_of
from records.run.stops import stops_of
from records.run.time_plan import duration
from records.run.told_values import headroom, values_after
from records.times import shown_minutes


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a sentence comes from, in words, and how it is read off a run; whether it tells of anything that went
    wrong, which is no improvement. ``doubt``: why it may be no answer to the line that it is offered for, by the run
    and its words. It ``waits`` while what it tells is not decided yet.
    """

    source: Any
    words: Callable[[Run], str]
    is_bad: Callable[[Run], bool] = lambda run: False
    doubt: Callable[[Run, str], str] = lambda run, words: ""
    waits: Callable[[Run], bool] = lambda run: False


def fact_named(name: str) -> Fact:
    """The fact that a template's settings call ``name``."""
    kind, _blank, follows = name.partition(" ")
    if kind == "plan":
        return Fact(gettext_lazy("the plan"), lambda run: _planned(run, follows), _went_wrong, _promised)
    if kind == "about":
        own = gettext_lazy("the steps and notes of the run")
        return Fact(own, lambda run: speaking_of(run, follows), doubt=lambda _run, _words: _stands_there())
    return FACTS[name]


def _stands_there() -> str:
    return _("the word stands there, and whether that answers it is yours to say")


def _promised(_run: Run, words: str) -> str:
    """A plan says what was to come; that something doesn't apply holds afterwards too."""
    if isinstance(answer_in(words, ""), NotApplicable):
        return ""
    return _("the plan promised it, and whether it came so is yours to say")


def _deviated(run: Run, _words: str) -> str:
    """All steps done is not all of it where somebody noted that they went otherwise."""
    return _("the run deviated from the plan, and what that changed is yours to say") if _deviations(run) else ""


def _deviations(run: Run) -> list[LogEntry]:
    found = [entry for entry in run.log if entry.kind == NoteKind.DEVIATION]
    return sorted(found, key=lambda one: (one.at, one.pk))


def nothing_about(names: Iterable[str]) -> str:
    """What a line about something is answered where no step and no note of the run speaks of it."""
    if not any(name.startswith("about ") for name in names):
        return ""
    return text_of(NotApplicable(_("no step and no note of the run speaks of it")), "")


def _steps(run: Run) -> str:
    """How many steps were done, which were not and why, which were added, the same of the way back, and deviations."""
    told = _done_of(run, run.plan.steps)
    if added := [step_named(step) for step in run.unplanned]:
        told.append(_("added during the run: %(steps)s") % {"steps": listed(added)})
    back = _done_of(run, run.plan.procedures) if run.operation.rolled_back_at else []
    if back:
        told.append(_("way back: %(steps)s") % {"steps": "; ".join([back[0][:1].lower() + back[0][1:], *back[1:]])})
    if away := _deviations(run):
        words = ngettext("deviation: %(them)s", "deviations: %(them)s", len(away))
        told.append(words % {"them": listed(noted(entry, run.number_of) for entry in away)})
    return "; ".join(told)


def _done_of(run: Run, planned: Sequence[PlannedStep]) -> list[str]:
    rows = [(step, run.steps[step.key]) for step in planned if step.key in run.steps]
    left = [(step, row) for step, row in rows if row.status != StepStatus.DONE]
    told = []
    if rows and not left:
        told.append(_all_done(len(rows), is_planned=not run.operation.was_unapproved))
    elif rows:
        words = (
            _("%(done)s of %(n)s steps done")
            if run.operation.was_unapproved
            else _("%(done)s of %(n)s planned steps done")
        )
        told.append(words % {"done": len(rows) - len(left), "n": len(rows)})
        # Those that share a fate and its reason are named together.
        fates: dict[str, list[str]] = {}
        for step, row in left:
            fate = because(str(row.get_status_display()).lower(), row.run_reason)
            fates.setdefault(fate, []).append(step_named(step))
        told += [f"{fate}: {listed(names)}" for fate, names in fates.items()]
    return told


def _all_done(number: int, *, is_planned: bool) -> str:
    if is_planned:
        return ngettext("The one planned step done", "All %(n)s planned steps done", number) % {"n": number}
    return ngettext("The one step done", "All %(n)s steps done", number) % {"n": number}


Ticks = list[tuple[str, Check | RecoveryValidation | None]]


def _ticks(run: Run) -> tuple[Ticks, Ticks]:
    """All that is to be ticked, with its words, and what of it was not."""
    found: Ticks = [(check.text, run.checks.get(check.key)) for check in run.plan.checks]
    if run.operation.rolled_back_at:
        found += [(item.title, run.validations.get(item.key)) for item in run.plan.validations]
    return found, [(text, row) for text, row in found if row is None or not row.ticked]


def _checks(run: Run) -> str:
    """How many checks were made, which were not and why, and what shows those of which somebody said it."""
    found, left = _ticks(run)
    if not found:
        return ""
    if left:
        words = _("%(done)s of %(n)s checks hold; not made: %(checks)s")
        # Those that share a reason are named together.
        reasons: dict[str, list[str]] = {}
        for text, row in left:
            reasons.setdefault(_why_open(row), []).append(short(text))
        named = ", ".join(f"{listed(texts)} ({short(why)})" if why else listed(texts) for why, texts in reasons.items())
        told = words % {"done": len(found) - len(left), "n": len(found), "checks": named}
    else:
        told = ngettext("The one check holds", "All %(n)s checks hold", len(found)) % {"n": len(found)}
    shown = listed(because(text, row.evidence) for text, row in found if row and row.ticked and row.evidence)
    return f"{told}; {_('as seen: %(them)s') % {'them': shown}}" if shown else told


def _is_observed(run: Run) -> bool:
    """Whether a check is looked at for longer: until that is over, nobody knows how many hold."""
    return any(row.is_observed for _text, row in _ticks(run)[1] if row)


def _why_open(row: Check | RecoveryValidation | None) -> str:
    return row.unticked_because if row else ""


def _way_back(run: Run) -> str:
    """Whether the way back was taken; if so how many of its steps were done, and how long it took."""
    operation = run.operation
    if not operation.rolled_back_at:
        return _("the way back was not taken")
    rows = [run.steps[step.key] for step in run.plan.procedures if step.key in run.steps]
    done = sum(row.status == StepStatus.DONE for row in rows)
    words = _("the way back was taken, %(done)s of %(n)s rollback steps done") % {"done": done, "n": len(rows)}
    # Until the last one that was done; a clock of a device without network may have gone before the site's.
    ended = max((row.ended_at for row in rows if row.ended_at and row.status == StepStatus.DONE), default=None)
    if ended is None or ended < operation.rolled_back_at:
        return words
    return _("%(words)s in %(time)s") % {"words": words, "time": _took(operation.rolled_back_at, ended)}


def _took(start: dt.datetime, end: dt.datetime) -> str:
    minutes = shown_minutes(start, end)
    return duration(minutes) if minutes else _("less than a minute")


def _times(run: Run) -> str:
    """When it began and ended, how long that was, how long it was to be, and when it stood still."""
    operation = run.operation
    # As it was approved: neither an early start nor a stop makes the planned work longer or shorter.
    plan = plan_of(operation, run.revision)
    if not operation.started_at or not operation.finished_at:
        return ""
    took = _took(operation.started_at, operation.finished_at)
    facts = {"start": _moment(operation.started_at), "end": _moment(operation.finished_at), "took": took}
    words = _("From %(start)s to %(end)s: %(took)s") % facts
    if plan.start and plan.end and not operation.was_unapproved:
        words += ", " + _("planned %(time)s") % {"time": duration(shown_minutes(plan.start, plan.end))}
    for stop in stops_of(operation):
        if stop.went_on:
            start, end = (_moment(dt.datetime.fromisoformat(at)) for at in (stop.at, stop.went_on))
            words += "; " + _("stopped from %(start)s to %(end)s") % {"start": start, "end": end}
    if operation.rolled_back_at:
        why = short(operation.rollback_reason)
        words += "; " + _("rolled back at %(time)s: %(why)s") % {"time": _moment(operation.rolled_back_at), "why": why}
    return words


def _troubles(run: Run) -> list[LogEntry]:
    return [entry for entry in run.log if entry.kind in (*PROBLEMS, NoteKind.DEVIATION)]


def _notes(run: Run) -> str:
    """The problems and deviations that were noted, and what solved them, or that there were none."""
    told = _troubles(run)
    if not told:
        return _("no problem and no deviation noted")
    words = ngettext(
        "%(n)s problem or deviation noted: %(them)s", "%(n)s problems and deviations noted: %(them)s", len(told)
    )
    told_of = [*told, *(entry for entry in run.log if entry.kind == NoteKind.SOLVED)]
    named = (noted(entry, run.number_of) for entry in sorted(told_of, key=lambda one: (one.at, one.pk)))
    return words % {"n": len(told), "them": listed(named)}


def _log(run: Run) -> str:
    """From when to when it was written down as it happened; how many lines that are changes with every later one."""
    began, ended = run.operation.started_at, run.operation.finished_at
    if not began or not ended:
        return ""
    facts = {"start": _moment(began), "end": _moment(ended)}
    return _("noted in the log as it happened, %(start)s to %(end)s") % facts


def _people(run: Run) -> str:
    """Who ran it and who worked on it."""
    worked = [row.worked_by for row in run.steps.values()] + [row.ticked_by for row in run.checks.values()]
    names = dict.fromkeys(str(person) for person in worked if person and person != run.operation.operator)
    operator = run.operation.operator
    own = [_("%(name)s (operator)") % {"name": operator}] if operator else []
    return ", ".join([*own, *names])


def _operator(run: Run) -> str:
    """Who was in charge: the operator, and whoever was at the end, who may only just have taken over."""
    operator, last = run.operation.operator, run.operation.runs_it
    if operator is None or last is None or last.pk == operator.pk:
        return str(last or "")
    return _("%(operator)s, at the end %(name)s") % {"operator": operator, "name": last}


def _told(run: Run) -> str:
    """Who was told that the work has ended. One query."""
    told = run.operation.deliveries.filter(event=Event.WORK_FINISHED, person__isnull=False)
    names = dict.fromkeys(str(one.person) for one in told.select_related("person").order_by("pk"))
    return _("told that the work has ended: %(names)s") % {"names": listed(names)} if names else ""


def _went_wrong(run: Run) -> bool:
    return bool(run.operation.rolled_back_at or _ticks(run)[1])


def _planned(run: Run, path: str) -> str:
    """What the plan that was run says in the line ``path``; nothing where it was not asked there, or waits."""
    outline, document = run.operation.outline, frozen(run.revision).document
    own = next((section for section in document.sections if section.key == path.partition("/")[0]), None)
    if outline is None or own is None:
        return ""
    text = table_of(own).get(path, "")
    match answer_in(text, outline.texts.get(path, "")):
        case NotApplicable() if not outline.settings.is_filler(text):
            return text
        case Filled():
            return _("as the plan says: %(text)s") % {"text": short(text)}
        case _:
            return ""


# By the name that a template's settings give each (``document.template_settings.PROPOSED``).
FACTS: Mapping[str, Fact] = {
    "steps": Fact(gettext_lazy("the steps of the run"), _steps, doubt=_deviated),
    "checks": Fact(gettext_lazy("the checks"), _checks, lambda run: bool(_ticks(run)[1]), waits=_is_observed),
    "values": Fact(gettext_lazy("the values after"), values_after),
    "headroom": Fact(gettext_lazy("the values after and their limits"), headroom),
    "way_back": Fact(gettext_lazy("the rollback"), _way_back, lambda run: bool(run.operation.rolled_back_at)),
    "times": Fact(gettext_lazy("start and end of the run"), _times),
    "notes": Fact(gettext_lazy("problems and deviations in the log"), _notes, lambda run: bool(_troubles(run))),
    "log": Fact(gettext_lazy("the log"), _log),
    "people": Fact(gettext_lazy("who ran and worked on it"), _people),
    "operator": Fact(gettext_lazy("who was in charge"), _operator),
    "told": Fact(gettext_lazy("the messages that were sent"), _told),
}


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"

"""The acts of the demo's stories: each is the real one, with the person and the moment that the story tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from approvals import actions
from approvals.closing import final_text_shown
from approvals.emergency import Went
from opsrecords.demo.drafts import Tale
from opsrecords.demo.people import PASSWORD
from records.life_cycle import acting
from records.models import FinalText, Operation, Person, Revision, RollbackTrigger, Step
from records.run import left_undone, logbook, proposals, running, unplanned, verifying, working
from records.run.loaded import load_run
from records.writing.from_the_run import recorded_steps, same_title
from records.writing.saving import save_section
from records.writing.section_writing import locked_section, write_changed

Act = Callable[[Tale, Person, dt.datetime, Mapping[str, Any]], object]


def _revision(tale: Tale) -> Revision:
    return tale.record.revisions.order_by("-number")[0]


def _final(tale: Tale) -> FinalText:
    return tale.record.final_texts.order_by("-number")[0]


def _step(tale: Tale, number: int, *, back: bool = False) -> str:
    """The key of the step, or of the procedure of the way back, with this number, counted from 1."""
    steps = Step.objects.filter(section__operation=tale.record, phase__isnull=back)
    return steps.order_by("section__position", "phase__position", "position")[number - 1].key


def _emergency(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    """Somebody starts at once, from a phone: the record begins with it."""
    operation = actions.start_from_nothing(tale.template, answers=needs["answers"], by=by, at=at)
    Operation.objects.filter(pk=operation.pk).update(is_demo=True, created_at=at)
    tale.operation = operation


def _complete(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    """The rest of the plan is written as the file has it, with all of its steps done, and frozen."""
    with acting(tale.record) as locked:
        for section in tale.document.sections:
            write_changed(locked_section(locked, section.key), section, {}, by=by, at=at)
    undone = left_undone.undone_steps(tale.record)
    pairs = ((one, step) for one in recorded_steps(tale.record) for step in undone if same_title(one.title, step.title))
    written = {one.key: step.key for one, step in pairs}
    done = [step.key for step in undone if step.key not in written.values()]
    went = Went(done, tale.ticked, needs.get("left_out", ""), written)
    actions.complete_plan(Operation.objects.get(pk=tale.record.pk), went, by=by, at=at)


def _add_step(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    """A step that nobody planned, worked to its end."""
    told = {"title": needs["title"], "reason": needs.get("reason", ""), "commands": needs.get("commands", "")}
    step = unplanned.add_step(tale.record, **told, by=by, at=at)
    working.finish_step(tale.record, key=step.key, by=by, at=at + dt.timedelta(minutes=needs["minutes"]))


def _take_over(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    """All that is likely of what the record proposes."""
    run = load_run(tale.record, at)
    assert run is not None
    return proposals.take_over(
        tale.record, keys=[one.key for one in proposals.proposed(run) if not one.doubt], by=by, at=at
    )


def _sign_addendum(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    newest = tale.record.addenda.order_by("-number")[0]
    own: dict[str, Any] = {"number": newest.number, "digest": newest.digest}
    return actions.sign_off_addendum(tale.record, **own, password=PASSWORD, by=by, at=at)


def _ask(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    return actions.ask_for_changes(tale.record, digest=_revision(tale).digest, reason=needs["reason"], by=by, at=at)


def _approve(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    digest, note = _revision(tale).digest, needs.get("note", "")
    return actions.approve(tale.record, digest=digest, password=PASSWORD, note=note, by=by, at=at)


def _rework(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    """The author puts right what was asked about."""
    for key, text in tale.right.items():
        section = next(one for one in tale.record.sections.all() if key.startswith(f"{one.key}/"))
        save_section(operation=tale.record, key=section.key, version=section.version, values={key: text}, by=by, at=at)


def _work(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any], *, back: bool = False) -> None:
    key = _step(tale, needs["n"], back=back)
    working.start_step(tale.record, key=key, asked=True, by=by, at=at)
    if "minutes" in needs:
        working.finish_step(tale.record, key=key, by=by, at=at + dt.timedelta(minutes=needs["minutes"]))


def _roll_back(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    triggers = RollbackTrigger.objects.filter(section__operation=tale.record).order_by("position")
    trigger = triggers[needs["trigger"] - 1].key
    running.roll_back(tale.record, trigger=trigger, sentence=needs["sentence"], by=by, at=at)


def _skip_procedure(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    key = _step(tale, needs["n"], back=True)
    return working.skip_step(tale.record, key=key, reason=needs["reason"], by=by, at=at)


def _check(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    for key in tale.ticked:
        verifying.tick_check(tale.record, key=key, by=by, at=at)


def _measure(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    verifying.measure(tale.record, values=tale.after, by=by, at=at)


def _note(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    kind = logbook.NoteKind(needs.get("kind", "note"))
    return logbook.note(tale.record, text=needs["text"], kind=kind, by=by, at=at)


def _watch(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    for trigger in left_undone.unwatched(tale.record):
        logbook.note(tale.record, text=needs["text"], step_key=trigger.key, by=by, at=at)


def _sign(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    end = {"outcome": needs["outcome"], "completed_at": tale.record.finished_at or at}
    seen = final_text_shown(tale.record, **end).digest
    return actions.sign_as_operator(tale.record, **end, digest=seen, password=PASSWORD, by=by, at=at)


def _sign_off(tale: Tale, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> object:
    digest, note = _final(tale).digest, needs.get("note", "")
    return actions.sign_off(tale.record, digest=digest, actual_seen=True, password=PASSWORD, note=note, by=by, at=at)


ACTS: Mapping[str, Act] = {
    "emergency": _emergency,
    "complete": _complete,
    "add_step": _add_step,
    "take_over": _take_over,
    "amend": lambda tale, by, at, needs: actions.amend(tale.record, text=needs["text"], by=by, at=at),
    "sign_addendum": _sign_addendum,
    "submit": lambda tale, by, at, needs: actions.submit(tale.record, note=needs.get("note", ""), by=by, at=at),
    "ask_for_changes": _ask,
    "rework": _rework,
    "approve": _approve,
    "cancel": lambda tale, by, at, needs: actions.cancel(tale.record, reason=needs["reason"], by=by, at=at),
    "start": lambda tale, by, at, needs: running.start(tale.record, by=by, at=at),
    "begin": _work,
    "step": _work,
    "procedure": lambda tale, by, at, needs: _work(tale, by, at, needs, back=True),
    "skip_procedure": _skip_procedure,
    "note": _note,
    "watch": _watch,
    "roll_back": _roll_back,
    "check": _check,
    "measure": _measure,
    "finish": lambda tale, by, at, needs: running.finish_work(
        tale.record, not_reached=needs.get("reason", ""), by=by, at=at
    ),
    "sign": _sign,
    "sign_off": _sign_off,
}


def perform(tale: Tale, do: str, by: Person, at: dt.datetime, needs: Mapping[str, Any]) -> None:
    """Do one act of a story, and look at the record again as the database has it."""
    ACTS[do](tale, by, at, needs)
    tale.operation = Operation.objects.get(pk=tale.record.pk)

"""What the buttons of the run page do: each posted word is one act. Those at steps and checks: ``step_acts``."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from records.life_cycle import acting, said
from records.models import Operation, Person
from records.numbers import number_in
from records.refusals import Incomplete, WrongOrder
from records.run import handing_over, running, start_asked, starting, stopping
from records.time_words import EXAMPLES
from records.times import clock_in, date_in
from records.views.run_posted import happened_in, named_in, text_in
from records.views.step_acts import ON_STEPS, TAPPED, Act, save_typed

KEY_LENGTH = 600


def act(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Do what the pressed button says. Raises what the acts raise, WrongOrder for a button that there is not,
    Http404 for a row that no record can have.
    """
    key = posted.get("key", "") + posted.get("trigger", "")
    if "\0" in key or len(key) > KEY_LENGTH:
        raise Http404
    word = posted.get("do", "").partition(":")[0]
    word = next((tapped for name, tapped in TAPPED.items() if posted.get(name)), word)
    known = {**ON_THE_RUN, **ON_STEPS}
    if word not in known:
        raise WrongOrder(_("This button isn't known any more. Look at the page again."))
    known[word](operation, person, posted)


def start(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Go."""
    running.start(operation, by=person, digest=posted.get("digest"))


def confirm(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Say what shows that a start condition holds."""
    key, evidence, digest = posted.get("key", ""), posted.get("evidence", ""), posted.get("digest")
    starting.tick_condition(operation, key=key, evidence=evidence, digest=digest, by=person)


def ask_for_start(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Ask whether it may start outside its window."""
    start_asked.ask_for_start(operation, reason=posted.get("reason", ""), by=person)


def allow_start(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Let it start outside its window."""
    starting.allow_start(operation, reason=posted.get("reason", ""), digest=posted.get("digest"), by=person)


def roll_back(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Take the way back, because of a trigger or of something else, said in a few words."""
    chosen = posted.get("trigger", "")
    trigger = said(text_in(posted, "other"), _("what else it is"))[:KEY_LENGTH] if chosen == "other" else chosen
    sentence, when = posted.get("sentence", ""), happened_in(posted)
    running.roll_back(operation, trigger=trigger, sentence=sentence, by=person, happened=when)


def call_off(operation: Operation, person: Person, posted: QueryDict) -> None:
    """Before the first step."""
    running.call_off(operation, reason=posted.get("reason", ""), by=person)


def stop_at_phase_end(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Stop for this night; go on in another window, in UTC where no zone is said, which may pass midnight."""
    day = date_in(posted.get("day", ""))
    clocks = [clock_in(posted.get(name, "")) for name in ("started", "ended")]
    if day is None or clocks[0] is None or clocks[1] is None:
        raise Incomplete([*([] if day else [EXAMPLES["date"]]), *([] if all(clocks) else [EXAMPLES["time"]])])
    start, end = (dt.datetime.combine(day, clock[0]) for clock in clocks if clock)
    end += dt.timedelta(days=1) if end <= start else dt.timedelta()
    return stopping.stop_at_phase_end(operation, reason=posted.get("reason", ""), start=start, end=end, by=person)


def go_on(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Go on in the next window."""
    return stopping.go_on(operation, by=person)


def hand_over(operation: Operation, person: Person, posted: QueryDict) -> object:
    """Somebody else is in charge."""
    to = Person.objects.filter(pk=number_in(posted.get("to", "")) or 0).first()
    if to is None:
        raise Incomplete([_("who takes over")])
    return handing_over.hand_over(operation, to=to, words=text_in(posted, "words"), by=person)


def finish_work(operation: Operation, person: Person, posted: QueryDict) -> None:
    """End the run, with reasons for single steps and checks, and one for all others; typed values are saved."""
    reasons = named_in(posted, "reason:")
    with acting(operation):
        save_typed(operation, person, posted)
        running.finish_work(operation, not_reached=posted.get("reason", ""), reasons=reasons, by=person)


ON_THE_RUN: dict[str, Act] = {
    "start": start,
    "confirm": confirm,
    "ask_for_start": ask_for_start,
    "allow_start": allow_start,
    "call_off": call_off,
    "roll_back": roll_back,
    "finish_work": finish_work,
    "stop_at_phase_end": stop_at_phase_end,
    "go_on": go_on,
    "hand_over": hand_over,
}

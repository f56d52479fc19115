"""What was looked at for the reviewer: answers, measures, times, separation of duties, characters nobody sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.bases import SOURCE
from approvals.reading import Reading
from approvals.submitting import is_upper
from records.content.frozen import frozen, hides
from records.freeze_windows import freezes_in
from records.from_now import window_from_now
from records.models import Operation, Person, State
from records.models.states import UNDER_WAY
from records.outbox import moment
from records.reading.unseen import visible
from records.rights import visible_to
from records.run.starting import latest_end
from records.run.time_plan import duration
from records.views.addresses import address
from records.writing.left_times import left_behind
from records.writing.marking import came_from
from records.writing.people import PEOPLE, named_otherwise
from records.writing.plan_warnings import plan_warnings
from records.writing.readiness import to_be_confirmed
from records.writing.section_writing import is_plan
from records.writing.time_warnings import Warned

MOST, MOST_WARNINGS = 3, 5
NO_DEPUTY = gettext_lazy("No deputy is named:")
NOBODY_ELSE = gettext_lazy("if the operator falls ill during the run, nobody can take it over")
# The order in which it is told what falls on a window.
_HARD, _SOFT, _RECORD = range(3)
BOOKED = (State.IN_REVIEW, State.APPROVED, *UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at, and how it is: ok, warn or bad; ``more`` is what is said on asking."""

    level: str
    words: str
    url: str = ""
    title: str = ""
    more: tuple[str, ...] = ()


LEVELS = ("bad", "warn", "ok")


def checks_for(reading: Reading) -> list[Checked]:
    """The list above the decision, by weight: what is wrong, what to look at, what is good; the window first of each.

    One query, for what else happens in the window; one more for a clone.
    """
    looks = (_window, _moved, _talk, _answers, _overlaps, _plan, _people, _deputy, _carried, _duty)
    found = (one for look in looks for one in look(reading))
    return sorted(found, key=lambda one: LEVELS.index(one.level))


def _window(reading: Reading) -> Iterator[Checked]:
    """That the window has begun, while a decision is wanted: whether what is planned still fits into the rest."""
    operation = reading.operation
    start = operation.window_start
    if operation.state != State.IN_REVIEW or start is None or start > timezone.now():
        return
    fits = _still_fits(reading)
    yield Checked("warn" if fits else "bad", begun_words(operation, start, fits=fits))


def _still_fits(reading: Reading) -> bool:
    """Whether work and way back fit into what is left of a window that waits for its decision."""
    operation, now = reading.operation, timezone.now()
    start, end = operation.window_start, latest_end(operation)
    if operation.state != State.IN_REVIEW or start is None or start > now or end is None:
        return True
    planned = (step.minutes or 0 for step in (*reading.run.steps, *reading.run.procedures))
    return now + dt.timedelta(minutes=sum(planned)) <= end


def begun_words(operation: Operation, start: dt.datetime, *, fits: bool = True) -> str:
    """What a window that has begun at ``start`` means for whoever asks for a decision, or takes it."""
    told = {"told": window_from_now(start, operation.window_end, timezone.now())}
    end = latest_end(operation)
    if end and end <= timezone.now():
        return _("The window is over (%(told)s): it needs another date.") % told
    if not fits:
        return _("The window has begun (%(told)s): work and way back no longer fit into it.") % told
    return _("The window has begun (%(told)s): decision, work and way back have to fit into what is left.") % told


def _moved(reading: Reading) -> Iterator[Checked]:
    """Of a plan with another start than the one the reader saw before: the texts that still go by that."""
    if reading.base is None or reading.base.name == SOURCE:
        return
    before = frozen(reading.base.revision).document
    left = left_behind(before, reading.frozen.document, reading.outline)
    if left:
        told = ngettext(
            "%(n)s text still names the former day, or a time outside of the new window",
            "%(n)s texts still name the former day, or a time outside of the new window",
            len(left),
        )
        more = tuple(visible(f"{one.label}: {', '.join(one.named)}") for one in left)
        yield Checked("warn", told % {"n": len(left)}, more=more)


def _answers(reading: Reading) -> Iterator[Checked]:
    waiting = to_be_confirmed(reading.frozen.document, reading.outline)
    if not waiting:
        yield Checked("ok", _("Everything this risk level asks for is answered, nothing is “to confirm”"))
        return
    told = ngettext(
        "%(number)s answer is to be confirmed before the start",
        "%(number)s answers are to be confirmed before the start",
        len(waiting),
    )
    yield Checked("warn", told % {"number": len(waiting)})


def _plan(reading: Reading) -> Iterator[Checked]:
    """What readiness warns of; if nothing, that it was looked at. All that isn't what it seems is one thing."""
    still_fits = _still_fits(reading)
    warned = plan_warnings(reading.frozen.document, reading.outline, reading.frozen.facts)
    fits = still_fits and all(one.fits for one in warned)
    # What is left of the window was judged already: one judgement, in one line.
    warned = [one for one in warned if one.fits or still_fits]
    yield from _characters(reading, [_words(one) for one in warned if one.hidden])
    warned = [one for one in warned if not one.hidden]
    words = [_words(one) for one in warned]
    yield from (Checked("warn", one) for one in words[:MOST_WARNINGS])
    if more := words[MOST_WARNINGS:]:
        told = ngettext("%(number)s more thing to look at", "%(number)s more things to look at", len(more))
        yield Checked("warn", told % {"number": len(more)}, more=tuple(more))
    if not warned and fits:
        yield Checked(
            "ok", _("Measures for the high risks, windows, estimates, triggers and the way back look complete")
        )
    starts, deadline = reading.run.start, reading.run.rollback_deadline
    # Where it doesn't fit, a warning above says so.
    if fits and reading.run.rollback_minutes is not None and deadline and (starts is None or starts <= deadline):
        told = _("Rolling back takes %(time)s: it must be begun by %(deadline)s UTC to be done within the window")
        by = f"{deadline.astimezone(dt.UTC):%H:%M}"
        yield Checked("ok", told % {"time": duration(reading.run.rollback_minutes), "deadline": by})


def _words(one: Warned) -> str:
    return visible(f"{one.label} {one.words}" if one.label else one.words)


def _characters(reading: Reading, places: Sequence[str]) -> Iterator[Checked]:
    """That something isn't what it seems; of commands, at which ``places``."""
    if places or hides(reading.revision):
        told = _(
            "It holds characters that nobody would see, or that look like others in commands; they are written out, "
            "like ⟨U+200B⟩"
        )
        yield Checked("warn", told, more=tuple(places))


def _people(reading: Reading) -> Iterator[Checked]:
    """That a line tells of somebody else than whom the plan names: the name that is approved is the account's."""
    of = {fact: reading.names[pk] for fact in PEOPLE for pk in reading.frozen.people.get(fact, ())}
    for one in named_otherwise(reading.frozen.document, reading.outline, of):
        yield Checked("warn", visible(f"{one.label} {one.words}"))


def _deputy(reading: Reading) -> Iterator[Checked]:
    if lacks_deputy(reading.operation, reading.frozen.people.get("deputies", ())):
        yield Checked("warn", f"{NO_DEPUTY} {NOBODY_ELSE}")


def lacks_deputy(operation: Operation, deputies: Collection[int]) -> bool:
    """Whether nobody could take the run over, where the risk level is of the upper half.

    Said while somebody can still be named, and not only before the start, when it is too late for that.
    """
    return is_upper(operation) and not deputies


def _carried(reading: Reading) -> Iterator[Checked]:
    """For approvers: what came over from elsewhere, and nobody looked at. No query where nothing did."""
    operation, outline = reading.operation, reading.outline
    if not (operation.cloned_from_id or operation.renamings) or not reading.may_ask:
        return
    carried = [key for keys in operation.sections.values_list("carried", flat=True) for key in keys]
    count = sum(is_plan(key, outline) for key in carried)
    if not count:
        yield Checked("ok", _("All that came over from %s was looked at") % came_from(operation))
        return
    told = ngettext(
        "%(number)s answer came over from %(where)s, and nobody has looked at it since",
        "%(number)s answers came over from %(where)s, and nobody has looked at them since",
        count,
    )
    yield Checked("warn", told % {"number": count, "where": came_from(operation)})


def _talk(reading: Reading) -> Iterator[Checked]:
    if number := sum(one.blocks and not one.is_pending for one in reading.threads):
        told = ngettext(
            "%s comment has to be settled before anybody approves:",
            "%s comments have to be settled before anybody approves:",
            number,
        )
        yield Checked("bad", told % number, address("comments", reading.operation.pk), _("Comments"))


def _duty(reading: Reading) -> Iterator[Checked]:
    if reading.right:
        words = _("You may approve as %(name)s: neither of you wrote any of this plan or will run it")
        own = _("You may approve: you wrote none of this plan and won't run it")
        yield Checked("ok", words % {"name": reading.acting_as} if reading.acting_as else own)


def _overlaps(reading: Reading) -> Iterator[Checked]:
    return overlaps(reading.operation, reading.person)


def overlaps(operation: Operation, person: Person) -> Iterator[Checked]:
    """Which freeze windows the window touches, and what else happens in it, as far as ``person`` may see it.

    One query.
    """
    since, until = operation.window_start, operation.window_end
    if not since or not until:
        return
    others = visible_to(person).filter(state__in=BOOKED, window_start__lt=until, window_end__gt=since)
    booked = others.exclude(pk=operation.pk).order_by()
    frozen = (
        freezes_in(since, until)
        .order_by()
        .annotate(kind=Case(When(is_hard=True, then=Value(_HARD)), default=Value(_SOFT)))
    )
    told = booked.annotate(kind=Value(_RECORD)).values_list("kind", "id", "title", "window_start", "window_end")
    found = frozen.values_list("kind", "id", "name", "starts_at", "ends_at").union(told, all=True)
    for kind, pk, name, start, end in found.order_by("kind", "starts_at", "id")[:MOST]:
        start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
        if kind == _RECORD:
            hours = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
            words = _("At the same time (%(start)s to %(end)s UTC):") % hours
            yield Checked("warn", words, address("record", pk), name)
        else:
            words = _("In a freeze window (%(start)s to %(end)s):")
            if kind == _HARD:
                words = _("In a hard freeze (%(start)s to %(end)s), nothing is started in it:")
            words %= {"start": moment(start), "end": moment(end)}
            yield Checked("warn", words, f"{address('calendar')}?month={start:%Y-%m}", name)

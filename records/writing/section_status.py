"""How far each section is, and when it is due: what overview, side list and check page show. Reads no answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.composed import Asked, Kept
from records.decided import deciding
from records.document.template_settings import Due
from records.models import Operation, Outline, Section, State, Step
from records.models.section import SectionKind
from records.models.states import EDITABLE
from records.run.starting import confirmed
from records.writing.counts import PARTS, Count, counted, later_words
from records.writing.readiness import path_of

PLAN, START, CLOSE, ASIDE = "plan", "start", "close", "aside"
BEFORE_RUN = (*EDITABLE, State.IN_REVIEW, State.APPROVED)


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """One section: its title, when it is due (``when``), and its counts in words and as a pill."""

    key: str
    title: str
    when: str
    done: int
    due: int
    confirm: int
    not_applicable: int
    started: bool
    later: str
    missing: tuple[tuple[str, str, str], ...]
    confirmed: int = 0
    carried: int = 0
    no_window: bool = False
    unsettled: int = 0
    comments: int = 0

    @property
    def waits(self) -> bool:
        """Whether nothing of it is needed before review: it is due before the start."""
        return self.when == START

    @property
    def is_complete(self) -> bool:
        """Whether nothing that is due is unanswered."""
        return self.done >= self.due

    @property
    def pill(self) -> tuple[str, str, str]:
        """Tint, icon and words."""
        if self.unsettled:
            words = ngettext("%(number)s comment to settle", "%(number)s comments to settle", self.unsettled)
            return "warn", "chat", words % {"number": self.unsettled}
        if not self.due:
            return ("plain", "check", _("Nothing needed")) if self.when != ASIDE else ("plain", "info", _("To read"))
        if self.is_complete:
            if self.no_window:
                return "warn", "alert", _("Time not understood")
            if self.confirm:
                return "warn", "alert", _("%(number)s to confirm") % {"number": self.confirm}
            if self.carried:
                return "warn", "copy", _("%(number)s to check") % {"number": self.carried}
            if self.confirmed:
                return "plain", "check", _("Complete, %(number)s confirmed") % {"number": self.confirmed}
            return "plain", "check", _("Complete")
        return ("info", "half", _("In progress")) if self.started else ("", "empty", _("Not started"))

    @property
    def count(self) -> str:
        """ "9 of 12 fields, 1 not applicable, 2 more after the run"."""
        if not self.due:
            return ""
        words = Count(self.done, self.due).words
        if self.not_applicable:
            words += _(", %(number)s not applicable") % {"number": self.not_applicable}
        return words + self.later


def steps_remark(section: Section, steps: Iterable[Step]) -> str:
    """What the ``steps`` of a section's phases can be sent for review without, and are missed in the run.

    "2 steps without an estimate: the run can't tell whether they are late". Nothing while something that review asks
    for is missing: that comes first.
    """
    if any(part == "plan" for _key, _label, part in section.progress.get("missing", ())):
        return ""
    planned = list(steps)
    late, hosts = (sum(not getattr(step, name).strip() for step in planned) for name in ("estimate", "host"))
    words = []
    if late:
        told = ngettext(
            "%d step without an estimate: the run can't tell whether it is late",
            "%d steps without an estimate: the run can't tell whether they are late",
            late,
        )
        words.append(told % late)
    if hosts:
        told = ngettext(
            "%d step without a host: the run can't say where to work",
            "%d steps without a host: the run can't say where to work",
            hosts,
        )
        words.append(told % hosts)
    return "; ".join(words)


def steps_remark_on(section: Section) -> str:
    """The same of a section as it is stored. One query, where it has phases."""
    if not any("phase" in group for group in section.layout.get("groups", ())):
        return ""
    return steps_remark(section, Step.objects.filter(section=section, phase__isnull=False).only("estimate", "host"))


def with_questions(operation: Operation, *, whole: bool = False) -> list[Section]:
    """The sections with how many comments on each are open, and must be settled, which their status then says.

    Layout and answers come with them where they are ``whole``. One query.
    """
    found = (_whole if whole else _counts)(operation=operation.pk)
    for section in found:
        section.operation = operation
    return found


def _with_questions() -> QuerySet[Section]:
    own = Section.objects.filter(operation=Asked("operation"))
    return own.annotate(unsettled=deciding().unsettled_in(), comments=deciding().open_in())


_whole = Kept(_with_questions)
_counts = Kept(lambda: _with_questions().defer("layout", "answers"))


def statuses(operation: Operation, sections: Iterable[Section], outline: Outline | None) -> list[SectionStatus]:
    """The status of ``sections``, in their order."""
    date = outline.bound("date") if outline else None
    dated = date.key.partition("/")[0] if date else ""
    ticked = Counter(path_of(one.key).partition("/")[0] for one in confirmed(operation))
    return [
        status_of(
            section,
            outline,
            state=operation.state,
            confirmed=ticked[section.key],
            no_window=section.key == dated and operation.window_start is None,
            unsettled=getattr(section, "unsettled", None) or 0,
            comments=getattr(section, "comments", None) or 0,
        )
        for section in sections
    ]


def status_of(
    section: Section,
    outline: Outline | None,
    *,
    state: str,
    confirmed: int = 0,
    no_window: bool = False,
    unsettled: int = 0,
    comments: int = 0,
) -> SectionStatus:
    """The status of one section, from the counts of its last save.

    ``confirmed`` counts its start conditions that were ticked, ``comments`` the open comments on it and ``unsettled``
    those of them that must be settled; with
    ``no_window`` date and time, if the template asks for both and they are written, make no moment.
    In each ``state`` of the record a section of the plan is complete with the parts that are due next; what comes
    after is ``later``.
    """
    progress: Mapping[str, Any] = section.progress
    counts = {part: progress[part] for part in ("plan", "open", "close") if part in progress}
    when = _when(section, counts, outline)
    shown = _parts(when, state)
    count = counted([progress], *shown)
    return SectionStatus(
        key=section.key,
        title=title_of(section),
        when=when,
        done=count.answered,
        due=count.due,
        confirm=max(progress.get("confirm", 0) - confirmed, 0),
        not_applicable=progress.get("not_applicable", 0),
        started=progress.get("started", False),
        later=later_words(progress, shown),
        missing=tuple((key, label, part) for key, label, part in progress.get("missing", ())),
        confirmed=confirmed,
        carried=len(section.carried),
        no_window=no_window and not progress.get("confirm") and _asks_when(outline),
        unsettled=unsettled,
        comments=comments,
    )


def parts_now(section: Section, outline: Outline | None, state: str) -> tuple[Due, ...]:
    """The parts that a section is counted by in a ``state`` of its record; what else it asks is due later."""
    counts = {str(part): section.progress[part] for part in PARTS if part in section.progress}
    return _parts(_when(section, counts, outline), state)


def _parts(when: str, state: str) -> tuple[Due, ...]:
    """What a section is counted by: of the plan, what review asks for; until the start the open parts too; then all."""
    if when == CLOSE or state not in BEFORE_RUN:
        return PARTS
    return ("plan",) if when == PLAN and state != State.APPROVED else ("plan", "open")


def _asks_when(outline: Outline | None) -> bool:
    date = outline.bound("date") if outline else None
    return bool(outline and date and (outline.bound("time") or outline.asked_of(date.key) == "moment"))


def title_of(section: Section) -> str:
    """The template's heading; what stands before the first one and at the foot has names of ours."""
    names = {
        SectionKind.HEADER: _("Details"),
        SectionKind.FOOTER: _("Status and sign-off"),
        SectionKind.GUIDANCE: _("Guidance"),
    }
    return section.title or str(names.get(SectionKind(section.kind), _("Text")))


def _when(section: Section, counts: Mapping[str, Mapping[str, int]], outline: Outline | None) -> str:
    """Plan or close, as most of its fields are; before the start, where only open parts are due until the run."""
    if section.kind == SectionKind.GUIDANCE:
        return ASIDE
    if not counts:
        part = outline.settings.asked(section.key).part if outline else "plan"
        return {"close": CLOSE, "open": START}.get(part, PLAN)
    close = counts.get("close", {"due": 0})["due"]
    if close * 2 > sum(count["due"] for count in counts.values()):
        return CLOSE
    return PLAN if counts.get("plan", {"due": 0})["due"] or not counts.get("open", {"due": 0})["due"] else START


def next_open(found: Iterable[SectionStatus], after: str = "") -> SectionStatus | None:
    """The next section of the plan with something missing, or with something that came over and nobody looked at.

    Behind ``after`` first, then from the start.
    """
    plan = [status for status in found if status.when == PLAN or status.carried]
    at = next((n + 1 for n, status in enumerate(plan) if status.key == after), 0)
    return next((status for status in [*plan[at:], *plan[:at]] if _is_open(status) and status.key != after), None)


def next_to_close(found: Sequence[SectionStatus], after: str, asked: str = "") -> SectionStatus | None:
    """The next section with something due until the record is closed: behind ``after`` first, then from the start.

    The field ``asked`` is asked for elsewhere.
    """
    at = next((n + 1 for n, status in enumerate(found) if status.key == after), 0)
    around = [one for one in [*found[at:], *found[:at]] if one.key != after]
    return next(
        (one for one in around if any(part != "plan" and key != asked for key, _label, part in one.missing)), None
    )


def _is_open(status: SectionStatus) -> bool:
    return status.carried > 0 or any(part == "plan" for _key, _label, part in status.missing)

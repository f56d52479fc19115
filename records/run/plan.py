"""What a run works along: the plan as it was approved, read from the frozen revision, never from draft rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from records.content.facts import bound_text
from records.document.answers import Filled, answer_in
from records.document.exchange import from_json
from records.document.outline import Check, Commands, Document, Group, Item, Metric, Part, Rows
from records.document.phases import phase_names
from records.models import OperationTemplate, Revision, outline_of
from records.times import Start, minutes_in, named_time, phase_moments, start_in, window_in
from records.window_end import end_of
from records.writing.readiness import is_nothing, is_set_aside

Facts = Mapping[str, Mapping[str, Any]]
STEP_WORDS = ("estimate", "host", "expected", "ask_before")
STEP_FLAGS = ("point_of_no_return", "witness")
RowType = TypeVar("RowType", Item, Check, Metric)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step or a rollback procedure: what was written, and the facts of the annex.

    ``start`` is when it is planned to begin, None where the estimates before it or the window don't say.
    """

    key: str
    number: str
    item: Item
    estimate: str = ""
    host: str = ""
    expected: str = ""
    ask_before: str = ""
    point_of_no_return: bool = False
    witness: bool = False
    start: dt.datetime | None = None

    @property
    def title(self) -> str:
        """The step's title as written."""
        return self.item.title

    @property
    def is_set_aside(self) -> bool:
        """Whether all of it isn't applicable, as it was written."""
        return is_nothing(self.item)

    @property
    def place(self) -> int:
        """Which one it is in its phase, or of the procedures."""
        return int(self.number.rpartition(".")[2])

    @property
    def minutes(self) -> int | None:
        """The estimate in minutes; none of them where all of it isn't applicable."""
        return 0 if self.is_set_aside else minutes_in(self.estimate)

    @property
    def commands(self) -> tuple[Commands, ...]:
        """The fenced commands under the step."""
        return tuple(part for part in self.item.parts if isinstance(part, Commands))

    @property
    def details(self) -> tuple[Part, ...]:
        """Labelled details and notes: the parts that are no commands."""
        return tuple(part for part in self.item.parts if not isinstance(part, Commands))


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase with its steps; ``name`` is what it is called before its title, "Phase 2" or "Stage B".

    ``start`` and ``end`` are None where its window can't be understood. ``set_aside`` are its steps that aren't
    applicable: nobody works on them.
    """

    key: str
    number: int
    name: str
    title: str
    start: dt.datetime | None
    end: dt.datetime | None
    steps: tuple[PlannedStep, ...]
    set_aside: tuple[PlannedStep, ...] = ()

    @property
    def lines(self) -> tuple[PlannedStep, ...]:
        """Its steps as they were written, with those that are set aside."""
        return _as_written(self.steps, self.set_aside)


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A line to tick and the title of the list it stands in.

    ``phase`` is the key of the phase it belongs to, if any. ``is_before``: it stands before the steps of its phase,
    else before every phase.
    """

    key: str
    text: str
    group: str
    phase: str = ""
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class PlannedMetric:
    """A quantity to measure again, and the title of the comparison it stands in."""

    key: str
    name: str
    before: str
    unit: str
    group: str
    limit: str = ""
    lower_is_better: bool | None = None


@dataclass(frozen=True, slots=True)
class RunPlan:
    """All that a run needs of the approved plan.

    ``window_start`` and ``window_end`` are the window that was agreed on; ``start`` and ``end``, and the times of
    phases and steps, are those that count for this run (``records.run.moved``). ``set_aside`` are the procedures that
    aren't applicable.
    """

    phases: tuple[PlannedPhase, ...]
    procedures: tuple[PlannedStep, ...]
    triggers: tuple[Item, ...]
    validations: tuple[Item, ...]
    checks: tuple[PlannedCheck, ...]
    metrics: tuple[PlannedMetric, ...]
    start: dt.datetime | None
    end: dt.datetime | None
    window_start: dt.datetime | None
    window_end: dt.datetime | None
    set_aside: tuple[PlannedStep, ...] = ()

    @property
    def procedure_lines(self) -> tuple[PlannedStep, ...]:
        """The procedures as they were written, with those that are set aside."""
        return _as_written(self.procedures, self.set_aside)

    @property
    def steps(self) -> tuple[PlannedStep, ...]:
        """The steps of all phases, in order."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @property
    def rollback_minutes(self) -> int | None:
        """How long rolling back takes: the procedures' estimates together; None if one of them has none."""
        minutes = [step.minutes for step in self.procedures]
        return sum(m for m in minutes if m is not None) if minutes and None not in minutes else None

    @property
    def time_limit(self) -> tuple[Item, dt.datetime] | None:
        """The trigger that names the earliest time within the window, and that time; None if none names one."""
        window = self.window_start, self.window_end
        named = [(item, at) for item in self.triggers if (at := named_time(item.text, *window))]
        return min(named, key=lambda pair: pair[1], default=None)

    @property
    def rollback_deadline(self) -> dt.datetime | None:
        """The latest moment at which rolling back still fits the window."""
        minutes = self.rollback_minutes
        return self.end - dt.timedelta(minutes=minutes) if self.end and minutes is not None else None


def run_plan(revision: Revision, template: OperationTemplate | None) -> RunPlan:
    """The plan frozen in ``revision``; ``template`` is the record's own."""
    told = (template.text, template.toml) if template else ("", "")
    return _read(bytes(revision.content), bytes(revision.annex), *told)


# A page that is polled every few seconds reads the same bytes again and again.
@lru_cache(maxsize=32)
def _read(content: bytes, annex: bytes, text: str, toml: str) -> RunPlan:
    document, facts = from_json(json.loads(content), Document), _facts(annex)
    outline = outline_of(text, toml) if text else None
    titles = [(group, group.title or section.title) for section in document.sections for group in section.groups]
    groups = [group for group, _title in titles]
    start = start_in(bound_text(document, outline, "date"), bound_text(document, outline, "time"))
    names = {key: name for section in document.sections for key, name in phase_names(section).items()}
    phases = _phases(groups, names, start, facts)
    moments = [(phase.start, phase.end) if phase.start and phase.end else None for phase in phases]
    begins = start.at if start else None
    ends = end_of(start, bound_text(document, outline, "end"), moments) if start else None
    items = [item for group, item in _rows(groups, "steps", Item) if not group.phase]
    procedures = [_step(item, str(at), facts) for at, item in enumerate(items, 1)]
    metrics = [(group, row) for group, row in _rows(groups, "metrics", Metric) if row.after is not None]
    baselines = {_plain(row.name): row.before for _, row in _rows(groups, "metrics", Metric) if row.after is None}
    return RunPlan(
        phases=phases,
        procedures=tuple(step for step in procedures if not step.is_set_aside),
        triggers=tuple(item for _, item in _rows(groups, "triggers", Item) if not is_set_aside(item)),
        validations=tuple(item for _, item in _rows(groups, "validations", Item) if not is_set_aside(item)),
        checks=_checks(titles),
        metrics=tuple(_metric(row, group, facts, baselines) for group, row in metrics),
        start=begins,
        end=ends,
        window_start=begins,
        window_end=ends,
        set_aside=tuple(step for step in procedures if step.is_set_aside),
    )


def _checks(titles: Sequence[tuple[Group, str]]) -> tuple[PlannedCheck, ...]:
    """The lines to tick; a list without a heading is called as its section."""
    first = next((at for at, (group, _title) in enumerate(titles) if group.phase), 0)
    found = []
    for at, (group, title) in enumerate(titles):
        phase, begun = group.key if group.phase else "", False
        for block in group.blocks:
            if not isinstance(block, Rows):
                continue
            begun = begun or block.kind == "steps"
            before = not begun if phase else at < first
            lines = (row for row in block.rows if isinstance(row, Check) and block.kind == "checks")
            found += [PlannedCheck(row.key, row.text, title, phase, before) for row in lines if not is_set_aside(row)]
    return tuple(found)


def _as_written(steps: Iterable[PlannedStep], aside: Iterable[PlannedStep]) -> tuple[PlannedStep, ...]:
    return tuple(sorted((*steps, *aside), key=lambda step: step.place))


def _plain(name: str) -> str:
    """A metric's name as it is compared: "Error rates" is "error rate"."""
    return " ".join(word.removesuffix("s") for word in name.casefold().split())


def _facts(annex: bytes) -> Facts:
    """The annex by row; rows of different sections never share a key."""
    sections = json.loads(annex or b"{}").get("rows", {})
    return {key: facts for rows in sections.values() for key, facts in rows.items()}


def _rows(groups: Iterable[Group], kind: str, cls: type[RowType]) -> Iterator[tuple[Group, RowType]]:
    for group in groups:
        for block in group.blocks:
            if isinstance(block, Rows) and block.kind == kind:
                yield from ((group, row) for row in block.rows if isinstance(row, cls))


def _phases(
    groups: Iterable[Group], names: Mapping[str, str], start: Start | None, facts: Facts
) -> tuple[PlannedPhase, ...]:
    own = [(group, group.phase) for group in groups if group.phase]
    windows = [window_in(phase.window) for _, phase in own]
    moments = phase_moments(start, windows) if start else [None] * len(own)
    found = []
    for at, ((group, phase), pair) in enumerate(zip(own, moments, strict=True), 1):
        begin, end = pair or (None, None)
        items = [item for _, item in _rows([group], "steps", Item)]
        lines = list(_planned(items, at, begin, facts))
        steps = tuple(step for step in lines if not step.is_set_aside)
        aside = tuple(step for step in lines if step.is_set_aside)
        found.append(PlannedPhase(group.key, at, names[group.key], phase.title, begin, end, steps, aside))
    return tuple(found)


def _planned(items: Iterable[Item], phase: int, begin: dt.datetime | None, facts: Facts) -> Iterator[PlannedStep]:
    """The steps of a phase; each begins when the estimates before it are over, as far as they were all written."""
    start = begin
    for at, item in enumerate(items, 1):
        step = _step(item, f"{phase}.{at}", facts, start)
        yield step
        start = start + dt.timedelta(minutes=step.minutes) if start and step.minutes is not None else None


def _step(item: Item, number: str, facts: Facts, start: dt.datetime | None = None) -> PlannedStep:
    told = facts.get(item.key, {})
    known: dict[str, Any] = {name: str(told.get(name) or "") for name in STEP_WORDS}
    known |= {name: told.get(name) in (True, "yes") for name in STEP_FLAGS}
    return PlannedStep(item.key, number, item, start=start, **known)


def _metric(row: Metric, group: Group, facts: Facts, baselines: Mapping[str, str]) -> PlannedMetric:
    """``baselines`` are the values noted elsewhere in the plan: who wrote one there is not asked for it again."""
    told = facts.get(row.key, {})
    before = row.before
    if not isinstance(answer_in(before, ""), Filled):
        noted = baselines.get(_plain(row.name), "")
        before = noted if isinstance(answer_in(noted, ""), Filled) else ""
    lower = {True: True, False: False, "yes": True, "no": False}.get(told.get("lower_is_better"))
    return PlannedMetric(row.key, row.name, before, row.unit, group.title, str(told.get("limit") or ""), lower)

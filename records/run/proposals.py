"""What a record knows of its run by itself: proposed for its lines to whoever closes, taken over by them alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.answers import Empty, Filled, NotApplicable, answer_in, text_of
from records.document.outline import Answer
from records.document.shapes import with_unit
from records.life_cycle import acting
from records.models import Operation, Person
from records.refusals import Incomplete
from records.rights import may_edit_close
from records.run.comparison import Comparison, compared, number_in
from records.run.loaded import Run, load_run
from records.run.told_facts import fact_named, nothing_about
from records.run.verifying import recorded
from records.writing.section_writing import write_fields


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text for a line: what it is taken over by (``key``), the words, where they come from, what stands there so
    far, and whether they stand there already. ``doubt``: why it is offered and not chosen with the others; of measured
    values only what is better, within its limit, is chosen.
    """

    key: str
    line: Answer
    words: str
    source: str
    written: str
    doubt: str = ""
    is_taken: bool = False


def alike(proposals: Iterable[Proposal]) -> list[list[Proposal]]:
    """Those of ``proposals`` that aren't taken yet; of several lines that would say the same, from the same source, one
    list, to be looked at and taken at once. Each list stands where its first line does.
    """
    found: dict[tuple[str, ...], list[Proposal]] = {}
    for one in proposals:
        if not one.is_taken:
            found.setdefault((one.words, one.source, one.written, one.doubt), []).append(one)
    return list(found.values())


def proposed(run: Run) -> list[Proposal]:
    """What ``run`` proposes for the record's lines, in their order. One query."""
    outline = run.operation.outline
    if outline is None:
        return []
    better, told = outline.bound("improvements"), outline.settings.propose
    lines = {key: line for key, line in outline.answers.items() if key in told or line is better}
    # What is taken over asks for the right to close: nothing of the plan may be written by it.
    lines = {key: line for key, line in lines.items() if outline.settings.asked(key).part != "plan"}
    written = _written(run.operation, lines)
    found: list[Proposal] = []
    rolled_back = bool(run.operation.rolled_back_at)
    for key, line in lines.items():
        is_gain = better is not None and _group(key) == _group(better.key)
        if is_gain and rolled_back:
            if outline.settings.is_asked(key, run.operation.risk_level):
                found += _no_gain(line, written[key])
        elif line is better:
            # Nothing belongs behind a reason, or what somebody said is to be confirmed.
            if not isinstance(answer_in(written[key], line.text), Empty | Filled):
                continue
            found += _of_values(run, line, written[key])
        elif outline.settings.is_asked(key, run.operation.risk_level):
            names = [name for name in told[key] if not (is_gain and fact_named(name).is_bad(run))]
            found += _of_facts(run, line, written[key], names)
    return found


def _group(key: str) -> str:
    """What a line stands under, with its neighbours."""
    return key.rpartition("/")[0]


def _written(operation: Operation, lines: Mapping[str, Answer]) -> dict[str, str]:
    """What stands in each of ``lines``; empty where the template's placeholder does."""
    sections = operation.sections.filter(key__in={key.partition("/")[0] for key in lines})
    answers = {key: text for own in sections.values_list("answers", flat=True) for key, text in own.items()}
    read = {key: answer_in(answers.get(key, ""), line.text) for key, line in lines.items()}
    return {key: "" if isinstance(answer, Empty) else answers[key] for key, answer in read.items()}


def _of_facts(run: Run, line: Answer, written: str, names: Collection[str]) -> Iterator[Proposal]:
    """One text of all that is known; nothing for a line in which somebody wrote something else."""
    facts = [(fact, words) for fact in map(fact_named, names) if (words := fact.words(run))]
    words = _sentence(words for _fact, words in facts)
    if not words:
        words, facts = nothing_about(names), [(fact_named(name), "") for name in names]
    if words and written in ("", words):
        source = ", ".join(dict.fromkeys(str(fact.source) for fact, _words in facts))
        yield Proposal(line.key, line, words, source, written, is_taken=written == words)


def _no_gain(line: Answer, written: str) -> Iterator[Proposal]:
    """What was rolled back has improved nothing."""
    words = text_of(NotApplicable(_("it was rolled back")), "")
    if written in ("", words):
        yield Proposal(line.key, line, words, _("the rollback"), written, is_taken=written == words)


def _sentence(words: Iterable[str]) -> str:
    told = "; ".join(words)
    return told[:1].upper() + told[1:]


def _of_values(run: Run, line: Answer, written: str) -> Iterator[Proposal]:
    """One text for each quantity that changed, to stand behind what somebody wrote."""
    for row in (run.metrics[metric.key] for metric in run.plan.metrics if metric.key in run.metrics):
        after = recorded(row)
        told = compared(row.before, after, row.unit, row.limit, row.lower_is_better)
        if told.x is None or number_in(row.before) == number_in(after):
            continue
        words = f"{row.name}: {with_unit(row.before, row.unit)} → {with_unit(after, row.unit)}"
        source = _("the value before and after, %(difference)s") % {"difference": told.in_full}
        yield Proposal(row.key, line, words, source, written, _doubt(told), is_taken=words in written)


def _doubt(told: Comparison) -> str:
    """Why a measured value is no improvement as it stands; empty if it is one."""
    if told.beyond_limit:
        return _("it is beyond its limit")
    if told.better is None:
        return _("the plan doesn’t say which way is better")
    return "" if told.better else _("it got worse")


def take_over(
    operation: Operation, *, keys: Collection[str], by: Person, at: dt.datetime | None = None
) -> tuple[str, ...]:
    """Write the proposals with these ``keys`` into their lines, behind what somebody wrote; those that are new there.

    Raises Incomplete if none is chosen, Refused once the final text is signed.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may_edit_close(by, locked).insist()
        run = load_run(locked, at)
        chosen = [one for one in (proposed(run) if run else ()) if one.key in keys]
        if not chosen:
            raise Incomplete([_("which proposals to take over")])
        texts: dict[str, str] = {}
        fresh = [one for one in chosen if not one.is_taken]
        for one in fresh:
            texts[one.line.key] = "; ".join(filter(None, (texts.get(one.line.key, one.written), one.words)))
        for section in dict.fromkeys(key.partition("/")[0] for key in texts):
            own = {key: text for key, text in texts.items() if key.partition("/")[0] == section}
            write_fields(locked, section, own, by=by, at=at)
        if fresh:
            audit.record("take_over", operation=locked, person=by, at=at, texts=[one.words for one in fresh])
    return tuple(one.words for one in fresh)

"""What a record knows of its run by itself: proposed for its lines to whoever closes, taken over by them alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.answers import Empty, Filled, NotApplicable, answer_in, text_of
from records.document.outline import Answer
from records.document.shapes import with_unit
from records.life_cycle import acting
from records.models import AuditEntry, Metric, Operation, Outline, Person
from records.refusals import Incomplete
from records.rights import may_edit_close
from records.run.comparison import Comparison, compared, number_in
from records.run.loaded import Run, load_run
from records.run.told_facts import fact_named, nothing_about
from records.run.verifying import recorded
from records.writing.section_writing import write_fields

TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text for a line: what it is taken over by (``key``), the words, where they come from, what stands there so
    far, and whether they stand there already. ``doubt``: why it is offered and not chosen with the others.
    ``outdated``: what was taken over before and no longer holds, in whose place the words come.
    """

    key: str
    line: Answer
    words: str
    source: str
    written: str
    doubt: str = ""
    is_taken: bool = False
    outdated: str = ""


def alike(proposals: Iterable[Proposal]) -> list[list[Proposal]]:
    """Those of ``proposals`` that aren't taken yet; of several lines that would say the same, from the same source, one
    list, to be looked at once, and taken at once if there is no doubt. Each list stands where its first line does.
    """
    found: dict[tuple[str, ...], list[Proposal]] = {}
    for one in proposals:
        if not one.is_taken:
            found.setdefault((one.words, one.source, one.written, one.doubt, one.outdated), []).append(one)
    return list(found.values())


def proposed(run: Run) -> list[Proposal]:
    """What ``run`` proposes for the record's lines, in their order. Two queries."""
    outline = run.operation.outline
    if outline is None:
        return []
    better, told = outline.bound("improvements"), outline.settings.propose
    rolled_back = bool(run.operation.rolled_back_at)
    taken_away = _taken_away(outline) if rolled_back else frozenset()
    lines = {key: line for key, line in outline.answers.items() if key in told or line is better or key in taken_away}
    # What is taken over asks for the right to close: nothing of the plan may be written by it.
    lines = {key: line for key, line in lines.items() if outline.settings.asked(key).part != "plan"}
    written, earlier = _written(run.operation, lines), _taken_before(run.operation)
    found: list[Proposal] = [*_unmeasured(run)] if rolled_back else []
    for key, line in lines.items():
        is_gain = better is not None and _group(key) == _group(better.key)
        if rolled_back and (is_gain or key in taken_away):
            if outline.settings.is_asked(key, run.operation.risk_level):
                found += _rolled_back(line, written[key], earlier)
        elif line is better:
            # Nothing belongs behind a reason, or what somebody said is to be confirmed.
            if not isinstance(answer_in(written[key], line.text), Empty | Filled):
                continue
            found += _of_values(run, line, written[key], earlier)
        elif any(fact_named(name).waits(run) for name in told[key]):
            continue
        elif outline.settings.is_asked(key, run.operation.risk_level):
            names = [name for name in told[key] if not (is_gain and fact_named(name).is_bad(run))]
            found += _of_facts(run, line, written[key], names, earlier)
    return found


def _taken_before(operation: Operation) -> frozenset[str]:
    """The texts that were taken over so far, as the trail has it: nobody wrote those, so they follow what the run says.

    One query.
    """
    entries = AuditEntry.objects.filter(operation=operation, act=TAKE_OVER)
    return frozenset(text for entry in entries for text in audit.facts_in(entry).get("texts", ()))


def _group(key: str) -> str:
    """What a line stands under, with its neighbours."""
    return key.rpartition("/")[0]


def _written(operation: Operation, lines: Mapping[str, Answer]) -> dict[str, str]:
    """What stands in each of ``lines``; empty where the template's placeholder does."""
    sections = operation.sections.filter(key__in={key.partition("/")[0] for key in lines})
    answers = {key: text for own in sections.values_list("answers", flat=True) for key, text in own.items()}
    read = {key: answer_in(answers.get(key, ""), line.text) for key, line in lines.items()}
    return {key: "" if isinstance(answer, Empty) else answers[key] for key, answer in read.items()}


def _of_facts(
    run: Run, line: Answer, written: str, names: Collection[str], earlier: Collection[str]
) -> Iterator[Proposal]:
    """One text of all that is known; nothing for a line in which somebody wrote something else."""
    facts = [(fact, words) for fact in map(fact_named, names) if (words := fact.words(run))]
    words = _sentence(words for _fact, words in facts)
    doubt = next((why for fact, told in facts if (why := fact.doubt(run, told))), "")
    if not words:
        words, facts = nothing_about(names), [(fact_named(name), "") for name in names]
        doubt = _("nobody has said so: the word stands nowhere, which isn’t an answer yet")
    source = ", ".join(dict.fromkeys(str(fact.source) for fact, _words in facts))
    yield from _whole(line, words, source, written, earlier, doubt)


def _taken_away(outline: Outline) -> frozenset[str]:
    """The lines about what the work leaves behind, of which a run can tell nothing but what its words speak of, or what
    the plan promised: what was rolled back has left nothing. The next review is still to come.
    """
    told, review = outline.settings.propose, outline.bound("review")
    silent = (key for key in outline.answers if all(name.startswith(("about ", "plan ")) for name in told.get(key, ())))
    others = outline.written_by_acts | ({review.key} if review else set())
    return frozenset(key for key in silent if key not in others and outline.settings.asked(key).part == "close")


def _unmeasured(run: Run) -> Iterator[Proposal]:
    """The values after that nobody measured: there is nothing any more that they could be measured of."""
    rows = [run.metrics[metric.key] for metric in run.plan.metrics if metric.key in run.metrics]
    for row in rows:
        if row.after is not None:
            line = Answer(f"{row.key}.after", _("%(name)s after") % {"name": row.name}, "", "fence")
            yield from _rolled_back(line, recorded(row), ())


def _rolled_back(line: Answer, written: str, earlier: Collection[str]) -> Iterator[Proposal]:
    """What was rolled back has improved nothing, and left nothing behind."""
    words = text_of(NotApplicable(_("it was rolled back")), "")
    yield from _whole(line, words, _("the rollback"), written, earlier)


def _whole(
    line: Answer, words: str, source: str, written: str, earlier: Collection[str], doubt: str = ""
) -> Iterator[Proposal]:
    """``words`` for an empty line, or in the place of what was taken over before and says something else by now."""
    outdated = written if written in earlier and written != words else ""
    if words and (outdated or written in ("", words)):
        yield Proposal(line.key, line, words, source, written, doubt, written == words, outdated)


def _sentence(words: Iterable[str]) -> str:
    told = "; ".join(words)
    return told[:1].upper() + told[1:]


def _of_values(run: Run, line: Answer, written: str, earlier: Collection[str]) -> Iterator[Proposal]:
    """One text for each quantity that changed and didn't get worse, to stand behind what somebody wrote.

    What got worse is no improvement: the table of values tells it. Only where it was taken over as a gain before, and
    isn't one any more, what is so now is offered in that place.
    """
    rows = [run.metrics[metric.key] for metric in run.plan.metrics if metric.key in run.metrics]
    measured = [(row, compared(row.before, recorded(row), row.unit, row.limit, row.lower_is_better)) for row in rows]
    changed = [(row, told) for row, told in measured if told.x and number_in(row.before) != number_in(recorded(row))]
    for row, told in changed:
        before, after = with_unit(row.before, row.unit), with_unit(recorded(row), row.unit)
        words = f"{row.name}: {before} → {after}" + _verdict(row, told)
        source = _("the value before and after, %(difference)s") % {"difference": told.in_full}
        is_taken = _stands(words, written)
        mine = [text for text in earlier if text.startswith(f"{row.name}: ") and _stands(text, written)]
        outdated = "" if is_taken else max(mine, key=len, default="")
        if told.better is False and not (is_taken or outdated):
            continue
        yield Proposal(row.key, line, words, source, written, _doubt(told), is_taken, outdated)


def _stands(words: str, written: str) -> bool:
    """Whether ``written`` holds ``words``, and no longer number than theirs: "1 → 4" isn't in "1 → 48"."""
    return bool(re.search(rf"{re.escape(words)}(?!\w|[.,]\d)", written))


def _verdict(row: Metric, told: Comparison) -> str:
    """What has to be said of a value that is no plain gain, in brackets behind it."""
    words = [_("worse")] if told.better is False else []
    limit = {"limit": with_unit(row.limit, row.unit)}
    if told.beyond_limit:
        words.append(_("beyond its limit %(limit)s") % limit)
    elif words and number_in(row.limit) is not None:
        words.append(_("within its limit %(limit)s") % limit)
    return f" ({', '.join(words)})" if words else ""


def _doubt(told: Comparison) -> str:
    """Why a measured value isn't chosen."""
    if told.better is None:
        return _("the plan doesn’t say which way is better")
    if told.beyond_limit:
        return _("it is beyond its limit")
    return "" if told.better else _("it got worse")


def take_over(
    operation: Operation, *, keys: Collection[str], by: Person, at: dt.datetime | None = None
) -> tuple[str, ...]:
    """Write the proposals with these ``keys`` into their lines, behind what somebody wrote, or in the place of what
    was taken over before and no longer holds; those that are new there.

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
            so_far = texts.get(one.line.key, one.written)
            new = so_far.replace(one.outdated, one.words, 1) if one.outdated else ""
            texts[one.line.key] = new or "; ".join(filter(None, (so_far, one.words)))
        for section in dict.fromkeys(key.partition("/")[0] for key in texts):
            own = {key: text for key, text in texts.items() if key.partition("/")[0] == section}
            write_fields(locked, section, own, by=by, at=at)
        if fresh:
            audit.record(TAKE_OVER, operation=locked, person=by, at=at, texts=[one.words for one in fresh])
    return tuple(one.words for one in fresh)

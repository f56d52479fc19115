"""What the run knows is offered at the lines that closing asks for, and only a person takes it over."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from approvals import actions
from approvals.closing import final_text_shown
from records.content.assembly import document_of
from records.models import AuditEntry, Metric, Operation, State, Step
from records.refusals import Incomplete, Refused
from records.run import left_undone, logbook, running, unplanned, verifying, working
from records.run.due_later import reviews_due
from records.run.loaded import Run, load_run
from records.run.logbook import NoteKind
from records.run.proposals import Proposal, proposed, take_over
from records.run.step_order import in_order
from records.run.told_facts import fact_named
from records.writing.readiness import missing
from records.writing.saving import save_section
from tests import make
from tests.make import NIGHT, fresh, make_in, written_now
from tests.people import PASSWORD, Cast
from tests.records.run.observed import DAY, STATUS, UNTIL, worked


def offered(operation: Operation) -> list[Proposal]:
    run = load_run(fresh(operation))
    assert run is not None
    return proposed(run)


def test_values_propose_what_became_better_and_only_a_person_takes_it_over(cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    Metric.objects.filter(section__operation=operation).update(lower_is_better=True)
    Metric.objects.filter(section__operation=operation, name="Throughput").update(lower_is_better=False)
    before = written_now(operation, "improvements")
    cpu = next(one for one in offered(operation) if one.words == "CPU Utilization: 61% → 48%")
    assert not cpu.doubt and "better" in cpu.source
    assert written_now(operation, "improvements") == before, "looking writes nothing"
    with pytest.raises(Incomplete, match="which proposals"):
        take_over(operation, keys=["no such"], by=cast.mara, at=NIGHT)
    with pytest.raises(Refused):
        take_over(operation, keys=[cpu.key], by=cast.olga, at=NIGHT)
    assert take_over(operation, keys=[cpu.key], by=cast.noor, at=NIGHT) == (cpu.words,)
    assert take_over(operation, keys=[cpu.key], by=cast.noor, at=NIGHT) == (), "a second click"
    assert written_now(operation, "improvements") == "; ".join(filter(None, [before, cpu.words]))
    [entry] = AuditEntry.objects.filter(operation=operation, act="take_over")
    assert entry.person == cast.noor
    Metric.objects.filter(section__operation=operation).update(lower_is_better=None)  # as it was approved
    make.sign(cast, fresh(operation))
    with pytest.raises(Refused, match="signed"):
        take_over(operation, keys=[cpu.key], by=cast.noor, at=NIGHT)


def emptied(operation: Operation, cast: Cast) -> Operation:
    """Nothing stands in the lines that the run can tell."""
    assert operation.outline
    for section in operation.sections.all():
        values = {key: "" for key in operation.outline.settings.propose if key.startswith(f"{section.key}/")}
        save_section(
            operation=operation, key=section.key, version=section.version, values=values, by=cast.mara, at=NIGHT
        )
    return fresh(operation)


def test_what_the_run_knows_is_proposed_for_each_empty_line_with_its_source(cast: Cast, template) -> None:
    full = make_in(State.CLOSING, cast, template)
    told = full.outline.settings.propose  # type: ignore[union-attr]
    assert [one.line.key for one in offered(full) if one.line.key in told] == [], "what somebody wrote stays"
    operation = emptied(full, cast)
    found = {one.line.key.rpartition("/")[2]: one for one in offered(operation) if one.line.key in told}
    names = {key.rpartition("/")[2] for key in told}
    assert set(found) == names - {"headroom-available"}, "there is no limit in this plan"
    assert found["cost-efficiency"].words == "As the plan says: " + plan_says(operation, "cost-optimization")
    assert found["log-aggregation"].words == "Not applicable: no step and no note of the run speaks of it"
    assert found["log-aggregation"].source == "the steps and notes of the run"
    assert found["infrastructure-status"].words == "All 5 checks hold; the way back was not taken"
    assert "told that the work has ended: " in found["completion-notification"].words
    assert found["configuration"].words.startswith("All 8 planned steps done")
    assert found["reliability"].words == "All 5 checks hold; no problem and no deviation noted"
    assert found["generated-by"].words == "Jun Park"
    assert "the checks" in found["reliability"].source and all(one.source for one in found.values())
    assert "From 2026-12-06 02:00 UTC to" in found["completion-notification"].words
    take_over(operation, keys=[one.key for one in found.values()], by=cast.jun, at=NIGHT)
    again = {one.line.key: one for one in offered(operation)}
    assert all(again[one.line.key].is_taken for one in found.values())
    [entry] = AuditEntry.objects.filter(operation=operation, act="take_over")
    assert entry.person == cast.jun
    line = next(key for key in told if key.endswith("/headroom-available"))
    section = operation.sections.get(key=line.partition("/")[0])
    values = {line: "CPU 20 points"}
    save_section(operation=operation, key=section.key, version=section.version, values=values, by=cast.mara, at=NIGHT)
    text = bytes(make.sign(cast, fresh(operation)).final_text.text).decode()  # type: ignore[union-attr]
    assert "- **Reliability**: All 5 checks hold; no problem and no deviation noted\n" in text


def run_of(operation: Operation) -> Run:
    run = load_run(operation)
    assert run
    return run


def plan_says(operation: Operation, name: str) -> str:
    answers = operation.sections.get(key="operation-summary").answers
    return next(" ".join(text.split()) for key, text in answers.items() if key.endswith(f"/{name}"))


def test_a_normal_change_at_medium_risk_is_closed_by_taking_proposals(cast: Cast, template) -> None:
    draft = make.make_draft(cast, template, level="Medium")
    Metric.objects.filter(section__operation=draft, name="CPU Utilization").update(limit="70", lower_is_better=True)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas"))
    own = emptied(make.work(cast, run), cast)
    due = {one.key for one in missing(document_of(own), own.outline, "Medium", ("close",))}
    found = {one.line.key: one for one in offered(own)}
    assert len(due) >= 20 and due <= set(found) and all(one.source for one in found.values())
    assert "CPU Utilization 48% of at most 70%" in {one.words for one in found.values()}
    Metric.objects.filter(section__operation=own, name="CPU Utilization").update(after="75")
    assert "CPU Utilization 75%, beyond its limit 70%" in {one.words for one in offered(own)}


def test_a_line_tells_what_speaks_of_it_and_what_the_checks_showed(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    check = left_undone.undone_checks(operation)[0]
    verifying.tick_check(operation, key=check.key, evidence="lag 0 B", by=cast.noor, at=NIGHT)
    for text in ("Two dashboards were moved", "No backlogging any more"):
        logbook.note(operation, text=text, by=cast.noor, at=NIGHT)
    Metric.objects.filter(section__operation=operation).update(lower_is_better=True)
    closing = emptied(make.work(cast, operation), cast)
    words = {one.line.key.rpartition("/")[2]: one.words for one in offered(closing)}
    about = words["dashboard-updates"]
    assert about.startswith("Step 3.2 Performance Validation says “Dashboard [Orders…”, ")
    assert about.endswith(", Two dashboards were moved"), "the title doesn't say it, so its text is quoted"
    assert words["log-aggregation"].startswith("Not applicable: "), "a word inside another is none"
    assert words["infrastructure-status"].startswith("All 5 checks hold; as seen: ")
    assert "(lag 0 B)" in words["infrastructure-status"]


def test_what_a_word_or_its_absence_stands_for_is_said_by_a_person(cast: Cast, template) -> None:
    operation = emptied(make_in(State.CLOSING, cast, template), cast)
    found = {one.line.key.rpartition("/")[2]: one for one in offered(operation)}
    assert found["dashboard-updates"].doubt.startswith("the word stands there")
    assert found["log-aggregation"].doubt.startswith("nobody has said so")
    assert not found["configuration"].doubt and not found["infrastructure-status"].doubt


def test_what_was_taken_over_and_no_longer_holds_is_offered_anew_in_its_place(cast: Cast, template) -> None:
    running_ = make_in(State.RUNNING, cast, template)
    check = worked(cast, running_)
    Metric.objects.filter(section__operation=running_).update(lower_is_better=True)
    operation = emptied(fresh(running_), cast)
    before = written_now(operation, "improvements")
    assert not [one for one in offered(operation) if one.line.key == STATUS], "a check is observed: nothing is decided"
    verifying.tick_check(operation, key=check.key, evidence="No error", by=cast.noor, at=UNTIL)
    [status] = [one for one in offered(operation) if one.line.key == STATUS]
    [cpu] = [one for one in offered(operation) if one.words.startswith("CPU Utilization: ")]
    assert status.words.startswith("All 5 checks hold; as seen: ")
    take_over(operation, keys=[status.key, cpu.key], by=cast.jun, at=NIGHT)

    verifying.untick_check(operation, key=check.key, by=cast.noor, at=UNTIL)
    assert not [one for one in offered(operation) if one.line.key == STATUS], "it is observed again"
    verifying.tick_check(operation, key=check.key, by=cast.noor, at=UNTIL)
    verifying.measure(operation, values={cpu.key: "4"}, by=cast.noor, at=UNTIL)
    now = {one.key: one for one in offered(operation) if one.outdated}
    assert {key: (one.words, one.outdated, one.is_taken) for key, one in now.items()} == {
        STATUS: ("All 5 checks hold; the way back was not taken", status.words, False),
        cpu.key: ("CPU Utilization: 61% → 4%", cpu.words, False),
    }
    take_over(operation, keys=list(now), by=cast.jun, at=UNTIL)
    [written] = [own.answers[STATUS] for own in operation.sections.filter(key="footer")]
    assert written == "All 5 checks hold; the way back was not taken"
    assert written_now(operation, "improvements") == "; ".join(filter(None, [before, "CPU Utilization: 61% → 4%"]))

    section = operation.sections.get(key="footer")
    told = {"key": "footer", "version": section.version, "values": {STATUS: f"{written}, says Jun"}}
    save_section(operation=operation, **told, by=cast.jun, at=UNTIL)
    assert not [one for one in offered(operation) if one.line.key == STATUS], "what somebody wrote stays"


def test_what_got_worse_is_no_improvement_unless_it_was_taken_for_one_before(cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    rows = Metric.objects.filter(section__operation=operation, after__isnull=False)
    rows.update(lower_is_better=True, limit="")
    rows.filter(name="CPU Utilization").update(before="61", after="48")
    rows.filter(name="Throughput").update(before="1000", after="1100", limit="2000")
    found = {one.words: one for one in offered(operation) if "→" in one.words}
    gain = found["CPU Utilization: 61% → 48%"]
    assert not gain.doubt and not [words for words in found if "Throughput" in words or "worse" in words]
    take_over(operation, keys=[gain.key], by=cast.jun, at=NIGHT)
    rows.filter(name="CPU Utilization").update(after="70")
    [now] = [one for one in offered(operation) if one.words.startswith("CPU Utilization")]
    assert (now.words, now.outdated) == ("CPU Utilization: 61% → 70% (worse)", gain.words)
    assert now.doubt == "it got worse"
    rows.filter(name="CPU Utilization").update(after="48", limit="40")
    [now] = [one for one in offered(operation) if one.words.startswith("CPU Utilization")]
    assert now.doubt == "it is beyond its limit", "better, and yet not well"


def test_what_is_used_of_resources_tells_no_times_whatever_they_are_called(cast: Cast, template) -> None:
    run = load_run(make_in(State.CLOSING, cast, template))
    assert run
    names = ("Memory", "Sessions", "Lag", "Antwortzeit")
    units = ("%", "", "seconds", "ms")
    key = run.plan.metrics[0].key
    metrics = [
        replace(run.plan.metrics[0], name=name, unit=unit, limit="90", lower_is_better=True)
        for name, unit in zip(names, units, strict=True)
    ]
    run.plan = replace(run.plan, metrics=tuple(metrics))
    run.metrics[key].after = "61"
    assert fact_named("values").words(run) == "Memory 61%; Sessions 61"
    assert fact_named("headroom").words(run) == "Memory 61% of at most 90%; Sessions 61 of at most 90"


def test_a_promise_and_steps_that_deviated_wait_for_somebody_s_word(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    logbook.note(operation, text="Left the old node up", kind=logbook.NoteKind.DEVIATION, by=cast.noor, at=NIGHT)
    closing = emptied(make.work(cast, operation), cast)
    found = {one.line.key.rpartition("/")[2]: one for one in offered(closing)}
    assert found["configuration"].words.endswith("; deviation: Left the old node up")
    assert found["configuration"].doubt.startswith("the run deviated from the plan")
    assert found["cost-impact"].words.startswith("As the plan says") and found["cost-impact"].doubt


def test_what_was_planned_takes_as_long_as_it_was_approved_for(cast: Cast, template) -> None:
    """A stop names another window, and the start may be early: neither makes the plan longer, or negative."""
    operation = make_in(State.CLOSING, cast, template)
    [words] = [fact_named("times").words(run) for run in [load_run(operation)] if run]
    planned = re.search(r"planned [^;]+", words)
    at = f"{NIGHT - DAY:%Y-%m-%dT%H:%M}:00+00:00"
    stop = {"after": "", "reason": "r", "by": "Jun", "at": at, "start": at, "end": at, "went_on": at}
    phase = load_run(operation).plan.phases[0].key  # type: ignore[union-attr]
    Operation.objects.filter(pk=operation.pk).update(stops=[stop | {"after": phase}])
    [again] = [fact_named("times").words(run) for run in [load_run(fresh(operation))] if run]
    assert planned and again.startswith(words)
    assert again.endswith("; stopped from 2026-12-05 02:00 UTC to 2026-12-05 02:00 UTC")


def test_after_a_rollback_nothing_is_an_improvement(cast: Cast, template) -> None:
    operation = make.roll_back(cast, make_in(State.RUNNING, cast, template))
    closing = emptied(make.work(cast, operation), cast)
    words = {one.line.key.rpartition("/")[2]: one.words for one in offered(closing)}
    assert words["scalability"] == words["cost-efficiency"] == "Not applicable: it was rolled back"
    told = "; the way back was taken, 3 of 3 rollback steps done in less than a minute"
    assert told in words["infrastructure-status"]
    assert words["cost-impact"] == "Not applicable: it was rolled back", "what the plan promised didn't come"
    assert not [text for text in words.values() if "the plan says" in text]
    assert words["configuration"].startswith("0 of 8 planned steps done; not reached "), (
        "the way back is no plan's work"
    )
    assert words["configuration"].endswith("; way back: all 3 planned steps done")


def test_what_the_work_would_have_left_behind_is_not_applicable_after_a_rollback(cast: Cast, template) -> None:
    """Also values that can't be measured any more; the next review is still to come."""
    operation = make.roll_back(cast, make_in(State.RUNNING, cast, template))
    closing = emptied(make.work(cast, operation), cast)
    metric = Metric.objects.filter(section__operation=closing, after__isnull=False)[0]
    for section in closing.sections.filter(key__in=("operational-procedures", metric.section.key)):
        values = {key: "" for key in closing.outline.answers if key.startswith("operational-procedures/")}  # type: ignore[union-attr]
        values = values if section.key == "operational-procedures" else {f"{metric.key}.after": ""}
        told = {"key": section.key, "version": section.version, "values": values}
        save_section(operation=closing, **told, by=cast.mara, at=NIGHT)
    closing = fresh(closing)
    because = [one for one in offered(closing) if one.words == "Not applicable: it was rolled back"]
    keys = [one.key for one in because]
    assert [key for key in keys if key.endswith(".after")] == [f"{metric.key}.after"]
    assert "operational-procedures/new-operational-requirements/maintenance" in keys
    assert "operational-procedures/documentation-updates/runbooks" in keys
    assert not [one for one in because if one.doubt or one.key.startswith("footer/")]
    take_over(closing, keys=keys, by=cast.mara, at=NIGHT)
    lacking = missing(document_of(fresh(closing)), closing.outline, closing.risk_level, ("close",))
    assert {one.key for one in lacking}.isdisjoint(keys)
    assert not {one.key for one in offered(fresh(closing)) if not one.is_taken} & set(keys)


def test_the_way_back_took_until_its_last_step_was_done_and_what_was_done_before_says_so(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    steps, minute = in_order(operation), dt.timedelta(minutes=1)
    for step in steps[:-1]:
        working.finish_step(operation, key=step.key, reason="Next", asked=True, by=cast.jun, at=NIGHT)
    closing = make.work(cast, make.roll_back(cast, operation))
    began = closing.rolled_back_at
    assert began
    back = Step.in_run.filter(section__operation=closing, key__in=[one.key for one in run_of(closing).plan.procedures])
    for ended, told in (
        (began + 7 * minute, "3 of 3 rollback steps done in 7 min"),
        (began - minute, "3 of 3 rollback steps done"),
    ):
        back.update(ended_at=ended)
        assert fact_named("way_back").words(run_of(closing)).endswith(told), "a device's clock may go before"
    last = back.order_by("pk").last()
    assert last
    back.filter(pk=last.pk).update(status="not_reached", ended_at=began + 90 * minute)
    assert fact_named("way_back").words(run_of(closing)).endswith("2 of 3 rollback steps done")
    Step.in_run.filter(pk=steps[0].pk).update(ended_at=began - minute)
    word = steps[0].title.split()[0]
    assert f"{steps[0].title} (before the rollback)" in fact_named(f"about {word}").words(run_of(closing))


def test_who_only_took_over_is_not_alone_in_having_run_it(cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    assert fact_named("operator").words(run_of(operation)) == "Jun Park"
    Operation.objects.filter(pk=operation.pk).update(in_charge=cast.ines)
    assert fact_named("operator").words(run_of(fresh(operation))) == "Jun Park, at the end Ines Duarte"
    assert fact_named("operator").source == "who was in charge"


def test_nothing_is_proposed_for_the_plan(cast: Cast, template) -> None:
    """Whoever takes a proposal over is asked for the right to close alone."""
    operation = make_in(State.CLOSING, cast, template)
    line = "operation-summary/business-impact/user-experience"
    section = operation.sections.get(key="operation-summary")
    operation.sections.filter(pk=section.pk).update(answers=section.answers | {line: ""})
    operation = fresh(operation)
    assert operation.template
    operation.template.toml = operation.template.toml.replace("[propose]\n", f'[propose]\n"{line}" = ["steps"]\n')
    run = load_run(operation)
    assert run and line in operation.outline.settings.propose  # type: ignore[union-attr]
    assert [one for one in proposed(run) if one.line.key == line] == []


@pytest.mark.parametrize("said", ["Not applicable: nothing was measured", "To confirm by 2026-12-08: a week of load"])
def test_nothing_is_proposed_behind_a_reason(said: str, cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    line = operation.outline.bound("improvements")  # type: ignore[union-attr]
    assert line and [one for one in offered(operation) if one.line.key == line.key]
    section = operation.sections.get(key=line.key.partition("/")[0])
    told = {"key": section.key, "version": section.version, "values": {line.key: said}}
    save_section(operation=operation, **told, by=cast.mara, at=NIGHT)
    assert [one for one in offered(operation) if one.line.key == line.key] == []


def test_what_went_otherwise_is_told_too(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    steps = in_order(operation)
    working.skip_step(operation, key=steps[0].key, reason="Already\nso", by=cast.jun, at=NIGHT)
    logbook.note(operation, text="**Slow** disk", kind=NoteKind.PROBLEM, step_key=steps[1].key, by=cast.jun, at=NIGHT)
    unplanned.add_step(operation, title="Warm the cache", reason="Slow", by=cast.jun, at=NIGHT)
    for step in [*steps[1:], Step.in_run.get(section__operation=operation, unplanned=True)]:
        working.finish_step(operation, key=step.key, reason="Next", asked=True, by=cast.jun, at=NIGHT)
    for trigger in left_undone.unwatched(operation):
        logbook.note(operation, text="ok", step_key=trigger.key, by=cast.noor, at=NIGHT)
    running.finish_work(operation, by=cast.jun, not_reached="No time", at=NIGHT)
    closing = emptied(fresh(operation), cast)
    words = {one.line.key.rpartition("/")[2]: one.words for one in offered(closing)}
    assert re.match(r"7 of 8 planned steps done; skipped \(Already so\): 1\.1 [^;]+; ", words["configuration"])
    assert words["configuration"].endswith("added during the run: U1 Warm the cache")
    assert words["infrastructure-status"].startswith("0 of 5 checks hold; not made: ")
    assert "(No time)" in words["infrastructure-status"]
    assert "reliability" not in words, "no problem is an improvement"


def test_a_change_at_low_risk_that_went_well_needs_only_what_is_proposed(cast: Cast, template) -> None:
    operation = emptied(make_in(State.CLOSING, cast, template), cast)
    Operation.objects.filter(pk=operation.pk).update(risk_level="Low")
    own = fresh(operation)
    document = document_of(own)
    due = {one.key for one in missing(document, own.outline, "Low", ("open", "close"))}
    assert due and due <= {one.line.key for one in offered(own)}


def test_the_day_of_the_next_review_stands_in_its_line_and_comes_back(cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    day = dt.date(2027, 3, 1)
    told = {"outcome": "completed", "completed_at": NIGHT, "review_on": day}
    drawn = final_text_shown(operation, **told)
    assert "**Next Infrastructure Review**: 2027-03-01" in drawn.text.decode()
    actions.sign_as_operator(operation, **told, digest=drawn.digest, password=PASSWORD, by=cast.jun, at=NIGHT)
    record = fresh(operation)
    assert record.review_on == day
    assert not reviews_due(day).exists(), "not finalized yet"
    make.sign_off(cast, record)
    assert not reviews_due(day - DAY).exists()
    assert [one.pk for one in reviews_due(day)] == [record.pk]


def test_without_a_chosen_day_the_first_one_in_the_line_counts(cast: Cast, template) -> None:
    operation = make_in(State.CLOSING, cast, template)
    line = written_now(operation, "review")
    record = make.sign(cast, operation)
    assert line in bytes(record.final_text.text).decode()  # type: ignore[union-attr]
    assert line.startswith("2026-12-08: drop the reverse subscription")
    assert record.review_on == dt.date(2026, 12, 8)
    running.reopen_run(record, evidence="A picture", by=cast.tomas, at=NIGHT)
    assert fresh(record).review_on is None

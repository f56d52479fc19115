"""Steps and procedures that the plan says aren't applicable: nobody works on them, and nothing tells of them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from approvals.plan_against_actual import plan_against_actual, planned_in
from records.audit import verify
from records.document.outline import Answer, Commands, Item, Loose, Part
from records.models import Operation, OperationTemplate, State, Step, StepStatus
from records.refusals import WrongOrder
from records.run import left_undone, set_aside, starting, stopping, working
from records.run.loaded import Run, load_run
from records.run.plan import PlannedStep
from records.run.step_order import in_order
from records.run.told_facts import FACTS
from records.transfer.companion import companion_of
from records.views.run_board import PhaseShown
from records.views.run_steps import steps_shown
from records.writing.saving import save_section
from tests import make
from tests.people import Cast
from tests.records.run.run_pages import page, press

WHY = "Not applicable: one host, nobody notices"
# Whatever a terminal, an editor or Python takes for the end of a line.
BREAKS = ("\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\n\n", " \\\n")
ASIDE = "Testing Environment"
BACK = "Complete Infrastructure Restoration"


def answers(*texts: str) -> tuple[Part, ...]:
    return tuple(Answer(f"a.{at}", f"Part {at}", text, "bullet") for at, text in enumerate(texts))


@pytest.mark.parametrize(
    ("text", "parts", "is_set_aside"),
    [
        (WHY, (), True),
        ("", answers(WHY), True),
        ("", answers(WHY, "Not applicable: another reason"), True),
        ("", (Commands("a.c", "bash", f"# {WHY}"),), True),
        ("", (Commands("a.c", "bash", f"# {WHY}"), *answers(WHY)), True),
        ("", (*answers(WHY), Loose("a.l", "  ")), True),
        ("", answers(WHY, "Staging, on 14 November"), False),
        ("", (Commands("a.c", "bash", "pg_ctl promote"), *answers(WHY)), False),
        ("Promote the standby", answers(WHY), False),
        ("", (*answers(WHY), Loose("a.l", "One more thing")), False),
        ("", answers("To confirm by 2026-12-01: who knows"), False),
        ("", answers("[Staging]"), False),
        ("", (), False),
        *(("", (Commands("a.c", "bash", f"# {WHY}{end}"),), True) for end in ("\n", " \n", "\r\n", "\n\n")),
        *(("", (Commands("a.c", "bash", f"# {WHY}{end}pg_ctl promote"),), False) for end in BREAKS),
        ("", (Commands("a.c", "bash", f"pg_ctl promote\n# {WHY}"),), False),
        ("", (Commands("a.c", "bash", "# Not applicable: \npg_ctl promote"),), False),
        ("", (Commands("a.c", "bash", "Not applicable: $(pg_ctl promote)"),), False),
        ("", (*answers(WHY), Loose("a.l", f"# {WHY}")), False),
        (f"{WHY},\nor hardly anybody", (), True),
        (f"{WHY}\n\n```bash\npg_ctl promote\n```", (), False),
        (f"{WHY}\n- Promote the standby", (), False),
        ("", (Loose("a.l", f"{WHY}\n\nPromote the standby"),), False),
    ],
)
def test_a_step_is_set_aside_once_all_of_it_is_answered_so(
    text: str, parts: tuple[Part, ...], *, is_set_aside: bool
) -> None:
    assert PlannedStep("a", "1.1", Item("a", "Title", text, parts)).is_set_aside == is_set_aside


def write_aside(operation: Operation, cast: Cast, *titles: str) -> None:
    for row in Step.objects.filter(section__operation=operation, title__in=titles):
        section = operation.sections.get(pk=row.section_id)
        own = [part["key"] for part in row.parts]
        values = {key: f"# {WHY}" if key.endswith("commands") else WHY for key in own}
        save_section(
            operation=operation,
            key=section.key,
            version=section.version,
            values=values,
            by=cast.mara,
            at=make.PLANNED,
        )


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    draft = make.make_draft(cast, template)
    write_aside(draft, cast, ASIDE, BACK, "Service Transition")
    Step.objects.filter(section__operation=draft, title=ASIDE).update(witness=True, point_of_no_return=True)
    return make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada")


@pytest.fixture
def run(cast: Cast, approved: Operation) -> Operation:
    return make.start(cast, approved)


def row_of(operation: Operation, title: str) -> Step:
    return Step.objects.get(section__operation=operation, title=title)


def loaded(operation: Operation) -> Run:
    found = load_run(make.fresh(operation), make.NIGHT)
    assert found is not None
    return found


def line_of(text: str, number: str) -> str:
    """What the page shows of a step, in one line of words."""
    own = text.split(f'<li id="step-{number}"')[1].split("</li>")[0]
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", own.partition(">")[2], flags=re.DOTALL).split())


def test_the_others_keep_their_numbers_and_times(run: Operation) -> None:
    plan = loaded(run).plan
    first, second = plan.phases[:2]
    assert [step.number for step in first.steps] == ["1.1", "1.3"]
    assert [step.number for step in first.lines] == ["1.1", "1.2", "1.3"]
    assert [step.title for step in second.set_aside] == ["Service Transition"]
    assert second.steps[0].start == second.start, "what nobody works on takes no time"
    assert [step.number for step in plan.procedures] == ["1", "3"]
    assert [step.number for step in plan.procedure_lines] == ["1", "2", "3"]


def test_nobody_works_on_it_and_the_next_one_comes(cast: Cast, run: Operation) -> None:
    own = {"by": cast.jun, "at": make.NIGHT}
    first, third = (row_of(run, title) for title in ("Infrastructure Preparation", "Final Sync Check"))
    working.finish_step(run, key=first.key, **own)
    aside = row_of(run, ASIDE)
    for act in (working.start_step, working.finish_step):
        with pytest.raises(WrongOrder, match="is not applicable in this plan"):
            act(run, key=aside.key, **own)
    with pytest.raises(WrongOrder, match="is not applicable in this plan"):
        working.skip_step(run, key=aside.key, reason="Not needed", **own)
    working.finish_step(run, key=third.key, asked=True, **own)
    assert aside.key not in {step.key for step in in_order(make.fresh(run))}
    ended = stopping.phase_that_ended(make.fresh(run))
    assert ended == first.phase_id, "the first step of the next phase that is worked is not its first line"
    assert not run.log.filter(step_key=aside.key).exists()


def test_it_takes_no_time_of_the_window(approved: Operation) -> None:
    estimates = {"Infrastructure Preparation": "20 min", ASIDE: "3 h", BACK: "2 h", "Data Restoration": "10 min"}
    Step.objects.filter(section__operation=approved).update(estimate="")
    for title, estimate in estimates.items():
        Step.objects.filter(section__operation=approved, title=title).update(estimate=estimate)
    assert starting.remaining_minutes(approved) == 30


def test_the_end_asks_for_none_of_it_and_nothing_tells_of_it(cast: Cast, run: Operation) -> None:
    own = {step.title for step in left_undone.undone_steps(run)}
    assert own and not own & {ASIDE, "Service Transition"}
    closing = make.work(cast, run)
    aside = row_of(closing, ASIDE)
    assert (aside.status, aside.run_reason, aside.worked_by) == (StepStatus.TODO, "", None)
    told = FACTS["steps"].words(loaded(closing))
    assert told.startswith(f"All {len(own)} planned steps done"), told
    found = loaded(closing)
    compared = plan_against_actual(found, planned_in(found))
    assert [one.number for one in compared][:2] == ["1.1", "1.3"]
    log = companion_of(closing).decode()
    assert "### 1.1 " in log and "### 1.3 " in log and "### 1.2 " not in log


def test_it_is_signed_and_stands_in_the_text_as_it_was_approved(cast: Cast, run: Operation) -> None:
    final = make.sign_off(cast, make.sign(cast, make.work(cast, run)))
    assert (final.state, verify()) == (State.FINALIZED, None)
    assert final.final_text is not None
    text, approved = bytes(final.final_text.text).decode(), final.revisions.get().plan_text
    assert text.count(WHY) == bytes(approved).decode().count(WHY) > 0


def test_the_way_back_leaves_it_out_likewise(cast: Cast, run: Operation) -> None:
    back = make.roll_back(cast, run)
    assert [step.title for step in in_order(back)] == ["Immediate Rollback", "Data Restoration"]
    closing = make.work(cast, back)
    assert {row_of(closing, title).status for title in (ASIDE, BACK)} == {StepStatus.TODO}, "not even not reached"
    assert FACTS["way_back"].words(loaded(closing)).startswith("the way back was taken, 2 of 2 rollback steps done")
    assert "Rollback 2 " not in companion_of(closing).decode()
    shown = page(cast.jun, closing, "rollback")
    assert "2 of 2 steps done" in shown and line_of(shown, "2").endswith(WHY)


def test_one_that_somebody_worked_on_before_stays_a_step(cast: Cast, run: Operation) -> None:
    """A run from before this was so: the log tells of it, and so does everything else."""
    aside = row_of(run, ASIDE)
    Step.objects.filter(pk=aside.pk).update(status=StepStatus.STARTED, started_at=make.NIGHT, worked_by=cast.jun)
    assert [step.number for step in loaded(run).plan.phases[0].steps] == ["1.1", "1.2", "1.3"]
    assert aside.key in {step.key for step in left_undone.undone_steps(run)}
    working.finish_step(run, key=aside.key, by=cast.jun, at=make.NIGHT)
    assert "1 of 3 steps done" in page(cast.jun, make.fresh(run))


def test_the_page_shows_it_in_one_line_that_asks_for_nothing(cast: Cast, run: Operation) -> None:
    shown = page(cast.jun, run)
    assert shown.count("0 of 2 steps done") == 3, "each of two phases has a third line that counts for nothing"
    assert line_of(shown, "1.2") == f"1.2 {ASIDE} {WHY}"
    own = shown.split('<li id="step-1.2"')[1].split("</li>")[0]
    assert own.startswith(' class="aside">'), "a press without network doesn't come to it either"
    assert not re.search(r"<(form|button|details|textarea)", own)
    assert line_of(shown.split('id="way-back"')[1], "2") == f"2 {BACK} {WHY}"
    key = row_of(run, "Infrastructure Preparation").key
    press(cast.jun, run, "finish_step", key=key)
    shown = page(cast.jun, run)
    assert "1 of 2 steps done" in shown
    assert 'aria-current="step"' in shown.split('<li id="step-1.3"')[1][:60]


def test_a_fold_of_what_is_over_counts_the_steps_alone(
    cast: Cast, run: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def board(phase: int, minutes: int) -> PhaseShown:
        own, rows = loaded(run).plan.phases[phase], loaded(run).steps
        now = make.NIGHT + dt.timedelta(minutes=minutes)
        steps = steps_shown(own.lines, rows, {}, current=own.steps[-1], forecasts={}, now=now)
        return PhaseShown("phase", "Phase", steps, takes_steps=True)

    assert [board(phase, 60).earlier for phase in (0, 1)] == [[], []], "no fold with nothing but what is set aside"
    working.finish_step(run, key=row_of(run, "Infrastructure Preparation").key, by=cast.jun, at=make.NIGHT)
    assert board(0, 1).earlier == [], "it can be corrected yet"
    assert [step.number for step in board(0, 60).earlier] == ["1.1", "1.2"]
    monkeypatch.setattr(timezone, "now", lambda: make.NIGHT + dt.timedelta(hours=1))
    assert "<summary>1 step before<" in page(cast.jun, run)


def test_commands_behind_the_words_are_a_way_back_like_any_other(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    row = row_of(draft, "Immediate Rollback")
    values = {
        part["key"]: f"# {WHY}\npg_ctl promote -D /srv/pg" if part["type"] == "commands" else WHY for part in row.parts
    }
    section = draft.sections.get(pk=row.section_id)
    own = {"operation": draft, "key": section.key, "version": section.version, "by": cast.mara, "at": make.PLANNED}
    save_section(values=values, **own)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada"))
    plan = loaded(run).plan
    assert [step.title for step in plan.procedures] == ["Immediate Rollback", BACK, "Data Restoration"]
    assert plan.set_aside == () and not set_aside.is_left_aside(row_of(run, "Immediate Rollback"))
    assert "pg_ctl promote -D /srv/pg" in page(cast.jun, make.roll_back(cast, run), "rollback")


def test_where_no_procedure_is_applicable_there_is_no_way_back_to_take(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    write_aside(draft, cast, "Immediate Rollback", BACK, "Data Restoration")
    run = make.start(cast, make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada"))
    plan = loaded(run).plan
    assert (plan.procedures, plan.rollback_deadline) == ((), None)
    shown = page(cast.jun, run, "rollback")
    assert "No procedures are written for the way back" in shown and line_of(shown, "2") == f"2 {BACK} {WHY}"
    shown = page(cast.jun, make.roll_back(cast, run), "rollback")
    assert '<details class="more add-step" open>' in shown, "the first step is asked for"

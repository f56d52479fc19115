"""A run that stops at the end of a phase and goes on in a window that its approvers confirm."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from records import audit
from records.models import (
    AuditEntry,
    Check,
    Delivery,
    Operation,
    OperationTemplate,
    Person,
    Role,
    RoleHolding,
    RollbackTrigger,
    Step,
    StepStatus,
)
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import stopping, unplanned, verifying, working
from records.run.starting import remaining_minutes
from records.run.step_order import in_order
from records.run.stops import open_stop, stops_of
from records.transfer.companion import companion_of
from tests import make
from tests.make import NIGHT, fresh
from tests.people import PASSWORD, SINCE, Cast, signed_in
from tests.records.run.keys import DAY, MINUTE
from tests.records.run.run_pages import confirm, kinds, page, paused, press, told

# ---------------------------------------------------------------- stopping


def test_a_phase_whose_last_step_was_skipped_ends_in_a_pause_too(cast: Cast, run: Operation) -> None:
    steps = in_order(run)
    *others, last = [step for step in steps if step.phase_id == steps[0].phase_id]
    for step in others:
        working.finish_step(run, key=step.key, asked=True, by=cast.jun, at=NIGHT)
    assert 'id="pause"' not in page(cast.jun, run)
    working.skip_step(run, key=last.key, reason="Already so", by=cast.jun, at=NIGHT)
    assert 'id="pause"' in page(cast.jun, run)


def test_where_no_deputy_is_named_the_page_says_why_nothing_is_handed_over(cast: Cast, run: Operation) -> None:
    nobody = "No deputy is named, so nobody can take it over"
    assert nobody not in page(cast.jun, run)
    run.deputies.clear()
    assert nobody in page(cast.jun, run)


def test_a_run_stops_at_the_end_of_a_phase_only(cast: Cast, run: Operation) -> None:
    with pytest.raises(WrongOrder, match="at the end of a phase"):
        make.stop(run, by=cast.jun)
    operation = make.end_phase(run)
    working.start_step(operation, key=in_order(operation)[3].key, by=cast.jun, at=NIGHT)
    with pytest.raises(WrongOrder, match="while no step is begun"):
        make.stop(operation, by=cast.jun)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (24, 24), (24, 23)])
def test_the_next_window_is_in_the_future_and_forwards(start: int, end: int, cast: Cast, run: Operation) -> None:
    operation = make.end_phase(run)
    times = {"start": NIGHT + dt.timedelta(hours=start), "end": NIGHT + dt.timedelta(hours=end)}
    with pytest.raises(Incomplete, match="a next window"):
        stopping.stop_at_phase_end(operation, reason="Slow", by=cast.jun, at=NIGHT, **times)


def test_while_it_stands_no_step_is_worked_but_it_can_be_rolled_back(cast: Cast, stopped: Operation) -> None:
    key = in_order(stopped)[3].key
    for act in (working.start_step, working.finish_step):
        with pytest.raises(WrongOrder, match="It goes on from 7 Dec 02:00 UTC"):
            act(stopped, key=key, by=cast.jun, at=NIGHT)
    verifying.tick_check(stopped, key=Check.objects.filter(section__operation=stopped)[0].key, by=cast.jun, at=NIGHT)
    with pytest.raises(WrongOrder, match="It goes on from 7 Dec 02:00 UTC"):
        unplanned.add_step(stopped, title="Look again", reason="Slow", by=cast.noor, at=NIGHT)
    operation = make.roll_back(cast, stopped)
    procedure = in_order(operation)[0]
    assert working.start_step(operation, key=procedure.key, by=cast.jun, at=NIGHT).status == StepStatus.STARTED


def test_a_step_that_was_typed_while_somebody_stopped_it_stays_in_hand(cast: Cast, stopped: Operation) -> None:
    typed = {"do": "add_step", "title": "Drop the old volume", "reason": "It is full", "commands": "lvremove vg0/old"}
    answer = signed_in(cast.noor).post(reverse("run", args=[stopped.pk]), typed)
    assert answer.status_code == 409
    note = answer.content.decode().partition('id="log-note"')[2].partition(">")[0]
    assert [text for name, text in typed.items() if name != "do" and text not in note] == []


def left(operation: Operation) -> dt.timedelta:
    """The time that steps and way back still take."""
    Step.objects.filter(section__operation=operation, key=in_order(operation)[-1].key).update(estimate="40 min")
    return dt.timedelta(minutes=remaining_minutes(operation))


def test_it_goes_on_in_the_window_that_all_approvers_confirmed(cast: Cast, stopped: Operation) -> None:
    night = NIGHT + DAY
    assert told("window_asked") == {("tomas", False), ("ada", False)}, "they are asked, wherever they are"
    assert "goes on 7 Dec 02:00 UTC" in Delivery.objects.get(event="window_asked", person=cast.ada).body
    with pytest.raises(Refused, match="those who approved the plan"):
        make.confirm_window(stopped, cast.sam)
    make.confirm_window(stopped, cast.tomas)
    assert told("window_asked") == {("tomas", True), ("ada", False)}
    assert told("window_confirmed") == set(), "one is still to say so"
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(stopped, by=cast.jun, at=night)
    for _twice in range(2):
        make.confirm_window(stopped, cast.ada)
    everybody = {"mara", "carl", "jun", "ines", "noor", "tomas"}
    assert told("window_confirmed") == {(name, False) for name in everybody}
    assert Delivery.objects.filter(event="window_confirmed").count() == len(everybody), "once"
    with pytest.raises(WrongOrder, match="too early"):
        stopping.go_on(stopped, by=cast.jun, at=night - 16 * MINUTE)
    with pytest.raises(Refused):
        stopping.go_on(stopped, by=cast.noor, at=night)
    rest = left(stopped)
    assert rest and open_stop(fresh(stopped)).after == in_order(stopped)[0].phase.key  # type: ignore[union-attr]
    with pytest.raises(WrongOrder, match="steps and way back no longer fit"):
        stopping.go_on(stopped, by=cast.ines, at=night + 180 * MINUTE - rest + MINUTE)
    stopping.go_on(stopped, by=cast.ines, at=night)
    assert open_stop(fresh(stopped)) is None
    working.start_step(stopped, key=in_order(stopped)[3].key, by=cast.jun, at=night)
    assert kinds(stopped)[-5:] == ["stop_at_phase_end", "confirm_window", "confirm_window", "go_on", "start_step"]
    assert audit.verify() is None


@pytest.fixture
def without_ada(cast: Cast, stopped: Operation) -> Operation:
    """Ada, who approved it, has left; Sam, Carl (who wrote in it) and Jun (who runs it) hold her role."""
    for person in (cast.sam, cast.jun):
        RoleHolding.objects.create(person=person, role=Role.INFRASTRUCTURE_APPROVER, since=SINCE)
    Person.objects.filter(pk=cast.ada.pk).update(is_active=False)
    return fresh(stopped)


def test_in_the_place_of_who_has_left_another_holder_of_the_role_confirms(cast: Cast, without_ada: Operation) -> None:
    for other in (cast.carl, cast.jun, cast.olga):
        with pytest.raises(Refused, match="those who approved the plan"):
            make.confirm_window(without_ada, other)
    for _twice in range(2):
        make.confirm_window(without_ada, cast.sam)
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(without_ada, by=cast.jun, at=NIGHT + DAY)
    assert told("window_confirmed") == set()
    make.confirm_window(without_ada, cast.tomas)
    assert stopping.go_on(fresh(without_ada), by=cast.jun, at=NIGHT + DAY).went_on
    entry = AuditEntry.objects.get(act="confirm_window", person=cast.sam)
    assert audit.facts_in(entry)["for"] == cast.ada.pk
    assert audit.verify() is None
    assert "confirmed by Sam Whitfield for Ada Brandt, Tomas Okafor" in companion_of(fresh(without_ada)).decode()


def test_who_approved_it_stands_for_nobody_else_and_nobody_for_who_is_here(cast: Cast, stopped: Operation) -> None:
    for person in (cast.tomas, cast.sam):
        RoleHolding.objects.create(person=person, role=Role.INFRASTRUCTURE_APPROVER, since=SINCE)
    with pytest.raises(Refused, match="those who approved the plan"):
        make.confirm_window(stopped, cast.sam)
    Person.objects.filter(pk=cast.ada.pk).update(is_active=False)
    assert "to be confirmed by Tomas Okafor, Sam Whitfield in the place of Ada Brandt" in page(cast.jun, stopped)
    make.confirm_window(stopped, cast.tomas)
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(stopped, by=cast.jun, at=NIGHT + DAY)
    make.confirm_window(stopped, cast.sam)
    assert stopping.go_on(stopped, by=cast.jun, at=NIGHT + DAY).went_on


def test_of_several_in_one_place_the_first_confirms_and_two_places_take_two(cast: Cast, without_ada: Operation) -> None:
    for role in (Role.INFRASTRUCTURE_APPROVER, Role.DEVOPS_SUPERVISOR):
        RoleHolding.objects.create(person=cast.olga, role=role, since=SINCE)
    times = {"start": NIGHT + 2 * DAY, "end": NIGHT + 2 * DAY + 180 * MINUTE}
    stopping.stop_at_phase_end(without_ada, reason="No storage people", by=cast.jun, at=NIGHT, **times)
    assert {("sam", False), ("olga", False)} <= told("window_asked"), "they are asked in her place"
    make.confirm_window(without_ada, cast.sam)
    assert {("sam", True), ("olga", True)} <= told("window_asked")
    with pytest.raises(WrongOrder, match="Somebody was faster: it is confirmed by Sam Whitfield for Ada Brandt"):
        make.confirm_window(without_ada, cast.olga)
    Person.objects.filter(pk=cast.tomas.pk).update(is_active=False)
    make.confirm_window(without_ada, cast.sam)
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(fresh(without_ada), by=cast.jun, at=NIGHT + 2 * DAY)
    make.confirm_window(without_ada, cast.olga)
    assert stopping.go_on(fresh(without_ada), by=cast.jun, at=NIGHT + 2 * DAY).went_on


def test_where_the_named_supervisor_has_left_any_supervisor_confirms(cast: Cast, template: OperationTemplate) -> None:
    approved = make.approve_by(cast, make.submit(cast, make.make_draft(cast, template, level="Low")), "tomas")
    run = make.stop(make.end_phase(make.start(cast, approved)), by=cast.jun)
    with pytest.raises(Refused, match="those who approved the plan"):
        make.confirm_window(run, cast.sam)
    Person.objects.filter(pk=cast.tomas.pk).update(is_active=False)
    make.confirm_window(run, cast.sam)
    assert stopping.go_on(fresh(run), by=cast.jun, at=NIGHT + DAY).went_on


def test_the_pages_name_who_confirms_in_whose_place(cast: Cast, without_ada: Operation) -> None:
    place = "in the place of Ada Brandt, whose account is disabled"
    for person in (cast.sam, cast.tomas, cast.carl):
        shown = page(person, without_ada)
        assert f"Still to be confirmed by Tomas Okafor, Sam Whitfield {place}." in shown
        assert ("Confirm this window" in shown) == (person != cast.carl)
    home = signed_in(cast.sam).get(reverse("home")).content.decode()
    assert "Look at the window" in home
    assert "Look at the window" not in signed_in(cast.carl).get(reverse("home")).content.decode()
    assert confirm(cast.sam, without_ada, make.seen(without_ada)) == 303
    assert "Confirmed by Sam Whitfield for Ada Brandt." in page(cast.jun, without_ada)
    assert "confirmed the next window: for Ada Brandt, whose account is disabled" in page(cast.jun, without_ada)
    RoleHolding.objects.filter(person=cast.sam).delete()
    times = {"start": NIGHT + 2 * DAY, "end": NIGHT + 2 * DAY + 180 * MINUTE}
    stopping.stop_at_phase_end(without_ada, reason="No storage people", by=cast.jun, at=NIGHT, **times)
    assert f"nobody at present {place}: it takes somebody in the role Infrastructure" in page(cast.jun, without_ada)


def test_another_window_is_confirmed_anew(cast: Cast, stopped: Operation) -> None:
    make.confirm_window(stopped, cast.tomas)
    times = {"start": NIGHT + 2 * DAY, "end": NIGHT + 2 * DAY + 180 * MINUTE}
    stopping.stop_at_phase_end(stopped, reason="No storage people", by=cast.jun, at=NIGHT, **times)
    operation = fresh(stopped)
    stop = open_stop(operation)
    assert stop and stop.confirmed == [] and len(operation.stops) == 1
    with pytest.raises(WrongOrder, match="not confirmed yet"):
        stopping.go_on(operation, by=cast.jun, at=NIGHT + 2 * DAY)


def test_what_is_confirmed_is_the_window_that_was_shown(cast: Cast, stopped: Operation) -> None:
    """The operator names another night while the approver reads, or before a press leaves a device without network."""
    earlier = make.seen(stopped)
    times = {"start": NIGHT + 5 * DAY, "end": NIGHT + 5 * DAY + 180 * MINUTE}
    stopping.stop_at_phase_end(stopped, reason="No storage people", by=cast.jun, at=NIGHT, **times)
    with pytest.raises(WrongOrder, match="Another window was named since you looked: 11 Dec 02:00 UTC to 11 Dec 05:00"):
        actions.confirm_window(stopped, seen=earlier, password=PASSWORD, by=cast.tomas, at=NIGHT)
    for window in (earlier, ""):
        assert confirm(cast.tomas, stopped, window) == 409
    assert stops_of(fresh(stopped))[-1].confirmed == []
    make.confirm_window(stopped, cast.tomas)
    with pytest.raises(WrongOrder, match="Another window"):
        actions.confirm_window(stopped, seen=earlier, password=PASSWORD, by=cast.tomas, at=NIGHT)


def test_the_pages_of_a_stop(cast: Cast, run: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT + 50 * MINUTE)
    make.end_phase(run, at=NIGHT + 50 * MINUTE)
    shown = page(cast.jun, run)
    assert "Phase 1 has ended" in shown and "5 min over its window" in shown
    assert (
        paused(run, cast.jun).count("not looked at in this phase")
        == paused(run, cast.jun).count("Looked, it is ok")
        == 4
    )
    assert "Looked, it is ok" not in paused(run, cast.olga), "who watches has nothing to press"
    for trigger in RollbackTrigger.objects.filter(section__operation=run):
        assert press(cast.jun, run, "trigger:ok", key=trigger.key, at="pause") == 303
    assert "not looked at in this phase" not in paused(run, cast.jun)
    assert paused(run, cast.jun).count("ok, noted 02:50") == 4, "each in its place: nothing slides under the pointer"
    assert 'maxlength="5"' not in shown, "a time takes its zone, and 02:00 UTC is longer"
    assert "Stop here, go on another night" not in page(cast.noor, run)
    following = in_order(run)[next(at for at, one in enumerate(in_order(run)) if one.status == "todo")]
    assert press(cast.jun, run, "start_step", key=following.key) == 303
    shown = page(cast.jun, run)
    assert 'id="pause"' not in shown and "or take back that it was begun" in shown and "Not begun after all" in shown
    assert press(cast.jun, run, "reopen_step", key=following.key) == 303
    assert "Stop here, go on another night" in page(cast.jun, run)
    form = {"day": "2026-12-07", "started": "23:00", "ended": "02:30"}
    assert press(cast.jun, run, "stop_at_phase_end", reason="Backup", **{**form, "day": "soon"}) == 400
    for edge in ({"day": "9999-12-31"}, {"day": "0001-01-01", "started": "00:00 +05:00"}):
        assert press(cast.jun, run, "stop_at_phase_end", reason="Backup", **{**form, **edge}) == 400
    assert press(cast.jun, run, "stop_at_phase_end", **form) == 400
    assert press(cast.jun, run, "stop_at_phase_end", reason="Backup is slow", **form) == 303
    bar = page(cast.jun, run).split('id="clock"')[1].split("</dl>")[0]
    assert "Stopped until 7 Dec 23:00 UTC" in bar, "nothing runs meanwhile, and nothing is measured against the plan"
    assert not [words for words in ("Running", "ends in", "over by", "Against plan") if words in bar]
    stop = open_stop(fresh(run))
    assert stop and stop.window == (
        dt.datetime(2026, 12, 7, 23, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 8, 2, 30, tzinfo=dt.UTC),
    )
    shown = page(cast.tomas, run)
    assert "Stopped for this night" in shown and "Confirm this window" in shown and "Tomas Okafor, Ada Brandt" in shown
    assert 'value="start_step"' not in page(cast.jun, run)
    shown = f'name="window" value="{make.seen(run)}"'
    for approver in (cast.tomas, cast.ada):
        assert reverse("window", args=[run.pk]) in page(approver, run)
        assert shown in page(approver, run, "window")
        assert confirm(approver, run, make.seen(run)) == 303
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 12, 7, 23, 1, tzinfo=dt.UTC))
    assert "Go on</button>" in page(cast.jun, run)
    assert '<input type="hidden" name="at" value="step-2.1">' in page(cast.jun, run), "to where it goes on"
    assert press(cast.jun, run, "go_on") == 303
    shown = page(cast.jun, run)
    assert 'id="pause"' not in shown, "the pause is over"
    assert "planned 23:00" in shown, "what is left moves with its window"
    assert "7 Dec" in page(cast.jun, run, "rollback") or "02:" in page(cast.jun, run, "rollback")

"""A bad network: what waited on a device keeps its own time, and what is sent twice counts once."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records import audit
from records.models import Check, LogEntry, Operation, OperationTemplate, Person, Press, State, StepStatus
from records.refusals import Incomplete, WrongOrder
from records.run import logbook, verifying, working
from records.run.pressing import once
from records.run.step_order import in_order
from tests import make
from tests.make import NIGHT
from tests.people import Cast

MINUTE = dt.timedelta(minutes=1)
KEY = "0123456789abcdef" * 2


@pytest.fixture
def run(cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch) -> Operation:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT + 30 * MINUTE)
    return make.make_in(State.RUNNING, cast, template)


def press(person: Person, run: Operation, do: str, **more: str | list[str]) -> int:
    client = Client()
    client.force_login(person)
    return client.post(reverse("run", args=[run.pk]), {"do": do, **more}).status_code


@pytest.mark.django_db
def test_a_press_that_is_sent_again_counts_once_whatever_happened_meanwhile(cast: Cast, run: Operation) -> None:
    key = in_order(run)[0].key
    assert press(cast.jun, run, "finish_step", key=key, press=KEY, note="Lag 0") == 303
    working.reopen_step(run, key=key, by=cast.noor, at=NIGHT + 31 * MINUTE)
    assert press(cast.jun, run, "finish_step", key=key, press=KEY, note="Lag 0") == 303
    assert in_order(run)[0].status == StepStatus.TODO
    kinds = LogEntry.objects.filter(operation=run).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["start", "note", "finish_step", "reopen_step"]


@pytest.mark.django_db
def test_the_same_press_with_other_words_is_refused_and_shows_them(cast: Cast, run: Operation) -> None:
    """Sent again it waited longer, and perhaps its time was put right; what was said in it is the same."""
    assert press(cast.jun, run, "note", note="Lag 0", press=KEY) == 303
    again = {"press": KEY, "late": "yes", "waited": "70", "time": "02:20", "pressed_by": str(cast.jun.pk)}
    assert press(cast.jun, run, "note", note="Lag 0", **again) == 303
    client = Client()
    client.force_login(cast.jun)
    told = {"do": "note", "note": "Lag 40 minutes", **again}
    answer = client.post(reverse("run", args=[run.pk]), told)
    assert answer.status_code == 409 and 'value="Lag 40 minutes"' in answer.content.decode()
    assert [one.text for one in LogEntry.objects.filter(operation=run, kind="note")] == ["Lag 0"]
    output = {"output": "38 passed", "press": KEY[::-1]}
    url = reverse("bring_evidence", args=[run.pk])
    assert [client.post(url, {**output, "note": note}).status_code for note in ("a", "a", "b")] == [303, 303, 409]


@pytest.mark.django_db
def test_what_waited_has_its_own_time_and_the_log_says_when_it_came(cast: Cast, run: Operation) -> None:
    key = in_order(run)[0].key
    assert press(cast.jun, run, "finish_step", key=key, press=KEY, waited=str(11 * 60), note="Lag 0") == 303
    assert in_order(run)[0].ended_at == NIGHT + 19 * MINUTE
    entries = LogEntry.objects.filter(operation=run).exclude(kind="start")
    assert {(one.at, one.written_at) for one in entries} == {(NIGHT + 19 * MINUTE, NIGHT + 30 * MINUTE)}
    client = Client()
    client.force_login(cast.olga)
    page = client.get(reverse("run", args=[run.pk])).content.decode()
    assert "02:19" in page and "(written 02:30)" in page


@pytest.mark.django_db
@pytest.mark.parametrize("waited", ["", "3"])
def test_a_wait_that_says_nothing_is_now(waited: str, cast: Cast, run: Operation) -> None:
    assert press(cast.jun, run, "note", note="x", press=KEY, waited=waited) == 303
    assert LogEntry.objects.get(operation=run, kind="note").at == NIGHT + 30 * MINUTE


@pytest.mark.django_db
@pytest.mark.parametrize("waited", ["-5", "soon", "1e9", "1" * 8, "9" * 30])
def test_a_wait_that_can_not_be_is_not_now_in_silence(waited: str, cast: Cast, run: Operation) -> None:
    assert press(cast.jun, run, "note", note="x", press=KEY, late="yes", waited=waited) == 400
    assert press(cast.jun, run, "note", note="x", press=KEY, late="yes", waited=waited, time="02:11") == 303
    assert LogEntry.objects.get(operation=run, kind="note").at == NIGHT + 11 * MINUTE


# Of each clock of a device that saw the site's 20 minutes ago: how long a press waited, and how long ago that was.
SHOWN = (NIGHT + 10 * MINUTE).isoformat()
RIGHT, STILL, ON, BACK = "300 1190", "5 30", "1020 1910", "-9900 -9010"
CLOCKS = {
    "its clock was put on": [RIGHT, ON],
    "its clock was put back": [RIGHT, BACK],
    "it slept": [STILL, RIGHT],
    "the page was loaded anew": [RIGHT],
}
ODD = {
    "it slept, and its clock was put on": [STILL, ON],
    "the page was loaded anew, and its clock put on": [ON],
    "the page was loaded anew, and its clock put back": [BACK],
    "it says half of it": ["300"],
    "it knows nothing": ["NaN NaN"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("clocks", CLOCKS.values(), ids=CLOCKS)
def test_of_two_clocks_that_differ_the_one_is_right_that_knows_when_it_saw_the_site_s(
    clocks: list[str], cast: Cast, run: Operation
) -> None:
    assert press(cast.jun, run, "note", note="x", press=KEY, late="yes", waited="9", clock=clocks, shown=SHOWN) == 303
    assert press(cast.jun, run, "note", note="x", press=KEY, late="yes", waited="70") == 303, "the same press"
    assert LogEntry.objects.get(operation=run, kind="note").at == NIGHT + 25 * MINUTE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("clocks", "shown"),
    [
        *((clocks, SHOWN) for clocks in ODD.values()),
        ([RIGHT], ""),
        ([RIGHT], "2026-02-31T02:10:00Z"),
        ([RIGHT], SHOWN[:19]),
    ],
    ids=[*ODD, "it was shown nothing", "on a day that isn't", "in no zone"],
)
def test_where_no_clock_is_right_it_is_asked_when_it_was(
    clocks: list[str], shown: str, cast: Cast, run: Operation
) -> None:
    client = Client()
    client.force_login(cast.jun)
    told = {"do": "note", "note": "x", "press": KEY, "late": "yes", "waited": "9", "clock": clocks, "shown": shown}
    answer = client.post(reverse("run", args=[run.pk]), told)
    assert answer.status_code == 400
    assert "the clock of this device was changed while it waited" in answer.content.decode()
    assert not Press.objects.exists()
    assert press(cast.jun, run, "note", note="x", press=KEY, late="yes", time="02:11") == 303
    assert LogEntry.objects.get(operation=run, kind="note").at == NIGHT + 11 * MINUTE


@pytest.mark.django_db
def test_what_was_pressed_within_the_same_minute_without_network_keeps_its_seconds(cast: Cast, run: Operation) -> None:
    key = in_order(run)[0].key
    assert press(cast.jun, run, "start_step", key=key, press=KEY, late="yes", waited="15") == 303
    assert press(cast.jun, run, "finish_step", key=key, press=KEY[::-1], late="yes", waited="3") == 303
    step, now = in_order(run)[0], NIGHT + 30 * MINUTE
    assert [now - (at or now) for at in (step.started_at, step.ended_at)] == [15 * MINUTE / 60, 3 * MINUTE / 60]


@pytest.mark.django_db
def test_a_start_that_was_slow_to_arrive_does_not_refuse_the_end_that_waited_for_it(
    cast: Cast, run: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also across a minute: the site writes when a start came, the device when the end was pressed."""
    key, now = in_order(run)[0].key, NIGHT + 31 * MINUTE
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(seconds=3))
    assert press(cast.jun, run, "start_step", key=key, press=KEY, waited="6") == 303
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(seconds=4))
    assert press(cast.jun, run, "finish_step", key=key, press=KEY[::-1], late="yes", waited="5") == 303
    step = in_order(run)[0]
    assert step.started_at == step.ended_at == now + dt.timedelta(seconds=3)


@pytest.mark.django_db
def test_a_refused_press_is_not_counted_and_leaves_nothing(cast: Cast, run: Operation) -> None:
    key = in_order(run)[1].key
    assert press(cast.jun, run, "finish_step", key=key, press=KEY) == 400
    assert not Press.objects.exists()
    working.finish_step(run, key=in_order(run)[0].key, by=cast.noor, at=NIGHT)
    assert press(cast.jun, run, "finish_step", key=key, press=KEY) == 303
    assert press(cast.noor, run, "note", note="x", press=KEY) == 303, "another person's press is another press"
    for odd in ("short", "x" * 65, "a b" * 8):
        assert press(cast.jun, run, "note", note="x", press=odd) == 400
    with pytest.raises(Incomplete):
        once(run, key="", by=cast.jun, act=lambda: None)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["PASS 38/38", ""])
@pytest.mark.parametrize("word", ["start_step", "finish_step", "skip", "tick_check"])
def test_what_comes_too_late_to_count_is_noted_with_its_person_its_time_and_its_words(
    word: str, typed: str, cast: Cast, run: Operation
) -> None:
    check = Check.objects.filter(section__operation=run, loose=False).order_by("pk")[0].key
    key = check if word == "tick_check" else in_order(run)[0].key
    verifying.tick_check(run, key=check, by=cast.noor, at=NIGHT + 20 * MINUTE)
    working.finish_step(run, key=in_order(run)[0].key, by=cast.noor, at=NIGHT + 20 * MINUTE)
    field = {"skip": "reason", "tick_check": "evidence"}.get(word, "note")
    told = {"key": key, "press": KEY, field: typed or ("Not needed" if word == "skip" else "")}
    assert press(cast.jun, run, word, **told) == 409, "who looks at the page has the text before them"
    assert not LogEntry.objects.filter(operation=run, person=cast.jun, step_key=key).exists()
    client = Client()
    client.force_login(cast.jun)
    late = {"do": word, **told, "late": "yes", "waited": str(11 * 60)}
    page = client.post(reverse("run", args=[run.pk]), late, follow=True).content.decode()
    [entry] = LogEntry.objects.filter(operation=run, person=cast.jun, step_key=key)
    assert (entry.kind, entry.at) == ("note", NIGHT + 19 * MINUTE)
    assert typed in entry.text and "Noor Haddad" in entry.text
    assert ("Your note was added to the log." in page) is bool(told[field])
    assert press(cast.jun, run, word, **told, late="yes") == 303
    assert LogEntry.objects.filter(operation=run, person=cast.jun, step_key=key).count() == 1
    assert in_order(run)[0].worked_by == cast.noor


@pytest.mark.django_db
def test_the_way_back_can_be_read_on_the_page_of_the_run_and_taken_without_network(cast: Cast, run: Operation) -> None:
    client = Client()
    for watcher, may_begin in ((cast.olga, False), (cast.jun, True)):
        client.force_login(watcher)
        page = client.get(reverse("run", args=[run.pk])).content.decode()
        fold = page.partition("data-way-back")[2].partition('id="log"')[0]
        assert 'id="step-1"' in fold and ('value="roll_back"' in fold) is may_begin
        assert "out of order" not in fold
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
    pressed = {"do": "roll_back", "trigger": "other", "other": "Heat", "sentence": "3% errors", "press": KEY}
    told = {**pressed, "late": "yes", "waited": str(11 * 60)}
    assert client.post(reverse("rollback", args=[run.pk]), told).status_code == 303
    record = make.fresh(run)
    assert (record.state, record.rolled_back_at) == (State.ROLLING_BACK, NIGHT + 19 * MINUTE)
    entry = LogEntry.objects.get(operation=run, kind="roll_back")
    assert (entry.at, entry.written_at) == (NIGHT + 19 * MINUTE, NIGHT + 30 * MINUTE)


@pytest.mark.django_db
def test_what_somebody_pressed_is_not_counted_under_another_name(cast: Cast, run: Operation) -> None:
    told = {"key": in_order(run)[0].key, "press": KEY, "pressed_by": str(cast.jun.pk)}
    assert press(cast.noor, run, "finish_step", **told) == 403
    assert in_order(run)[0].status == StepStatus.TODO
    assert press(cast.jun, run, "finish_step", **told) == 303
    assert in_order(run)[0].worked_by == cast.jun


@pytest.mark.django_db
def test_a_press_before_the_start_is_refused_in_words(cast: Cast, run: Operation) -> None:
    assert press(cast.jun, run, "note", note="x", press=KEY, waited=str(60 * 60)) == 400


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each of ``calls`` answered or raised, all begun in the same moment on connections of their own."""
    begin = threading.Barrier(len(calls))

    def one(call: Callable[[], object]) -> object:
        try:
            begin.wait(10)
            return call()
        except WrongOrder as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_the_same_press_twice_in_the_same_moment_counts_once(cast: Cast, template: OperationTemplate) -> None:
    run = make.make_in(State.RUNNING, cast, template)

    def send() -> bool:
        return once(run, key=KEY, by=cast.jun, act=lambda: logbook.note(run, text="x", by=cast.jun))

    assert sorted(at_once(*[send] * 4)) == [False, False, False, True]  # type: ignore[type-var]
    assert LogEntry.objects.filter(operation=run, kind="note").count() == 1


@pytest.mark.django_db(transaction=True)
def test_ticks_of_two_people_in_the_same_moment_are_both_kept_and_of_one_line_the_first(
    cast: Cast, template: OperationTemplate
) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    keys = list(Check.objects.filter(section__operation=run, loose=False).order_by("pk").values_list("key", flat=True))
    mine, theirs, both = keys[:3]
    ticks = [(cast.jun, mine), (cast.noor, theirs), (cast.jun, both), (cast.noor, both)]
    answers = at_once(*[partial(verifying.tick_check, run, key=key, by=by) for by, key in ticks])
    assert [isinstance(one, WrongOrder) for one in answers[:2]] == [False, False]
    assert "ticked this already" in " ".join(str(one) for one in answers[2:])
    told = {key: LogEntry.objects.filter(operation=run, kind="tick_check", step_key=key) for key in keys[:3]}
    assert [[entry.person for entry in told[key]] for key in (mine, theirs)] == [[cast.jun], [cast.noor]]
    [entry] = told[both]
    rows = {row.key: row.ticked_by for row in Check.objects.filter(section__operation=run, ticked=True)}
    assert rows == {mine: cast.jun, theirs: cast.noor, both: entry.person}
    assert audit.verify() is None

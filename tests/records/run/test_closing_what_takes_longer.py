"""What lasts longer than the night: checks that go on, values that propose words, the day of the next review."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from approvals.closing import final_text_shown
from records.models import Check, State
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import left_undone, verifying
from records.run.due_later import observations_over
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from tests import make
from tests.make import NIGHT, fresh, make_in
from tests.people import Cast
from tests.records.run.observed import DAY, UNTIL, worked

pytestmark = pytest.mark.django_db


def test_a_check_that_goes_on_lets_the_work_end_and_keeps_the_record_open(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    check = worked(cast, operation)
    record = fresh(operation)
    assert (record.state, check.unticked_because, check.is_observed) == (State.CLOSING, "", True)
    with pytest.raises(Incomplete, match=check.text[:20]):
        final_text_shown(record, outcome="completed", completed_at=NIGHT)
    assert f"observed until {UNTIL:%Y-%m-%d %H:%M:%S} UTC" in companion_of(record).decode()
    run = json.loads(json_of(record))["account"]["run"]
    assert run[check.key] == {"observe_until": UNTIL.isoformat().replace("+00:00", "Z")}

    later = UNTIL + dt.timedelta(hours=1)
    assert not observations_over(UNTIL - DAY / 2).exists()
    assert [one.pk for one in observations_over(later)] == [record.pk]
    other = Check.objects.filter(section__operation=record, ticked=True)[0]
    with pytest.raises(WrongOrder, match="isn't under way"):
        verifying.untick_check(record, key=other.key, by=cast.jun, at=later)
    verifying.tick_check(record, key=check.key, evidence="No error for a day", by=cast.noor, at=later)
    told = Check.objects.get(pk=check.pk)
    assert (told.ticked, told.ticked_by, told.ticked_at) == (True, cast.noor, later)
    assert not observations_over(later).exists()
    text = bytes(final_text_shown(fresh(record), outcome="completed", completed_at=NIGHT).text).decode()
    assert f"- [x] {check.text}" in text
    verifying.untick_check(record, key=check.key, by=cast.noor, at=later)
    assert Check.objects.get(pk=check.pk).is_observed, "taken back while closing, it is observed again"


def test_what_was_observed_stays_as_the_operator_signed_it(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    check = worked(cast, operation)
    verifying.tick_check(fresh(operation), key=check.key, by=cast.noor, at=UNTIL)
    signed = make.sign(cast, fresh(operation), at=UNTIL)
    for act in (verifying.untick_check, verifying.tick_check):
        with pytest.raises((Refused, WrongOrder)):
            act(signed, key=check.key, by=cast.noor, at=UNTIL)
    check.refresh_from_db()
    assert (check.ticked, check.ticked_by) == (True, cast.noor)


def test_what_was_observed_and_failed_says_why(cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    check = worked(cast, operation)
    verifying.skip_check(operation, key=check.key, reason="Errors came back", by=cast.jun, at=UNTIL)
    assert not left_undone.observed_checks(fresh(operation))
    assert "not made: Errors came back" in companion_of(fresh(operation)).decode()


@pytest.mark.parametrize("until", [NIGHT, NIGHT - DAY, NIGHT + 400 * DAY])
def test_a_check_is_observed_until_a_time_that_is_to_come(until: dt.datetime, cast: Cast, template) -> None:
    operation = make_in(State.RUNNING, cast, template)
    check = left_undone.undone_checks(operation)[0]
    with pytest.raises(Incomplete, match="still to come"):
        verifying.observe_check(operation, key=check.key, until=until, by=cast.jun, at=NIGHT)
    verifying.tick_check(operation, key=check.key, by=cast.jun, at=NIGHT)
    with pytest.raises(WrongOrder, match="ticked"):
        verifying.observe_check(operation, key=check.key, until=UNTIL, by=cast.jun, at=NIGHT)

"""Whoever was in charge of the run of another plan runs no later one, which they may have approved."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate, State
from records.refusals import Refused
from records.run import handing_over, running
from records.who import who_is
from tests import make
from tests.people import Cast

NIGHT = make.NIGHT


@pytest.fixture
def run(cast: Cast, template: OperationTemplate) -> Operation:
    """Sam, a supervisor, is a deputy of Jun's and on the team."""
    draft = make.make_draft(cast, template)
    draft.deputies.add(cast.sam)
    return make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))


def test_nobody_is_in_charge_of_a_run_that_was_called_off(cast: Cast, run: Operation) -> None:
    handing_over.hand_over(run, to=cast.sam, words="", by=cast.sam, at=NIGHT)
    running.call_off(run, reason="The supplier is late", by=cast.jun, at=NIGHT)
    assert make.fresh(run).in_charge is None
    assert make.fresh(run).runs_it == cast.jun


def test_whoever_was_in_charge_of_another_plan_does_not_start_the_one_they_approved(
    cast: Cast, template: OperationTemplate
) -> None:
    """A column that an earlier release left behind makes nobody an operator; a deputy who took over is one."""
    operation = make.make_in(State.APPROVED, cast, template)
    Operation.objects.filter(pk=operation.pk).update(in_charge=cast.tomas)
    assert "operator" not in who_is(cast.tomas, make.fresh(operation))
    with pytest.raises(Refused, match="Only the operator or a deputy can start it"):
        running.start(make.fresh(operation), by=cast.tomas, at=NIGHT)
    Operation.objects.filter(pk=operation.pk).update(in_charge=cast.ines)
    assert {"operator", "deputy"} <= who_is(cast.ines, make.fresh(operation))

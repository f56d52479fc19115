"""Who took part in an operation doesn't sign it off, whatever became of what they did and of their name in the team."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals import actions
from records.models import Check, Metric, Operation, OperationTemplate, Person, State
from records.refusals import Refused
from records.run import logbook, unplanned, verifying, witnessing, working
from records.run.keeping import Brought, keep_evidence
from records.run.logbook import NoteKind
from records.run.step_order import in_order
from records.writing.people import Lists, change_people
from tests import make
from tests.people import PASSWORD, Cast

NIGHT = make.NIGHT
Deed = Callable[[Operation, Person, Person], object]


def first_step(run: Operation) -> str:
    return in_order(run)[0].key


def first_check(run: Operation) -> str:
    return Check.objects.filter(section__operation=run, loose=False)[0].key


def worked(run: Operation, by: Person, other: Person) -> None:
    working.finish_step(run, key=first_step(run), asked=True, by=by, at=NIGHT)
    working.reopen_step(run, key=first_step(run), by=other, at=NIGHT)


def begun(run: Operation, by: Person, other: Person) -> None:
    working.start_step(run, key=first_step(run), asked=True, by=by, at=NIGHT)
    working.finish_step(run, key=first_step(run), by=other, at=NIGHT)


def ticked(run: Operation, by: Person, other: Person) -> None:
    verifying.tick_check(run, key=first_check(run), by=by, at=NIGHT)
    verifying.untick_check(run, key=first_check(run), by=other, at=NIGHT)


def skipped(run: Operation, by: Person, other: Person) -> None:
    verifying.skip_check(run, key=first_check(run), reason="Not here", by=by, at=NIGHT)


def measured(run: Operation, by: Person, other: Person) -> None:
    key = Metric.objects.filter(section__operation=run, after__isnull=False, loose=False)[0].key
    verifying.measure(run, values={key: "7"}, by=by, at=NIGHT)


def added(run: Operation, by: Person, other: Person) -> None:
    step = unplanned.add_step(run, title="Free the disk", reason="It was full", by=by, at=NIGHT)
    working.finish_step(run, key=step.key, by=other, at=NIGHT)


def noted(run: Operation, by: Person, other: Person) -> None:
    logbook.note(run, text="The lag is high", kind=NoteKind.DEVIATION, by=by, at=NIGHT)


def kept(run: Operation, by: Person, other: Person) -> None:
    keep_evidence(run, files=[Brought(b"0 rows")], by=by, at=NIGHT)


def closed(cast: Cast, run: Operation, *without: Person) -> Operation:
    """Signed by the operator, once those who leave were taken off the team."""
    signed = make.work(cast, run) if run.state == State.RUNNING else run
    lists = {"team": Lists({one.pk for one in without}, set())}
    change_people(signed, by=cast.mara, lists=lists, at=NIGHT)
    return make.sign(cast, make.fresh(signed))


def sign_off(operation: Operation, by: Person) -> None:
    assert operation.final_text
    digest = operation.final_text.digest
    actions.sign_off(operation, digest=digest, actual_seen=True, password=PASSWORD, by=by, at=NIGHT)


@pytest.mark.parametrize(
    "deed", [worked, begun, ticked, skipped, measured, added, noted, kept], ids=lambda one: one.__name__
)
def test_what_was_done_and_undone_was_done(cast: Cast, template: OperationTemplate, deed: Deed) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    change_people(run, by=cast.mara, lists={"team": Lists(set(), {cast.sam.pk})}, at=NIGHT)
    deed(make.fresh(run), cast.sam, cast.jun)
    signed = closed(cast, make.fresh(run), cast.sam)
    assert cast.sam.pk not in signed.named.team
    with pytest.raises(Refused, match="You can't sign it off"):
        sign_off(signed, cast.sam)


def test_who_only_stood_in_the_team_or_looked_on_signs_off(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    step = in_order(draft)[0]
    type(step).objects.filter(pk=step.pk).update(witness=True)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    change_people(run, by=cast.mara, lists={"team": Lists(set(), {cast.sam.pk})}, at=NIGHT)
    working.start_step(make.fresh(run), key=step.key, asked=True, by=cast.jun, at=NIGHT)
    witnessing.witness_step(make.fresh(run), key=step.key, by=cast.sam, at=NIGHT)
    working.finish_step(make.fresh(run), key=step.key, by=cast.jun, at=NIGHT)
    sign_off(closed(cast, make.fresh(run), cast.sam), cast.sam)
    assert make.fresh(run).state == State.FINALIZED

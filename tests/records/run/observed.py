"""The end of a run of which one check is observed for another day."""

from __future__ import annotations

from records.models import Check, Metric, Operation
from records.run import left_undone, logbook, running, verifying, working
from records.run.step_order import in_order
from tests.make import NIGHT
from tests.people import Cast
from tests.records.run.keys import DAY

UNTIL = NIGHT + DAY
STATUS = "footer/infrastructure-status"


def worked(cast: Cast, operation: Operation) -> Check:
    """Everything done but the first check, which is observed for another day."""
    for step in in_order(operation):
        working.finish_step(operation, key=step.key, asked=True, by=cast.jun, at=NIGHT)
    first, *rest = left_undone.undone_checks(operation)
    for check in rest:
        verifying.tick_check(operation, key=check.key, by=cast.ines, at=NIGHT)
    metrics = Metric.objects.filter(section__operation=operation, after__isnull=False, loose=False)
    verifying.measure(operation, values={one.key: one.after or "" for one in metrics}, by=cast.noor, at=NIGHT)
    verifying.observe_check(operation, key=first.key, until=UNTIL, by=cast.noor, at=NIGHT)
    for trigger in left_undone.unwatched(operation):
        logbook.note(operation, text="ok", step_key=trigger.key, by=cast.noor, at=NIGHT)
    running.finish_work(operation, by=cast.jun, at=NIGHT)
    return Check.objects.get(pk=first.pk)

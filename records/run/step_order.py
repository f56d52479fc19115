"""The approved order of steps: which one comes first."""

from __future__ import annotations

from records.models import Operation, State, Step, StepStatus
from records.run.emergency import in_the_run
from records.run.set_aside import is_left_aside


def first_open_before(operation: Operation, step: Step) -> Step | None:
    """The step to be worked before ``step`` is, None if its turn has come (or had come: it was not reached then)."""
    if step.status != StepStatus.TODO or step.unplanned:
        return None
    open_ = (StepStatus.TODO, StepStatus.STARTED)
    first = next((one for one in in_order(operation) if one.status in open_), None)
    return None if first is None or first.pk == step.pk else first


def in_order(operation: Operation) -> list[Step]:
    """The steps of the phases, or of the way back while it is taken, in the order of the plan; not those set aside."""
    back = operation.state == State.ROLLING_BACK
    steps = Step.objects.filter(section__operation=operation, loose=False, phase__isnull=back)
    found = steps.order_by("section__position", "phase__position", "position")
    return [step for step in in_the_run(operation, found) if not is_left_aside(step)]

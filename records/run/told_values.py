"""What was measured of resources after a run, as sentences for the record; empty where nothing was."""

from __future__ import annotations

from django.utils.translation import gettext as _

from records.document.shapes import with_unit
from records.run.comparison import compared, number_in
from records.run.loaded import Run
from records.run.plan import PlannedMetric
from records.run.verifying import recorded
from records.units import is_duration


def _resources(run: Run) -> list[PlannedMetric]:
    """The quantities that something can run out of: not how long an answer takes. Told by the unit, since a name may be
    in any language.
    """
    return [one for one in run.plan.metrics if not is_duration(one.unit)]


def values_after(run: Run) -> str:
    """What was measured of resources after the run."""
    found = [(metric, recorded(run.metrics.get(metric.key))) for metric in _resources(run)]
    return "; ".join(f"{metric.name} {with_unit(after, metric.unit)}" for metric, after in found if after)


def headroom(run: Run) -> str:
    """How far the values after of resources are from their limits."""
    told = []
    for metric in _resources(run):
        after = recorded(run.metrics.get(metric.key))
        if metric.lower_is_better is None or number_in(after) is None or number_in(metric.limit) is None:
            continue
        told_of = compared(metric.before, after, metric.unit, metric.limit, metric.lower_is_better)
        words = _("%(name)s %(value)s of at most %(limit)s")
        if told_of.beyond_limit:
            words = _("%(name)s %(value)s, beyond its limit %(limit)s")
        elif not metric.lower_is_better:
            words = _("%(name)s %(value)s, at least %(limit)s")
        facts = {"value": with_unit(after, metric.unit), "limit": with_unit(metric.limit, metric.unit)}
        told.append(words % {"name": metric.name, **facts})
    return "; ".join(told)

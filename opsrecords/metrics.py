"""What is counted and measured, for Prometheus. Requests by every process of the web server, the rest when asked."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from opsrecords.health import database_state, free_bytes, sweep_age
from opsrecords.queue import queue_length
from records.models import AuditHead, Delivery, DeliveryState, Operation, State

OF_REQUESTS = CollectorRegistry()
REQUESTS = Counter("opsrecords_requests", "Requests answered.", ["method", "view", "status"], registry=OF_REQUESTS)
SECONDS = Histogram(
    "opsrecords_request_seconds",
    "Time until the answer began.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=OF_REQUESTS,
)


class OfDatabase:
    """What the database, the queue and the disk say now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each metric once. With the database away, that is all there is to say of it."""
        works = database_state() == "ok"
        yield GaugeMetricFamily("opsrecords_database_up", "Whether the database answers.", value=int(works))
        yield GaugeMetricFamily("opsrecords_disk_free_bytes", "Free where the data is kept.", value=free_bytes())
        if (age := sweep_age()) is not None:
            yield GaugeMetricFamily("opsrecords_last_sweep_age_seconds", "Since the last sweep.", value=age)
        if (waiting := queue_length()) is not None:
            yield GaugeMetricFamily("opsrecords_queue_messages", "Messages that no worker took yet.", value=waiting)
        if works:
            yield from self._rows()

    def _rows(self) -> Iterator[GaugeMetricFamily]:
        records = GaugeMetricFamily("opsrecords_records", "Records by state.", labels=["state"])
        found = dict(Operation.objects.order_by().values_list("state").annotate(number=Count("*")))
        for state in State.values:
            records.add_metric([state], found.get(state, 0))
        yield records
        deliveries = GaugeMetricFamily("opsrecords_deliveries", "Deliveries.", labels=["channel", "state"])
        rows = Delivery.objects.order_by().values_list("channel", "state").annotate(number=Count("*"))
        for channel, state, number in rows:
            deliveries.add_metric([channel, state], number)
        yield deliveries
        due = Delivery.objects.filter(state=DeliveryState.WAITING).aggregate(first=Min("next_at"))["first"]
        late = max(0.0, (timezone.now() - due).total_seconds()) if due else 0.0
        yield GaugeMetricFamily("opsrecords_delivery_overdue_seconds", "How late the oldest is.", value=late)
        head = AuditHead.objects.filter(pk=1).first()
        yield GaugeMetricFamily("opsrecords_audit_entries", "Entries of the trail.", value=head.number if head else 0)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, to whoever has METRICS_TOKEN; without such a token nobody finds this address."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry: Any = OF_REQUESTS
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by opsrecords.web_server: each process counts for itself
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    own = CollectorRegistry()
    own.register(OfDatabase())
    return HttpResponse(generate_latest(registry) + generate_latest(own), content_type=CONTENT_TYPE_LATEST)

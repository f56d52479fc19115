"""What Prometheus reads, and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from opsrecords.deliveries.tasks import sweep
from records.models import OperationTemplate, State
from tests.make import make_in
from tests.people import Cast

TOKEN = "let-prometheus-in"


@pytest.fixture
def token(settings: Any) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def read(token: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    response = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_without_a_token_there_is_no_such_page_and_with_one_it_is_asked_for(db: None, settings: Any) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for given in ("", "Bearer ", "Bearer wrong", "Bearer é", f"Basic {TOKEN}"):
        response = Client().get("/metrics", headers={"Authorization": given})
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_records_deliveries_and_trail_are_counted(cast: Cast, template: OperationTemplate, token: str) -> None:
    make_in(State.IN_REVIEW, cast, template)
    sweep()
    told = read(token)
    assert told['opsrecords_records{state="in_review"}'] == 1
    assert told['opsrecords_records{state="finalized"}'] == 0
    assert told['opsrecords_deliveries{channel="mail",state="sent"}'] > 0
    assert told["opsrecords_delivery_overdue_seconds"] == 0
    assert told["opsrecords_audit_entries"] > 0
    assert told["opsrecords_database_up"] == 1
    assert told["opsrecords_last_sweep_age_seconds"] < 60
    assert told["opsrecords_disk_free_bytes"] > 0


def test_what_waits_too_long_says_for_how_long(cast: Cast, template: OperationTemplate, token: str) -> None:
    operation = make_in(State.IN_REVIEW, cast, template)
    operation.deliveries.update(next_at=timezone.now() - timezone.timedelta(minutes=5), state="waiting")
    assert 300 <= read(token)["opsrecords_delivery_overdue_seconds"] < 360


def test_requests_are_counted_by_route_never_by_address(db: None, token: str) -> None:
    before = read(token).get('opsrecords_requests_total{method="GET",status="302",view="record"}', 0)
    Client().get("/records/4711/?secret=hunter2")
    Client().get("/nothing/4711/")
    Client().generic("BREW", "/nothing/")
    told = read(token)
    assert told['opsrecords_requests_total{method="GET",status="302",view="record"}'] == before + 1
    assert 'opsrecords_requests_total{method="other",status="404",view="none"}' in told
    assert not [name for name in told if re.search("4711|hunter2|BREW", name)]
    assert told['opsrecords_request_seconds_count{view="record"}'] > 0


def test_a_database_that_is_away_is_told(db: None, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: BaseDatabaseWrapper) -> None:
        raise OperationalError("it is away")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", away)
        told = read(token)
    assert told["opsrecords_database_up"] == 0
    assert "opsrecords_audit_entries" not in told

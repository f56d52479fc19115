"""Whoever watches the site is told whether it lives, whether it works, and what waits."""

from __future__ import annotations

import shutil
import time
from collections import namedtuple
from threading import Event
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.test import Client

from opsrecords import health, queue
from opsrecords.deliveries.tasks import sweep
from opsrecords.health import LAST_SWEEP, note_sweep
from opsrecords.metrics import OfDatabase

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def embedded(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "filesystem://"
    cache.delete(LAST_SWEEP)


def asked(address: str, **headers: str) -> tuple[int, dict[str, str]]:
    response = Client().get(address, headers=headers)
    return response.status_code, response.json()


def test_who_asks_by_address_is_answered_whatever_the_host_and_nothing_else_is(db: None) -> None:
    assert asked("/health/live", host="10.0.0.7:8000") == (200, {"state": "ok"})
    assert asked("/health/ready", host="10.0.0.7:8000")[0] == 200
    assert Client().get("/sign-in/", headers={"host": "10.0.0.7:8000"}).status_code == 400
    assert Client().post("/health/live").status_code == 405


def test_an_answer_is_kept_nowhere_and_asks_the_database_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in every thread: the database isn't asked by the one that answers."""
    asked_for: list[str] = []
    execute = CursorWrapper.execute

    def counted(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        asked_for.append(sql)
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    assert Client().get("/health/live")["Cache-Control"] == "no-store"
    assert asked_for == []
    Client().get("/health/ready")
    assert asked_for == ["SELECT 1"]


def test_a_sweep_is_known_for_a_minute(embedded: None, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("/health/ready")[1]["queue"] == "nobody sweeps"
    sweep()
    assert asked("/health/ready") == (200, {"state": "ok", "database": "ok", "disk": "ok", "queue": "ok"})
    monkeypatch.setattr(health, "LONGEST_PAUSE", -1.0)
    # Acts go on without it; nobody is kept out.
    assert asked("/health/ready") == (
        200,
        {"state": "degraded", "database": "ok", "disk": "ok", "queue": "nobody sweeps"},
    )


def test_a_cache_that_is_away_keeps_nothing_from_being_sent_or_counted(
    embedded: None, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Mock(get=Mock(side_effect=ConnectionError), set=Mock(side_effect=ConnectionError))
    monkeypatch.setattr(health, "cache", away)
    assert sweep() == 0
    assert asked("/health/ready")[1]["queue"] == "nobody sweeps"
    assert "opsrecords_records" in {metric.name for metric in OfDatabase().collect()}


def test_without_a_database_it_lives_and_is_not_ready(
    embedded: None, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_sweep()

    def away(self: BaseDatabaseWrapper) -> None:
        raise OperationalError("it is away")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", away)
        assert asked("/health/live") == (200, {"state": "ok"})
        status, told = asked("/health/ready")
    assert (status, told["state"], told["database"]) == (503, "not ready", "does not answer")


def test_a_database_that_says_nothing_is_not_waited_for(
    embedded: None, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor by the next who asks meanwhile. Once it speaks again, the site is ready."""
    note_sweep()
    assert health.PATIENCE <= 2.0
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    spoke, asked_for = Event(), []

    def silent(self: BaseDatabaseWrapper) -> Any:
        asked_for.append(1)
        assert spoke.wait(20)
        raise OperationalError("it is away")

    try:
        with monkeypatch.context() as patch:
            patch.setattr(BaseDatabaseWrapper, "cursor", silent)
            began = time.monotonic()
            for _ in range(3):
                status, told = asked("/health/ready")
                assert (status, told["database"]) == (503, "does not answer")
            assert time.monotonic() - began < 10
    finally:
        spoke.set()
    monkeypatch.setattr(health, "PATIENCE", 20)
    assert asked("/health/ready")[0] == 200
    assert asked_for == [1], "those that were given up are not asked later"


def test_a_full_disk_is_not_ready_case_31(embedded: None, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    note_sweep()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 99, 1))
    status, told = asked("/health/ready")
    assert (status, told["disk"], told["database"]) == (503, "full", "ok")


def test_a_broker_that_does_not_answer_degrades_case_29(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue.current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(
        queue.current_app, "connection_for_read", lambda: queue.current_app.connection("redis://127.0.0.1:1/0")
    )
    status, told = asked("/health/ready")
    assert (status, told["state"], told["queue"]) == (200, "degraded", "does not answer")

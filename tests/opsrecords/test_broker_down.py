"""Case 29, with a real Redis: the broker is killed at approval; the approval is done, a banner says what waits."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opsrecords.deliveries.tasks import sweep
from records import outbox
from records.models import Delivery, State
from records.reading.rendering import render
from tests import make
from tests.another_process import ROOT, environment_of_tests
from tests.people import PASSWORD, make_cast
from tests.processes import free_port, until

BANNER = "wait to leave: whoever should send them"


class Redis:
    """A Redis of one's own on a port of this machine, which keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.client = redis.Redis(port=self.port)
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    broker = Redis(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def nudged(broker: Redis, monkeypatch: pytest.MonkeyPatch) -> Celery:
    """The site's own way of waking the worker, over that Redis, set as the site sets it."""
    monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
    app = Celery("nudging", set_as_current=False)
    app.conf.update(task_publish_retry=settings.CELERY_TASK_PUBLISH_RETRY, broker_connection_timeout=2)
    monkeypatch.setattr(outbox, "current_app", app)
    return app


@pytest.mark.django_db(transaction=True)
def test_the_broker_is_killed_at_approval(broker: Redis, nudged: Celery) -> None:
    cast = make_cast()
    draft = make.make_draft(cast, make.make_template())
    broker.client.flushdb()  # a draft that is not put back as rows told the people in it
    operation = make.submit(cast, draft)
    assert broker.client.llen("celery") == 1, "the worker is woken over Redis"
    assert sweep() == 2
    broker.kill()
    client = Client()
    client.force_login(cast.tomas)
    assert BANNER not in client.get(reverse("home")).content.decode()
    begun = time.monotonic()
    digest = operation.revisions.get().digest
    posted = {"decision": "approve", "digest": digest, "password": PASSWORD}
    answer = client.post(reverse("decide", args=[operation.pk]), posted)
    assert answer.status_code in (302, 303)
    assert time.monotonic() - begun < 10, "nobody waits for a broker that is down"
    waiting = Delivery.objects.filter(state="waiting")
    assert {one.person.username for one in waiting if one.person} == {"mara", "carl", "jun", "ines", "noor"}
    waiting.update(next_at=timezone.now() - dt.timedelta(minutes=1))  # a minute later
    page = client.get(reverse("home")).content.decode()
    assert "5 messages wait to leave" in page
    broker.start()
    make.approve_by(cast, operation, "ada")
    assert make.fresh(operation).state == State.APPROVED
    assert broker.client.llen("celery") == 1, "and as soon as it is back, the worker is woken again"
    assert sweep() == 6, "that the last approval was given is all that is told now"
    assert len(mail.outbox) == 8
    assert BANNER not in client.get(reverse("home")).content.decode()


def test_a_cache_that_went_down_with_the_broker_takes_no_page_along(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise redis.ConnectionError

    for name in ("get", "set"):
        monkeypatch.setattr(cache, name, down)
    assert "<em>words</em>" in render("*words* that nobody rendered before")


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_broker_and_worker_are_killed_and_come_back(broker: Redis, nudged: Celery, tmp_path: Path) -> None:
    """Worker and beat as the compose file starts them: what was put while the broker was down leaves without a word."""
    cast = make_cast()
    operation = make.make_draft(cast, make.make_template())
    worker = start_worker(broker, tmp_path)
    try:
        make.submit(cast, operation)
        until(all_sent)
        broker.kill()
        make.approve_by(cast, operation, "tomas")
        assert not all_sent()
        broker.start()
        until(all_sent)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        make.approve_by(cast, operation, "ada")
        worker = start_worker(broker, tmp_path)
        until(all_sent)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    kept = [file.read_text() for file in (tmp_path / "mail").iterdir()]
    rows = Delivery.objects.filter(answer="").values_list("delivery_id", flat=True)
    assert sorted(sum(f"X-Delivery-ID: {row}" in text for text in kept) for row in rows) == [1] * len(rows)


def all_sent() -> bool:
    return not Delivery.objects.exclude(state="sent").exists()


def start_worker(broker: Redis, folder: Path) -> subprocess.Popen[bytes]:
    """A worker with its beat on the test's own database; its mail goes into a folder."""
    told = {"CELERY_BROKER_URL": broker.url, "EMAIL_URL": f"filemail:///{folder}/mail"}
    environment = environment_of_tests(folder, **told)
    command = ["celery", "--app", "opsrecords", "--quiet", "worker", "--beat", "--concurrency", "2"]
    schedule = ["--schedule", str(folder / "schedule"), "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command, *schedule], cwd=ROOT, env=environment, start_new_session=True
    )

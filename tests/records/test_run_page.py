"""The run page as its people use it: go, work the steps, note, tick, measure, finish; watchers only watch."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records.models import Check, LogEntry, Metric, Operation, State, Step, StepStatus
from tests import make
from tests.make import NIGHT, fresh, make_draft, make_in, make_template
from tests.people import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """The night of the operation; ``clock(minutes=31)`` is that much later."""

    def at(**later: int) -> dt.datetime:
        moment = NIGHT + dt.timedelta(**later)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    at()
    return at


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def press(client: Client, operation: Operation, do: str, **more: str):
    return client.post(reverse("run", args=[operation.pk]), {"do": do, **more})


def step(operation: Operation, at: int) -> Step:
    steps = Step.objects.filter(section__operation=operation, phase__isnull=False)
    return steps.order_by("phase__position", "position")[at]


@pytest.fixture
def approved(cast: Cast, clock) -> Operation:
    return make_in(State.APPROVED, cast, make_template())


@pytest.fixture
def running(cast: Cast, approved: Operation) -> Operation:
    return make.start(cast, approved)


def test_before_approval_there_is_nothing_to_run(cast: Cast) -> None:
    draft = make_draft(cast, make_template())
    answer = signed_in(cast.mara).get(reverse("run", args=[draft.pk]))
    assert answer.status_code == 409
    assert "nothing to run" in answer.content.decode()


def test_go_and_no_go_names_the_approvers_and_starts(cast: Cast, approved: Operation, clock) -> None:
    client = signed_in(cast.jun)
    page = client.get(reverse("run", args=[approved.pk])).content.decode()
    assert "by Tomas Okafor and Ada Brandt" in page
    assert "Go: start the run" in page
    assert "Start rollback" not in page
    answer = press(client, approved, "start")
    assert answer.status_code == 303
    assert fresh(approved).state == State.RUNNING


def test_a_watcher_sees_everything_and_has_no_buttons(cast: Cast, running: Operation) -> None:
    page = signed_in(cast.olga).get(reverse("run", args=[running.pk])).content.decode()
    assert "Roll back if" in page
    assert 'name="do"' not in page
    assert press(signed_in(cast.olga), running, "finish_step", key=step(running, 0).key).status_code == 403

"""The run page as its people ask for it, press on it, and the rows behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.urls import reverse

from records.models import (
    Operation,
    Person,
    Step,
)
from tests.people import signed_in

Clock = Callable[..., dt.datetime]


def shown(person: Person, operation: Operation, name: str = "run") -> str:
    answer = signed_in(person).get(reverse(name, args=[operation.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def press(person: Person, operation: Operation, do: str, name: str = "run", **more: str):
    return signed_in(person).post(reverse(name, args=[operation.pk]), {"do": do, **more})


def step(operation: Operation, at: int) -> Step:
    steps = Step.objects.filter(section__operation=operation, phase__isnull=False)
    return steps.order_by("phase__position", "position")[at]


def procedure(operation: Operation, at: int) -> Step:
    return Step.objects.filter(section__operation=operation, plan__isnull=False).order_by("position")[at]

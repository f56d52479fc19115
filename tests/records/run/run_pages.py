"""The run page as its people see and press it, and whom it tells."""

from __future__ import annotations

from django.urls import reverse

from records.models import Delivery, LogEntry, Operation, Person
from tests.people import PASSWORD, signed_in


def told(event: str) -> set[tuple[str, bool]]:
    """Who was told of it, and whether they are done with it."""
    rows = Delivery.objects.filter(event=event).select_related("person")
    return {(row.person.username, row.read_at is not None) for row in rows if row.person}


def page(person: Person, operation: Operation, name: str = "run") -> str:
    answer = signed_in(person).get(reverse(name, args=[operation.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def paused(operation: Operation, person: Person) -> str:
    """The pause at the end of a phase, as ``person`` sees it."""
    return page(person, operation).split('id="pause"')[1].split("</section>")[0]


def press(person: Person, operation: Operation, do: str, **more: object) -> int:
    return signed_in(person).post(reverse("run", args=[operation.pk]), {"do": do, **more}).status_code


def confirm(person: Person, operation: Operation, window: str, password: str = PASSWORD) -> int:
    """``person`` confirms a window on its page."""
    posted = {"window": window, "password": password}
    return signed_in(person).post(reverse("window", args=[operation.pk]), posted).status_code


def kinds(operation: Operation) -> list[str]:
    return list(LogEntry.objects.filter(operation=operation).order_by("pk").values_list("kind", flat=True))

"""Who is in charge of a run, who can take over, and whom to call."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from records.life_cycle import Who
from records.models import SUPERVISING, Operation, Person, RoleHolding
from records.models.person import holding_on
from records.rights import is_team
from records.run.handing_over import is_in_hand
from records.run.loaded import Run
from records.who import supervisor_of, who_is


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom the record names."""

    pk: int
    name: str
    phone: str

    def __str__(self) -> str:
        return self.name


def people_of(operation: Operation) -> list[Named]:
    """Deputies and team, by name."""
    named = operation.named
    found = [Named(pk, named.names[pk], named.phones[pk]) for pk in named.deputies | named.team]
    return sorted(found, key=lambda one: (one.name, one.pk))


@dataclass(frozen=True, slots=True)
class PersonToCall:
    """Somebody with a telephone."""

    name: str
    what: str
    phone: str

    @property
    def dial(self) -> str:
        """The number as a telephone takes it."""
        return re.sub(r"[^\d+]", "", self.phone)


def people_to_call(operation: Operation, people: Iterable[Named], reader: Person) -> list[PersonToCall]:
    """Supervisor, operator, deputies and team, as far as they have a number.

    In an emergency whoever was woken too, or could be: for ``reader`` only if they work on it or supervise it.
    """
    deputies = operation.named.deputies
    found: Sequence[tuple[Person | Named | None, str]] = [
        (operation.supervisor, _("supervisor")),
        (operation.operator, _("operator")),
        *((person, _("deputy") if person.pk in deputies else _("team")) for person in people),
    ]
    if operation.emergency and (
        is_team(reader, operation) or {Who.OPERATOR, Who.SUPERVISOR} & who_is(reader, operation)
    ):
        named = {person.pk for person, _words in found if person}
        found = [*(one for one in _in_emergency(operation) if one[0].pk not in named), *found]
    return [PersonToCall(str(person), words, person.phone) for person, words in found if person and person.phone]


def to_ask(words: str, call: Sequence[PersonToCall]) -> list[PersonToCall]:
    """Those of ``call`` whom ``words`` name ("Mara Lindqvist", "Mara or Jun"); a first name only where one has it."""
    told = words.casefold()

    def is_named(name: str) -> bool:
        return bool(name) and re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", told) is not None

    first = Counter(one.name.partition(" ")[0] for one in call)
    found = [
        one for one in call if is_named(one.name) or (first[own := one.name.partition(" ")[0]] == 1 and is_named(own))
    ]
    return list({one.phone: one for one in found}.values())


def _in_emergency(operation: Operation) -> Iterator[tuple[Person, str]]:
    """Those who were said to be awake, by full name, then the supervisors, who were told at the start. One query."""
    day = timezone.now().date()
    supervising = RoleHolding.objects.filter(holding_on(day), person=OuterRef("pk"), role__in=SUPERVISING)
    reached = Person.objects.filter(is_active=True).exclude(phone="").annotate(supervises=Exists(supervising))
    told, rest = operation.emergency["awake"].casefold(), []
    for person in reached.only("name", "phone").order_by("name", "pk"):
        # A name to sign in with is a word like others: it would find people whom nobody meant.
        name = person.name.casefold()
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told):
            yield person, _("awake")
        elif person.supervises and person.pk != operation.author_id:
            rest.append((person, _("supervisor")))
    # A named one is called, the others are not woken.
    yield from () if supervisor_of(operation) else rest


def in_others_hands(run: Run, person: Person) -> str:
    """Who is in charge of a run that somebody took over or was given, for ``person`` who could run it too."""
    operation, now = run.operation, run.operation.in_charge
    if now is None or now.pk == person.pk or not run.is_under_way:
        return ""
    return str(now) if person.pk == operation.operator_id or person.pk in operation.named.deputies else ""


def charge(run: Run, person: Person, people: Sequence[Named], posted: Mapping[str, Any]) -> dict[str, Any]:
    """The context of run/_charge.html: who is in charge, to whom it can be handed over, or who can take over."""
    operation = run.operation
    deputies = [one for one in people if one.pk in operation.named.deputies]
    may_run: list[Person | Named] = [*([operation.operator] if operation.operator else []), *deputies]
    now = operation.runs_it
    is_one = person.pk in {one.pk for one in may_run} and is_in_hand(operation)
    return {
        "name": str(now or ""),
        "is_own": bool(now and now.pk == person.pk),
        "others": [one for one in may_run if now is None or one.pk != now.pk] if is_one else [],
        "nobody_else": run.is_under_way and not deputies,
        "words": posted.get("words", "") if posted.get("do") == "hand_over" else "",
        "is_open": posted.get("do") == "hand_over",
    }

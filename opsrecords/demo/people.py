"""The people of the demo. Their password is no secret: it stands on the sign-in page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import get_hasher, make_password
from django.utils.translation import gettext as _

from approvals.rules import in_sentence
from records.models import Person, Role, RoleHolding
from records.refusals import Unusable

PASSWORD = "demo-password"


@dataclass(frozen=True, slots=True)
class Demo:
    """Somebody of the demo, with the roles they hold."""

    username: str
    name: str
    phone: str
    roles: tuple[Role, ...]

    @property
    def does(self) -> str:
        """What they may, in words."""
        return ", ".join(in_sentence(role) for role in self.roles)


PEOPLE = (
    Demo("mara", "Mara Lindqvist", "+46 70 000 00 04", (Role.OPERATOR,)),
    Demo("ines", "Ines Duarte", "+46 70 000 00 03", (Role.OPERATOR,)),
    Demo("tomas", "Tomas Okafor", "+46 70 000 00 01", (Role.DEVOPS_SUPERVISOR, Role.SUPERVISOR, Role.TEMPLATE_KEEPER)),
    Demo("ada", "Ada Brandt", "+46 70 000 00 05", (Role.SUPERVISOR, Role.INFRASTRUCTURE_APPROVER)),
    Demo("jun", "Jun Park", "+46 70 000 00 02", (Role.INFRASTRUCTURE_APPROVER, Role.OPERATOR)),
    Demo("sam", "Sam Whitfield", "+46 70 000 00 06", (Role.OPERATOR, Role.TEMPLATE_KEEPER)),
    Demo("noor", "Noor Haddad", "+46 70 000 00 07", (Role.AUDITOR,)),
    Demo("leo", "Leo Marchetti", "+46 70 000 00 08", (Role.ADMINISTRATOR,)),
)


def make_people(since: dt.date) -> dict[str, Person]:
    """The people by user name, with their roles from ``since`` on.

    Raises Unusable, in words, where somebody real goes by one of these names.
    """
    names = [one.username for one in PEOPLE]
    if real := Person.objects.filter(username__in=names, is_demo=False).first():
        raise Unusable(_("The account “%(name)s” is no demo account, so no demo is loaded.") % {"name": real.username})
    password = make_password(PASSWORD)
    for one in PEOPLE:
        person, fresh = Person.objects.get_or_create(
            username=one.username,
            defaults={
                "name": one.name,
                "phone": one.phone,
                "email": f"{one.username}@example.com",
                "password": password,
                "is_staff": Role.ADMINISTRATOR in one.roles,
                "is_demo": True,
            },
        )
        if fresh:
            RoleHolding.objects.bulk_create(RoleHolding(person=person, role=role, since=since) for role in one.roles)
    return {person.username: person for person in Person.objects.filter(username__in=names)}


@contextmanager
def signing_quickly() -> Iterator[None]:
    """Within, a password is hashed once, not so often that guessing takes for ever: everybody knows it, and fifteen
    signatures would take as long as all else. At the end whoever has such a hash is given a good one.

    For commands, in a transaction: nobody else may sign in within.
    """
    hasher: Any = get_hasher()
    hasher.iterations = 1
    try:
        yield
    finally:
        del hasher.iterations  # how often it is really done is said by its class
    quick = Person.objects.filter(is_demo=True, password__startswith=f"{hasher.algorithm}$1$")
    quick.update(password=make_password(PASSWORD))


def on_sign_in_page() -> dict[str, object]:
    """What the sign-in page shows of the demo; nothing in production."""
    return {"demo_people": PEOPLE, "demo_password": PASSWORD} if settings.DEMO else {}


def sign_ins() -> str:
    """Who can sign in, as a table in plain text."""
    rows = [f"  {one.username:<7} {one.name:<15} {one.does}" for one in PEOPLE]
    return "\n".join([f"Everybody's password is {PASSWORD}", *rows])

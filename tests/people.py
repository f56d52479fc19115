"""The cast: who stands for what in every story. All sign with the same password."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from records.models import Person, Role, RoleHolding

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Mara owns the record, Carl writes with her; Jun runs it, Ines is his deputy, Noor on the team; Olga is outside.

    Tomas, DevOps supervisor, is the named supervisor; Ada is the infrastructure approver; Sam a second supervisor.
    Leo only administers, Root is a superuser, Vera audits. Jun and Carl hold roles that would let them approve.
    """

    mara: Person
    jun: Person
    ines: Person
    carl: Person
    noor: Person
    olga: Person
    tomas: Person
    ada: Person
    sam: Person
    leo: Person
    root: Person
    vera: Person

    def all(self) -> dict[str, Person]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


ROLES: dict[str, tuple[Role, ...]] = {
    "mara": (Role.OPERATOR,),
    "jun": (Role.OPERATOR, Role.DEVOPS_SUPERVISOR),
    "ines": (),
    "carl": (Role.INFRASTRUCTURE_APPROVER,),
    "noor": (Role.OPERATOR,),
    "olga": (Role.OPERATOR,),
    "tomas": (Role.DEVOPS_SUPERVISOR,),
    "ada": (Role.INFRASTRUCTURE_APPROVER,),
    "sam": (Role.SUPERVISOR,),
    "leo": (Role.ADMINISTRATOR,),
    "root": (),
    "vera": (Role.AUDITOR,),
}
NAMES = {
    "mara": "Mara Lindqvist",
    "jun": "Jun Park",
    "ines": "Ines Duarte",
    "carl": "Carl Nyberg",
    "noor": "Noor Haddad",
    "olga": "Olga Petrenko",
    "tomas": "Tomas Okafor",
    "ada": "Ada Brandt",
    "sam": "Sam Whitfield",
    "leo": "Leo Marchetti",
    "root": "Root",
    "vera": "Vera Lund",
}
SINCE = dt.date(2026, 1, 1)
# Fixed keys, far from what a sequence gives: rows that name a person can be put back (tests/kept.py).
KEYS = {name: 1001 + at for at, name in enumerate(NAMES)}
HOLDINGS = {(KEYS[name], role) for name, roles in ROLES.items() for role in roles}
HASH = make_password(PASSWORD, hasher="md5")


def make_cast() -> Cast:
    """Everybody, with their roles."""
    people = {name: _person(name) for name in NAMES}
    Person.objects.bulk_create(people.values())
    RoleHolding.objects.bulk_create(
        RoleHolding(person=people[name], role=role, since=SINCE) for name, roles in ROLES.items() for role in roles
    )
    return Cast(**people)


def _person(name: str) -> Person:
    person = Person(pk=KEYS[name], username=name, name=NAMES[name], email=f"{name}@example.com", password=HASH)
    person.opened_under = person.password_digest
    person.is_superuser = person.is_staff = name == "root"
    return person


def signed_in(person: Person) -> Client:
    """The browser of ``person``."""
    client = Client()
    client.force_login(person)
    return client


def begin_session(client: Client, person: Person, backend: str = settings.AUTHENTICATION_BACKENDS[-1]) -> None:
    """As somebody who signed in before: Django's ``force_login`` does all that a sign-in does, in 17 statements."""
    told = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: backend,
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }
    session = Session.objects.create(
        session_key=get_random_string(32, VALID_KEY_CHARS),
        session_data=SessionStore().encode(told),
        expire_date=timezone.now() + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

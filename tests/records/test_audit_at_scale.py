"""A trail of a million entries is verified while somebody waits for it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from records import audit, triggers
from records.document.digest import canonical_json
from records.models import AuditEntry, AuditHead
from tests import make
from tests.people import Cast

MILLION, CHUNK, SECONDS = 1_000_000, 10_000, 60.0
FACTS = {"key": "goal/purpose", "from": "0" * 64, "to": "f" * 64}


def links(cast: Cast, count: int) -> Iterator[AuditEntry]:
    """A trail as long as that, as the site writes it."""
    person, at, previous = cast.mara, make.PLANNED, audit.START
    told = {"schema": audit.SCHEMA, "act": "save", "at": at.isoformat(), "operation": None, "reference": None}
    told |= {"follows": None, "person": person.pk, "person_name": str(person)}
    for number in range(1, count + 1):
        text = canonical_json({**told, "number": number, "facts": {**FACTS, "version": number}}).decode()
        previous = audit.chained(previous, text)
        columns = {"act": "save", "at": at, "person": person, "person_name": str(person)}
        yield AuditEntry(number=number, entry=text, hash=previous, **columns)


def write(cast: Cast, count: int) -> None:
    """Have it stand in the database instead of the one that is there."""
    own = links(cast, count)
    while chunk := list(itertools.islice(own, CHUNK)):
        AuditEntry.objects.bulk_create(chunk)
        AuditHead.objects.update(number=chunk[-1].number, hash=chunk[-1].hash)


@pytest.mark.long
def test_a_million_entries_are_verified_within_a_minute_and_the_last_of_them_is_looked_at(cast: Cast) -> None:
    assert not AuditEntry.objects.exists()
    write(cast, MILLION)
    begun = time.monotonic()
    assert audit.verify() is None
    assert time.monotonic() - begun < SECONDS
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_auditentry SET act = 'look' WHERE number = %s", [MILLION])
    assert str(audit.verify()) == f"Entry {MILLION}: its column “act” says something else than its text"

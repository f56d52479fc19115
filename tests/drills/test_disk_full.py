"""Case 31: nothing fits into the database any more; what is asked is refused in words, and the chain is intact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from records.audit import verify
from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import AuditEntry, State
from tests.drills.writers import FIELD, SECTION
from tests.make import make_in, make_template
from tests.people import make_cast

# What PostgreSQL says of it, said by a trigger: a disk of its own can't be had everywhere.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON records_fieldchange EXECUTE FUNCTION full_disk()
"""


@contextmanager
def full() -> Iterator[None]:
    """The database takes nothing more."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FULL)
            yield
            cursor.execute("DROP FUNCTION full_disk CASCADE")
            return
        cursor.execute("VACUUM")
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")


@pytest.mark.django_db(transaction=True)
def test_a_full_database_refuses_in_words_and_its_chain_is_intact_case_31() -> None:
    cast = make_cast()
    draft = make_in(State.DRAFT, cast, make_template())
    client = Client(raise_request_exception=False)
    client.force_login(cast.mara)
    address = f"/records/{draft.pk}/sections/{SECTION}/"

    def save(text: str) -> int:
        return client.post(
            address, {"version": "1", "page": "p", FIELD: text}, headers={"Accept": "application/json"}
        ).status_code

    def stored() -> str:
        return table_of(document_of(draft).section(SECTION))[FIELD]

    assert save("Fits") == 200
    with full():
        entries = AuditEntry.objects.count()
        statuses = {save("Does not fit " * 2000 + str(number)) for number in range(3)}
        assert statuses == {503}
        assert (stored(), AuditEntry.objects.count()) == ("Fits", entries)
        assert client.get(f"/records/{draft.pk}/").status_code == 200  # reading goes on
        assert verify() is None
    assert save("Fits again") == 200
    assert stored() == "Fits again"
    assert verify() is None

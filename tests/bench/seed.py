"""Many records, quickly: `python -m tests.bench.seed 1000000` into the migrated database that DATABASE_URL names.

They are rows as lists know them, without sections. Each has one entry of the trail, marked as seeded, which tells of
its state: the chain is whole, and `verify_audit` passes. By COPY on PostgreSQL, in one transaction on SQLite.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from tests.bench.setting_up import set_up

set_up()

from django.db import connection, models, transaction  # noqa: E402

from records.audit import SCHEMA, chained  # noqa: E402
from records.document.digest import canonical_json  # noqa: E402
from records.life_cycle import Act  # noqa: E402
from records.models import AuditEntry, AuditHead, Operation, Person, State  # noqa: E402

CHUNK = 20_000
PEOPLE = 50
# How often each state occurs, and an act that leads there and names nothing else that would have to exist.
STATES = {
    State.CANCELLED: (60, Act.CANCEL),
    State.IMPORTED: (25, "import"),
    State.APPROVED: (10, Act.CALL_OFF),
    State.DRAFT: (5, "create"),
}
# What the entry of each tells.
FACTS = {
    state: (str(act), {"seeded": True} | ({"after": str(state)} if act in Act.values else {}))
    for state, (_weight, act) in STATES.items()
}
WORDS = (
    *("kafka", "postgresql", "redis", "switch", "firewall", "storage", "kernel"),
    *("certificate", "cluster", "node", "queue", "cache", "mail", "proxy"),
)
DOES = (
    *("upgrade", "migration", "failover", "rotation"),
    *("replacement", "expansion", "rehearsal", "decommissioning"),
)
RARE_EVERY = 200_000  # one title of so many holds the rare word
RARE = "zeppelin"
NEWEST = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def seed(count: int, *, people: Sequence[Person]) -> None:
    """Add ``count`` records after those that are there, with their entries."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get(pk=1)
        first = (Operation.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1
        rows, entries = _rows(first, count, [one.pk for one in people]), []
        names = {one.pk: str(one) for one in people}
        while chunk := list(islice(rows, CHUNK)):
            for operation in chunk:
                head.number += 1
                entries.append(entry := _entry(operation, names[operation.author_id], head.number, head.hash))
                head.hash = entry.hash
            _write(Operation, chunk)
            _write(AuditEntry, entries)
            entries.clear()
        head.save()
        _count_on(Operation, first + count)
        _count_on(AuditEntry, (AuditEntry.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1)


def make_people() -> list[Person]:
    """Those who write, run and supervise what is seeded."""
    people = [Person(username=f"seeded-{number}", name=f"Seeded {number:02}") for number in range(PEOPLE)]
    Person.objects.bulk_create(people, ignore_conflicts=True)
    return list(Person.objects.filter(username__startswith="seeded-").order_by("pk"))


def _rows(first: int, count: int, people: Sequence[int]) -> Iterator[Operation]:
    chance = random.Random(first)
    weights = [weight for weight, _act in STATES.values()]
    for number in range(first, first + count):
        [state] = chance.choices(list(STATES), weights)
        at = NEWEST - dt.timedelta(seconds=37 * (number - first))
        word, does = chance.choice(WORDS), chance.choice(DOES)
        rare = f" {RARE}" if (number - first) % RARE_EVERY == RARE_EVERY // 2 else ""
        author, operator, supervisor = chance.sample(people, 3)
        yield Operation(
            pk=number,
            state=state,
            operation_id=f"{at:%Y-%m-%d}-{word}-{number}",
            title=f"{word.capitalize()}{rare} {does} {number}",
            risk_level=(level := chance.choice(("Low", "Medium", "High"))),
            risk_rank=("Low", "Medium", "High").index(level),
            window_start=at,
            window_end=at + dt.timedelta(hours=3),
            author_id=author,
            operator_id=operator,
            supervisor_id=supervisor,
            submitted_at=None if state == State.DRAFT else at,
            created_at=at,
            updated_at=at,
        )


def _entry(operation: Operation, author: str, number: int, previous: str) -> AuditEntry:
    act, facts = FACTS[operation.state]
    told = {"schema": SCHEMA, "number": number, "act": act, "at": operation.updated_at.isoformat(), "follows": None}
    told |= {"operation": operation.pk, "reference": operation.operation_id, "facts": facts}
    text = canonical_json(told | {"person": operation.author_id, "person_name": author}).decode()
    return AuditEntry(
        number=number,
        operation=operation,
        at=operation.updated_at,
        person_id=operation.author_id,
        person_name=author,
        act=act,
        entry=text,
        hash=chained(previous, text),
    )


def _write(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    given = rows[0].pk is not None
    fields = [field for field in model._meta.local_concrete_fields if given or not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table, blank = model._meta.db_table, model().__dict__
    # Most columns of a row are as they are without being named: these are prepared once.
    kept = [(one, one.attname, own := blank[one.attname], one.get_db_prep_save(own, connection)) for one in fields]

    def values(row: models.Model) -> list[Any]:
        own = row.__dict__
        return [
            ready if own[name] == usual else field.get_db_prep_save(own[name], connection)
            for field, name, usual, ready in kept
        ]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(values(row))
        else:
            cursor.executemany(
                f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})', map(values, rows)
            )


def _count_on(model: type[models.Model], next_key: int) -> None:
    """PostgreSQL's sequence goes on behind what was copied."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [model._meta.db_table, next_key]
            )


if __name__ == "__main__":
    began = time.monotonic()
    seed(int(sys.argv[1]), people=make_people())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{sys.argv[1]} records in {time.monotonic() - began:.0f} s", flush=True)

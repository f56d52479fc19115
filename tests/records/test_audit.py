"""The audit chain: gapless, each entry bound to the one before; what was tampered with is found and named (I5)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.urls import reverse

from opsrecords.deliveries.tasks import checkpoint
from records import audit, triggers
from records.audit import Anchor, Fault, verify, verify_chain
from records.checkpoints import newest_fault, noted
from records.models import AuditEntry, AuditHead, Operation, OperationTemplate, Person
from tests import make
from tests.people import Cast, make_cast
from tests.records.forgers import rechain, rewrite

NOW = dt.datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=dt.UTC)


def add(person: Person, count: int = 5) -> None:
    for number in range(count):
        with transaction.atomic():
            audit.record("looked", operation=None, person=person, at=NOW, words=f"“{number}” \0 ✅")


@pytest.fixture
def chain(cast: Cast, kept: Path) -> Cast:
    add(cast.mara)
    return cast


@pytest.fixture
def unguarded(chain: Cast) -> Cast:
    """Somebody with all rights on the database took the triggers away."""
    triggers.remove()
    return chain


def test_entries_are_numbered_without_a_gap_and_chained(chain: Cast) -> None:
    previous = "0" * 64
    for number, entry in enumerate(AuditEntry.objects.order_by("number"), 1):
        assert entry.number == number
        assert entry.hash == hashlib.sha256(previous.encode() + entry.entry.encode()).hexdigest()
        previous = entry.hash
    head = AuditHead.objects.get()
    assert (head.number, head.hash) == (5, previous)
    assert verify() is None


def test_an_entry_says_who_did_what_when(chain: Cast) -> None:
    entry = json.loads(AuditEntry.objects.order_by("number")[0].entry)
    assert entry == {
        "schema": 2,
        "number": 1,
        "act": "looked",
        "at": "2026-11-26T09:00:00.123456+00:00",
        "operation": None,
        "reference": None,
        "follows": None,
        "person": chain.mara.pk,
        "person_name": "Mara Lindqvist",
        "facts": {"words": "“0” \0 ✅"},
    }


def test_an_entry_says_which_one_of_its_record_it_follows(cast: Cast, template: OperationTemplate) -> None:
    one, other = (make.start_record(author=cast.mara, template=template, at=NOW, values={}) for _ in range(2))
    for operation in (one, other, None, one, None, other, one):
        audit.record("looked", operation=operation, person=cast.mara, at=NOW)
    for operation in (one, other):
        own = list(AuditEntry.objects.filter(operation=operation).order_by("number"))
        told = [json.loads(entry.entry)["follows"] for entry in own]
        assert told == [None, *(entry.hash for entry in own[:-1])]
    alone = AuditEntry.objects.filter(operation=None, act="looked")
    assert {json.loads(entry.entry)["follows"] for entry in alone} == {None}


def test_an_entry_outside_a_transaction_is_a_fault_of_the_caller(transactional_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        audit.record("looked", operation=None, person=make_cast().mara, at=NOW)


def test_what_is_rolled_back_leaves_no_gap(chain: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("looked", operation=None, person=chain.mara, at=NOW)
        raise ZeroDivisionError
    add(chain.mara, 1)
    assert AuditEntry.objects.order_by("-number")[0].number == 6
    assert verify() is None


def test_a_name_that_changed_since_stays_in_the_trail(chain: Cast) -> None:
    Person.objects.filter(pk=chain.mara.pk).update(name="Mara Berg")
    assert AuditEntry.objects.filter(person_name="Mara Lindqvist").count() == 5
    assert verify() is None


def swap(first: int, second: int) -> None:
    for old, new in ((first, 99), (second, first), (99, second)):
        AuditEntry.objects.filter(number=old).update(number=new)


def insert() -> None:
    entry = AuditEntry.objects.get(number=5)
    entry.pk, entry.number = None, 6
    entry.hash = audit.chained(AuditEntry.objects.get(number=5).hash, entry.entry)
    entry.save(force_insert=True)


def another_record() -> Operation:
    return Operation.objects.create(author=Person.objects.earliest("pk"), updated_at=NOW)


def rewrite_from(number: int) -> None:
    rechain(number, AuditEntry.objects.get(number=number).entry.replace("“2”", "“3”"))


def respell(number: int, part: str, into: str) -> None:
    text = AuditEntry.objects.get(number=number).entry
    assert part in text
    rechain(number, text.replace(part, into))


def cut(last: int) -> None:
    """Entries removed from the end, and the head moved back."""
    AuditEntry.objects.filter(number__gt=last).delete()
    AuditHead.objects.update(number=last, hash=AuditEntry.objects.get(number=last).hash)


NESTED = "[" * 100_000 + "]" * 100_000
TAMPERED: list[tuple[str, Callable[[], object], int, str]] = [
    ("text changed", lambda: rewrite(3, entry=AuditEntry.objects.get(number=3).entry + " "), 3, "changed"),
    ("hash changed", lambda: rewrite(3, hash="0" * 64), 3, "changed"),
    ("act column", lambda: rewrite(2, act="approve"), 2, "“act”"),
    ("name column", lambda: rewrite(2, person_name="Somebody"), 2, "“person_name”"),
    ("time column", lambda: rewrite(2, at=NOW + dt.timedelta(microseconds=1)), 2, "“at”"),
    ("person column", lambda: rewrite(2, person=None), 2, "“person”"),
    ("record column", lambda: rewrite(2, operation=another_record()), 2, "“operation”"),
    ("first removed", lambda: AuditEntry.objects.filter(number=1).delete(), 1, "missing"),
    ("middle removed", lambda: AuditEntry.objects.filter(number=3).delete(), 3, "missing"),
    ("end cut", lambda: AuditEntry.objects.filter(number=5).delete(), 5, "cut"),
    ("swapped", lambda: swap(2, 4), 2, "changed"),
    ("put at the end", insert, 6, "after the end"),
    ("unreadable, but chained", lambda: rechain(3, "[]"), 3, "can't be read"),
    ("said twice, but chained", lambda: respell(3, ',"schema":2}', ',"act":"approve","schema":2}'), 3, "can't be read"),
    ("broken at its end, but chained", lambda: respell(3, ',"schema":2}', " garbage"), 3, "can't be read"),
    ("broken within, but chained", lambda: respell(3, '"facts":{', '"facts":{BROKEN'), 3, "can't be read"),
    ("without facts, but chained", lambda: respell(3, '"facts":', '"acts":'), 3, "can't be read"),
    (
        "nested without end, but chained",
        lambda: respell(3, '"facts":{', f'"facts":{{"x":{NESTED},'),
        3,
        "can't be read",
    ),
    ("equal to its number, but chained", lambda: respell(3, '"number":3,', '"number":3.0,'), 3, "“number”"),
    ("its number as text, but chained", lambda: respell(3, '"number":3,', '"number":"3",'), 3, "“number”"),
    ("a column, and a later hash", lambda: (rewrite(2, act="approve"), rewrite(4, hash="0" * 64)), 2, "“act”"),
    ("a hash, and a later column", lambda: (rewrite(2, hash="0" * 64), rewrite(4, act="approve")), 2, "changed"),
    ("head removed", lambda: AuditHead.objects.all().delete(), 0, "missing"),
    ("head changed", lambda: AuditHead.objects.update(hash="0" * 64), 5, "differs"),
]


@pytest.mark.parametrize(("tamper", "number", "reason"), [t[1:] for t in TAMPERED], ids=[t[0] for t in TAMPERED])
def test_what_was_tampered_with_is_named(
    unguarded: Cast, tamper: Callable[[], object], number: int, reason: str
) -> None:
    tamper()
    fault = verify()
    assert isinstance(fault, Fault)
    assert fault.number == number
    assert reason in fault.reason


# What SQLite keeps in a column for text though it is none: bytes, and a text that no reader can read.
NO_TEXT = {"sqlite": ("x'7b7d'", "cast(x'7bff7d' as text)"), "postgresql": (r"convert_from('\x7bff7d', 'UTF8')",)}


@pytest.mark.parametrize("column", ["at", "person_name", "act", "entry", "hash"])
def test_an_entry_that_is_no_text_is_named(unguarded: Cast, column: str) -> None:
    for kept in NO_TEXT[connection.vendor]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'UPDATE records_auditentry SET "{column}" = {kept} WHERE number = 3')
        except DatabaseError:
            assert connection.vendor == "postgresql", "which keeps no such thing"
            continue
        with pytest.raises(CommandError, match=r"^Entry 3: "):
            call_command("verify_audit")


def test_a_record_with_an_entry_that_is_no_text_has_that_one_at_fault(
    cast: Cast, template: OperationTemplate, kept: Path
) -> None:
    record = make.start_record(author=cast.mara, template=template, at=NOW, values={})
    audit.record("looked", operation=record, person=cast.mara, at=NOW)
    number = AuditEntry.objects.get(operation=record).number
    triggers.remove()
    for kept_as in NO_TEXT["sqlite"] if connection.vendor == "sqlite" else ("'{}'",):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE records_auditentry SET entry = {kept_as} WHERE number = %s", [number])
        fault = audit.fault_in(record)
        assert fault and fault.number == number


@pytest.mark.parametrize(("tamper", "number"), [(lambda: rewrite_from(3), 5), (lambda: cut(3), 4)])
def test_a_careful_forger_is_found_by_the_anchor_kept_elsewhere(
    unguarded: Cast, tamper: Callable[[], object], number: int
) -> None:
    head = AuditHead.objects.get()
    anchor = Anchor(head.number, head.hash)
    assert verify([anchor]) is None
    tamper()
    assert verify() is None
    fault = verify([anchor])
    assert fault is not None
    assert fault.number == number


def test_an_anchor_of_earlier_still_holds(chain: Cast) -> None:
    head = AuditHead.objects.get()
    add(chain.mara, 2)
    assert verify([Anchor(head.number, head.hash)]) is None


def test_a_long_chain_is_checked_to_its_end_in_few_queries(
    unguarded: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    previous, entries = AuditHead.objects.get().hash, []
    for number in range(6, 5001):
        body = {
            "number": number,
            "act": "x",
            "at": NOW.isoformat(),
            "operation": None,
            "person": None,
            "person_name": "",
            "facts": {},
        }
        text = json.dumps(body)
        previous = audit.chained(previous, text)
        entries.append(AuditEntry(number=number, act="x", at=NOW, entry=text, hash=previous, person_name=""))
    AuditEntry.objects.bulk_create(entries)
    AuditHead.objects.update(number=5000, hash=previous)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert verify_chain() is None
    rewrite(4999, entry="{}")
    fault = verify()
    assert fault is not None
    assert fault.number == 4999


# ---------------------------------------------------------------- the command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_the_end_which_is_an_anchor_later(chain: Cast) -> None:
    words = run()
    assert words.startswith(
        "5 entries, every link holds, and everything that was signed is what they say (0 checkpoints)"
    )
    anchor = words.split()[-1]
    add(chain.mara, 1)
    assert run("--anchor", anchor).startswith("6 entries")


def test_the_command_fails_with_the_first_bad_number(unguarded: Cast) -> None:
    rewrite(3, hash="0" * 64)
    with pytest.raises(CommandError, match="Entry 3: changed"):
        run()


@pytest.mark.parametrize("anchor", ["", " ", "x", "5", "1:abc"])
def test_the_command_refuses_what_is_no_anchor(anchor: str, chain: Cast) -> None:
    """One that a script lost, "", most of all: it would have proved nothing."""
    with pytest.raises(CommandError, match="An anchor is a number"):
        run("--anchor", anchor)


# ---------------------------------------------------------------- checkpoints


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Path:
    """Where the checkpoints go."""
    settings.AUDIT_CHECKPOINTS = tmp_path / "elsewhere" / "checkpoints.txt"
    settings.AUDIT_CHECKPOINTS.parent.mkdir()
    return Path(settings.AUDIT_CHECKPOINTS)


def test_the_worker_notes_where_the_chain_ends_once_for_each_end(
    chain: Cast, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="records.checkpoints")
    head = AuditHead.objects.get()
    checkpoint()
    checkpoint()
    assert [line.split(" ")[1] for line in kept.read_text().splitlines()] == [f"5:{head.hash}"]
    add(chain.mara, 1)
    checkpoint()
    assert [anchor.number for anchor in noted()] == [5, 6]
    assert caplog.records[0].getMessage() == f"Audit checkpoint 5:{head.hash}"
    assert run().startswith("6 entries")


def test_an_empty_trail_has_no_end_to_note(cast: Cast, kept: Path) -> None:
    checkpoint()
    assert not kept.exists()


@pytest.mark.parametrize(
    ("tamper", "words"), [(lambda: rewrite_from(3), "Entry 5: rewritten"), (lambda: cut(3), "Entry 4: missing")]
)
def test_a_careful_forger_is_found_by_the_checkpoints(
    unguarded: Cast, kept: Path, tamper: Callable[[], object], words: str
) -> None:
    checkpoint()
    tamper()
    with pytest.raises(CommandError, match=words):
        run()
    add(unguarded.mara, 4)
    checkpoint()  # what is noted later hides nothing
    with pytest.raises(CommandError, match=r"Entry [45]: "):
        run()


def test_an_older_database_is_told_at_once_where_the_checkpoints_stayed(
    unguarded: Cast, kept: Path, caplog: pytest.LogCaptureFixture, client: Client
) -> None:
    checkpoint()
    assert newest_fault() is None
    cut(3)
    assert newest_fault() == Fault(5, "missing, or not the one whose hash was noted elsewhere")
    client.force_login(unguarded.vera)
    page = client.get(reverse("audit")).content.decode()
    assert "Entry 5 is wrong: missing, or not the one whose hash was noted elsewhere." in page
    assert "noted elsewhere too" not in page
    checkpoint()
    assert "does not go on from its checkpoints: entry 5" in caplog.text
    add(unguarded.mara, 4)
    assert newest_fault() == Fault(5, "missing, or not the one whose hash was noted elsewhere"), "grown past it"


def test_a_file_of_checkpoints_that_somebody_wrote_in_is_named(chain: Cast, kept: Path) -> None:
    checkpoint()
    kept.write_bytes(kept.read_bytes() + b"\xff\n")
    with pytest.raises(CommandError, match=r"Line 2 of checkpoints\.txt is no checkpoint"):
        run()


# ---------------------------------------------------------------- races


@pytest.mark.django_db(transaction=True)
def test_entries_of_many_threads_share_no_number() -> None:
    mara = make_cast().mara

    def write(_: int) -> None:
        try:
            add(mara, 5)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert list(AuditEntry.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 21))
    assert verify() is None

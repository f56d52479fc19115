"""What is measured without a web server: writing, verifying, exporting, many writers. Prints JSON for the table."""

from __future__ import annotations

import hashlib
import json
import statistics
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import asdict

from tests.bench.setting_up import set_up

set_up()

from django.db import connection, connections  # noqa: E402

from records.audit import verify_chain, verify_told  # noqa: E402
from records.content.assembly import document_of  # noqa: E402
from records.document.write import write  # noqa: E402
from records.models import AuditEntry, FinalText, Operation, State  # noqa: E402
from records.transfer.zipped import zipped  # noqa: E402
from records.writing.drafting import store_document  # noqa: E402
from records.writing.saving import save_section  # noqa: E402
from tests.bench.measures import Ratio, compared  # noqa: E402
from tests.bench.seed import make_people, seed  # noqa: E402
from tests.drills.writers import FIELD, SECTION  # noqa: E402
from tests.make import FINAL, PLANNED, make_draft, make_template  # noqa: E402
from tests.people import make_cast  # noqa: E402


def spread(name: str, found: list[float], goal: float, unit: str, *, over: bool = False) -> Ratio:
    return Ratio(name, statistics.median(found), min(found), max(found), goal, over=over, unit=unit)


def writing(operation: Operation) -> Ratio:
    document, took = document_of(operation), []
    for _ in range(50):
        began = time.perf_counter()
        write(document)
        took.append((time.perf_counter() - began) * 1000)
    return spread("Writing a record's Markdown", took, 3, "ms")


def verifying() -> list[Ratio]:
    """The links of the trail, as the design counts them; and with what stands beside each text, a goal of our own."""

    def bare() -> None:
        previous = "0" * 64
        for text in AuditEntry.objects.order_by("number").values_list("entry", flat=True).iterator(chunk_size=2000):
            previous = hashlib.sha256(previous.encode() + text.encode()).hexdigest()

    def links() -> None:
        assert verify_chain() is None

    def entries() -> None:
        assert verify_chain() is None and verify_told() is None

    def against(what: str, own: Callable[[], None], goal: float) -> Ratio:
        found = compared("", bare, own, goal, each=1)
        name = f"{what} a second on {connection.display_name}, against bare hashing of the stored bytes"
        return Ratio(name, found.median, found.least, found.most, goal, over=True)

    return [against("Links verified", links, 0.5), against("Entries read and verified", entries, 0.2)]


def exporting() -> Ratio:
    """Peaks of Python's memory while so many finalized records leave, against a tenth of them."""
    few, many = 1_000, 10_000
    finalize(many)
    rows = Operation.objects.filter(state=State.FINALIZED).select_related("template", "final_text").order_by("pk")

    def peak(count: int) -> int:
        tracemalloc.start()
        consume(zipped(rows[:count].iterator(chunk_size=50)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(few)  # what is loaded and kept once
    found = [peak(many) / peak(few) for _ in range(3)]
    return spread(f"Peak memory of exporting {many:,} records, against {few:,}", found, 1.05, "×")


def consume(parts: Iterable[bytes]) -> None:
    for _part in parts:
        pass


def finalize(count: int) -> None:
    """Give so many seeded records a final text; only their bytes are looked at here."""
    text, rows = FINAL.read_bytes(), list(Operation.objects.filter(title__gt="").order_by("pk")[:count])
    common = {"number": 1, "text": text, "content": b"{}", "digest": hashlib.sha256(text).hexdigest()}
    finals = FinalText.objects.bulk_create(
        [FinalText(operation=one, frozen_by=one.author, frozen_at=PLANNED, **common) for one in rows], batch_size=500
    )
    for one, final in zip(rows, finals, strict=True):
        one.final_text, one.state = final, State.FINALIZED
    Operation.objects.bulk_update(rows, ["final_text", "state"], batch_size=500)


def many_writers(seconds: float = 4.0) -> Ratio:
    """What eight writers save together, against one alone; each has a record of its own."""
    records = [store_document(author=cast.mara, template=template, document=whole, at=PLANNED) for _ in range(8)]

    def saved_by(writers: int) -> int:
        connections.close_all()  # as many as write have one; the pool of PostgreSQL has no more
        end, counts, errors = time.monotonic() + seconds, [0] * writers, []

        def work(at: int) -> None:
            try:
                while time.monotonic() < end:
                    fields = {FIELD: f"Text {writers}-{counts[at]}"}
                    save(records[at], fields)
                    counts[at] += 1
            except Exception as error:  # whatever it is, a writer must not meet it
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(at,)) for at in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == [], repr(errors[0])
        return sum(counts)

    found = []
    for _ in range(3):
        alone = saved_by(1)
        found.append(saved_by(8) / alone)
    name = f"Saves of eight writers on {connection.display_name} together, against one alone"
    return spread(name, found, 0.8, "×", over=True)


def save(operation: Operation, fields: dict[str, str]) -> None:
    section = operation.sections.get(key=SECTION)
    save_section(operation=operation, key=SECTION, version=section.version, values=fields, by=cast.mara, at=PLANNED)


cast, template = make_cast(), make_template()
draft = make_draft(cast, template)
whole = template.outline.document
# What hangs on the database is measured on each; the rest once.
once = connection.vendor == "sqlite"
found = [*([writing(draft)] if once else []), many_writers()]
seed(20_000, people=make_people())
found += [*verifying(), *([exporting()] if once else [])]
print(json.dumps([asdict(one) for one in found]))

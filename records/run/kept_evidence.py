"""Whether the evidence of every run is still what came in: the stored bytes against their digest and the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from records.audit import Fault, facts_in
from records.models import AuditEntry, Evidence


def first_changed() -> Fault | None:
    """The first piece of evidence whose bytes aren't those that its digest names, or that is gone; else None.

    One piece is held at a time. Evidence that no entry tells of is named too.
    """
    told = {digest: number for number, digest in _told()}
    digests = set()
    for kept in Evidence.objects.order_by("pk").iterator(chunk_size=1):
        if hashlib.sha256(bytes(kept.content)).hexdigest() != kept.sha256:
            return Fault(0, f"the stored bytes of evidence {kept.pk} don't fit their digest")
        digests.add(kept.sha256)
    if lost := [number for digest, number in told.items() if digest not in digests]:
        return Fault(min(lost), "the evidence that it tells of is missing")
    # Entries once more: what came in while the bytes were read is told by a later one.
    if digests - set(told) - {digest for _number, digest in _told(after=max(told.values(), default=0))}:
        return Fault(0, "evidence stands in the database, and no entry tells of it")
    return None


def _told(after: int = 0) -> Iterator[tuple[int, str]]:
    """The number of each entry about evidence that follows ``after``, and the digest that it tells."""
    entries = AuditEntry.objects.filter(act="evidence", number__gt=after).order_by("number")
    for entry in entries.iterator(chunk_size=2000):
        yield entry.number, str(facts_in(entry).get("sha256"))

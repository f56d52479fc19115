"""What somebody does who can write to the audit trail past its triggers."""

from __future__ import annotations

from records import audit
from records.models import AuditEntry, AuditHead


def rewrite(number: int, **columns: object) -> None:
    AuditEntry.objects.filter(number=number).update(**columns)


def rechain(number: int, forged: str) -> None:
    """The careful forger: changes an entry and every hash after it, and the head."""
    previous = AuditEntry.objects.get(number=number - 1).hash
    for entry in AuditEntry.objects.filter(number__gte=number).order_by("number"):
        text = forged if entry.number == number else entry.entry
        previous = audit.chained(previous, text)
        rewrite(entry.number, entry=text, hash=previous)
    AuditHead.objects.update(hash=previous)

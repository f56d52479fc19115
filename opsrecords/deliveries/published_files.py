"""What stands around a published record: its line in the folder's index, and the message of its commit."""

from __future__ import annotations

import re

from django.utils import translation

from records.audit import newest
from records.document.inline import in_line
from records.models import AuditHead, Delivery, Operation
from records.one_line import one_line

INDEX = "index.md"
HEAD = "# Operation records\n\n"
_LINE = re.compile(r"- \[[^\]\n]*\]\(([^)\n]+)\.md\)")


def in_index(before: bytes | None, path: str, operation: Operation) -> bytes:
    """The index with the record's own line, newest first; whatever else people wrote there stays as it is."""
    name = path.rpartition("/")[2].removesuffix(".md")
    lines = (before.decode("utf-8", "surrogateescape") if before is not None else HEAD).splitlines(keepends=True)
    own = f"- [{name}]({name}.md): {titled(operation)}\n"
    at = len(lines)
    for number, line in enumerate(lines):
        listed = _LINE.match(line)
        if listed and listed[1] == name:
            return "".join([*lines[:number], own, *lines[number + 1 :]]).encode("utf-8", "surrogateescape")
        if listed and listed[1] < name and at == len(lines):
            at = number
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], own, *lines[at:]]).encode("utf-8", "surrogateescape")


def titled(operation: Operation) -> str:
    """Title and outcome, in one line that holds no Markdown of its own."""
    with translation.override("en"):
        outcome = str(operation.get_outcome_display()).lower() if operation.outcome else ""
    title = in_line(one_line(operation.title or "Untitled record"))
    return f"{title} ({outcome})" if outcome else title


def message_of(operation: Operation, delivery: Delivery, path: str) -> str:
    """What was published, and in trailers: which final text, the record's last entry in the audit trail (what its
    evidence is checked against), where the whole trail ends, the delivery's ID.

    The title is the only text of people in it, on the first line: none of it can be taken for a trailer (case 22).
    """
    assert operation.final_text is not None
    end, own = AuditHead.objects.get(pk=1), newest(operation)
    name = path.rpartition("/")[2].removesuffix(".md")
    return (
        f"{name}: {one_line(operation.title or 'Untitled record')}\n\n"
        f"Final-Text-SHA-256: {operation.final_text.digest}\n"
        + (f"Audit-Entry: {own.number}:{own.hash}\n" if own else "")
        + f"Audit-Checkpoint: {end.number}:{end.hash}\n"
        f"Delivery-ID: {delivery.delivery_id}\n"
    )

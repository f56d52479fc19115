"""Check the audit trail, every link of it."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from records.audit import Anchor, verify
from records.management.in_words import CommandInWords
from records.models import AuditHead


class Command(CommandInWords):
    """Exit code 0 if every entry follows from the one before; else 1, and the first bad number with its reason."""

    help = "Check every link of the audit trail. Prints its end, to be kept elsewhere as an anchor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The anchor."""
        parser.add_argument(
            "--anchor", metavar="NUMBER:HASH", help="an end that was printed earlier and kept elsewhere"
        )

    def handle(self, *, anchor: str | None = None, **_: Any) -> None:
        """Print the chain's end. Raises CommandError for a fault."""
        fault = verify(anchor_in(anchor) if anchor else None)
        if fault:
            raise CommandError(f"Entry {fault.number}: {fault.reason}.")
        head = AuditHead.objects.get(pk=1)
        self.stdout.write(f"{head.number} entries, every link holds. The end is {head.number}:{head.hash}")


def anchor_in(text: str) -> Anchor:
    """The anchor that ``text`` spells. Raises ValueError in words if it spells none."""
    m = re.fullmatch(r"(\d+):([0-9a-f]{64})", text.strip())
    if not m:
        raise ValueError("An anchor is a number, a colon, and 64 hexadecimal digits, as verify_audit printed it.")
    return Anchor(int(m[1]), m[2])

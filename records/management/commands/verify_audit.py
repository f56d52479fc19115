"""Check the audit trail: every link of it, and everything that was signed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from records.checkpoints import anchor_in, noted, verify_all
from records.management.in_words import CommandInWords
from records.models import AuditHead


class Command(CommandInWords):
    """Exit code 0 if every entry follows from the one before and tells the truth; else 1, with the first bad number."""

    help = (
        "Check every link of the audit trail, and that revisions, final texts and decisions are what it says. "
        "Prints its end, to be kept elsewhere as an anchor."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The anchor."""
        parser.add_argument(
            "--anchor", metavar="NUMBER:HASH", help="an end that was printed earlier and kept elsewhere"
        )

    def handle(self, *, anchor: str | None = None, **_: Any) -> None:
        """Print the chain's end. Raises CommandError for a fault."""
        fault = verify_all([] if anchor is None else [anchor_in(anchor)])
        if fault:
            raise CommandError(f"{str(fault).removesuffix('.')}.")
        head = AuditHead.objects.get(pk=1)
        self.stdout.write(
            f"{head.number} entries, every link holds, and everything that was signed is what they say "
            f"({len(noted())} checkpoints). The end is {head.number}:{head.hash}"
        )

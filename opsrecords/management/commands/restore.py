"""Make a site of a backup again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from opsrecords.backups.restoring import restore_backup
from records.management.in_words import CommandInWords
from records.models import AuditHead, Operation


class Command(CommandInWords):
    """Exit code 0 only if everything that was restored verifies."""

    help = (
        "Fill an empty database and data folder from a backup, migrate it, and check the audit trail and every digest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The archive."""
        parser.add_argument("archive", metavar="FILE", type=Path)

    def handle(self, *, archive: Path, **_: Any) -> None:
        """Restore it. Raises CommandError, in words, if that doesn't work or doesn't verify."""
        manifest = restore_backup(archive)
        head = AuditHead.objects.get(pk=1)
        self.stdout.write(
            f"Restored as of {manifest.made_at}: {Operation.objects.count()} records, {head.number} entries; "
            "every link holds, and everything that was signed is what they say."
        )

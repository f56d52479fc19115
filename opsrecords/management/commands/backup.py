"""Keep the whole site in one file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from opsrecords.backups.archive import digest_of, make_backup
from records.management.in_words import CommandInWords


class Command(CommandInWords):
    """Prints where the backup is; its digest and the trail's end, to be kept elsewhere, are said beside it."""

    help = (
        "Write database and files to one archive, while the site goes on. TARGET is a file that isn't there yet, or a "
        "folder, in which the file is named after the time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The target."""
        parser.add_argument("target", metavar="TARGET", type=Path)

    def handle(self, *, target: Path, **_: Any) -> None:
        """Make it. Raises CommandError, in words, if that doesn't work."""
        now = timezone.now()
        file = target / f"opsrecords-{now:%Y%m%dT%H%M%SZ}.tar.gz" if target.is_dir() else target
        manifest = make_backup(file, at=now)
        self.hint(f"{len(manifest.files)} files, SHA-256 {digest_of(file)}, at least up to entry {manifest.anchor}")
        self.stdout.write(str(file))

"""Take a record in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from records.management.in_words import CommandInWords
from records.transfer.records_in import import_file


class Command(CommandInWords):
    help = (
        "Stores a record from a .md or .json file as a draft; nothing that was decided elsewhere comes in. Prints its "
        "reference on the last line: the operation ID, or the record's number while it has none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the Markdown or JSON file")
        parser.add_argument("--operator", default="", metavar="USER", help="the user name of the record's author")
        parser.add_argument("--template", default="", metavar="NAME", help="for a record that names no template")
        parser.add_argument("--repair", action="store_true", help="mend characters read in the wrong encoding")

    def handle(self, *, file: Path, operator: str, template: str, repair: bool, **options: Any) -> None:
        imported = import_file(file, operator=operator, template=template, repair=repair, at=timezone.now())
        for hint in imported.hints:
            self.hint(hint)
        self.stdout.write(imported.operation.reference)

"""Give an operations template out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from records.library.templates_in import template_named
from records.management.in_words import CommandInWords, write_bytes


class Command(CommandInWords):
    help = "Writes an operations template to stdout, byte for byte as it came in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="its name (the newest version), or name and version: “Name v1.0.0”")

    def handle(self, *, name: str, **options: Any) -> None:
        write_bytes(self.stdout, template_named(name).text.encode())

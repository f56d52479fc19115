"""Give a record out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from records.management.in_words import CommandInWords, write_bytes
from records.transfer.exchange import json_of
from records.transfer.records_out import markdown_of, operation_named

FORMATS = {"md": markdown_of, "json": json_of}


class Command(CommandInWords):
    help = "Writes a record to stdout: Markdown, or JSON with all that is known of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", help="the operation ID, or the record's number")
        parser.add_argument("--format", choices=sorted(FORMATS), default="md")

    def handle(self, *, reference: str, format: str, **options: Any) -> None:
        write_bytes(self.stdout, FORMATS[format](operation_named(reference)))

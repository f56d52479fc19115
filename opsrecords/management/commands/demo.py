"""Load the demo content, once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from opsrecords.demo.loading import load
from opsrecords.demo.people import sign_ins
from records.management.in_words import CommandInWords


class Command(CommandInWords):
    help = "Loads made-up people and records, once; in production never. Says who can sign in."

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is production (DEBUG=false): made-up people and records are not loaded here.")
        loaded = load()
        self.stdout.write(f"The demo holds {loaded.records} records{'' if loaded.fresh else ', loaded before'}.")
        self.stdout.write(sign_ins())

"""Publish what was finalized before a repository was set."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from records.management.in_words import CommandInWords
from records.transfer.publication import put_earlier


class Command(CommandInWords):
    help = (
        "Queues every finalized record that was never queued for the git repository (PUBLISH_URL), each once. "
        "Prints how many; the worker publishes them."
    )

    def handle(self, **_: Any) -> None:
        self.stdout.write(f"{put_earlier(at=timezone.now())} queued")

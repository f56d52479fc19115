"""Check the audit trail against what was published."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.publication import fault_of_trail
from records.management.in_words import CommandInWords


class Command(CommandInWords):
    """Exit code 0 if the trail holds every entry that the published repository names; else 1, with the first."""

    help = (
        "Check that the audit trail holds what the newest commits of the published repository (PUBLISH_URL) name of "
        "it. An older backup that was restored, or a database that was written anew, doesn't."
    )

    def handle(self, **_: Any) -> None:
        """Fetch and compare. Raises CommandError, in words, where they differ or can't be compared."""
        try:
            fault, compared = fault_of_trail()
        except (Undeliverable, OSError) as error:
            raise CommandError(f"It can't be compared: {error}") from error
        if fault:
            raise CommandError(f"{fault}.")
        self.stdout.write(f"The trail holds all {compared} entries that the published repository names.")

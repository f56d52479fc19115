"""Check what was published, and the audit trail against it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.published_still import compared
from records.management.in_words import CommandInWords

SHOWN = 20


class Command(CommandInWords):
    """Exit code 0 if trail and repository hold what they should; else 1, with the first entry and what is lost."""

    help = (
        "Check that the audit trail holds what the commits of the published repository (PUBLISH_URL) name of "
        "it: an older backup that was restored, or a database that was written anew, doesn't. And that the repository "
        "still holds every record that was published, as it was signed off, and the commit that it came with."
    )

    def handle(self, **_: Any) -> None:
        """Fetch and compare. Raises CommandError, in words, where they differ or can't be compared."""
        try:
            found = compared()
        except (Undeliverable, OSError) as error:
            raise CommandError(f"It can't be compared: {error}") from error
        told = [f"{found.fault}."] if found.fault else []
        if found.lost:
            more = len(found.lost) - SHOWN
            told += [*found.lost[:SHOWN], *([f"{more} more are lost."] if more > 0 else [])]
            told.append("See who pushed. What was published is kept in publication.git, beside the site's data.")
        if told:
            raise CommandError("\n".join(told))
        self.stdout.write(
            f"The trail holds all {found.entries} entries that the published repository names, and the repository all "
            f"{found.records} records that were published."
        )

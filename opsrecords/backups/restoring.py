"""A backup as a site again, on an empty machine, and checked: every link of the trail, every digest."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from opsrecords.backups.archive import FILES, Manifest, opened, unknown_migrations
from opsrecords.backups.databases import is_empty, load_database, name_in_backup
from opsrecords.backups.files import CHECKPOINTS, checkpoints
from records import audit
from records.checkpoints import anchor_in, verify_all
from records.refusals import Unusable
from records.transfer.records_in import system_account

RESTORED = "restored"


def restore_backup(archive: Path) -> Manifest:
    """Fill this site, which has to be empty, from ``archive``; an older release's database is migrated. The trail says
    so from then on.

    Raises Unusable, in words: for a site that isn't empty, a backup that is damaged, of another database or of a
    newer release, and if what was restored doesn't verify.
    """
    if not is_empty():
        raise Unusable("The database isn't empty: a backup is restored into an empty one, and overwrites nothing.")
    with opened(archive, settings.DATA_DIR) as (folder, manifest):
        _check_fits(manifest)
        places = _places(folder, manifest)
        if taken := next((place for place in places.values() if place.exists()), None):
            raise Unusable(f"{taken} is there already: a backup overwrites nothing.")
        load_database(folder / name_in_backup(manifest.vendor))
        for inside in (path.relative_to(folder / FILES) for path in (folder / FILES).rglob("*") if path.is_dir()):
            (settings.DATA_DIR / inside).mkdir(parents=True, exist_ok=True)
        for source, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, place)
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    fault = verify_all([anchor_in(manifest.anchor)] if not manifest.anchor.startswith("0:") else [])
    if fault:
        raise Unusable(f"Restored, but it does not verify. {str(fault).removesuffix('.')}.")
    # Whatever was decided or taken back after the backup is gone: whoever reads the trail has to know.
    with transaction.atomic():
        at = timezone.now()
        audit.record(RESTORED, operation=None, person=system_account(), at=at, backup_of=manifest.made_at)
        # Who signed out since, or was signed out, isn't signed in again by it.
        Session.objects.all().delete()
    return manifest


def _check_fits(manifest: Manifest) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    if manifest.vendor != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        told = names.get(manifest.vendor, manifest.vendor)
        raise Unusable(f"The backup is of {told}, and this site's database is {names[connection.vendor]}.")
    known = MigrationExecutor(connection).loader.disk_migrations or {}
    if unknown := unknown_migrations(manifest, known):
        raise Unusable(f"The backup was made by a newer release: this one doesn't know {unknown[0]}.")


def _places(folder: Path, manifest: Manifest) -> dict[Path, Path]:
    """Where each file beside the database belongs."""
    places = {}
    for name in manifest.files:
        if name == CHECKPOINTS:
            places[folder / name] = checkpoints()
        elif name.startswith(FILES):
            places[folder / name] = settings.DATA_DIR / name.removeprefix(FILES)
    return places

"""The archive: a compressed tar with the database, the files and a manifest that holds the SHA-256 of each.

``database.sqlite3`` or ``database.pgdump``, ``audit-checkpoints.txt``, ``files/…`` as in DATA_DIR, ``manifest.json``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader

from opsrecords.backups.databases import name_in_backup, save_database
from opsrecords.backups.files import CHECKPOINTS, checkpoints, files_beside, folders_beside
from records.models import AuditHead
from records.refusals import Unusable

FORMAT = 1
ENDING = ".tar.gz"
MANIFEST = "manifest.json"
FILES = "files/"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``files``: the SHA-256 of each by name; ``anchor``: where the trail went on to."""

    format: int
    made_at: str
    vendor: str
    migrations: dict[str, list[str]]
    anchor: str
    files: dict[str, str]


def make_backup(target: Path, *, at: dt.datetime) -> Manifest:
    """Write a backup to ``target``, which appears whole or not at all, for its owner's eyes only.

    Raises Unusable, in words, if there is one already or if it can't be made; so for the name of a folder that isn't
    there, say not mounted: the next backup would find a file in its place.
    """
    if not target.name.endswith(ENDING):
        raise Unusable(f"{target} is no folder, and the name of a backup ends in {ENDING}.")
    if target.exists():
        raise Unusable(f"{target} is there already; a backup overwrites nothing.")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with tempfile.TemporaryDirectory(prefix="opsrecords-backup-", dir=target.parent) as folder:
            manifest = _collect(Path(folder), at)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3) as tar:
                    folders = sorted(path for path in Path(folder, FILES).rglob("*") if path.is_dir())
                    names = [path.relative_to(folder).as_posix() for path in folders]
                    for name in [MANIFEST, *names, *manifest.files]:
                        tar.add(Path(folder, name), name, recursive=False, filter=_anonymous)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(unfinished, target)
    except OSError as error:
        raise Unusable(f"The backup can't be written: {error}.") from error
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to take away
            unfinished.unlink(missing_ok=True)
    return manifest


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o700 if entry.isdir() else 0o600
    return entry


def _collect(folder: Path, at: dt.datetime) -> Manifest:
    connection = connections[DEFAULT_DB_ALIAS]
    # The order counts while the site goes on. What the checkpoints name must stand in the database, so they come
    # before it; what the database calls published must stand in the repository beside it, so that comes after.
    if checkpoints().exists():
        shutil.copyfile(checkpoints(), folder / CHECKPOINTS)
    head = AuditHead.objects.get(pk=1)
    migrations = applied_migrations()
    save_database(folder / name_in_backup(connection.vendor))
    for name in folders_beside():
        (folder / FILES / name).mkdir(parents=True, exist_ok=True)
    for name, path in files_beside():
        copy = folder / FILES / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue  # somebody took it away meanwhile
    files = {
        path.relative_to(folder).as_posix(): digest_of(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }
    manifest = Manifest(FORMAT, at.isoformat(), connection.vendor, migrations, f"{head.number}:{head.hash}", files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def applied_migrations() -> dict[str, list[str]]:
    """The names of the migrations that the database has, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationLoader(connections[DEFAULT_DB_ALIAS]).applied_migrations):
        found.setdefault(app, []).append(name)
    return found


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def opened(archive: Path, beside: Path) -> Iterator[tuple[Path, Manifest]]:
    """The files of a backup in a folder that is gone afterwards, each of them what the manifest says, and that.

    ``beside``: where there is room for them. Raises Unusable, in words, for what is no backup, or damaged.
    """
    with tempfile.TemporaryDirectory(prefix=".opsrecords-restore-", dir=beside) as name:
        folder = Path(name)
        try:
            _unpack(archive, folder)
        except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
            raise Unusable(f"{archive.name} is no backup that can be read: {error}") from error
        try:
            manifest = _manifest_in((folder / MANIFEST).read_bytes())
        except (OSError, TypeError, ValueError, RecursionError) as error:
            raise Unusable(f"{archive.name} is no backup: its manifest says something else, or is missing.") from error
        _check(folder, manifest)
        yield folder, manifest


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, "r:gz") as tar:
        tar.extractall(folder, filter=_plain)


def _manifest_in(data: bytes) -> Manifest:
    """Raises TypeError for other columns, or columns of other types, and what reading JSON raises."""
    manifest = Manifest(**json.loads(data))
    if [type(one) for one in (manifest.anchor, manifest.migrations, manifest.files)] != [str, dict, dict]:
        raise TypeError("columns of other types")
    return manifest


def _plain(entry: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Files and folders alone: a link leads elsewhere once it stands in its place."""
    if not (entry.isfile() or entry.isdir()):
        raise tarfile.SpecialFileError(entry)
    return tarfile.data_filter(entry, folder)


def _check(folder: Path, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise Unusable(f"The backup is of format {manifest.format}; this release reads format {FORMAT}.")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if different := there ^ set(manifest.files):
        raise Unusable(f"The backup is not whole: {min(different)} is missing, or not in its manifest.")
    for name, digest in manifest.files.items():
        if digest_of(folder / name) != digest:
            raise Unusable(f"The backup is damaged: {name} is not what its manifest says.")


def unknown_migrations(manifest: Manifest, known: Mapping[tuple[str, str], Any]) -> list[str]:
    """The migrations of a backup that this release doesn't have: it was made by a newer one."""
    return [f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known]

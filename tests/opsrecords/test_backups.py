"""Case 38: a backup that was made while others wrote is a whole site again on an empty machine, and verifies."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from opsrecords.backups import files, restoring
from opsrecords.backups.archive import MANIFEST, make_backup
from opsrecords.backups.files import files_beside
from records import audit, triggers
from records.audit import verify
from records.checkpoints import note_checkpoint, noted
from records.models import Evidence, Operation, State
from records.run.keeping import Brought, keep_evidence
from tests.make import NIGHT, ROOT, make_in, make_template
from tests.people import make_cast, signed_in

NEWEST = "from records.models import AuditEntry; print(AuditEntry.objects.order_by('-number')[0].entry)"
SESSIONS = "from django.contrib.sessions.models import Session; print(Session.objects.count())"
NOW = dt.datetime(2026, 12, 7, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def site(tmp_path: Path, settings: Any) -> Path:
    """The data folder of a site with a file of its own, and the ones that are made anew by themselves."""
    folder = settings.DATA_DIR = tmp_path / "site"
    settings.AUDIT_CHECKPOINTS = folder / "audit-checkpoints.txt"
    for name in ("published/records.git/HEAD", "broker/messages/1.msg", "cache/1.djcache", "celerybeat-schedule.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "published/records.git/objects/pack").mkdir(parents=True)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a site on another machine, on which nothing is yet."""
    folder = tmp_path / "other"
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "STATIC_ROOT": str(tmp_path / "static")}
    if connection.vendor == "sqlite":
        yield environment
        return
    name = f"{connection.settings_dict['NAME']}_other"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield environment | {"DATABASE_URL": os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')


def manage(environment: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "manage.py", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


class Writing(threading.Thread):
    """Somebody who goes on acting until told to stop."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act, self.begun, self.ended = act, threading.Event(), threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            with transaction.atomic():
                self.act()
            self.begun.set()
        connections.close_all()

    def __enter__(self) -> None:
        self.start()
        assert self.begun.wait(20)

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.join()


@pytest.mark.django_db(transaction=True)
def test_backup_during_writes_is_restored_on_an_empty_machine_case_38(
    site: Path, empty: dict[str, str], tmp_path: Path
) -> None:
    cast = make_cast()
    template = make_template()
    running = make_in(State.RUNNING, cast, template)
    keep_evidence(running, files=[Brought(b"ok\r\n\xe2\x9c\x85", "out.txt")], by=cast.jun, at=NIGHT)
    note_checkpoint(at=NOW)
    signed_in(cast.mara)
    out = StringIO()
    with Writing(lambda: audit.record("looked", operation=None, person=cast.mara, at=NOW)):
        call_command("backup", str(tmp_path), stdout=out, stderr=StringIO())
    archive = Path(out.getvalue().strip())
    assert (archive.parent, archive.stat().st_mode & 0o777) == (tmp_path, 0o600)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    restored = manage(empty, "restore", archive)
    assert restored.returncode == 0, restored.stderr
    assert b"every link holds" in restored.stdout
    told = json.loads(manage(empty, "shell", "-v0", "-c", NEWEST).stdout)
    assert (told["act"], told["person_name"]) == ("restored", "Import")
    assert set(told["facts"]) == {"backup_of"}, "the trail says what it goes on from"
    assert manage(empty, "shell", "-v0", "-c", SESSIONS).stdout == b"0\n", "whoever signed out since stays signed out"
    verified = manage(empty, "verify_audit")
    assert b"(1 checkpoints)" in verified.stdout
    reference = Operation.objects.get(pk=running.pk).reference
    exported = StringIO()
    call_command("export_record", reference, stdout=exported)
    assert manage(empty, "export_record", reference).stdout.decode() == exported.getvalue()
    folder = Path(empty["DATA_DIR"])
    assert (folder / "published/records.git/HEAD").read_text() == "published/records.git/HEAD"
    assert (folder / "published/records.git/objects/pack").is_dir(), "git takes nothing in without its empty folders"
    assert not any((folder / "broker").rglob("*.msg"))
    again = manage(empty, "restore", archive)
    assert (again.returncode, b"The database isn't empty" in again.stderr) == (1, True)


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def archive(site: Path, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup, and a site that says that it is empty."""
    make_backup(tmp_path / "a.tar.gz", at=NOW)
    monkeypatch.setattr(restoring, "is_empty", lambda: True)
    shutil.rmtree(site)
    site.mkdir()
    return tmp_path / "a.tar.gz"


def changed(archive: Path, change: Callable[[Path], object]) -> Path:
    """The backup, with something in it changed."""
    folder, target = archive.parent / "changed", archive.parent / "changed.tar.gz"
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    change(folder)
    with tarfile.open(target, "w:gz") as tar:
        for path in folder.iterdir():
            tar.add(path, path.name)
    return target


def manifest(folder: Path, **columns: object) -> None:
    told = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(told | columns))


def with_link(folder: Path) -> None:
    """It leads to another file of the backup, with that one's digest."""
    head = "published/records.git/HEAD"
    (folder / "files/seen").symlink_to(head)
    told = json.loads((folder / MANIFEST).read_text())["files"]
    manifest(folder, files=told | {"files/seen": told[f"files/{head}"]})


FAULTS: dict[str, Callable[[Path], object]] = {
    "is damaged: files/published/records.git/HEAD": lambda folder: (
        folder / "files/published/records.git/HEAD"
    ).write_text("x"),
    "is not whole: files/published/records.git/HEAD": lambda folder: shutil.rmtree(folder / "files"),
    "is not whole: more": lambda folder: (folder / "more").write_text("x"),
    "its manifest says something else": lambda folder: (folder / MANIFEST).write_text("{}"),
    "manifest says something else": lambda folder: manifest(folder, files=["a"]),
    "says something else, or is missing": lambda folder: (folder / MANIFEST).unlink(),
    "is a special file": lambda folder: with_link(folder),
    "is of format 2": lambda folder: manifest(folder, format=2),
    "this site's database is": lambda folder: manifest(folder, vendor="oracle"),
    "newer release: this one doesn't know records.0999_more": lambda folder: manifest(
        folder, migrations={"records": ["0999_more"]}
    ),
}


@pytest.mark.parametrize("words", FAULTS)
def test_what_is_no_backup_of_such_a_site_is_refused_before_anything_is_written(
    archive: Path, site: Path, words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(changed(archive, FAULTS[words])))
    assert list(site.iterdir()) == []


def test_half_a_backup_is_none(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-300])
    with pytest.raises(CommandError, match="is no backup that can be read"):
        call_command("restore", str(archive))


def test_one_that_is_damaged_in_the_middle_is_none(archive: Path) -> None:
    data, packing = gzip.decompress(archive.read_bytes()), zlib.compressobj(wbits=31)
    half = packing.compress(data[: len(data) // 2]) + packing.flush(zlib.Z_FULL_FLUSH)
    archive.write_bytes(half + b"\xff" * 64)
    with pytest.raises(CommandError, match="is no backup that can be read"):
        call_command("restore", str(archive))


def test_nothing_is_overwritten(archive: Path, site: Path) -> None:
    with pytest.raises(CommandError, match="is there already; a backup overwrites nothing"):
        call_command("backup", str(archive))
    (site / "published/records.git").mkdir(parents=True)
    (site / "published/records.git/HEAD").write_text("mine")
    with pytest.raises(CommandError, match="HEAD is there already: a backup overwrites nothing"):
        call_command("restore", str(archive))
    assert (site / "published/records.git/HEAD").read_text() == "mine"


def test_a_place_that_takes_nothing_is_said_in_words(site: Path, db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The backup can't be written"):
        call_command("backup", str(tmp_path / "nowhere" / "a.tar.gz"))
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="The backup can't be written"):
        call_command("backup", str(tmp_path / "file" / "a.tar.gz"))
    with pytest.raises(CommandError, match=r"backups is no folder, and the name of a backup ends in .tar.gz\.$"):
        call_command("backup", str(tmp_path / "backups"))
    assert (noted(), list(tmp_path.glob("*backup*"))) == ([], [])


@pytest.mark.parametrize("database", ["pub", ""])
def test_files_are_left_out_by_the_name_of_a_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    for name in ("publication.git/HEAD", "mail/1.log", "cache/x"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    elsewhere = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": database}}
    monkeypatch.setattr(files, "settings", Mock(DATA_DIR=tmp_path, DATABASES=elsewhere, AUDIT_CHECKPOINTS="none"))
    assert [name for name, _path in files_beside()] == ["mail/1.log", "publication.git/HEAD"]


# ---------------------------------------------------------------- evidence


@pytest.mark.django_db
def test_evidence_that_changed_or_is_gone_is_found(site: Path) -> None:
    cast = make_cast()
    running = make_in(State.RUNNING, cast, make_template())
    [entry] = keep_evidence(running, files=[Brought(b"ok", "out.txt")], by=cast.jun, at=NIGHT)
    assert verify() is None and entry.evidence is not None
    triggers.remove()
    kept = Evidence.objects.filter(pk=entry.evidence.pk)
    kept.update(content=b"no")
    assert "don't fit their digest" in str(verify())
    kept.update(content=b"ok")
    Evidence.objects.create(name="b.txt", media_type="text/plain", size=1, sha256=audit.sha256(b"b"), content=b"b")
    assert "no entry tells of it" in str(verify())
    Evidence.objects.filter(name="b.txt").delete()
    running.log.filter(evidence__isnull=False).update(evidence=None)
    kept.delete()
    assert "the evidence that it tells of is missing" in str(verify())

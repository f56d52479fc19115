"""Of several workers the first migrates its test database; the others begin with a copy of it."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path
from typing import Any

from django.db import connection


def migrate_once(folder: Path) -> None:
    """How the test database is made from now on. ``folder`` is shared by all workers of a run, and by no other run."""
    creation: Any = connection.creation
    make = creation.create_test_db

    def make_or_copy(*args: Any, **options: Any) -> str:
        with (folder / "migrated").open("a+") as note:
            fcntl.flock(note, fcntl.LOCK_EX)
            note.seek(0)
            source = note.read()
            if source:
                _begin_with(source, creation)
            name = make(*args, **options)
            if not source:
                connection.close()  # SQLite puts its log into the file then
                creation.clone_test_db("migrated", verbosity=0)
                note.write(str(creation.get_test_db_clone_settings("migrated")["NAME"]))
        return str(name)

    creation.create_test_db = make_or_copy


def _begin_with(source: str, creation: Any) -> None:
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = source
        return
    make_empty = creation._create_test_db
    creation._create_test_db = lambda *args, **options: shutil.copy(source, make_empty(*args, **options))

"""Which files beside the database belong to a backup: all of DATA_DIR but what is made anew by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CHECKPOINTS = "audit-checkpoints.txt"
# Messages that the sweep repeats, what is computed from the rest, and the database, which has its own way.
MADE_ANEW = ("broker", "cache", "joined", "celerybeat-schedule", "static")


def checkpoints() -> Path:
    """The file that says where the audit trail ended, wherever it is kept."""
    return Path(settings.AUDIT_CHECKPOINTS)


def files_beside() -> Iterator[tuple[str, Path]]:
    """Each file of DATA_DIR that a backup holds: its name there, with slashes, and its path. No symbolic links."""
    for path in sorted(settings.DATA_DIR.rglob("*")):
        inside = path.relative_to(settings.DATA_DIR)
        if path.is_file() and not path.is_symlink() and not _is_made_anew(inside) and path != checkpoints():
            yield inside.as_posix(), path


def folders_beside() -> Iterator[str]:
    """Each folder of DATA_DIR that a backup holds, empty ones too: without them a git repository is none."""
    for path in sorted(settings.DATA_DIR.rglob("*")):
        inside = path.relative_to(settings.DATA_DIR)
        if path.is_dir() and not path.is_symlink() and not _is_made_anew(inside):
            yield inside.as_posix()


def _is_made_anew(inside: Path) -> bool:
    first = inside.parts[0]
    return first.partition(".")[0] in MADE_ANEW or first.startswith(".") or _is_of_database(first)


def _is_of_database(name: str) -> bool:
    """Whether the file is the database itself, or what SQLite keeps beside it. Elsewhere its name is no file's."""
    database = settings.DATABASES["default"]
    return database["ENGINE"].endswith("sqlite3") and name.startswith(Path(str(database["NAME"])).name)

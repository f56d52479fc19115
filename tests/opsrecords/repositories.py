"""Bare repositories that records are published to, as the ordinary git sees them, and what waits to go there."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.utils import timezone

from records.models import Delivery, Operation, OperationTemplate, State
from records.transfer.publication import put_publication
from tests import make
from tests.people import Cast

NAME = "2026-12-06-infrastructure-postgresql-16-orders"
PATHS = [f"infrastructure/{NAME}.log.md", f"infrastructure/{NAME}.md", "infrastructure/index.md"]


class Remote:
    """A bare repository, and what git sees in a clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare = folder / "docs.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare), at=folder)

    def git(self, *words: str, at: Path | None = None) -> bytes:
        safe = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "safe.directory=*"]
        done = subprocess.run(["git", *safe, *words], cwd=at or self.bare, check=True, capture_output=True)
        return done.stdout

    def commits(self, path: str = "") -> list[str]:
        told = self.git("log", "--format=%H", "main", *(["--", path] if path else []))
        return told.decode().split()

    def files(self) -> list[str]:
        return self.git("ls-tree", "-r", "-z", "--name-only", "main").decode().strip("\0").split("\0")

    def read(self, path: str) -> bytes:
        return self.git("show", f"main:{path}")

    def clone(self) -> Path:
        target = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        self.git("clone", "--quiet", str(self.bare), str(target), at=self.folder)
        return target

    def push(self, files: Mapping[str, str]) -> None:
        """Somebody else's commit on what is there."""
        clone = self.clone()
        for name, text in files.items():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_text(text)
        self.git("add", "--all", at=clone)
        self.git("commit", "--quiet", "--message", "Ours", at=clone)
        self.git("push", "--quiet", "origin", "HEAD:main", at=clone)


def make_finalized(cast: Cast, template: OperationTemplate) -> Operation:
    """A finalized record whose publication is all that waits to leave."""
    operation = make.make_in(State.FINALIZED, cast, template)
    Delivery.objects.all().delete()
    put_publication(operation, at=timezone.now())
    return operation


def row() -> Delivery:
    return Delivery.objects.get(channel="git")


def told() -> object:
    """What became of what was to leave, for whoever reads that a test failed."""
    columns = "subject", "state", "attempts", "next_at", "leased_until", "error", "answer"
    return timezone.now(), list(Delivery.objects.values_list(*columns))


def due() -> None:
    Delivery.objects.update(next_at=timezone.now(), leased_until=None)

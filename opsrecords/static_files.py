"""Which static files are collected and under which names; our sheets are joined into one, and so are our scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

from opsrecords.joined_scripts import joined_scripts

SITE_SHEET = "css/site.css"
SITE_SCRIPT = "js/site.js"


class LinkedStaticFiles(StaticFilesConfig):
    """Django's static files, less what no page links: parts of Bootstrap, and our own files that are joined."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "css/*",
        "js/*",
        "js-lib-bootstrap5/js/*",
        "bootstrap-*",
        "bootstrap.rtl.*",
        "bootstrap.css*",
    ]


class JoinedFiles(BaseFinder):
    """Offers all sheets of the site as one file and all scripts as another: two requests for every page, kept after
    the first.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "joined")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing can be set, so nothing can be set wrongly."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The joined file for its own name, written anew where a part has changed; nothing for others."""
        found = [str(self._written(path))] if path in JOINED else []
        return found if find_all else "".join(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """The two files, for collecting."""
        for path in JOINED:
            self._written(path)
            yield path, self.storage

    def _written(self, path: str) -> Path:
        place = Path(self.storage.path(path))
        text = JOINED[path]((settings.BASE_DIR / "static" / path).parent)
        if not place.exists() or place.read_text() != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may write at once; nobody may read half a file.
            half = place.with_suffix(f".{os.getpid()}")
            half.write_text(text)
            half.replace(place)
        return place


def joined_sheets(folder: Path) -> str:
    """The sheets of ``folder``: tokens and base, what pages are assembled from, the families of pages, then those for
    paper inside their own query.
    """
    first = [folder / "tokens.css", folder / "base.css"]
    paper = folder / "print.css"
    parts = sorted((folder / "components").glob("*.css"))
    pages = sorted(set(folder.glob("*.css")) - {*first, paper})
    texts = [sheet.read_text() for sheet in [*first, *parts, *pages]]
    return "\n".join([*texts, f"@media print {{\n{paper.read_text()}}}\n"])


JOINED: dict[str, Callable[[Path], str]] = {SITE_SHEET: joined_sheets, SITE_SCRIPT: joined_scripts}

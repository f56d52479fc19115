"""Which static files are collected and under which names; our sheets are joined into one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE_SHEET = "css/site.css"


class LinkedStaticFiles(StaticFilesConfig):
    """Django's static files, less the parts of Bootstrap that no page links."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "js-lib-bootstrap5/js/*",
        "bootstrap-*",
        "bootstrap.rtl.*",
        "bootstrap.css*",
    ]


class HashedFiles(ManifestStaticFilesStorage):
    """Files under names that hold their digest, the modules that our scripts import included."""

    support_js_module_import_aggregation = True


class CompressedHashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The same, compressed as well."""

    support_js_module_import_aggregation = True


class JoinedSheets(BaseFinder):
    """Offers all sheets of the site as one file, ``SITE_SHEET``: one request for every page, kept after the first.

    Tokens and base come first, then what pages are assembled from, then the families of pages, then paper.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "joined")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing can be set, so nothing can be set wrongly."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The joined file for its own name, written anew where a sheet has changed; nothing for others."""
        found = [str(self._written())] if path == SITE_SHEET else []
        return found if find_all else "".join(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """The one file, for collecting."""
        self._written()
        yield SITE_SHEET, self.storage

    def _written(self) -> Path:
        place = Path(self.storage.path(SITE_SHEET))
        text = joined(settings.BASE_DIR / "static" / "css")
        if not place.exists() or place.read_text() != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may write at once; nobody may read half a sheet.
            half = place.with_suffix(f".{os.getpid()}")
            half.write_text(text)
            half.replace(place)
        return place


def joined(folder: Path) -> str:
    """The sheets of ``folder`` in their order, those for paper inside their own query."""
    first = [folder / "tokens.css", folder / "base.css"]
    paper = folder / "print.css"
    parts = sorted((folder / "components").glob("*.css"))
    pages = sorted(set(folder.glob("*.css")) - {*first, paper})
    texts = [sheet.read_text() for sheet in [*first, *parts, *pages]]
    return "\n".join([*texts, f"@media print {{\n{paper.read_text()}}}\n"])

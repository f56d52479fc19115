"""One thing that is to be said of a template, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from records.document.lines import split_lines

Where = Literal["text", "settings", ""]


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence, and where it belongs: a line (from 1, 0 for none) of the text or of the settings.

    ``field`` is the one of the settings' form that asks for it, empty where none does. One that ``stops`` has to be
    mended before the template can be used; the others are there to be looked at.
    """

    words: str
    line: int = 0
    where: Where = ""
    stops: bool = True
    field: str = ""


def line_naming(named: str, toml: str, *, quoted: bool = True) -> int:
    """The first line of the settings that holds ``named``, from 1; 0 where none does."""
    wanted = f'"{named}"' if quoted else named
    return next((at for at, line in enumerate(split_lines(toml), 1) if wanted in line), 0)

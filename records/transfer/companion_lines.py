"""The Markdown that a record's log is made of: its sections, its bullets, its times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from records.document.blocks import in_bullet
from records.document.inline import in_bold, in_line


def section(title: str, parts: Iterable[str], gap: str = "\n") -> str:
    """A section with ``gap`` between its parts; empty where there is none."""
    told = list(parts)
    return f"## {title}\n\n" + gap.join(told) if told else ""


def bullet(label: str, text: str) -> str:
    """A bullet that no text can leave."""
    lead = f"**{in_bold(' '.join(label.split()))}**: "
    return in_bullet(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"), "- ", lead, strict=True)


def in_one_line(text: str) -> str:
    """Text of people within a line."""
    return in_line(" ".join(text.split()))


def moment_in_full(at: dt.datetime | None) -> str:
    """A time to the second, "2026-12-06 02:00:00 UTC"; empty for none."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""

"""The lines of one answer, in the template's own spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence

from records.document.blocks import fenced, in_bullet, in_free
from records.document.fingerprints import is_as_read
from records.document.inline import in_bold, in_heading, in_line
from records.document.outline import (
    Answer,
    Loose,
)
from records.document.shapes import BULLET, LINE, OPENING, title_opening


def fresh_answer(answer: Answer, indent: str = "", *, strict: bool = False, after_list: bool = False) -> str:
    """The lines of a changed or new answer, keeping what its own slice shows of how it is written.

    ``strict`` says that other fields are nested under this bullet, ``after_list`` that a list stands before.
    """
    match answer.shape:
        case "title":
            return _title(answer)
        case "line":
            return _line(answer)
        case "bullet":
            return _bullet(answer, indent, strict)
        case "fence":
            return _fence(answer)
    return f"{in_free(answer.text, answer.shape, after_list=after_list)}\n" if answer.text else ""


def _title(answer: Answer) -> str:
    opening = title_opening(answer.label)
    words = opening.rstrip()
    known = not answer.source or words in answer.source or answer.text.startswith(words)
    return f"# {opening if known else ''}{in_heading(answer.text)}\n"


def _line(answer: Answer) -> str:
    m = LINE.fullmatch(answer.source.rstrip("\r\n"))
    if not m:
        return f"**{in_bold(answer.label)}**: {in_line(answer.text)}\n"
    value = m["value"]
    blanks = value[len(value.rstrip(" \t")) :] if value.strip() else ""
    return f"{spaced(m['prefix'], m)}{in_line(answer.text)}{blanks}\n"


def spaced(label: str, m: re.Match[str]) -> str:
    """``label`` with the blank before a value that the line ``m`` has, or wants: where nothing stands behind a label,
    a blank is to, but not behind a wide colon. Between ``**Label:**`` and a value without one, nothing is bold.
    """
    if m["sep"]:
        return label if label[-1:] == " " else f"{label} "
    is_tight = label.endswith("\uff1a") or (label.endswith(":") and m["value"].strip())
    return label if is_tight else f"{label} "


def _bullet(answer: Answer, indent: str, strict: bool) -> str:
    m = BULLET.fullmatch(answer.source.rstrip("\r\n").split("\n")[0].rstrip("\r"))
    if not m or indent:
        return in_bullet(answer.text, f"{indent}- ", f"**{in_bold(answer.label)}**: ", strict=strict)
    label = spaced(m["prefix"][len(m["lead"]) :], m)
    return in_bullet(answer.text, m["lead"].expandtabs(4), label, strict=strict)


def _fence(answer: Answer) -> str:
    m = OPENING.match(answer.source)
    return fenced(answer.text, m["info"].strip(), like=m["fence"]) if m else fenced(answer.text)


def written_loose(block: Loose) -> str:
    """The lines of Markdown that is kept as it is."""
    return block.source if is_as_read(block) else indented(block.text.split("\n") if block.text else [], "")


def indented(lines: Sequence[str], indent: str) -> str:
    """``lines``, each with its line end; empty ones stay empty."""
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)

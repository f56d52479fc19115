"""What the heading of a phase says: its word, its number, its title and its window, and how they are written back."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TIME = r"(?:HH:MM|\d\d?:\d\d)"
_WINDOW = re.compile(rf"{_TIME}\s*[-–]\s*{_TIME}")
_PHASE = (
    r"(?P<word>{words})\s+(?P<number>\d{{1,9}}|[IVX]{{1,5}}|[A-Z])"
    r"(?P<sep>\s*[:.]\s*|\s+[–—-](?:\s+|\Z))(?P<rest>.*)"
)
_ANY_WORD = r"\S+(?: \S+){0,2}?"
# In a record the window may deviate, "(08:28)", "(22:00 - open end)", and still be told from words, "(DNS only)".
_WINDOW_IN_RECORD = re.compile(r"HH:MM|\d:|\d\s*[-–]\s*\d")
_LAST_PARENTHESES = re.compile(r"(?:^|(?<=\s))\((?P<inner>[^()\\]*)\)\Z")


def phase_heading(text: str, words: Sequence[str] | None) -> tuple[str, int, str, str] | None:
    """The heading ``text`` as (word, number, title, window) of a phase, or None if it names none.

    A template's phases (``words`` is None) are known by their shape: a word, a number, a title and a window. They are
    counted in digits, letters or Roman numerals.
    A record's begin with one of its template's ``words``; their window may deviate or be missing.
    """
    if words is not None and not words:
        return None
    m = re.fullmatch(_PHASE.format(words=_ANY_WORD if words is None else "|".join(map(re.escape, words))), text)
    if not m:
        return None
    title, window = _title_and_window(m["rest"])
    if words is None and not _WINDOW.fullmatch(window):
        return None
    return m["word"], _counted(m["number"]), title, window


def counted_heading(text: str) -> tuple[str, int] | None:
    """Word and number of a heading that is counted as phases are, "Phase 2: Move", with a window or without."""
    m = re.fullmatch(_PHASE.format(words=_ANY_WORD), text)
    return (m["word"], _counted(m["number"])) if m else None


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


def _roman(number: int) -> str:
    return "X" * (number // 10) + _ROMAN[number % 10]


def _counted(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    return next((n for n in range(1, 40) if _roman(n) == numeral), ord(numeral[0]) - ord("A") + 1)


def phase_numeral(number: int, like: str) -> str:
    """``number`` in the numerals of the phase heading ``like``: in digits, where that is none."""
    m = re.fullmatch(_PHASE.format(words=_ANY_WORD), like)
    own = m["number"] if m else "1"
    if _counted(own) == number:
        return own
    letters = chr(ord("A") + number - 1) if number <= 26 else str(number)
    roman = _roman(number) if number < 40 else str(number)
    return str(number) if own.isdigit() else roman if set(own) <= set("IVX") else letters


def phase_opening(word: str, number: int, like: str) -> str:
    """How the heading of phase ``number`` begins, in the numerals and signs of the heading ``like``."""
    m = re.fullmatch(_PHASE.format(words=_ANY_WORD), like)
    sep = m["sep"].rstrip() if m else ":"
    return f"{word} {phase_numeral(number, like)}{sep} "


def _title_and_window(rest: str) -> tuple[str, str]:
    """What ``phase_words`` wrote: a backslash before the last parenthesis says that it isn't what it looks like."""
    told = rest.endswith("\\)")
    base = f"{rest[:-2]})" if told else rest
    m = _LAST_PARENTHESES.search(base)
    if m and (_WINDOW_IN_RECORD.search(m["inner"]) is not None) != told:
        return base[: m.start()].rstrip(), m["inner"]
    return base, ""


def phase_words(title: str, window: str) -> str:
    """A phase's ``title`` and ``window``, as they end its heading; ``phase_heading`` reads them back."""
    base = f"{title} ({window})" if window else title
    if not base.endswith(")"):
        return base
    m = _LAST_PARENTHESES.search(base)
    natural = base.endswith("\\)") if not m else (_WINDOW_IN_RECORD.search(m["inner"]) is not None) != bool(window)
    return f"{base[:-1]}\\)" if natural else base

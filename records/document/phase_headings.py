"""What the heading of a phase says: its word, its number, its title and its window, and how they are written back."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TIME = r"(?:HH:MM|hh:mm|\d\d?:\d\d)"
_WINDOW = re.compile(rf"{_TIME}\s*[-–]\s*{_TIME}")
# Chinese, Japanese and Korean set no blank before the number.
_PHASE = (
    r"(?P<word>{words})(?P<blank>\s+|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))"
    r"(?P<number>\d{{1,9}}|[IVX]{{1,5}}|[A-Z])(?P<sep>\s*[:.\uff1a]\s*|\s+[–—-](?:\s+|\Z))(?P<rest>.*)"
)
_ANY_WORD = r"\S+?(?: \S+?){0,2}?"
# In a record the window may deviate, "(08:28)", "(22:00 - open end)", and still be told from words, "(DNS only)".
_WINDOW_IN_RECORD = re.compile(r"HH:MM|hh:mm|\d:|\d\s*[-–]\s*\d")
_LAST_PARENTHESES = re.compile(
    r"(?:(?:^|(?<=\s))\((?P<inner>[^()\\]*)\)|(?<!\\)\uff08(?P<wide>[^\uff08\uff09\\]*)\uff09)\Z"
)
_CLOSING = (")", "\uff09")
# A heading that is bold from its first sign to its last.
_BOLD = re.compile(r"\*\*(?=\S)(?P<stars>[^*\\]+)(?<=\S)\*\*|__(?=\S)(?P<lines>[^_\\]+)(?<=\S)__")


def _matched(text: str, words: Sequence[str] | None = None) -> re.Match[str] | None:
    """The heading ``text``, bold or not, as one that is counted, with any word or one of ``words``."""
    named = _ANY_WORD if words is None else "|".join(map(re.escape, words))
    bold = _BOLD.fullmatch(text)
    return re.fullmatch(_PHASE.format(words=named), (bold["stars"] or bold["lines"]) if bold else text)


def phase_heading(text: str, words: Sequence[str] | None) -> tuple[str, int, str, str] | None:
    """The heading ``text`` as (word, number, title, window) of a phase, or None if it names none.

    A template's phases (``words`` is None) are known by their shape: a word, a number, a title and a window. They are
    counted in digits, letters or Roman numerals.
    A record's begin with one of its template's ``words``; their window may deviate or be missing.
    """
    if words is not None and not words:
        return None
    m = _matched(text, words)
    if not m:
        return None
    title, window = _title_and_window(m["rest"])
    if words is None and not _WINDOW.fullmatch(window):
        return None
    return m["word"], _counted(m["number"]), title, window


def counted_heading(text: str) -> tuple[str, int] | None:
    """Word and number of a heading that is counted as phases are, "Phase 2: Move", with a window or without."""
    m = _matched(text)
    return (m["word"], _counted(m["number"])) if m else None


def has_number_and_window(text: str) -> bool:
    """Whether a heading tells both, however it is counted: "1st stage: Prepare (HH:MM-HH:MM)"."""
    title, window = _title_and_window(text)
    return _WINDOW.fullmatch(window) is not None and re.search(r"\d", title) is not None


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


def _roman(number: int) -> str:
    return "X" * (number // 10) + _ROMAN[number % 10]


def _counted(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    return next((n for n in range(1, 40) if _roman(n) == numeral), ord(numeral[0]) - ord("A") + 1)


def _numeral(number: int, own: str) -> str:
    """``number`` in the numerals of ``own``."""
    if _counted(own) == number:
        return own
    letters = chr(ord("A") + number - 1) if number <= 26 else str(number)
    roman = _roman(number) if number < 40 else str(number)
    return str(number) if own.isdigit() else roman if set(own) <= set("IVX") else letters


def phase_name(word: str, number: int, like: str) -> str:
    """What a phase is called before its title, "Stage B", in the numerals and blanks of the heading ``like``."""
    m = _matched(like)
    return f"{word}{' ' if not m or m['blank'] else ''}{_numeral(number, m['number'] if m else '1')}"


def phase_text(word: str, number: int, title: str, window: str, like: str) -> str:
    """The words of a phase's heading, set as those of the heading ``like`` are; ``phase_heading`` reads them back."""
    m, bold = _matched(like), _BOLD.fullmatch(like)
    sep = m["sep"].rstrip() if m else ":"
    space = "" if sep.endswith("\uff1a") else " "  # the wide colon has its own
    words = f"{phase_name(word, number, like)}{sep}{space}{phase_words(title, window, m[0] if m else '')}"
    whole = f"{like[:2]}{words}{like[:2]}"
    return whole if bold and _BOLD.fullmatch(whole) else words


def _title_and_window(rest: str) -> tuple[str, str]:
    """What ``phase_words`` wrote: a backslash before the last parenthesis says that it isn't what it looks like."""
    told = rest[-2:-1] == "\\" and rest.endswith(_CLOSING)
    base = f"{rest[:-2]}{rest[-1]}" if told else rest
    m = _LAST_PARENTHESES.search(base)
    if m and _is_window(m) != told:
        return base[: m.start()].rstrip(), _inner(m)
    return base, ""


def _inner(m: re.Match[str]) -> str:
    """What stands in the last parentheses, however wide they are."""
    return str(m["inner"] if m["wide"] is None else m["wide"])


def _is_window(m: re.Match[str]) -> bool:
    return _WINDOW_IN_RECORD.search(_inner(m)) is not None


def phase_words(title: str, window: str, like: str = "") -> str:
    """A phase's ``title`` and ``window``, as they end its heading, in parentheses as wide as the signs of ``like``."""
    as_like = like.endswith("\uff09") or ("\uff1a" in like and not like.endswith(")"))
    is_wide = as_like and not re.search("[\uff08\uff09]", window) and not title.endswith("\\")
    base = (f"{title}\uff08{window}\uff09" if is_wide else f"{title} ({window})") if window else title
    if not base.endswith(_CLOSING):
        return base
    m = _LAST_PARENTHESES.search(base)
    natural = base[-2:-1] == "\\" if not m else _is_window(m) != bool(window)
    return f"{base[:-1]}\\{base[-1]}" if natural else base

"""How an answer is embedded in Markdown so that it can't change the structure around it, and what it may hold.

``inline`` has what stays on one line, ``blocks`` what may have many; ``normal`` says which texts the laws are
about, and ``refuse_unstorable`` which are none.
"""

from __future__ import annotations

from records.document.blocks import fence_for, fenced, from_bullet, from_free, in_bullet, in_free, in_markdown
from records.document.inline import from_heading, from_line, in_bold, in_heading, in_line
from records.document.lines import is_blank
from records.document.outline import FREE
from records.document.unusable import Unusable

__all__ = [
    "fence_for",
    "fenced",
    "from_bullet",
    "from_free",
    "from_heading",
    "from_line",
    "in_bold",
    "in_bullet",
    "in_free",
    "in_heading",
    "in_line",
    "in_markdown",
    "normal",
    "refuse_unstorable",
]

UNNAMED = "[…]"
_WITHOUT_BLANK_ENDS = {*FREE, "bullet", "markdown"}
_ON_ONE_LINE = ("title", "line", "name", "value", "window", "language")


def normal(text: str, shape: str) -> str:
    """``text`` as an answer of ``shape`` is stored; the laws hold for these texts, every editor passes it.

    Line ends are LF. ``title``, ``line`` and ``value`` (of a metric) have one line and no blanks around it.
    ``unit`` has one line, blanks around it included, and no arrow.
    ``name`` (of a row, label or phase) too, and is never empty: a placeholder stands for it. ``window`` has no
    parentheses, which the heading puts around it, and no backslash; ``language`` no backticks.
    ``bullet`` (bullets, checks, texts of items) has no blank lines at its end, where Markdown has no place for
    them; ``text``, ``paragraph``, ``stanza`` and ``markdown`` (kept as it is) none at their beginning either. Anything
    else, ``fence``, keeps every character (law 5).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if shape == "unit":
        return " ".join(text.split("\n")).replace("→", "")
    if shape in _ON_ONE_LINE:
        return _on_one_line(" ".join(text.split("\n")).strip(), shape)
    if shape in _WITHOUT_BLANK_ENDS:
        lines = text.split("\n")
        while lines and is_blank(lines[-1]):
            lines.pop()
        while lines and shape != "bullet" and is_blank(lines[0]):
            lines.pop(0)
        return "\n".join(lines)
    return text


def _on_one_line(text: str, shape: str) -> str:
    if shape == "name":
        return text or UNNAMED
    if shape == "language":
        return text.replace("`", "").strip()
    if shape == "window":
        bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text
        return bare.translate(str.maketrans("()\\", "[]/")).strip()
    return text


def refuse_unstorable(text: str) -> None:
    """Raises Unusable, in words, for what no database keeps alike: NUL and lone surrogates (law 8)."""
    if "\0" in text:
        raise Unusable("This text holds a NUL character, which can't be stored.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unusable("This text holds half a character (a lone surrogate), which can't be stored.") from error

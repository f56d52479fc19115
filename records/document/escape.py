"""How an answer is embedded in Markdown so that it can't change the structure around it (law 3)."""

from __future__ import annotations

import re

_BACKTICK_RUN = re.compile(r"`+")


def fenced(text: str, info: str = "", indent: str = "") -> str:
    """``text`` (LF line ends) as a fenced block, indented by ``indent``, ending with a line end.

    The fence is longer than any run of backticks inside, so nothing in ``text`` can close it. Empty lines
    are not indented: a fence ignores their indentation, and files stay free of trailing blanks.
    """
    longest = max((len(run) for run in _BACKTICK_RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    body = text.split("\n") if text else []
    lines = [f"{fence}{info}", *body, fence]
    return "".join(f"{indent if line else ''}{line}\n" for line in lines)


def unfenced(source: str, indent: str = "") -> str:
    """The text inside a block written by ``fenced`` with the same ``indent``; its exact inverse."""
    body = source.split("\n")[1:-2]
    return "\n".join(line.removeprefix(indent) for line in body)

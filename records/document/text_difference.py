"""What differs between two texts, in words or in lines; both texts can be read off the difference."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

Kind = Literal["same", "ins", "del"]
Piece: TypeAlias = tuple[Kind, str]

# Times, dates, versions (1.0.0, v1.0.0) and addresses are words: half of one says nothing.
_TOKEN = re.compile(r"\s+|[^\W\d_]*\d+(?:[.,:/-]\d+)+|\w+|[^\w\s]")
# Above these sizes a text is shown as removed and added whole: comparing is quadratic at its worst.
MOST_WORDS, MOST_LINES, MOST_PAIRS = 3_000, 4_000, 200_000
# So many changed lines in a row are still compared with each other.
MOST_CHANGED = 12


def words(before: str, after: str) -> list[Piece]:
    """The difference of two texts word by word, neighbours of one kind joined; both texts can be read off it."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return _by_line(before, after)
    return _joined(_pieces(old, new))


def lines(before: str, after: str) -> list[Piece]:
    """The difference of two texts line by line; a piece is one line with its line end.

    The last line is given one too, else it would count as changed where another one came or went behind it.
    """
    return _by_line(*(f"{text}\n" if text else "" for text in (before, after)))


def _by_line(before: str, after: str) -> list[Piece]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > MOST_LINES:
        return [*(("del", line) for line in old), *(("ins", line) for line in new)]
    return _pieces(old, new)


def by_word(pieces: Sequence[Piece]) -> list[tuple[Kind, list[Piece]]]:
    """Each of ``pieces``, which are lines, with what differs in it from the line that it replaces or is replaced by.

    A line that was changed is one that keeps half of its text; others came or went as a whole.
    """
    found: list[tuple[Kind, list[Piece]]] = [(kind, [("same", text)]) for kind, text in pieces]
    at = 0
    while at < len(pieces):
        gone = _run(pieces, at, "del")
        come = _run(pieces, gone.stop, "ins")
        if len(gone) * len(come) <= MOST_CHANGED**2:
            _pair(pieces, gone, come, found)
        at = max(come.stop, at + 1)
    return found


def _run(pieces: Sequence[Piece], start: int, kind: Kind) -> range:
    end = start
    while end < len(pieces) and pieces[end][0] == kind:
        end += 1
    return range(start, end)


def _pair(pieces: Sequence[Piece], gone: range, come: range, found: list[tuple[Kind, list[Piece]]]) -> None:
    """Mark the words of each line in ``gone`` and of the first one in ``come`` that it became, in their order."""
    free = come.start
    for old in gone:
        for new in range(free, come.stop):
            told = words(pieces[old][1], pieces[new][1])
            kept = sum(len(text) for kind, text in told if kind == "same")
            if 2 * kept > max(len(pieces[old][1]), len(pieces[new][1])):
                found[old] = ("del", [piece for piece in told if piece[0] != "ins"])
                found[new] = ("ins", [piece for piece in told if piece[0] != "del"])
                free = new + 1
                break


def _pieces(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    # What is compared with what: a token that stands often on both sides makes even a short text take minutes.
    often = Counter(new)
    if sum(count * often[token] for token, count in Counter(old).items()) > MOST_PAIRS:
        return [*(("del", token) for token in old), *(("ins", token) for token in new)]
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += [("same", token) for token in old[a:b]]
        else:
            pieces += [("del", token) for token in old[a:b]]
            pieces += [("ins", token) for token in new[c:d]]
    return pieces


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; a blank that stayed between two changes is changed with them."""
    merged: list[Piece] = []
    removed, added = "", ""

    def flush() -> None:
        nonlocal removed, added
        merged.extend(piece for piece in (("del", removed), ("ins", added)) if piece[1])
        removed = added = ""

    for at, (kind, text) in enumerate(pieces):
        if kind == "del":
            removed += text
        elif kind == "ins":
            added += text
        elif text.isspace() and "\n" not in text and _between_changes(pieces, at):
            removed, added = removed + text, added + text
        else:
            flush()
            if merged and merged[-1][0] == "same":
                merged[-1] = ("same", merged[-1][1] + text)
            else:
                merged.append(("same", text))
    flush()
    return merged


def _between_changes(pieces: Sequence[Piece], at: int) -> bool:
    return 0 < at < len(pieces) - 1 and pieces[at - 1][0] != "same" and pieces[at + 1][0] != "same"

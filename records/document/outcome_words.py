"""What a template's own words say of how an operation went, as far as the words themselves tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

OUTCOMES = ("in_progress", "completed", "failed", "rolled_back")

# The whole of a word counts, signs and case aside: "Unsuccessful" and "Partly done" are nobody's guess.
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "in_progress": (
        "in progress", "under way", "underway", "ongoing", "running", "started", "open", "pending",
        "in arbeit", "in durchführung", "laufend", "läuft", "begonnen", "offen", "ausstehend",
    ),
    "completed": (
        "completed successfully", "completed", "complete", "successful", "success", "succeeded", "done", "ok",
        "erfolgreich abgeschlossen", "erfolgreich", "erfolg", "abgeschlossen", "erledigt",
    ),
    "failed": ("failed", "failure", "unsuccessful", "fehlgeschlagen", "gescheitert", "misslungen", "nicht erfolgreich"),
    "rolled_back": (
        "rolled back", "rollback", "reverted", "undone", "turned around", "backed out",
        "zurückgerollt", "zurückgesetzt", "zurückgenommen", "rückgängig gemacht",
    ),
}  # fmt: skip
_SIGNS: Mapping[str, str] = {
    "in_progress": "🔄⏳🚧",
    "completed": "✅✔☑",
    "failed": "❌✖✘",
    "rolled_back": "🔁↩⏪",
}


def guessed_outcomes(words: Sequence[str]) -> dict[str, str]:
    """The outcome of each of ``words`` that can mean no other: by what it says, else by a sign that it alone has."""
    found = {word: outcome for word in words if (outcome := _said(word))}
    taken = set(found.values())
    signed = {word: outcome for word in words if word not in found and (outcome := _signed(word))}
    alone = [outcome for outcome in signed.values() if [*signed.values()].count(outcome) == 1]
    return found | {word: outcome for word, outcome in signed.items() if outcome in alone and outcome not in taken}


def _said(word: str) -> str:
    plain = " ".join(re.findall(r"[^\W_]+", word.casefold()))
    return next((outcome for outcome, known in _KNOWN.items() if plain in known), "")


def _signed(word: str) -> str:
    found = [outcome for outcome, signs in _SIGNS.items() if any(sign in word for sign in signs)]
    return found[0] if len(found) == 1 else ""

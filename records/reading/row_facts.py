"""What the plan says of its rows beside the text: hosts, estimates, expected results; part of what is approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.document.differences import row_labels
from records.document.outline import Section
from records.reading.unseen import visible_command


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What the plan says of a row beside its text."""

    label: str
    facts: Sequence[tuple[str, str]]


def _told(name: str, text: str) -> str:
    if name == "lower_is_better":
        return {"yes": _("lower"), "no": _("higher")}.get(text, text)
    return visible_command(text) if name == "host" else text


def row_facts(sections: Iterable[Section], facts: Mapping[str, str]) -> list[RowFacts]:
    """The plan facts of ``sections`` that have no line in the text, by row; ``facts`` are by "row.name"."""
    names = {
        "host": _("Host"),
        "estimate": _("Estimate"),
        "expected": _("Expected result"),
        "ask_before": _("Ask before"),
        "point_of_no_return": _("Point of no return"),
        "witness": _("Needs a witness"),
        "limit": _("Limit"),
        "lower_is_better": _("Better"),
    }
    found = []
    for section in sections:
        for row, label in row_labels(section).items():
            told = [
                (word, _told(name, text)) for name, word in names.items() if (text := facts.get(f"{row}.{name}", ""))
            ]
            if told:
                found.append(RowFacts(label, told))
    return found

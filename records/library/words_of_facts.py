"""What the facts that a template's lines hold are called in sentences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

WORDS = {
    "id": gettext_lazy("operation ID"),
    "date": gettext_lazy("date"),
    "time": gettext_lazy("time"),
    "end": gettext_lazy("end of the window"),
    "operator": gettext_lazy("operator"),
    "supervisor": gettext_lazy("supervisor"),
    "risk": gettext_lazy("risk level"),
    "impact": gettext_lazy("service impact"),
    "status": gettext_lazy("outcome"),
    "completed": gettext_lazy("time of completion"),
    "improvements": gettext_lazy("improvements that were measured"),
    "review": gettext_lazy("day of the next review"),
    "standard": gettext_lazy("template's name and version"),
}


def fact_words(fact: str) -> str:
    """What ``fact`` is called."""
    return str(WORDS[fact])

"""What the kinds of groups and the times when a part is due are called."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.document.outline import Answer, Group, Rows

KIND_WORDS = {
    "fields": gettext_lazy("labelled fields"),
    "steps": gettext_lazy("steps"),
    "risks": gettext_lazy("risks"),
    "checks": gettext_lazy("checks"),
    "triggers": gettext_lazy("rollback triggers"),
    "validations": gettext_lazy("validations after a rollback"),
    "text": gettext_lazy("free text"),
    "metrics": gettext_lazy("measured values"),
}
DUE_WORDS = {
    "plan": gettext_lazy("before review"),
    "open": gettext_lazy("before the start"),
    "close": gettext_lazy("after the run"),
}


def due_words(part: str, since: str) -> str:
    """When a part is due, and from which risk level on."""
    words = str(DUE_WORDS[part])
    return _("%(when)s, from %(level)s") % {"when": words, "level": since} if since else words


def read_words(group: Group) -> str:
    """What a group was read as, in words."""
    if group.phase:
        return _("a phase with steps")
    kinds = [block.kind for block in group.blocks if isinstance(block, Rows)]
    if kinds:
        return str(KIND_WORDS.get(kinds[0], kinds[0]))
    shapes = {block.shape for block in group.blocks if isinstance(block, Answer)}
    return str(KIND_WORDS["fields" if "bullet" in shapes else "text"])

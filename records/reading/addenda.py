"""Addenda as their record's page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records.content.addenda import Added
from records.reading.headings import below_a_heading
from records.reading.rendering import render


@dataclass(frozen=True, slots=True)
class AddendumShown:
    """An addendum as its record's page shows it."""

    added: Added
    rendered: SafeString
    status: str
    tint: str
    icon: str


def addendum_shown(added: Added) -> AddendumShown:
    """An addendum with what became of it, in words."""
    rendered = below_a_heading(below_a_heading(render(added.text)))
    if added.decision is None:
        return AddendumShown(added, rendered, _("Waits for its sign-off"), "warn", "clock")
    if added.is_signed_off:
        return AddendumShown(added, rendered, _("Signed off"), "ok", "done")
    return AddendumShown(added, rendered, _("Turned down"), "bad", "cross")

"""What happened to a record lately: its acts and the saves of its sections, newest first, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.models import AuditEntry, FieldChange, Operation
from records.views.addresses import address

READ = 60


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the feed: who did what when, and the section it leads to."""

    person: str
    words: str
    moment: dt.datetime
    title: str = ""
    url: str = ""
    icon: str = ""


def activity(operation: Operation, titles: Mapping[str, str], limit: int = 8) -> list[Happened]:
    """The newest lines. ``titles`` names the sections by key. Two queries; a run of saves of a section is one line."""
    acts = AuditEntry.objects.filter(operation=operation).defer("entry", "hash")[:limit]
    told = _told()
    found = [Happened(one.person_name, told.get(one.act, one.act.replace("_", " ")), one.at) for one in acts]
    newest: dict[tuple[int, str], Happened] = {}
    changes = FieldChange.objects.filter(operation=operation).select_related("person").defer("before", "after")
    for change in changes[:READ]:
        key = (change.person_id, change.section_key)
        if key not in newest:
            title = titles.get(change.section_key, change.section_key)
            url = address("section", operation.pk, change.section_key)
            newest[key] = Happened(str(change.person), _("edited"), change.at, title, url)
    return sorted([*found, *newest.values()], key=lambda one: one.moment, reverse=True)[:limit]


def _told() -> dict[str, str]:
    """The acts as what somebody did."""
    return {
        "create": _("started this record"),
        "import": _("brought this record in from Markdown"),
        "name_people": _("named the people"),
        "submit": _("sent it for review"),
        "withdraw": _("withdrew it from review"),
        "ask_for_changes": _("asked for changes"),
        "reject": _("rejected it"),
        "approve": _("approved it"),
        "take_back_approval": _("took the approval back"),
        "change_plan": _("opened the plan again"),
        "cancel": _("cancelled it"),
        "tick_condition": _("ticked a start condition"),
        "allow_start": _("allowed the start"),
        "start": _("started the operation"),
        "call_off": _("called it off"),
        "roll_back": _("started to roll back"),
        "finish_work": _("finished the work"),
        "reopen_run": _("reopened the run"),
        "sign_as_operator": _("signed it as operator"),
        "sign_off": _("signed it off"),
    }

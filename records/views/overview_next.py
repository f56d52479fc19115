"""What comes next for a record, and what still stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.decided import deciding, one_of
from records.forms.controls import anchor_of, plain_label
from records.models import Operation, Person, Section, State
from records.models.states import EDITABLE, UNDER_WAY
from records.rights import may_edit_plan
from records.views.addresses import address
from records.writing.counts import counted
from records.writing.readiness import sections_gone
from records.writing.section_status import SectionStatus, next_open


@dataclass(frozen=True, slots=True)
class Onward:
    """The one button of the page."""

    words: str
    url: str


def signing_now(operation: Operation) -> Sequence[Person]:
    """Who may sign the record off, while the operator has signed and that is what it waits for."""
    if operation.state != State.CLOSING or not operation.final_text_id:
        return ()
    return deciding().signing_off(operation, timezone.now().date())


def onward_from(
    operation: Operation, person: Person, found: Sequence[SectionStatus], signing: Sequence[Person]
) -> Onward | None:
    """What ``person`` does next; ``signing`` are those who may sign it off now."""
    state = State(operation.state)
    if state in EDITABLE:
        if not may_edit_plan(person, operation):
            return None
        onward = next_open(found)
        if onward:
            words = _("Continue: %(section)s") % {"section": onward.title}
            return Onward(words, address("section", operation.pk, onward.key))
        return Onward(_("Check answers and submit"), address("check", operation.pk))
    if operation.owes_plan and may_edit_plan(person, operation):
        if onward := next_open(found):
            words = _("Continue: %(section)s") % {"section": onward.title}
            return Onward(words, address("section", operation.pk, onward.key))
        return Onward(_("Complete the plan"), address("complete_plan", operation.pk))
    pages = {
        State.IN_REVIEW: ("review", _("Open the review")),
        State.APPROVED: ("run", _("Go to the run page")),
        State.RUNNING: ("run", _("Go to the run page")),
        State.ROLLING_BACK: ("rollback", _("Go to the rollback page")),
        State.CLOSING: ("close", _("Close the record")),
    }
    name, words = pages.get(state, ("", ""))
    if state == State.CLOSING and operation.final_text_id:
        if person not in signing:
            return None
        name, words = "sign_off", _("Go to the sign-off")
    return Onward(words, address(name, operation.pk)) if name else None


def needed_for(
    operation: Operation, sections: Sequence[Section], found: Sequence[SectionStatus], signing: Sequence[Person]
) -> dict[str, Any]:
    """What stops the record: until review the plan, then what is asked for at the start, then what closing asks for.

    Few things are told one by one.
    """
    if operation.state == State.CLOSING and operation.final_text_id:
        names = one_of(signing) or _("nobody at present: it takes a supervisor who neither ran nor wrote it")
        return {"title": _("Waiting for sign-off"), "waits": _("Sign-off by: %(names)s") % {"names": names}}
    before = operation.state in EDITABLE
    starts = operation.state == State.APPROVED
    parts = {"plan"} if before else {"open"} if starts else {"open", "close"}
    parts |= {"plan"} if operation.owes_plan else set()
    if not before and operation.state not in (State.APPROVED, *UNDER_WAY, State.CLOSING):
        return {}
    todo = []
    for one in found:
        url = address("section", operation.pk, one.key)
        missing = [(key, label) for key, label, part in one.missing if part in parts]
        if len(missing) > 2:
            words = ngettext("%d field to fill", "%d fields to fill", len(missing)) % len(missing)
            todo.append({"icon": "empty", "url": url, "title": f"{one.title}:", "words": words})
        else:
            for key, label in missing:
                query = urlencode({"at": key.rsplit(".", 1)[0]})
                todo.append(
                    {
                        "icon": "empty",
                        "url": f"{url}?{query}#{anchor_of(key)}",
                        "title": plain_label(label),
                        "words": _("is open"),
                    }
                )
        if one.carried and before:
            words = ngettext("%d answer to look at", "%d answers to look at", one.carried) % one.carried
            todo.append({"icon": "copy", "url": url, "title": f"{one.title}:", "words": words})
        if one.confirm and (before or starts):
            words = ngettext("%d answer to confirm", "%d answers to confirm", one.confirm) % one.confirm
            todo.append({"icon": "clock", "url": url, "title": f"{one.title}:", "words": words})
    if "plan" in parts:
        for gone in sections_gone({own.key for own in sections}, operation.outline, operation.risk_level):
            url = address("section", operation.pk, gone.section)
            todo.append({"icon": "empty", "url": url, "title": gone.label, "words": ""})
    count = counted((own.progress for own in sections), *parts)
    later = _("Before it can start") if starts else _("Before it can be closed")
    title = _("Before you can submit") if before else later
    return {"title": title, "todo": todo, "count": count}

"""A press that waited on a device and comes too late to count: what was typed with it is noted all the same."""

from __future__ import annotations

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from records.models import Operation, Person
from records.refusals import WrongOrder
from records.run import logbook
from records.views.run_acts import act
from records.views.run_posted import happened_in, text_in
from records.views.step_acts import ON_STEPS

# What somebody types or taps at a step, a check or a trigger, in the order in which it is read.
TYPED = ("note", "problem", "evidence", "reason", "skip", "out_of_order", "title", "commands", "words")


def act_or_note(operation: Operation, person: Person, posted: QueryDict) -> str:
    """Do what was pressed; where the record has moved on meanwhile, note it and say so in the words that come back.

    Only for a press that waited: whoever looks at the page still has the text before them. Raises what ``act`` raises
    where no note can be written either: then the text stays on the device.
    """
    try:
        with transaction.atomic():
            act(operation, person, posted)
    except WrongOrder as error:
        if not posted.get("late") or posted.get("do", "").partition(":")[0] not in ON_STEPS:
            raise
        return _noted(operation, person, posted, error)
    return ""


def _noted(operation: Operation, person: Person, posted: QueryDict, error: WrongOrder) -> str:
    typed = "\n".join(text for name in TYPED if (text := text_in(posted, name).strip()))
    why = _("Pressed too, and no longer counted. %(why)s") % {"why": error}
    text = f"{typed} ({why})" if typed else why
    logbook.note(operation, text=text, step_key=posted.get("key", ""), by=person, happened=happened_in(posted))
    added = _("Your note was added to the log.") if typed else _("That you pressed it too was added to the log.")
    return f"{error} {added}"

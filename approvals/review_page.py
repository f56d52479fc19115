"""What the review page shows around its views: tabs, facts, what was looked at, the decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.checks import Checked, checks_for
from approvals.comment_forms import Talk, Writing
from approvals.draft_talk import DraftReading
from approvals.forms import Choice, DecisionForm
from approvals.offers import offers_for
from approvals.reading import Reading
from approvals.review_parts import PARTS, comments_part, part_of
from approvals.waiting import decide_by, was_sent_late
from records.content.frozen import hides
from records.document.differences import count
from records.from_now import relative
from records.models import Operation, Revision, State
from records.models.states import EDITABLE, ENDED
from records.rights import may_edit_plan
from records.templatetags.look import pill, when, window
from records.views.head import head


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the page; ``count`` is a number, or a few words, behind its name."""

    words: str
    url: str
    current: bool
    count: str = ""


def review_context(reading: Reading, view: str, form: DecisionForm, writing: Writing | None = None) -> dict[str, Any]:
    """What the page shows of ``reading`` in ``view``; without one, what is new to this reader."""
    view = view if view in PARTS else "changes" if reading.base else "brief"
    note = _("Revision %(number)s, submitted by %(person)s %(ago)s")
    ago = relative(reading.revision.submitted_at, timezone.now())
    told = {"number": reading.revision.number, "person": reading.revision.submitted_by, "ago": ago}
    context = head(
        reading.operation,
        reading.person,
        _("Review"),
        (),
        newest=reading.revision,
        note=note % told,
        given=reading.standing.counted,
        told=_facts(reading),
    )
    checks = checks_for(reading)
    context |= {
        "reading": reading,
        "revision": reading.revision,
        "view": view,
        "tabs": _tabs(reading, view),
        "form": form,
        "problems": _problems(form),
        "chosen": form.data.get("decision", ""),
        "choices": _choices(reading.revision),
        "checks": checks,
        "noticed": _noticed(checks),
        "refused": reading.right.reason,
        "decision_title": _("Your decision") if _is_open(reading) else _("Where it stands"),
        "offers": offers_for(reading),
        "digest": reading.revision.digest,
        "seen_field": form["invisible_seen"] if hides(reading.revision) else None,
    }
    context["progress"] = _progress(reading)
    return context | _talk(reading, view, writing) | part_of(reading, view)


def draft_context(reading: DraftReading, writing: Writing | None = None) -> dict[str, Any]:
    """What the page of comments shows of a draft that was never sent for review."""
    context = head(reading.operation, reading.person, _("Comments")) | {"reading": reading, "view": "comments"}
    return context | _talk(reading, "comments", writing) | comments_part(reading)


def _talk(reading: Talk, view: str, writing: Writing | None) -> dict[str, Any]:
    """What comments need: the form that is open, where the page is, and what was not sent yet."""
    mine = [one for thread in reading.threads for one in thread.comments if one.sent_at is None]
    return {
        "writing": writing,
        "can_talk": reading.operation.state not in ENDED,
        "may_write": bool(may_edit_plan(reading.person, reading.operation)),
        "pending": len(mine),
        "whole_url": _whole_url(reading),
        "here_query": urlencode({"view": view} | ({"base": reading.base.name} if reading.base else {})),
    }


def _whole_url(reading: Talk) -> str:
    if isinstance(reading, Reading):
        return reverse("review", args=[reading.operation.pk]) + "?view=whole"
    return reverse("record_markdown", args=[reading.operation.pk])


def _progress(reading: Reading) -> str:
    """How much the reader has marked as viewed: of what changed since their last review, at first of the whole."""
    sections = reading.to_read
    if not sections:
        return ""
    told = ngettext("%(done)s of %(all)s section viewed", "%(done)s of %(all)s sections viewed", len(sections))
    return told % {"done": len(reading.viewed & set(sections)), "all": len(sections)}


def _noticed(checks: Sequence[Checked]) -> dict[str, str]:
    """How ready the plan looks, in a few words: what above the decision is wrong, or asks for a look."""
    number = sum(max(len(one.more), 1) for one in checks if one.level != "ok")
    if not number:
        return {"icon": "done", "words": _("Nothing stands out")}
    return {
        "icon": "alert",
        "words": ngettext("%(n)s thing to look at", "%(n)s things to look at", number) % {"n": number},
    }


def _problems(form: DecisionForm) -> list[tuple[str, str]]:
    """What is wrong with the form, each with the place to mend it."""
    anchors = {
        "decision": "#decision-1",
        "reason": "#id_reason",
        "password": "#id_password",
        "invisible_seen": "#id_invisible_seen",
    }
    return [(anchors.get(name, ""), str(error)) for name, errors in form.errors.items() for error in errors]


def _is_open(reading: Reading) -> bool:
    """Whether anybody can decide on it now."""
    return reading.operation.state == State.IN_REVIEW


def _facts(reading: Reading) -> list[tuple[str, object]]:
    operation = reading.operation
    facts: list[tuple[str, object]] = [(_("Window"), _window(reading))]
    if _is_open(reading) and (by := decide_by(operation)):
        facts.append(_wanted(operation, by))
    if operation.service_impact:
        facts.append((_("Service impact"), operation.service_impact))
    facts.append((_("Approvals"), reading.standing.words))
    signed = [decision.person_name for _role, decision in reading.standing.counted]
    return [*facts, (_("Approved by"), _(" and ").join(signed))] if signed else facts


def _wanted(operation: Operation, by: dt.datetime) -> tuple[str, object]:
    """By when a decision is wanted; of a plan that was sent after that, what is left to do."""
    if was_sent_late(operation):
        return _("Decision"), _("wanted before it was sent: decide now, or ask for another date")
    if by < timezone.now():
        return _("Decision wanted by"), format_html("{} {}", when(by), pill("bad", "clock", _("late")))
    return _("Decision wanted by"), when(by)


def _window(reading: Reading) -> object:
    """The window that was sent: while a record is being changed, its own is the draft's already."""
    timed = reading.operation.state in EDITABLE and reading.run.start is not None
    start, end = reading.run.start, reading.run.end
    return window(start, end) if timed else window(reading.operation.window_start, reading.operation.window_end)


def _tabs(reading: Reading, view: str) -> list[Tab]:
    page = reverse("review", args=[reading.operation.pk])
    base = f"&base={reading.base.name}" if reading.base else ""
    words = {
        "brief": _("Brief"),
        "changes": _("Changes"),
        "whole": _("Whole record"),
        "comments": _("Comments"),
        "source": _("Source"),
        "time": _("Time plan"),
        "history": _("Decisions"),
    }
    counts = {"changes": str(count(reading.changes)) if reading.base else "", "comments": _open_words(reading)}
    return [Tab(word, f"{page}?view={name}{base}", name == view, counts.get(name, "")) for name, word in words.items()]


def _open_words(reading: Reading) -> str:
    """How many threads are not settled."""
    number = sum(not one.is_settled for one in reading.threads)
    return ngettext("%s open", "%s open", number) % number if number else ""


def _choices(revision: Revision) -> list[dict[str, str]]:
    words = {
        Choice.APPROVE: _("Exactly revision %(number)s, as shown here"),
        Choice.ASK: _("It goes back to its author, with your reason"),
        Choice.REJECT: _("It ends here; it can be started anew"),
    }
    return [
        {"value": choice.value, "title": str(choice.label), "words": words[choice] % {"number": revision.number}}
        for choice in Choice
    ]

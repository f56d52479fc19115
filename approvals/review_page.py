"""What the review page shows: its tabs, its facts, and the part that each of its views is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.checks import checks_for
from approvals.forms import Choice, DecisionForm
from approvals.models import Decision
from approvals.offers import offers_for
from approvals.reading import Reading, decided_on, people_named
from approvals.waiting import decide_by
from records.brief import brief_of
from records.decided import DecisionKind
from records.document.differences import count, row_labels
from records.frozen import Frozen
from records.models import Revision, State
from records.readiness import Missing, missing
from records.shown_changes import shown
from records.templatetags.look import when, window
from records.time_plan import Span, time_plan
from records.views.addresses import address
from records.views.head import head

VIEWS = ("changes", "whole", "source", "time", "history")


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the page."""

    words: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What the plan says of a row beside its text."""

    label: str
    facts: Sequence[tuple[str, str]]


def review_context(reading: Reading, view: str, form: DecisionForm) -> dict[str, Any]:
    """What the page shows of ``reading`` in ``view``; without one, what is new to this reader."""
    view = view if view in VIEWS else "changes" if reading.base else "whole"
    context = head(reading.operation, reading.person, _("Review"))
    context |= {
        "reading": reading,
        "revision": reading.revision,
        "view": view,
        "tabs": _tabs(reading, view),
        "pills_note": _("Revision %(number)s, submitted by %(person)s")
        % {"number": reading.revision.number, "person": reading.revision.submitted_by},
        "facts": _facts(reading),
        "form": form,
        "problems": _problems(form),
        "chosen": form.data.get("decision", ""),
        "choices": _choices(reading.revision),
        "checks": checks_for(reading),
        "refused": reading.right.reason,
        "decision_title": _("Your decision") if _is_open(reading) else _("Where it stands"),
        "offers": offers_for(reading),
        "digest": reading.revision.digest,
    }
    return context | _PARTS[view](reading)


def _problems(form: DecisionForm) -> list[tuple[str, str]]:
    """What is wrong with the form, each with the place to mend it."""
    anchors = {"decision": "#decision-1", "reason": "#id_reason", "password": "#id_password"}
    return [(anchors.get(name, ""), str(error)) for name, errors in form.errors.items() for error in errors]


def _is_open(reading: Reading) -> bool:
    """Whether anybody can decide on it now."""
    return reading.operation.state == State.IN_REVIEW


def _facts(reading: Reading) -> list[tuple[str, object]]:
    operation = reading.operation
    facts: list[tuple[str, object]] = [(_("Window"), window(operation.window_start, operation.window_end))]
    if _is_open(reading) and (by := decide_by(operation)):
        facts.append((_("Decision wanted by"), when(by)))
    if operation.service_impact:
        facts.append((_("Service impact"), operation.service_impact))
    facts.append((_("Approvals"), reading.standing.words))
    signed = [decision.person_name for _role, decision in reading.standing.counted]
    return [*facts, (_("Approved by"), _(" and ").join(signed))] if signed else facts


def _tabs(reading: Reading, view: str) -> list[Tab]:
    page = reverse("review", args=[reading.operation.pk])
    base = f"&base={reading.base.number}" if reading.base else ""
    words = [_("Changes"), _("Whole plan"), _("Source"), _("Time plan"), _("Decisions")]
    changed = count(reading.changes) if reading.base else None
    return [
        Tab(word, f"{page}?view={name}{base}", name == view, changed if name == "changes" else None)
        for name, word in zip(VIEWS, words, strict=True)
    ]


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


def _changes_part(reading: Reading) -> dict[str, Any]:
    sections = reading.changes
    return {
        "sections": shown(sections),
        "since": _since(reading, count(sections), len(sections)),
        "bases": reading.revisions[1:],
        "unchanged": len(reading.frozen.document.sections) - sum(one.key != "people" for one in sections),
    }


def _since(reading: Reading, fields: int, sections: int) -> str:
    """What the reader did last, and how much has changed since."""
    if reading.base is None:
        return ""
    changed = ngettext("%(fields)s field", "%(fields)s fields", fields) % {"fields": fields}
    where = ngettext("%(sections)s section", "%(sections)s sections", sections) % {"sections": sections}
    told = {"number": reading.base.number, "fields": changed, "sections": where}
    if reading.reviewed and reading.reviewed.revision_id == reading.base.pk:
        told["did"] = _did(reading.reviewed)
        return _("You %(did)s revision %(number)s. %(fields)s in %(sections)s changed since.") % told
    return _("%(fields)s in %(sections)s changed since revision %(number)s.") % told


def _did(decision: Decision) -> str:
    return {
        DecisionKind.APPROVE: _("approved"),
        DecisionKind.TAKE_BACK: _("took back your approval of"),
        DecisionKind.ASK_FOR_CHANGES: _("asked for changes on"),
    }.get(DecisionKind(decision.kind), _("rejected"))


def _whole_part(reading: Reading) -> dict[str, Any]:
    return {
        "brief": brief_of(reading.frozen, reading.run, reading.outline),
        "people": people_named(reading.frozen, reading.names),
        "row_facts": row_facts(reading.frozen),
        "has_later": bool(_later(reading)),
    }


def _later(reading: Reading) -> list[Missing]:
    """The open and close parts, which stand in the plan as the template has them."""
    return missing(reading.frozen.document, reading.outline, reading.operation.risk_level, ("open", "close"))


def row_facts(plan: Frozen) -> list[RowFacts]:
    """The plan facts that have no line in the text, by row."""
    names = {
        "host": _("Host"),
        "estimate": _("Estimate"),
        "expected": _("Expected result"),
        "ask_before": _("Ask before"),
        "point_of_no_return": _("Point of no return"),
        "limit": _("Limit"),
        "lower_is_better": _("Lower is better"),
    }
    found = []
    for section in plan.document.sections:
        for row, label in row_labels(section).items():
            told = [(word, text) for name, word in names.items() if (text := plan.facts.get(f"{row}.{name}", ""))]
            if told:
                found.append(RowFacts(label, told))
    return found


def _source_part(reading: Reading) -> dict[str, Any]:
    return {
        "size": len(bytes(reading.revision.plan_text)),
        "download_url": address("revision_text", reading.operation.pk, reading.revision.number),
    }


def _time_part(reading: Reading) -> dict[str, Any]:
    run = reading.run
    spans = [Span(phase.title, phase.start, phase.end) for phase in run.phases]
    plan = time_plan(spans, rollback=run.rollback_minutes, deadline=run.rollback_deadline)
    return {"plan": plan, "run": run}


def _history_part(reading: Reading) -> dict[str, Any]:
    return {
        "decided": decided_on(reading),
        "revisions": reading.revisions,
        "history_url": address("history", reading.operation.pk),
    }


_PARTS = {
    "changes": _changes_part,
    "whole": _whole_part,
    "source": _source_part,
    "time": _time_part,
    "history": _history_part,
}

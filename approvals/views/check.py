"""The last look before a plan is sent for review: all of it, what is missing, what to think about, who decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.between import people_named
from approvals.checks import NO_DEPUTY, NOBODY_ELSE, begun_words, lacks_deputy, overlaps
from approvals.eligibility import eligible_for, why_strictest
from approvals.submitting import is_upper
from approvals.waiting import DAY, decide_by
from records.content.assembly import Loaded, load_all
from records.content.freezing import annex_of
from records.content.frozen import with_annex
from records.document.outline import Document
from records.forms.controls import anchor_of, plain_label, row_anchor
from records.models import Operation, Person
from records.models.section import SectionKind
from records.models.states import EDITABLE
from records.reading.folding import folded_section
from records.reading.headings import as_part
from records.reading.row_facts import RowFacts, row_facts
from records.refusals import Incomplete, Refused, Unusable
from records.rights import may_submit, operation_for
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.head import head
from records.writing.marking import came_from
from records.writing.naming import id_to_come, id_trouble
from records.writing.people import PEOPLE, named_otherwise
from records.writing.plan_warnings import Warned, plan_warnings
from records.writing.readiness import Missing, missing, to_be_confirmed
from records.writing.section_status import SectionStatus, status_of, title_of

SHORT_NOTICE = gettext_lazy("The window begins within a day: who decides may not see it in time.")


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a list: where it leads, what it is about, what is the matter; ``lead`` stands before the link.

    One that keeps the operation from starting leads to the ``window`` too.
    """

    url: str
    title: str
    words: str = ""
    lead: str = ""
    window: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as it would be sent, with what stands beside its text, and the way to change it."""

    status: SectionStatus
    url: str
    html: SafeString
    beside: Sequence[RowFacts]


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the answers; a POST sends the plan for review, or says here what is still in the way."""
    person = person_of(request)
    operation = operation_for(person, pk, may_submit)
    if request.method != "POST":
        return _page(request, operation) if operation.state in EDITABLE else redirect("record", pk=pk)
    note = request.POST.get("note", "")
    try:
        hold = "carried_hold" in request.POST
        revision = actions.submit(operation, note=note, carried_hold=hold, by=person)
    except Incomplete as lacking:
        return _page(request, operation, lacking.missing, note=note, status=409)
    except (Refused, Unusable) as refusal:
        return _page(request, operation, [str(refusal)], note=note, status=409)
    messages.success(request, _("Revision %(number)s was sent for review.") % {"number": revision.number})
    return redirect("record", pk=pk)


def _page(
    request: HttpRequest, operation: Operation, lacking: Sequence[object] = (), *, note: str = "", status: int = 200
) -> HttpResponse:
    outline = operation.outline
    loaded = load_all(operation)
    document = Document(tuple(own.document for own in loaded), operation.front)
    annex = {key: text for own in loaded for key, text in own.annex().items()}
    plan = with_annex(document, annex_of(operation, loaded))
    needed = list(lacking) or [
        *missing(document, outline, operation.risk_level),
        *id_trouble(operation, document, outline),
    ]
    titles = {own.section.key: _status(operation, own).title for own in loaded}
    of = {fact: str(person) for fact in PEOPLE if (person := getattr(operation, fact))}
    found = [*named_otherwise(document, outline, of), *plan_warnings(document, outline, annex)]
    warned = [_warned(operation, one) for one in found]
    others = [*_nobody_else(operation), *_unseen(operation, loaded, titles)]
    warnings = [*_in_time(operation, person_of(request)), *others, *warned]
    context = {
        **head(operation, person_of(request), _("Check answers"), progress=[own.section.progress for own in loaded]),
        "needed": needed_lines(operation, needed),
        "confirm": [
            Said(_url(operation, one.key.split("/")[0], one.key), one.label, f"{one.by}: {one.reason}")
            for one in to_be_confirmed(document, outline)
        ],
        "warnings": warnings,
        "cannot_start": not all(one.fits for one in found),
        "seen_by_reviewers": _seen_by_reviewers(warnings),
        "decide_by": _wanted_by(operation),
        "eligibility": eligible_for(operation),
        "why_strictest": why_strictest(operation),
        "sections": [_shown(operation, own, plan.facts) for own in loaded if own.section.kind != SectionKind.GUIDANCE],
        "people": people_named(plan, dict(operation.named.names) | {one.pk: str(one) for one in operation.people()}),
        "id_to_come": _id_to_come(operation, document),
        "unread": sum(len(own.section.carried) for own in loaded) if is_upper(operation) else 0,
        "hold": "carried_hold" in request.POST,
        "note": note,
        "refused": bool(lacking),
    }
    context["number"] = context["newest_revision"].number + 1 if context["newest_revision"] else 1
    return render(request, "approvals/check.html", context, status=status)


def _status(operation: Operation, own: Loaded) -> SectionStatus:
    return status_of(own.section, operation.outline, state=operation.state)


def _shown(operation: Operation, own: Loaded, facts: Mapping[str, str]) -> Shown:
    url = address("section", operation.pk, own.section.key)
    html = as_part(folded_section(own.document, operation.outline, operation.risk_level))
    return Shown(_status(operation, own), url, html, row_facts([own.document], facts))


def _id_to_come(operation: Operation, document: Document) -> Said | None:
    """The ID that the record will be given, and the line where another can be written."""
    wanted, line = (
        id_to_come(operation, document, operation.outline),
        operation.outline and operation.outline.bound("id"),
    )
    return Said(_url(operation, line.key.split("/")[0], line.key), wanted) if wanted and line else None


def needed_lines(operation: Operation, needed: Iterable[object]) -> list[Said]:
    """What stops the plan; many fields of one section are one line. One query for the sections' names."""
    titles = {own.key: title_of(own) for own in operation.sections.only("key", "kind", "title", "operation_id")}
    by_section: dict[str, list[Missing]] = {}
    words = []
    for one in needed:
        if isinstance(one, Missing):
            by_section.setdefault(one.section, []).append(one)
        else:
            words.append(Said("", str(one)))
    lines: list[Said] = []
    for key, own in by_section.items():
        title = titles.get(key, "")
        if len(own) > 4:
            url = f"{address('section', operation.pk, key)}?still=1#problems"
            lines.append(Said(url, title, ngettext("%d field", "%d fields", len(own)) % len(own)))
        else:
            lines += [Said(_url(operation, key, one.key), plain_label(one.label), title) for one in own]
    return [*lines, *words]


def _wanted_by(operation: Operation) -> dt.datetime | None:
    """When a decision is wanted if the plan is sent now; nothing once the window has begun, which is warned of."""
    wanted, now = decide_by(operation), timezone.now()
    if operation.window_start and operation.window_start < now:
        return None
    return operation.window_start if wanted and wanted < now else wanted


def _in_time(operation: Operation, person: Person) -> list[Said]:
    """A window that is close, and what else happens in it."""
    start = operation.window_start
    words = str(SHORT_NOTICE)
    if start and start < timezone.now():
        words = begun_words(operation, start)
    close = [Said("", "", words)]
    soon = start is not None and start - timezone.now() < DAY
    found = [Said(one.url, one.title, lead=one.words) for one in overlaps(operation, person)]
    return [*(close if soon else ()), *found]


def _seen_by_reviewers(warnings: Iterable[Said]) -> str:
    """Whether reviewers see the warnings too: a short notice is told only to whom it may keep from sending."""
    is_short = [one.words == str(SHORT_NOTICE) for one in warnings]
    if not any(is_short):
        return _("Reviewers see this too.")
    return "" if all(is_short) else _("Reviewers see this too, except for the short notice.")


def _nobody_else(operation: Operation) -> list[Said]:
    """That nobody could take the run over, and where a deputy is named."""
    if not lacks_deputy(operation, operation.named.deputies):
        return []
    return [Said(address("record_people", operation.pk), str(NO_DEPUTY), str(NOBODY_ELSE))]


def _unseen(operation: Operation, loaded: Iterable[Loaded], titles: dict[str, str]) -> list[Said]:
    """The sections in which something came over from elsewhere that nobody has looked at."""
    counts = ((own.section.key, len(own.section.carried)) for own in loaded)
    return [
        Said(address("section", operation.pk, key), titles[key], _unseen_words(operation, n)) for key, n in counts if n
    ]


def _unseen_words(operation: Operation, number: int) -> str:
    return ngettext(
        "%(number)s answer came over from %(where)s, and nobody has looked at it.",
        "%(number)s answers came over from %(where)s, and nobody has looked at them.",
        number,
    ) % {"number": number, "where": came_from(operation)}


def _warned(operation: Operation, one: Warned) -> Said:
    window = "" if one.fits else _url(operation, *one.window)
    return Said(_url(operation, one.section, one.key, is_row=one.is_row), one.label, one.words, window=window)


def _url(operation: Operation, section: str, key: str, *, is_row: bool = False) -> str:
    """The place of a field, or of a row, on its section's page."""
    row = key.partition(".")[0]
    if not section:
        return address("record", operation.pk)
    section = "header" if section == "title" else section
    anchor = row_anchor(key) if is_row else anchor_of(key)
    return f"{address('section', operation.pk, section)}?{urlencode({'at': row})}#{anchor}"

"""A record's history, narrowed by field and person in the address; two revisions side by side; earlier texts back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from records.content.freezing import plan_now
from records.content.frozen import frozen
from records.content.renaming import under_names_of
from records.document.differences import count, differences, row_names
from records.models import Operation, Revision
from records.numbers import number_in
from records.pages_by_key import without
from records.reading.field_history import Narrowed, history_of
from records.reading.shown_changes import shown
from records.rights import may_edit, may_edit_plan, operation_for
from records.signed_in import person_of
from records.trail import reads_trail
from records.views.addresses import address
from records.views.head import head
from records.writing.restoring import restore_field, restore_revision
from records.writing.section_status import title_of

# Large, and not shown in the list; the head reads the rule.
BINARY = ("plan_text", "annex", "content")
DRAFT = "draft"
SEE_OTHER = 303


@login_required
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves and acts, newest first; above them the difference of two revisions, if two are chosen."""
    person = person_of(request)
    operation = operation_for(person, pk)
    sections = list(operation.sections.only("key", "title", "kind", "progress", "operation_id"))
    query = without(request.GET, "after")
    asked = Narrowed(
        field=request.GET.get("field", "").strip()[:300],
        person=request.GET.get("person", "").strip()[:150],
        after=request.GET.get("after", ""),
    )
    titles = {own.key: title_of(own) for own in sections}
    found = history_of(operation, asked, titles | _names_of_rows(operation))
    revisions = list(operation.revisions.order_by("-number").select_related("submitted_by").defer(*BINARY))
    query["after"] = found.older
    context = {
        **head(
            operation,
            person,
            _("History"),
            [own.progress for own in sections],
            newest=revisions[0] if revisions else None,
        ),
        "asked": asked,
        "entries": found.entries,
        "older_url": f"?{query.urlencode()}" if found.older else "",
        "newer_url": f"?{without(request.GET, 'after').urlencode()}" if asked.after else "",
        "revisions": revisions,
        "trail_url": f"{address('audit')}?record={operation.pk}" if reads_trail(person) else "",
        "may_restore": bool(may_edit(person, operation)),
        "may_restore_plan": bool(may_edit_plan(person, operation)),
        **_compared(operation, request.GET.get("from", ""), request.GET.get("to", "")),
    }
    return render(request, "records/history.html", context)


def _names_of_rows(operation: Operation) -> dict[str, str]:
    """What the rows of the newest frozen plan are called: the run's acts name them by key."""
    newest = operation.revisions.order_by("-number").first()
    sections = frozen(newest).document.sections if newest else ()
    return {key: name for section in sections for key, name in row_names(section).items()}


def _compared(operation: Operation, first: str, second: str) -> dict[str, Any]:
    """The difference of two revisions, the older first, or of one and the draft; nothing if they are not both there."""
    numbers = {number for one in (first, second) if (number := number_in(one, digits=9)) is not None}
    found: list[Revision] = list(operation.revisions.filter(number__in=numbers).order_by("number"))
    with_draft = DRAFT in (first, second)
    if len(found) + with_draft < 2:
        return {}
    until = None if with_draft else found[1].submitted_at
    old = under_names_of(frozen(found[0]), operation, since=found[0].submitted_at, until=until)
    new = plan_now(operation) if with_draft else frozen(found[1])
    sections = differences(old.document, new.document, old.facts, new.facts)
    return {
        "compared": shown(sections),
        "old": found[0],
        "new": None if with_draft else found[1],
        "changed": count(sections),
        "others_named": old.people != new.people,
    }


@login_required
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a revision, or what a field said before one of its changes, back into the draft."""
    person = person_of(request)
    operation = operation_for(person, pk)
    revision, change = (number_in(request.POST.get(name, "")) or 0 for name in ("revision", "change"))
    if revision:
        fields = restore_revision(operation, number=revision, by=person)
        words = ngettext("%(fields)s field changed.", "%(fields)s fields changed.", fields) % {"fields": fields}
        told = _("Revision %(number)s is back in the draft. %(words)s") % {"number": revision, "words": words}
        messages.success(request, told)
        return HttpResponseRedirect(address("record", pk), status=SEE_OTHER)
    section = restore_field(operation, change=change, by=person)
    messages.success(request, _("The earlier text is back. What stood there until now is in the history."))
    return HttpResponseRedirect(address("section", pk, section), status=SEE_OTHER)

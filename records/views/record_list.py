"""The list of records, with filters that live in the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from records.forms.record_filter import RecordFilter
from records.models import Operation, OperationTemplate
from records.pages_by_key import key_page
from records.rights import visible_to
from records.signed_in import person_of
from records.views.addresses import address

PEOPLE = ("author", "operator", "supervisor")
# What a line is drawn of: a page has dozens, and a record and its people hold much that no line shows.
SHOWN = (
    *("template", "title", "operation_id", "state", "outcome", "afterwards_reason", "emergency"),
    *("risk_level", "risk_rank", "window_start", "window_end", "started_at", "finished_at", "updated_at"),
    *(f"{person}__{name}" for person in PEOPLE for name in ("name", "username")),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A record as lists show it: where it leads, and among how many risk levels its own stands."""

    operation: Operation
    url: str
    risk_total: int


def listed(operation: Operation, levels: dict[int, tuple[str, ...]]) -> Listed:
    """``operation`` for a list; ``levels`` are those of each template."""
    own = levels.get(operation.template_id or 0, ())
    return Listed(operation, address("record", operation.pk), len(own))


def levels_of_templates() -> dict[int, tuple[str, ...]]:
    """The risk levels of each template, lowest first. One query."""
    return {template.pk: template.outline.settings.levels for template in OperationTemplate.objects.all()}


@login_required
@require_safe
def record_list(request: HttpRequest) -> HttpResponse:
    """All records that the person may see, those changed last first."""
    person = person_of(request)
    levels = levels_of_templates()
    words = dict.fromkeys(level for own in levels.values() for level in own)
    form = RecordFilter(request.GET, words)
    records = form.narrowed(visible_to(person), person).select_related(*PEOPLE).only(*SHOWN)
    page = key_page(records, request.GET, moment="updated_at")
    context = {
        "here": "records",
        "form": form,
        "chips": form.chips(),
        "rows": [listed(operation, levels) for operation in page.rows],
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "new_url": address("record_new"),
        "list_url": reverse("record_list"),
    }
    return render(request, "records/list.html", context)

"""The least that each page has to do."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from records.models import Operation, Section
from tests.bench.floor.models import Note

VALUES, ROWS = 134, 25


@login_required
@require_safe
def values(request: HttpRequest, pk: int) -> HttpResponse:
    """A record as 134 values, label and text."""
    operation = Operation.objects.select_related("author", "operator", "supervisor").get(pk=pk)
    sections = Section.objects.filter(operation=operation).order_by("position")
    pairs = [(key, text) for own in sections for key, text in own.answers.items()]
    shown = (pairs * (VALUES // max(len(pairs), 1) + 1))[:VALUES]
    return render(request, "floor/values.html", {"operation": operation, "pairs": shown})


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """A page of the newest records."""
    rows = Operation.objects.select_related("author", "operator", "supervisor").order_by("-updated_at", "-pk")[:ROWS]
    return render(request, "floor/list.html", {"rows": rows})


@login_required
@require_safe
def form(request: HttpRequest, count: int) -> HttpResponse:
    """A crispy form of so many text fields."""
    fields = {f"field_{number}": forms.CharField(widget=forms.Textarea, required=False) for number in range(count)}
    bound = type("Plain", (forms.Form,), fields)()
    bound.helper = FormHelper()
    return render(request, "floor/form.html", {"form": bound})


@login_required
@require_POST
def save(request: HttpRequest, pk: int) -> JsonResponse:
    """One field, and who changed it."""
    _change(request, pk)
    return JsonResponse({"saved": True})


@login_required
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The password again, a mark, and who made it."""
    assert request.user.is_authenticated
    if not request.user.check_password(request.POST["password"]):
        return HttpResponse(status=403)
    _change(request, pk)
    return HttpResponse(status=302, headers={"Location": "/list/"})


def _change(request: HttpRequest, pk: int) -> None:
    with transaction.atomic():
        operation = Operation.objects.select_for_update().get(pk=pk)
        operation.rollback_reason = request.POST.get("text", "")
        operation.save(update_fields=["rollback_reason"])
        Note.objects.create(operation=operation, person=request.user, words=operation.rollback_reason)

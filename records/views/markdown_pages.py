"""The record as Markdown: looked at, copied, printed, downloaded; and as JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.content.addenda import addenda_of
from records.models import Operation, State
from records.models.states import EDITABLE
from records.reading.addenda import addendum_shown
from records.reading.rendering import has_unseen, render_part
from records.reading.rendering import render as as_html
from records.rights import operation_for
from records.signed_in import person_of
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from records.transfer.records_out import markdown_of
from records.views.head import head

FINAL = (State.FINALIZED, State.IMPORTED)


@login_required
@require_safe
def record_markdown(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole record, rendered and as source."""
    operation = _operation(request, pk)
    return _page(request, operation, "records/markdown.html", _("Markdown"), render_part)


@login_required
@require_safe
def record_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole record as a document for paper."""
    operation = _operation(request, pk)
    return _page(request, operation, "records/print.html", _("Print"), as_html)


@login_required
@require_safe
def record_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The record's bytes as a file: the stored ones of a finalized record, else what is written in it now."""
    operation = _operation(request, pk)
    return _file(markdown_of(operation), "text/markdown; charset=utf-8", file_name(operation, "md"))


@login_required
@require_safe
def record_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The record as JSON, with keys, people and plan facts (records/transfer/record.schema.json)."""
    operation = _operation(request, pk)
    return _file(json_of(operation), "application/json", file_name(operation, "json"))


@login_required
@require_safe
def record_log(request: HttpRequest, pk: int) -> HttpResponse:
    """What the record has no line for: steps with their times, every line of the log, kept files, signatures."""
    operation = _operation(request, pk)
    return _file(companion_of(operation), "text/markdown; charset=utf-8", file_name(operation, "log.md"))


def file_name(operation: Operation, kind: str) -> str:
    """The name of the file that leaves; one that is not final says so first."""
    name = f"{operation.reference}.{kind}"
    if operation.state in FINAL:
        return name
    word = "DRAFT" if operation.state in EDITABLE else operation.state.upper().replace("_", "-")
    return f"{word}-{name}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _operation(request: HttpRequest, pk: int) -> Operation:
    person = person_of(request)
    return operation_for(person, pk)


def _page(
    request: HttpRequest, operation: Operation, page: str, title: str, rendered: Callable[[str], SafeString]
) -> HttpResponse:
    person = person_of(request)
    text = markdown_of(operation).decode()
    view = "source" if request.GET.get("view") == "source" else "rendered"
    context = {
        **head(operation, person, title, progress=()),
        "rendered": rendered(text),
        "source": text,
        "view": view,
        "invisible": has_unseen(text),
        "is_final": operation.state in FINAL,
        "final_text": operation.final_text,
        "file_name": file_name(operation, "md"),
        "addenda": [addendum_shown(one) for one in addenda_of(operation)] if operation.final_text else [],
    }
    return render(request, page, context)

"""Starting a record: from a template, or from Markdown that is looked at before it comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.bringing_in import bring_in, markdown_arrival
from records.document.mojibake import repaired
from records.document.outline import Document, Item, Loose, Rows
from records.document.read import read_record
from records.facts import facts_of
from records.forms.new_record import BringInForm, MarkdownForm, NewRecordForm, carried
from records.models import OperationTemplate, Person
from records.opening import open_record
from records.readiness import progress
from records.refusals import Refused
from records.rendering import render as as_html
from records.templates_in import template_said_in
from records.views.addresses import address
from records.views.section_answers import SeeOther

SHOWN_LINES = 12


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: HttpRequest) -> HttpResponse:
    """The ways to start a record; with a template chosen, the short form."""
    templates = newest_templates()
    asked = request.GET.get("template", "")
    if not asked:
        return render(request, "records/new.html", new_context(templates=templates, form=MarkdownForm()))
    chosen = next((one for one in OperationTemplate.objects.all() if str(one.pk) == asked), None)
    if chosen is None:
        raise Http404
    person = _person(request)
    form = NewRecordForm(
        request.POST if request.method == "POST" else None, outline=chosen.outline, initial={"operator": person}
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                operation = open_record(form.opening(), author=person, template=chosen)
                messages.success(request, _("The record is open. Fill its sections in any order."))
                return SeeOther(address("record", operation.pk))
            except (Refused, ValueError) as error:
                form.add_error(None, str(error))
        status = 400
    context = new_context(form=form, template=chosen, crumb=str(chosen))
    return render(request, "records/new_from_template.html", context, status=status)


@login_required
@require_http_methods(["POST"])
def record_read(request: HttpRequest) -> HttpResponse:
    """Show what a pasted or uploaded record is read as; nothing is stored yet."""
    form = MarkdownForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "records/new.html", new_context(templates=newest_templates(), form=form), status=400)
    text = form.cleaned_data["text"]
    template = form.cleaned_data["template"] or template_said_in(text) or template_said_in(repaired(text) or "")
    return _shown(request, text, template)


@login_required
@require_http_methods(["POST"])
def record_bring_in(request: HttpRequest) -> HttpResponse:
    """Make a draft of what was shown."""
    form = BringInForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        context = new_context(templates=newest_templates(), form=MarkdownForm(), problems=[("", str(problem))])
        return render(request, "records/new.html", context, status=400)
    came, template = form.cleaned_data["content"], form.cleaned_data["template"]
    text = (repaired(came) if form.cleaned_data["repair"] == "yes" else None) or came
    try:
        arrival = markdown_arrival(text, template, came=came)
        operation, _hints = bring_in(arrival, author=_person(request), at=timezone.now())
    except (Refused, ValueError) as error:
        return _shown(request, came, template, [("", str(error))])
    messages.success(request, _("The record came in as a draft. Not a character was dropped."))
    return SeeOther(address("record", operation.pk))


def newest_templates() -> list[OperationTemplate]:
    """The newest version of each template, by name."""
    found: dict[str, OperationTemplate] = {}
    for template in OperationTemplate.objects.order_by("name", "-added_at", "-pk"):
        found.setdefault(template.name, template)
    return list(found.values())


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def new_context(crumb: str = "", **more: Any) -> dict[str, Any]:
    """The context of a page that starts a record; ``crumb`` is what the page is called behind "New record"."""
    way = [(_("Records"), address("record_list")), (_("New record"), address("record_new") if crumb else "")]
    return {"here": "records", "crumbs": [*way, (crumb, "")] if crumb else way, **more}


# ---------------------------------------------------------------- what a text is read as


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section as it was recognised."""

    title: str
    answered: int
    due: int


def _shown(
    request: HttpRequest, text: str, template: OperationTemplate | None, problems: list[tuple[str, str]] | None = None
) -> HttpResponse:
    meant = repaired(text)
    try:
        document = read_record(meant or text, template.outline.document if template else None)
    except ValueError as error:
        form = MarkdownForm(initial={"text": text})
        context = new_context(templates=newest_templates(), form=form, problems=[("#id_text", str(error))])
        return render(request, "records/new.html", context, status=400)
    initial = {"content": carried(text), "template": template}
    context = new_context(
        crumb=_("From Markdown"),
        form=BringInForm(initial=initial),
        template=template,
        title=facts_of(document, template.outline if template else None).title,
        sections=_sections(document, template),
        loose=_loose(document) if template else [],
        repairs=_repairs(text, meant) if meant else [],
        rendered=as_html(meant or text),
        problems=problems or [],
    )
    return render(request, "records/new_from_markdown.html", context, status=409 if problems else 200)


def _sections(document: Document, template: OperationTemplate | None) -> list[ReadSection]:
    if template is None:
        return []
    found = []
    for section in document.sections:
        counts = [c for c in progress(section, template.outline, "").values() if isinstance(c, dict)]
        answered, due = sum(c["answered"] for c in counts), sum(c["due"] for c in counts)
        names = {"header": _("Details"), "footer": _("Status and sign-off"), "guidance": _("Guidance")}
        found.append(ReadSection(section.title or names.get(section.kind, _("Text")), answered, due))
    return found


def _loose(document: Document) -> list[str]:
    """The Markdown that fits no line of the template: kept, shown, editable as text."""
    found = []
    for section in document.sections:
        for block in section.blocks():
            if isinstance(block, Loose) and section.kind != "guidance":
                found.append(block.text)
            for row in block.rows if isinstance(block, Rows) else ():
                parts = row.parts if isinstance(row, Item) else ()
                found += [row.text] if isinstance(row, Loose) else [p.text for p in parts if isinstance(p, Loose)]
    return [text for text in found if text.strip()]


def _repairs(text: str, meant: str) -> list[tuple[str, str]]:
    """The lines that differ between what came and what was meant, the first few."""
    pairs = zip(text.split("\n"), meant.split("\n"), strict=False)
    return [(before, after) for before, after in pairs if before != after][:SHOWN_LINES]

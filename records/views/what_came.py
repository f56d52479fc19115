"""A record that comes in as text, Markdown or JSON: it is looked at before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from records.content.facts import facts_of
from records.document.mojibake import repaired
from records.document.outline import Document, Item, Loose, Rows
from records.document.write import write
from records.forms.new_record import BringInForm, TextForm, carried
from records.library.templates_in import template_fitting, template_said_in
from records.models import OperationTemplate
from records.reading.rendering import render_part
from records.refusals import Refused, Unusable
from records.signed_in import person_of
from records.transfer.bringing_in import Arrival, bring_in, markdown_arrival
from records.transfer.records_in import from_json, looks_like_json
from records.views.addresses import address
from records.views.carried import carries_along_to
from records.views.new_record import new_context, ways
from records.views.section_answers import SeeOther
from records.writing.counts import PARTS, Count, counted
from records.writing.readiness import progress

SHOWN_LINES = 200
Problems = list[tuple[str, str]]


@carries_along_to("record_new")
@require_POST
def record_read(request: HttpRequest) -> HttpResponse:
    """Show what a pasted or uploaded record is read as; nothing is stored yet."""
    form = TextForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "records/new.html", ways(form=form), status=400)
    text, template = form.cleaned_data["text"], form.cleaned_data["template"]
    fits = False
    if template is None and not looks_like_json(text):
        meant = repaired(text) or text
        template = template_said_in(text) or template_said_in(meant)
        fits = template is None
        template = template or template_fitting(meant)
    return _shown(request, text, template, [], fits=fits)


@carries_along_to("record_new")
@require_POST
def record_bring_in(request: HttpRequest) -> HttpResponse:
    """Make a draft of what was shown; ``again`` leads back to its text."""
    person = person_of(request)
    form = BringInForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return render(request, "records/new.html", ways(problems=[("", str(problem))]), status=400)
    came, template = form.cleaned_data["content"], form.cleaned_data["template"]
    if "again" in request.POST:
        return render(request, "records/new.html", ways(form=TextForm(initial={"text": came})))
    try:
        arrival, hints = _arrival(came, template, repair=form.cleaned_data["repair"] == "yes")
        operation, more = bring_in(arrival, author=person, at=timezone.now())
    except (Refused, Unusable) as error:
        return _shown(request, came, template, [("", str(error))])
    if not arrival.has_ended:
        messages.success(request, _("The record came in as a draft. Not a character was dropped."))
    for hint in (*hints, *more):
        messages.info(request, hint)
    return SeeOther(address("record", operation.pk))


def _arrival(came: str, template: OperationTemplate | None, *, repair: bool) -> tuple[Arrival, tuple[str, ...]]:
    """What ``came`` is read as, and hints. Raises Unusable, in words, for what can't be read."""
    if looks_like_json(came):
        _author, arrival, hints = from_json(came, template)
        return arrival, hints
    text = (repaired(came) if repair else None) or came
    return markdown_arrival(text, template, came=came), ()


# ---------------------------------------------------------------- what it is read as


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section as it was recognised."""

    title: str
    count: Count
    is_known: bool


def _shown(
    request: HttpRequest, came: str, template: OperationTemplate | None, problems: Problems, *, fits: bool = False
) -> HttpResponse:
    """What ``came`` is read as; ``fits`` says that its ``template`` is not named in it, but has its headings."""
    is_json = looks_like_json(came)
    meant = None if is_json else repaired(came)
    try:
        arrival, hints = _arrival(came, template, repair=True)
    except Unusable as error:
        form = TextForm(initial={"text": came})
        return render(request, "records/new.html", ways(form=form, problems=[("#id_text", str(error))]), status=400)
    document, own = arrival.document, arrival.template
    sections = _sections(document, own)
    changed = _repairs(came, meant) if meant else []
    context = new_context(
        crumb=_("From a text"),
        form=BringInForm(initial={"content": carried(came), "template": own or template}),
        template=own,
        fits=fits,
        title=facts_of(document, own.outline if own else None).title,
        is_json=is_json,
        hints=hints,
        has_ended=arrival.has_ended,
        sections=sections,
        count=Count(sum(one.count.answered for one in sections), sum(one.count.due for one in sections)),
        loose=_added(document, own.outline.document) if own else [],
        repairs=changed[:SHOWN_LINES],
        more_repairs=max(len(changed) - SHOWN_LINES, 0),
        rendered=render_part(write(document)),
        problems=problems,
    )
    return render(request, "records/new_from_text.html", context, status=409 if problems else 200)


def _sections(document: Document, template: OperationTemplate | None) -> list[ReadSection]:
    if template is None:
        return []
    found = []
    for section in document.sections:
        count = counted([progress(section, template.outline, "")], *PARTS)
        names = {"header": _("Details"), "footer": _("Status and sign-off"), "guidance": _("Guidance")}
        is_known = section.key in template.outline.section_answers
        found.append(ReadSection(section.title or names.get(section.kind, _("Text")), count, is_known))
    return found


def _added(document: Document, template: Document) -> list[str]:
    """The Markdown that fits no line of the template and isn't its own: kept, shown, editable as text."""
    own = set(_loose(template))
    return [text for text in _loose(document) if text not in own]


def _loose(document: Document) -> list[str]:
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
    """The lines that differ between what came and what was meant, in their order."""
    pairs = zip(text.split("\n"), meant.split("\n"), strict=False)
    return [(before, after) for before, after in pairs if before != after]

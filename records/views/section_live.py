"""A section's page that stays open: the answers, as JSON, to saves without a button and to its sign of life."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from records.content.assembly import load
from records.content.renaming import is_called_otherwise
from records.document.fields import fields_of, table_of
from records.forms.buttons import STRUCTURE, titles_in
from records.forms.posted import Posted, read_posted
from records.forms.remarks import VALUES, remarks_on
from records.models import Person, Section
from records.rights import may_edit, operation_for
from records.signed_in import person_of
from records.views.section_heads import drawn_anew, mark_of
from records.writing.saving import Clash, as_template_asks
from records.writing.section_news import last_change, news_since, note_presence
from records.writing.section_saves import Done, NotSaved, SectionSave
from records.writing.section_status import statuses, steps_remark_on, with_questions
from records.writing.section_writing import fields_in


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks, and no browser on its way to another page."""
    return request.headers.get("Accept") == "application/json"


def saved_json(sent: SectionSave, done: Done) -> JsonResponse:
    """What was saved, and what others changed since the version that the form started from."""
    section = sent.operation.sections.select_related("operation__template").get(key=sent.key)
    undo = done.saved.version if done.saved.changed else None
    at = _moment(section.saved_at or timezone.now())
    carried = [key for key in section.carried if key in sent.posted.values]
    told = {"saved": at, "undo": undo, "carried": carried}
    return JsonResponse({**told, **_about(sent, done), **_news(section, sent.posted, sent.by)})


def _about(sent: SectionSave, done: Done) -> dict[str, Any]:
    """What to say beside the texts that were sent, and those that are stored otherwise than they were sent."""
    texts, outline = sent.posted.values, sent.operation.outline
    fields: dict[str, str] = {}
    shapes: dict[str, str] = {}
    has_values = any("." in key and key.rpartition(".")[2] in (*VALUES, "unit") for key in texts)
    if has_values or any("\\" in text for text in texts.values()):
        loaded = load([sent.operation.sections.get(key=sent.key)])[0]
        fields, shapes = fields_in(loaded), {field.key: field.shape for field in fields_of(loaded.document)}
    written = {key: as_template_asks(key, text, outline) for key, text in texts.items()}
    return {
        "remarks": remarks_on(texts, outline, fields, shapes),
        "written": {key: text for key, text in written.items() if text != texts[key]} | dict(done.named),
    }


def not_saved_json(sent: SectionSave, problem: NotSaved) -> JsonResponse:
    """Why the text is not stored: words by field, clashes with both texts, or that it is over."""
    body = {
        "reason": problem.reason,
        "problems": problem.problems,
        "clashes": [_clash(sent, sent.loaded.section, clash) for clash in problem.clashes],
        "over": problem.is_over,
    }
    return JsonResponse(body, status=problem.status)


@login_required
@require_POST
def section_presence(request: HttpRequest, pk: int, key: str) -> JsonResponse:
    """This person has the section open: who else has, and what others saved since."""
    person = person_of(request)
    operation = operation_for(person, pk, may_edit)
    section = operation.sections.filter(key=key).first()
    if section is None:
        raise Http404
    section.operation = operation
    people = note_presence(section, by=person, at=timezone.now())
    return JsonResponse({"people": people, **_news(section, read_posted(request.POST), person)})


def _news(section: Section, posted: Posted, by: Person) -> dict[str, Any]:
    news = news_since(section, posted.version, posted.page)
    texts = [
        {"key": one.key, "label": one.label, "text": one.text, "person": one.person, "ago": _ago(one.at)}
        for one in news.texts
    ]
    operation = section.operation
    named = {"operator": operation.operator_id, "supervisor": operation.supervisor_id}
    own = [one for one in with_questions(operation) if one.key == section.key]
    status = statuses(operation, own, operation.outline)[0]
    count = status.count or status.pill[2]
    mark = render_to_string("components/rail_mark.html", {"mark": mark_of(status)})
    told = {"version": news.version, "texts": texts, "rows": news.rows, "named": named, "count": count, "mark": mark}
    if is_called_otherwise(operation, section.key, posted.version):
        # It doesn't know the fields by these names: it stays at its version, and is merged from there.
        told |= {"version": posted.version, "texts": []}
    told |= drawn_anew(section, by) if news.version != posted.version else {"heads": {}, "marks": {}}
    return told | {"steps": steps_remark_on(section)}


def _clash(sent: SectionSave, section: Section, clash: Clash) -> dict[str, Any]:
    is_text = not clash.key.endswith(STRUCTURE)
    table = table_of(sent.loaded.document)
    change = last_change(section, clash.key)
    return {
        "key": clash.key,
        "label": clash.label,
        "text": clash.theirs,
        "shown": clash.theirs if is_text else titles_in(clash.theirs, table),
        "person": str(change.person) if change else "",
        "ago": _ago(change.at) if change else 0,
    }


def _ago(at: dt.datetime) -> int:
    return max(0, round((timezone.now() - at).total_seconds()))


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%H:%M:%S UTC")

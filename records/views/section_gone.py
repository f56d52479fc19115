"""A section that the record hasn't got: its page, on which the template's can be put back, and what is sent to it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from records.document.fields import fields_of
from records.document.outline import Section
from records.forms.buttons import PUT_BACK
from records.models import Operation, Person
from records.rights import may_edit_plan
from records.views.addresses import address
from records.views.head import crumbs
from records.views.section_answers import SeeOther
from records.views.section_live import not_saved_json, wants_json
from records.writing.empty_lists import section_in
from records.writing.putting_back import put_back
from records.writing.section_saves import NotSaved, SectionSave

CONFLICT = 409


def gone_page(request: HttpRequest, operation: Operation, key: str, person: Person) -> HttpResponse:
    """Ask whoever writes the plan whether it comes back. Raises Http404 for others, and for what the template hasn't
    got either.
    """
    own = _to_put_back(operation, key, person)
    title = own.title or key
    context = {"operation": operation, "section": own, "title": title, "here": "records"}
    return render(request, "records/section_gone.html", context | {"crumbs": crumbs(operation, title)})


def sent_to_gone(request: HttpRequest, sent: SectionSave) -> HttpResponse:
    """By the button of that page it is put back. A page that was opened while the record had the section sends texts:
    none is saved, and whoever wrote them has them in hand.
    """
    if sent.posted.do.startswith(f"{PUT_BACK}:"):
        _to_put_back(sent.operation, sent.key, sent.by)
        put_back(sent.operation, key=sent.key, by=sent.by)
        return SeeOther(address("section", sent.operation.pk, sent.key))
    problem = NotSaved(reason=_gone_words(), is_over=True, status=CONFLICT)
    if wants_json(request):
        return not_saved_json(sent, problem)
    own = section_in(sent.operation.outline, sent.key)
    labels = {field.key: field.label for field in fields_of(own)} if own else {}
    return handed_back(request, sent.operation, sent.key, [(labels.get(key, key), text) for key, text in sent.texts()])


def handed_back(request: HttpRequest, operation: Operation, key: str, texts: list[tuple[str, str]]) -> HttpResponse:
    """The page with ``texts`` (what each is called, and what was written), for which section ``key`` has no place."""
    own = section_in(operation.outline, key)
    title = own.title if own else key
    context = {
        "operation": operation,
        "title": title,
        "here": "records",
        "crumbs": crumbs(operation, title),
        "reason": _gone_words(),
        "texts": texts,
    }
    return render(request, "records/not_saved.html", context, status=CONFLICT)


def _gone_words() -> str:
    return _("The record doesn't have this section now, so there is no place for this text. It is not saved.")


def _to_put_back(operation: Operation, key: str, person: Person) -> Section:
    own = section_in(operation.outline, key)
    if own is None or not may_edit_plan(person, operation):
        raise Http404
    return own

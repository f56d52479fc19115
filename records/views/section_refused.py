"""A section's form that could not be saved as it was sent: both texts side by side, or the text handed back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from records.document.fields import table_of
from records.forms.buttons import STRUCTURE, titles_in
from records.views.head import crumbs
from records.writing.saving import Clash
from records.writing.section_saves import NotSaved, SectionSave
from records.writing.section_status import title_of


def clash_page(request: HttpRequest, sent: SectionSave, problem: NotSaved) -> HttpResponse:
    """Somebody else changed the same fields: the person chooses, and everything else that was sent is carried along."""
    context = {
        **_about(sent),
        "clashes": [_clash(sent, clash) for clash in problem.clashes],
        "version": sent.posted.version,
        "posted": sent.carried(problem),
    }
    return render(request, "records/clash.html", context, status=problem.status)


def over_page(request: HttpRequest, sent: SectionSave, problem: NotSaved) -> HttpResponse:
    """This person can't write it any more; what they wrote is on the page, to be copied."""
    context = {**_about(sent), "reason": problem.reason, "texts": sent.written()}
    return render(request, "records/not_saved.html", context, status=problem.status)


def _about(sent: SectionSave) -> dict[str, Any]:
    section = sent.loaded.section
    title = title_of(section)
    way = crumbs(sent.operation, title)
    return {"operation": sent.operation, "section": section, "title": title, "here": "records", "crumbs": way}


def _clash(sent: SectionSave, clash: Clash) -> dict[str, Any]:
    """A clash for its page; of an order of rows the titles are shown, since its keys say nothing to people."""
    is_text = not clash.key.endswith(STRUCTURE)
    table = table_of(sent.loaded.document)
    return {
        "key": clash.key,
        "label": clash.label,
        "mine": clash.mine,
        "theirs": clash.theirs,
        "mine_shown": clash.mine if is_text else titles_in(clash.mine, table),
        "theirs_shown": clash.theirs if is_text else titles_in(clash.theirs, table),
        "is_text": is_text,
    }

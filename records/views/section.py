"""A section's page: its form, its preview, and the saves that its buttons make."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from records.composed import Asked, Kept
from records.content.assembly import Loaded, load
from records.content.renaming import key_now
from records.decided import changes_asked
from records.document.fields import fields_of
from records.document.outline import FREE, Document
from records.document.template_settings import Due
from records.document.write import write_section
from records.forms.answers import PEOPLE
from records.forms.bringing_back import removed_in
from records.forms.controls import Opened, anchor_of, plain_label
from records.forms.editor import editor
from records.forms.posted import problems_in, read_posted
from records.forms.sheet import Sheet
from records.models import SUPERVISING, Operation, Person, RoleHolding, Section, State
from records.models.section import SectionKind
from records.reading.previewing import as_posted, in_ticks
from records.reading.rendering import render_free, render_part, shows_tags
from records.refusals import Unusable
from records.rights import may_edit_close, may_edit_plan, operation_for
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.head import crumbs
from records.views.section_answers import answer_for
from records.views.section_gone import gone_page, sent_to_gone
from records.views.section_heads import mark_of
from records.views.section_live import not_saved_json, saved_json, wants_json
from records.views.section_refused import clash_page, over_page
from records.writing.called_now import called_now
from records.writing.proposals import proposals_for
from records.writing.readiness import Missing, missing
from records.writing.section_saves import NotSaved, SectionSave, changes_in, save
from records.writing.section_status import (
    ASIDE,
    CLOSE,
    PLAN,
    START,
    SectionStatus,
    statuses,
    steps_remark_on,
    title_of,
    with_questions,
)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The section as a form, or as text where this person can't write any of it."""
    person = person_of(request)
    operation = operation_for(person, pk)
    if request.method == "POST":
        sent = SectionSave(operation, *called_now(operation, key, read_posted(request.POST)), person)
        try:
            return _save(request, sent)
        except Section.DoesNotExist:
            return sent_to_gone(request, sent)
    try:
        own = _section_of(operation, key)
    except Http404:
        if (now := key_now(operation, key)) == key:
            return gone_page(request, operation, key, person)
        return redirect(address("section", pk, now))
    sheet = _sheet(request, operation, load([own])[0], person)
    return _page(request, sheet, own)


_sections = Kept(lambda: Section.objects.filter(operation=Asked("operation"), key=Asked("key")))


def _section_of(operation: Operation, key: str) -> Section:
    """The section with this key. Raises Http404 if there is none."""
    own = _sections.first(operation=operation.pk, key=key)
    if own is None:
        raise Http404
    own.operation = operation
    return own


def _save(request: HttpRequest, sent: SectionSave) -> HttpResponse:
    live = wants_json(request)
    try:
        done = save(sent)
        return saved_json(sent, done) if live else answer_for(sent, done)
    except NotSaved as problem:
        return not_saved_json(sent, problem) if live else _not_saved(request, sent, problem)


def _sheet(request: HttpRequest, operation: Operation, loaded: Loaded, person: Person) -> Sheet:
    asked = request.GET
    what = next((name for name in ("na", "confirm") if name in asked), "")
    sheet = Sheet(
        operation=operation,
        outline=operation.outline,
        loaded=loaded,
        edit_plan=may_edit_plan(person, operation),
        edit_rest=may_edit_close(person, operation),
        opened=Opened(what, asked.get(what, "")) if what else Opened(),
        at=asked.get("at", ""),
        all_open=asked.get("open") == "all",
        proposals=proposals_for(loaded),
        previewed=asked.get("preview", ""),
    )
    if "still" in asked:
        sheet.problems = {one.key: _say(one, sheet) for one in _still_missing(sheet)}
    return sheet


def _still_missing(sheet: Sheet) -> list[Missing]:
    document = Document((sheet.loaded.document,))
    parts: tuple[Due, ...] = ("plan",) if sheet.edit_plan else ("open", "close")
    return missing(document, sheet.outline, sheet.level, parts)


def _say(one: Missing, sheet: Sheet) -> str:
    """What to do about a missing answer."""
    outline, label = sheet.outline, plain_label(one.label)
    if outline and one.key in outline.settings.choices:
        return _("Choose: %s") % label
    if outline and one.key in {part.key for _item, part in outline.commands}:
        words = _(
            "Fill in: %s. The template's sample doesn't count; if it is right as it stands, add a # comment to it."
        )
        return words % label
    return _("Fill in: %s") % label


def _page(request: HttpRequest, sheet: Sheet, own: Section, status: int = 200, **more: Any) -> HttpResponse:
    operation = sheet.operation
    found = statuses(operation, with_questions(operation), sheet.outline)
    here = next(one for one in found if one.key == own.key)
    title = title_of(own)
    writable = sheet.edit_plan or sheet.edit_rest
    is_locked = not writable or own.kind == SectionKind.GUIDANCE or _all_locked(sheet)
    due = [key for key, _label, _part in own.progress.get("missing", ())]
    wanted = (*own.carried, *due, *sheet.table)
    open_fields = [key for key in wanted if not sheet.is_locked(key) and key in sheet.written]
    removed = _removed(request, own)
    newest = operation.revisions.first() if operation.state == State.CHANGES_REQUESTED else None
    context = {
        "operation": operation,
        "asked": changes_asked(operation, newest),
        "section": own,
        "title": title,
        "here": "records",
        "crumbs": crumbs(operation, title),
        "groups": rail(operation, found, own.key),
        "comments_url": address("comments", operation.pk),
        "status": here,
        "reason": _reason(sheet, own, is_locked),
        "preview": _with_word(render_part(write_section(sheet.loaded.document))),
        "preview_hidden": request.COOKIES.get("preview") == "closed",
        "problems": sheet.problems_told(),
        "still": "still" in request.GET,
        "version": own.version,
        "page": secrets.token_hex(8),
        "live": True,
        "take_back": own.version if own.version > 1 and own.saved_by_id == request.user.pk and not removed else "",
        "form_id": "f",
        # What came in with the record (cloned, imported) was saved with it.
        "saved": own.saved_at or (operation.created_at if own.progress.get("started") else None),
        "trouble": bool(sheet.problems),
        "all_open": sheet.all_open,
        "removed": removed,
        "first_field": anchor_of(open_fields[0]) if open_fields else "",
        "carried": sum(not sheet.is_locked(key) for key in own.carried),
        "unasked_level": sheet.level,
        "is_locked": is_locked,
        **more,
    }
    if not is_locked:
        shown = editor(sheet)
        context |= {"editor": shown, "steps_remark": steps_remark_on(own)}
        context |= {"people": _people(own, sheet), "mark": _section_mark(sheet, shown.unanswered)}
    return render(request, "records/section.html", context, status=status)


def _all_locked(sheet: Sheet) -> bool:
    return all(sheet.is_locked(key) for key in sheet.table) if sheet.table else not sheet.edit_plan


def _reason(sheet: Sheet, own: Section, is_locked: bool) -> str:
    """Why the page, or part of it, can't be written."""
    if own.kind == SectionKind.GUIDANCE:
        return _("The template's advice. It is shown here and asks for nothing.")
    if is_locked:
        return sheet.edit_rest.reason or sheet.edit_plan.reason
    return sheet.edit_plan.reason if any(sheet.is_locked(key) for key in sheet.table) else ""


def _removed(request: HttpRequest, own: Section) -> tuple[str, str] | None:
    """What the button before removed, by name, and the version that undoes it."""
    version = request.GET.get("undo", "")
    names = removed_in(changes_in(own.operation, own.key, version)) if version else ""
    return (version, names) if names else None


def _people(own: Section, sheet: Sheet) -> list[Person]:
    lines = [sheet.outline.bound(fact) for fact in PEOPLE] if sheet.outline else []
    if not sheet.edit_plan or not any(line and line.key in sheet.table for line in lines):
        return []
    held = RoleHolding.objects.filter(person=OuterRef("pk"), role__in=SUPERVISING)
    people = (
        Person.objects.filter(is_active=True).annotate(supervises=Exists(held)).order_by("-supervises", "name", "pk")
    )
    return list(people.only("name", "username")[:500])


def _section_mark(sheet: Sheet, unanswered: int) -> Mapping[str, Any] | None:
    """The tools that mark everything unanswered of the section at once."""
    document = sheet.loaded.document
    if document.kind != "section":
        return None
    opened = sheet.opened if sheet.opened.key == document.key else None
    return {"key": document.key, "opened": opened} if unanswered > 1 or opened else None


def rail(operation: Operation, found: list[SectionStatus], here: str) -> list[dict[str, Any]]:
    """The side list: every section, by when it is due."""
    names = {PLAN: _("Plan"), START: _("Before the start"), CLOSE: _("Close"), ASIDE: _("Aside")}
    groups = []
    for when, name in names.items():
        sections = [
            {
                "title": one.title,
                "url": address("section", operation.pk, one.key),
                "mark": mark_of(one),
                "current": one.key == here,
            }
            for one in found
            if one.when == when
        ]
        if sections:
            groups.append({"title": name, "sections": sections})
    return groups


def _not_saved(request: HttpRequest, sent: SectionSave, problem: NotSaved) -> HttpResponse:
    """The page again with what was sent, and why it was not stored."""
    if problem.clashes:
        return clash_page(request, sent, problem)
    if problem.is_over:
        return over_page(request, sent, problem)
    sheet = _sheet(request, sent.operation, sent.loaded, sent.by)
    sheet.posted, sheet.problems, sheet.opened = sent.posted.values, problem.problems, problem.opened
    if not sheet.opened.what:
        sheet.opened = sent.opened
    more = {"version": sent.posted.version, "not_stored": True, "lost": sent.left_over(sheet.table)}
    return _page(request, sheet, sent.loaded.section, problem.status, **more)


@login_required
@require_POST
def section_preview(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The section, or one ``field`` of it, as it would be exported if the page were saved now: a piece of HTML."""
    operation = operation_for(person_of(request), pk)
    own = _section_of(operation, key)
    posted = read_posted(request.POST)
    if problems := problems_in(posted.values):
        return render(request, "records/section/_unseen.html", {"reason": next(iter(problems.values()))})
    loaded = load([own])[0]
    if "field" in request.GET:
        return HttpResponse(_with_word(_field_preview(loaded, request.GET["field"], posted.values)))
    try:
        document = as_posted(loaded, in_ticks(posted.values, operation.outline), operation.outline)
    except Unusable as error:
        return render(request, "records/section/_unseen.html", {"reason": str(error)})
    return HttpResponse(_with_word(render_part(write_section(document))))


def _with_word(preview: SafeString) -> SafeString:
    """``preview`` with a word above it, where it shows tags as text: whoever wrote them expected something else."""
    if not shows_tags(preview):
        return preview
    return render_to_string("records/section/_as_typed.html") + preview


def _field_preview(loaded: Loaded, key: str, values: Mapping[str, str]) -> SafeString:
    shape = next((one.shape for one in fields_of(loaded.document) if one.key == key), "")
    if shape not in FREE:
        raise Http404
    return render_free(values.get(key, ""), shape)
